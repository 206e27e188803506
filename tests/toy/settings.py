"""The tests' settings with one more wing: a line."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS as PRODUCT

INSTALLED_APPS = [*PRODUCT, "tests.toy"]
