"""What proves the tools of the tests: the clouds, the stand-in of a foundation, the cast. Run by `make test-tools`."""

from tests.cloud.conftest import devcloud, issuer

__all__ = ["devcloud", "issuer"]  # fixtures
