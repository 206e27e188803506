"""The provider's own settings, with passwords that cost next to nothing."""

from portal.idp.settings import *  # noqa: F403
from portal.idp.settings import PASSWORD_HASHERS as REAL

PASSWORD_HASHERS = ["tests.providers.quick.hashers.QuickHasher", *REAL]
