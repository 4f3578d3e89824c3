"""Structured logs: one event a line, JSON in production, for eyes in development."""

import logging.config
import re
import sys
from typing import Any

import structlog

SECRET_NAMES = ("password", "token", "secret", "authorization", "key")
# Addresses that end in a secret: where providers send notices, and what stands in mails.
SECRET_ADDRESSES = re.compile(r"(/rails/[A-Za-z]+/|/confirm-email/|/password/reset/key/)[^/\s]+")


def mask_secrets(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replace values whose name says that they are secret."""
    for name in event:
        if any(part in name.lower() for part in SECRET_NAMES):
            event[name] = "…"
    return event


def mask_addresses(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replace what is secret in addresses, whoever wrote the line: Django names them, too."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = SECRET_ADDRESSES.sub(r"\1…", value)
    return event


def configure(options: dict[str, Any]) -> None:
    """Set logging up for this process; Django calls it with settings.LOGGING."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask_secrets,
        mask_addresses,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if options["json"]
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,  # The rich one prints variables.
        )
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *([structlog.processors.format_exc_info] if options["json"] else []),
            renderer,
        ],
        "foreign_pre_chain": shared,
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"events": formatter},
            "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "events"}},
            "root": {"handlers": ["out"], "level": options["level"]},
            "loggers": {
                "django.server": {"level": "WARNING"},
                "celery.app.trace": {"level": "WARNING"},  # One line per sweep is noise.
                "celery.beat": {"level": "WARNING"},
                "redbeat": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
