"""Structured logs: each line is one event with its fields, the id of its request or task, and no secrets.

JSON in production, aligned text on a developer's terminal. Libraries' log records take the same path.
"""

import re
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

REDACTED = "[redacted]"
_SECRET_NAMES = re.compile(
    r"token|secret|password|passwd|authorization|cookie|credential|session_key|signing_key|vault|fernet|verifier|csrf",
    re.IGNORECASE,
)
# Names that only look like secrets: ids and counts, not the secret itself.
_HARMLESS_NAMES = re.compile(r"(_id|_ids|_count|_kind|_type|_seconds|_expires_at|expires_at)$", re.IGNORECASE)
# Secrets recognized by their shape, wherever they occur: in a message, a URL, a traceback.
_SHAPES = [
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), REDACTED),  # JWT
    (re.compile(r"\bgAAAA[\w=-]{20,}"), REDACTED),  # Fernet: Keystone's tokens and what the vault encrypts
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE), rf"\1 {REDACTED}"),
    (
        re.compile(
            r"\b((?:access_|refresh_|id_)?token|client_secret|code|code_verifier|state|nonce|password|assertion)"
            r"(=|%3D)[^&\s\"'<>]+",
            re.IGNORECASE,
        ),
        rf"\1\2{REDACTED}",
    ),
    (
        re.compile(
            r"\b((?:set-)?cookie|x-(?:auth|subject|service)-token|authorization)(['\"]?\s*[:=]\s*)[^\r\n,}]+", re.I
        ),
        rf"\1\2{REDACTED}",
    ),
    (re.compile(r"(://[^/\s:@]*):[^/\s@]+@"), rf"\1:{REDACTED}@"),  # a password in a URL
]


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Remove secrets from an event: fields by name, text by shape."""
    return {name: _cleaned(name, value) for name, value in event.items()}


def _cleaned(name: str, value: Any) -> Any:
    if _SECRET_NAMES.search(name) and not _HARMLESS_NAMES.search(name) and isinstance(value, str | bytes | list | dict):
        return REDACTED
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {key: _cleaned(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_cleaned("", inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return clean(str(value))  # an exception, a URL object, a lazy text: as it would be written


def clean(text: str) -> str:
    """Return the text without anything that has the shape of a secret."""
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def configure(level: int, form: str) -> dict[str, Any]:
    """Set up structlog and return Django's LOGGING. `form` is "json" or "console"."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    writer: list[Processor] = (
        [structlog.processors.JSONRenderer()]
        if form == "json"
        else [structlog.dev.ConsoleRenderer(colors=False, pad_event_to=32)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "event": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*_SHARED, structlog.stdlib.ExtraAdder()],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    # Tracebacks become text before secrets are removed.
                    structlog.processors.format_exc_info,
                    redact,
                    *writer,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "event"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Its own handlers would write the line a second time, and not as structured data.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # django-structlog's one line per request is enough.
            "django.request": {"level": "ERROR"},
            "urllib3": {"level": "WARNING"},
            "keystoneauth": {"level": "WARNING"},
            # django-structlog logs each task with its ids.
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
        },
    }
