"""When a provider wants to be asked again. Pure."""

from datetime import timedelta

from payouts.providers.calling import Answer


def seconds_of(answer: Answer) -> timedelta | None:
    """Return `Retry-After`, if they said it in seconds."""
    text = answer.headers.get("retry-after", "")
    return timedelta(seconds=int(text)) if text.isdigit() and len(text) < 7 else None
