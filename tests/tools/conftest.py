"""Tests of the test tools: the clouds, the stand-in for a foundation, the cast. Run by `make test-tools`."""

from tests.cloud.conftest import devcloud, issuer

__all__ = ["devcloud", "issuer"]  # fixtures
