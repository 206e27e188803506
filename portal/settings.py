"""Settings of the portal, all from environment variables named MESHDECK_…

Each variable may also be given as a file: MESHDECK_SECRET_KEY_FILE=/run/secrets/key reads the key from there. A missing
or malformed variable stops the start with one line that names it. docs/settings.md lists them all.
"""

import logging
from datetime import timedelta
from pathlib import Path

import limits
from celery.schedules import schedule
from csp.constants import NONE, SELF
from django.urls import reverse_lazy
from environs import FileAwareEnv, ValidationError
from marshmallow.validate import Range

from portal import logging as portal_logging

BASE_DIR = Path(__file__).resolve().parent.parent


def _names_and_words(value: object) -> None:
    """Check names and passwords. The error does not quote a malformed value, which may contain a password."""
    told = value.items() if isinstance(value, dict) else [(None, None)]
    if not all(isinstance(part, str) for pair in told for part in pair):
        raise ValidationError('must be a JSON object of names and passwords, as in {"north": "…"}')


def _rate(text: str) -> None:
    """Check a rate limit: empty, or as in "60/minute"."""
    try:
        if text:
            limits.parse(text)
    except ValueError as error:
        raise ValidationError('must be a limit as in "60/minute", or empty for none') from error


env = FileAwareEnv(strip_whitespace=True)  # files with secrets usually end with a newline
with env.prefixed("MESHDECK_"):
    # Everything created at run time goes here, so that a clone stays clean and is removed by deleting its folder.
    STATE_DIR = Path(env.str("STATE", str(BASE_DIR / ".meshdeck")))
    DEBUG = env.bool("DEBUG", False)
    SECRET_KEY = env.str("SECRET_KEY")
    BASE_URL = env.str("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost"])
    # Each thread of the web server keeps its connection for a while: a new one costs a page some milliseconds.
    _kept = {"conn_max_age": 60, "conn_health_checks": True}
    DATABASES = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{STATE_DIR / 'portal.sqlite3'}", **_kept)}
    REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:8002/0")
    # The vault's own keys (Fernet), separate from SECRET_KEY: the first encrypts, all decrypt.
    VAULT_KEYS: list[str] = env.list("VAULT_KEYS")
    OIDC_ISSUER = env.str("OIDC_ISSUER", "http://127.0.0.1:8001").rstrip("/")
    OIDC_RP_CLIENT_ID = env.str("OIDC_CLIENT_ID", "portal")
    OIDC_RP_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET")
    OIDC_RP_SCOPES = env.str("OIDC_SCOPES", "openid profile email groups")
    # The audience that the API requires of an access token: the same as the clouds, where the token is used.
    API_AUDIENCE: list[str] = env.list("API_AUDIENCE", ["openstack"])
    # The portal's client in the UAA of each Cloud Foundry location (docs/cloud-foundry.md).
    CLOUDFOUNDRY_CLIENT_ID = env.str("CLOUDFOUNDRY_CLIENT_ID", "meshdeck")
    CLOUDFOUNDRY_CLIENT_SECRET = env.str("CLOUDFOUNDRY_CLIENT_SECRET", "")
    # The command line's public client at the provider, and its scopes: never the portal's own client.
    CLI_CLIENT_ID = env.str("CLI_CLIENT_ID", "meshdeck-cli")
    # A client that may exchange a password for a token (RFC 6749, section 4.3), if the operator wants that; else empty.
    CLI_PASSWORD_CLIENT_ID = env.str("CLI_PASSWORD_CLIENT_ID", "")
    # Not a secret, as it is in every file: keystoneauth always sends one, and most providers ignore it for public
    # clients.
    CLI_PASSWORD_CLIENT_SECRET = env.str("CLI_PASSWORD_CLIENT_SECRET", "public")
    CLI_SCOPES = env.str("CLI_SCOPES", "openid profile email groups")
    # Whether the provider lets each refresh token of that client be used only once, which can't be detected from
    # outside. The portal keeps a spent one to revoke with (portal.identity.offline); if it still worked, it would be a
    # login.
    CLI_OFFLINE_TOKENS = env.bool("CLI_OFFLINE_TOKENS", False)
    OPERATOR_GROUP = env.str("OPERATOR_GROUP", "meshdeck-operators")
    # What a login needs for /operator/ (docs/operators.md, "A second factor for operators"): one of these classes
    # (acr), one of these methods (amr), at most this age. Each is off when empty or 0.
    OPERATOR_ACR: list[str] = env.list("OPERATOR_ACR", [])
    OPERATOR_AMR: list[str] = env.list("OPERATOR_AMR", [])
    OPERATOR_MAX_AGE = 60 * env.int("OPERATOR_MAX_AGE_MINUTES", 0, validate=Range(min=0))  # seconds
    # Whether browsers shall use TLS for every name below the portal's too, and may be shipped with that rule. Only who
    # owns all those names can say; neither can be taken back soon.
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", False)
    SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", False)
    # How many proxies are in front. Each appends to X-Forwarded-For; what the outermost saw is the client's address.
    TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0, validate=Range(min=0))
    # The page /ui/ with every component in its states, for tests and for work on the design.
    GALLERY = env.bool("GALLERY", DEBUG)
    # The page /bench/empty/ with an empty shell, the baseline of `make bench`.
    BENCH = env.bool("BENCH", False)
    # Whether the portal compresses its pages. If a proxy does, switch it off to save the web processes the work.
    COMPRESS = env.bool("COMPRESS", True)
    # How long a location may refuse a person before its stored data is hidden from them (fail closed).
    REFUSAL_GRACE = timedelta(minutes=env.int("REFUSAL_GRACE_MINUTES", 15))
    # Whether people may create service users that never expire.
    SERVICE_USERS_MAY_NEVER_END = env.bool("SERVICE_USERS_MAY_NEVER_END", False)
    # Passwords of the accounts that operators gave Meshdeck (docs/operators.md), by location name. For workers only.
    ACCOUNT_PASSWORDS: dict[str, str] = dict(env.json("ACCOUNT_PASSWORDS", {}, validate=_names_and_words))
    # The SMTP server for e-mails (warnings before a service user expires); if empty, none are sent.
    EMAIL_HOST = env.str("EMAIL_HOST", "")
    EMAIL_PORT = env.int("EMAIL_PORT", 25)
    EMAIL_HOST_USER = env.str("EMAIL_USER", "")
    EMAIL_HOST_PASSWORD = env.str("EMAIL_PASSWORD", "")
    EMAIL_USE_TLS = env.bool("EMAIL_STARTTLS", False)
    DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", "meshdeck@localhost")
    # Requests beyond these get 429 (portal.rates; docs/settings.md says what each counts). Empty: no limit.
    RATES: dict[str, str] = {
        "pages": env.str("RATE_PAGES", "1200/minute", validate=_rate),
        "api": env.str("RATE_API", "600/minute", validate=_rate),
        "changes": env.str("RATE_CHANGES", "120/minute", validate=_rate),
        "visitors": env.str("RATE_VISITORS", "600/minute", validate=_rate),
        "logins": env.str("RATE_LOGINS", "60/minute", validate=_rate),
        "bearers": env.str("RATE_BEARER_FAILURES", "20/minute", validate=_rate),
    }
    # The token for reading /metrics from another machine; if empty, that is not possible.
    METRICS_TOKEN = env.str("METRICS_TOKEN", "")
    LOG_LEVEL = env.log_level("LOG_LEVEL", logging.INFO)
    LOG_FORMAT = env.str("LOG_FORMAT", "console" if DEBUG else "json", validate=lambda v: v in ("console", "json"))

EMAIL_TIMEOUT = 10  # seconds: a server that hangs must not hang the worker
SECURE = BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # its widgets' templates are found among ours
    "portal.identity.apps.OperatorAdminConfig",
    "csp",
    "django_linear_migrations",
    "django_prometheus",
    "django_structlog",
    "mozilla_django_oidc",
    "portal.identity",
    "portal.ui",
    "projects",
    # The wings, one for each service a person uses, in the order of the menu.
    "services.openstack",
    "services.compute",
    "services.block_storage",
    "services.images",
    "services.object_storage",
    "services.network",
    "services.cloudfoundry",
    "services.cli_access",
    "services.service_users",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",  # before the static files: an SVG that is opened directly must not run scripts
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.headers.HeadersMiddleware",  # after the static files, which may be kept
    *(["portal.compression.CompressionMiddleware"] if COMPRESS else []),
    "portal.api.problems.ProblemsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "portal.ui.timezone.TimeZoneMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.request_log.RequestMiddleware",
    "portal.refusing.RefusalsMiddleware",
    "portal.bounds.BoundsMiddleware",
    "portal.identity.middleware.SessionRenewalMiddleware",
    "portal.identity.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "portal.ui.templatetags.meshdeck",
                "portal.ui.templatetags.changing",
            ],
        },
    }
]
FORM_RENDERER = "portal.ui.forms.Renderer"

# SQLite serves the demo and the laptop: writers take the lock at BEGIN, so that two of them queue instead of failing.
for database in DATABASES.values():
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database.setdefault("OPTIONS", {}).update(
            transaction_mode="IMMEDIATE",
            timeout=20,
            init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# A Redis that hangs must not hang pages that want to store something in it.
REDIS_PATIENCE = {"socket_connect_timeout": 2, "socket_timeout": 5}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "portal",
        "OPTIONS": REDIS_PATIENCE,
    },
    # Drawn pages, each for its person alone, as long as data counts as fresh (projects/freshness.py).
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "TIMEOUT": 15,
        "OPTIONS": {"MAX_ENTRIES": 200},
    },
}

# Identity ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "identity.User"
# Names are for display: two providers may each have a "member". The key is issuer and subject. TLS, and the redirect
# from http to it, is the proxy's task; whether names below ours all use TLS, their owner says (HSTS_SUBDOMAINS).
SILENCED_SYSTEM_CHECKS = ["auth.W004", "security.W005", "security.W008", "security.W021"]
AUTHENTICATION_BACKENDS = ["portal.identity.backend.OpenIDBackend"]
LOGIN_URL = reverse_lazy("login")
LOGIN_REDIRECT_URL = "/"
# With TLS browsers take a cookie of such a name from this host alone, for all its paths and nothing but TLS: no sibling
# name can plant one. Cookies of one path can have the weaker prefix only.
HOST_ONLY, TLS_ONLY = ("__Host-", "__Secure-") if SECURE else ("", "")
SESSION_COOKIE_NAME = f"{HOST_ONLY}meshdeck"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # Strict would drop the session on the way back from the identity provider
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())  # counted from the login, used or not
CSRF_COOKIE_NAME = f"{HOST_ONLY}meshdeck-csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "portal.ui.errors.csrf_failure"
# No form and no body of the API is larger: the longest part is a server's user data, 48 KB. Larger ones get 413.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# Answers to browsers ----------------------------------------------------------------------------------------------
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# Work behind the pages --------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# What a dead worker had taken is delivered again after this many seconds, longer than any task may run.
CELERY_BROKER_TRANSPORT_OPTIONS = {**REDIS_PATIENCE, "visibility_timeout": 300}
CELERY_TASK_IGNORE_RESULT = True  # a task's findings are rows; nothing is read from results
CELERY_TASK_ACKS_LATE = True
# Database connections are kept for this many tasks, or as long as the web server keeps them (portal/celery.py).
CELERY_DB_REUSE_MAX = 1000
CELERY_TASK_TIME_LIMIT = 180
CELERY_TASK_SOFT_TIME_LIMIT = 120
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "portal.beat:Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(STATE_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "portal.heartbeat", "schedule": schedule(10)},
    "refresh-tenants-in-use": {"task": "projects.refresh_in_use", "schedule": schedule(30)},
    "sweep-operations": {"task": "projects.sweep_operations", "schedule": schedule(5)},
    "rediscover-active-users": {"task": "projects.rediscover", "schedule": schedule(15)},
    "sample-usage": {"task": "projects.sample_usage", "schedule": schedule(300)},
    "check-locations": {"task": "projects.check_locations", "schedule": schedule(60)},
    "sweep-service-users": {"task": "service_users.sweep", "schedule": schedule(30)},
    "warn-of-ending-service-users": {"task": "service_users.warn", "schedule": schedule(3600)},
    "sweep-offline-tokens": {"task": "identity.sweep_offline_tokens", "schedule": schedule(60)},
    "clear-up-logins": {"task": "identity.clear_up", "schedule": schedule(3600)},
}

# Logs -------------------------------------------------------------------------------------------------------------
LOGGING = portal_logging.configure(LOG_LEVEL, LOG_FORMAT)
# One line at the end of each request and task is enough.
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_CELERY_ENABLED = True  # tasks carry the id of the request that enqueued them
