"""The marks of tests that use a real cloud."""

import pytest

CLOUD = [
    pytest.mark.cloud,
    # The SDK warns about its own plans whenever it is started.
    pytest.mark.filterwarnings("ignore::openstack.warnings.OpenStackDeprecationWarning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning"),
]
