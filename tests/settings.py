"""The portal's own settings in the environment of a test run, for pytest and for the type checker.

pytest-django reads them before any conftest is loaded, so this is the first place where the environment can be set. It
is set back at once: the servers that tests start are told their own.
"""

import os

from tests.support import environment

_before = dict(os.environ)
# With the place of the collected static files, which whitenoise warns about when it is not there.
(environment.STATE / "static").mkdir(parents=True, exist_ok=True)
os.environ.update(environment.portal())

from portal.settings import *  # noqa: E402, F403 - needs the environment above

# Tests write rows as they need them, without the version that every worker sets. Kept pages: test_pages_second_look.py.
CACHES = {**CACHES, "pages": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}  # noqa: F405

for _name in environment.portal():
    os.environ.pop(_name)
    if _name in _before:
        os.environ[_name] = _before[_name]
