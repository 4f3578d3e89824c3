"""Figures and statuses in the console's templates."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import template
from django.db.models import TextChoices
from django.utils.translation import get_language

from commissions.words import describe_amount, describe_rate
from interfaces.console import history, wording
from merchants.models import Event

register = template.Library()

register.simple_tag(wording.money, name="money")
register.filter("number", wording.number)
register.filter("share", wording.share)
register.filter("event_title", wording.event_title)
register.filter("event_details", history.details)
register.filter("event_url", history.subject_url)
register.filter("refusal", wording.refusal)


@register.simple_tag
def event_who(event: Event, names: Mapping[UUID, str]) -> str:
    """Say who did it."""
    return history.who(event, dict(names))


@register.filter
def item(values: Mapping[Any, Any], key: Any) -> Any:
    """Return the value of a key that is itself a variable; None if it is not there."""
    return values.get(key)


@register.inclusion_tag("components/status.html")
def status(row: Any, reason: str = "") -> dict[str, str]:
    """Show the status of a row: dot, word and reason."""
    return {
        "word": row.get_status_display(),
        "tone": wording.TONES.get(row.status, ""),
        "reason": reason,
    }


@register.inclusion_tag("components/status.html")
def status_word(value: TextChoices) -> dict[str, str]:
    """Show a status that belongs to many rows."""
    return {"word": str(value.label), "tone": wording.TONES.get(str(value), "")}


@register.simple_tag
def rate_words(version: Any, goal: str, currency: str) -> str:
    """Say a rate: "10% of each sale"."""
    return describe_rate(version, goal=goal, currency=currency, language=get_language() or "en")


@register.simple_tag
def rate_amount(version: Any, currency: str) -> str:
    """Say a rate alone: "10%"."""
    return describe_amount(version, currency=currency, language=get_language() or "en")
