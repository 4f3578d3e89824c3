"""Figures and statuses in the console's templates."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django import template
from django.db.models import TextChoices
from django.forms import BaseForm, BoundField
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from affiliates.health import band_of
from commissions.grant_words import describe_grant
from commissions.line_words import describe_line
from commissions.words import describe_amount, describe_rate
from interfaces.console import audience, history, intake_words, preview_words, wording
from merchants.models import Event
from payouts.models import LineOutcome

register = template.Library()


register.simple_tag(wording.money, name="money")
register.filter("number", wording.number)
register.filter("share", wording.share)
register.filter("event_title", wording.event_title)
register.filter("event_details", history.details)
register.filter("event_url", history.subject_url)
register.filter("refusal", wording.refusal)
register.filter("line_words", describe_line)
register.filter("grant_words", describe_grant)
register.filter("country", audience.country_name)
register.filter("language", audience.language_name)
register.filter("tone", wording.tone)
register.filter("intake_name", intake_words.intake_name)
register.filter("intake_reason", intake_words.reason_title)
register.filter("meaning", preview_words.meaning_of)
register.filter("click_in", intake_words.click_in)


@register.simple_tag
def event_who(event: Event, names: Mapping[UUID, str]) -> str:
    """Say who did it."""
    return history.who(event, dict(names))


@register.filter
def outcome_tone(outcome: str) -> str:
    """Return the tone of what a booking means."""
    return wording.OUTCOMES[LineOutcome(outcome)][1]


@register.filter
def outcome_word(outcome: str) -> Promise:
    """Return what a booking means in a word or two."""
    return wording.OUTCOMES[LineOutcome(outcome)][0]


@register.filter
def item(values: Mapping[Any, Any], key: Any) -> Any:
    """Return the value of a key that is itself a variable; None if it is not there."""
    return values.get(key)


@register.filter
def year_row(table: Any, sums: Mapping[str, Any]) -> Any:
    """Return what follows of a year's sums, for tables of them."""
    return table.found[sums["affiliate_id"], sums["currency"]]


@register.filter
def bound(form: BaseForm, name: str) -> BoundField:
    """Return the field of a form whose name is itself a variable."""
    return form[name]


@register.simple_tag
def status(row: Any, reason: str = "") -> SafeString:
    """Show the status of a row: dot, word and reason."""
    return _status(row.get_status_display(), wording.TONES.get(row.status, ""), str(reason))


@register.simple_tag
def status_word(value: TextChoices) -> SafeString:
    """Show a status that belongs to many rows."""
    return _status(str(value.label), wording.TONES.get(str(value), ""), "")


@register.simple_tag
def health(score: int) -> SafeString:
    """Show how well an affiliate does: the band, and the score beside it."""
    band = band_of(score)
    return _status(str(band.label), wording.BANDS[band], str(score))


@register.simple_tag
def day(at: datetime) -> SafeString:
    """Show a date."""
    return _day(at, get_language() or "en")


# Lists say the same few hundreds of these again and again; a component costs half a millisecond.


@lru_cache(maxsize=1_000)
def _status(word: str, tone: str, reason: str) -> SafeString:
    facts = {"word": word, "tone": tone, "reason": reason}
    return render_to_string("components/status.html", facts)


@lru_cache(maxsize=1_000)
def _day(at: datetime, _language: str) -> SafeString:
    return render_to_string("components/date.html", {"at": at})


@register.simple_tag
def rate_words(version: Any, goal: str, currency: str) -> str:
    """Say a rate: "10% of each sale"."""
    return describe_rate(version, goal=goal, currency=currency, language=get_language() or "en")


@register.simple_tag
def rate_amount(version: Any, currency: str) -> str:
    """Say a rate alone: "10%"."""
    return describe_amount(version, currency=currency, language=get_language() or "en")
