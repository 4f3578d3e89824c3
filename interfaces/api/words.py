"""Statuses, kinds and the like: upper case in the database, lower case outside. The one place."""

from typing import Any

from django.db.models import TextChoices

# Where events carry such words; `before` and `after` are one of them when a role changed.
WORD_NAMES = frozenset(
    "status reward role kind join_mode consent_mode before after unit period scope smart_rule"
    " postback_profile".split()
)


def lower(word: str) -> str:
    """Return a stored word as outsiders read it."""
    return word.lower()


def outside(choices: type[TextChoices]) -> dict[str, str]:
    """Return what outsiders write for each member, with its label."""
    return {lower(member.value): str(member.label) for member in choices}


def lower_words(data: Any) -> Any:
    """Return an event's data with its stored words as outsiders read them."""
    if isinstance(data, list):
        return [lower_words(item) for item in data]
    if not isinstance(data, dict):
        return data
    return {
        name: lower(value) if name in WORD_NAMES and isinstance(value, str) else lower_words(value)
        for name, value in data.items()
    }
