"""Settings of the built-in identity provider: a second process from the same code base.

It shares only the code with the portal: database, secret key and cookie names are its own (cookies ignore ports, and in
the demo both run on 127.0.0.1). All settings come from environment variables MESHDECK_IDP_…, each also as …_FILE.
"""

import logging
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.urls import reverse_lazy
from environs import FileAwareEnv
from marshmallow.validate import Range

BASE_DIR = Path(__file__).resolve().parent.parent.parent

env = FileAwareEnv(strip_whitespace=True)
with env.prefixed("MESHDECK_"):
    STATE_DIR = Path(env.str("STATE", str(BASE_DIR / ".meshdeck")))
    DEBUG = env.bool("DEBUG", False)
    LOG_LEVEL = env.log_level("LOG_LEVEL", logging.INFO)
    # Authorization codes, device codes and rate limits are kept here, or in this one process's memory without Redis.
    REDIS_URL = env.str("REDIS_URL", "")
    _PORTAL_PROXIES = env.int("TRUSTED_PROXIES", 0)
with env.prefixed("MESHDECK_IDP_"):
    SECRET_KEY = env.str("SECRET_KEY")
    # The URL by which browsers, the portal and the clouds reach this process; it must not have a path.
    ISSUER = env.str("ISSUER", "http://127.0.0.1:8001").rstrip("/")
    DATABASES = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{STATE_DIR / 'idp.sqlite3'}")}
    # A private RSA key as PEM; `python -m portal.idp.keys FILE` generates one.
    IDP_OIDC_PRIVATE_KEY = env.str("SIGNING_KEY")
    CLIENT_SECRET = env.str("CLIENT_SECRET")
    REDIRECT_URIS = env.list("REDIRECT_URIS", ["http://127.0.0.1:8000/oidc/callback/"])
    # The secret of the client with which Cloud Foundry's UAA logs people in; without it the client does not exist.
    CLOUDFOUNDRY_SECRET = env.str("CLOUDFOUNDRY_SECRET", "")
    CLOUDFOUNDRY_REDIRECT_URIS: list[str] = env.list("CLOUDFOUNDRY_REDIRECT_URIS", [])
    # Callbacks of Keystones that log browsers in; if empty, that client does not exist.
    KEYSTONE_REDIRECT_URIS: list[str] = env.list("KEYSTONE_REDIRECT_URIS", [])
    IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = env.int("ACCESS_TOKEN_SECONDS", 600)
    # Counted from each renewal: a token unused for this long requires a new login.
    IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN = env.int("REFRESH_TOKEN_SECONDS", int(timedelta(days=30).total_seconds()))
    # However active: a command line that stays logged in needs a new login after this long.
    OFFLINE_SECONDS = env.int("OFFLINE_SECONDS", int(timedelta(days=180).total_seconds()))
    IDP_OIDC_DEVICE_CODE_INTERVAL = env.int("DEVICE_POLL_SECONDS", 5)
    LOGIN_RATE = env.str("LOGIN_RATE", "30/m/ip")
    # The demo: the cast is seeded and named on the login page.
    DEMO = env.bool("DEMO", False)
    # Proxies in front that set X-Forwarded-For and X-Forwarded-Proto: rate limits count the address behind them
    # (portal.client_address). As many as in front of the portal, unless this provider has an entrance of its own.
    TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", _PORTAL_PROXIES, validate=Range(min=0))

SECURE = ISSUER.startswith("https://")
ISSUER_HOST = urlsplit(ISSUER).hostname or ""
# One name only: the discovery document is built from the requested name and has to match the issuer.
ALLOWED_HOSTS = [ISSUER_HOST]
CSRF_TRUSTED_ORIGINS = [ISSUER]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "portal.idp",
    "portal.ui",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.idp.oidc",
]

MIDDLEWARE = [
    "portal.idp.audit.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "portal.idp.urls"
WSGI_APPLICATION = "portal.idp.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # templates/idp first: it replaces allauth's own pages (account/…, mfa/…)
        "DIRS": [BASE_DIR / "templates" / "idp", BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.idp.context.provider",
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

# Two refreshes with the same token have to queue, so that the second finds it spent: writers lock at BEGIN.
for database in DATABASES.values():
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database.setdefault("OPTIONS", {}).update(
            transaction_mode="IMMEDIATE",
            timeout=20,
            init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "idp",
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# Accounts ---------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "portal.idp.hashers.ClientSecretHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "portal.idp.logins.EndLogins"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("mfa_index")
ACCOUNT_LOGOUT_REDIRECT_URL = reverse_lazy("account_login")
ACCOUNT_ADAPTER = "portal.idp.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login": LOGIN_RATE, "login_failed": "10/m/ip,5/300s/key"}
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

_HOST_ONLY = "__Host-" if SECURE else ""  # as portal.settings explains
SESSION_COOKIE_NAME = f"{_HOST_ONLY}meshdeck-idp"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = int(timedelta(hours=8).total_seconds())
CSRF_COOKIE_NAME = f"{_HOST_ONLY}meshdeck-idp-csrf"
CSRF_FAILURE_VIEW = "portal.idp.csrf.failure"
# The default keeps messages in a cookie whose name the portal uses too.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Second factors ---------------------------------------------------------------------------------------------------
MFA_ADAPTER = "portal.idp.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Meshdeck"
MFA_TOTP_TOLERANCE = 1  # allows a clock that is half a minute off
# Browsers allow passkeys without TLS on localhost only; the check of the origin wants TLS everywhere.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = ISSUER_HOST == "localhost" and not SECURE

# OpenID Connect ---------------------------------------------------------------------------------------------------
IDP_OIDC_ADAPTER = "portal.idp.adapters.OpenIDAdapter"
IDP_OIDC_ACCESS_TOKEN_FORMAT = "jwt"  # noqa: S105 - a format
# For confidential clients. Public clients' tokens change with each renewal (portal.idp.oauth).
IDP_OIDC_ROTATE_REFRESH_TOKEN = False
# A logout at the portal that proves itself with the user's ID token needs no confirmation.
IDP_OIDC_RP_INITIATED_LOGOUT_ASKS_FOR_OP_LOGOUT = False

# Answers to browsers ----------------------------------------------------------------------------------------------
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # the QR code of an authenticator app's secret, which must not have a URL
        "font-src": [SELF],
        "connect-src": [SELF],
        # Browsers apply this list to redirects after a form too: the login form ends at the client's callback, which
        # for the command line is a port of the user's own machine.
        "form-action": [
            SELF,
            *sorted(
                {
                    "{0.scheme}://{0.netloc}".format(urlsplit(uri))
                    for uri in (*REDIRECT_URIS, *CLOUDFOUNDRY_REDIRECT_URIS, *KEYSTONE_REDIRECT_URIS)
                }
            ),
            "http://127.0.0.1:*",
        ],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True  # few and small files: served directly, nothing to collect

LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # At DEBUG it logs tokens.
    "loggers": {"oauthlib": {"level": "INFO"}},
}
