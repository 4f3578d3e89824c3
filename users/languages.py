"""The language that a person chose, for pages and mails."""

from django.conf import settings

from users.models import User


def set_language_of(user: User, code: str) -> None:
    """Store in which of settings.LANGUAGES a person wants to be spoken to."""
    user.language = code
    user.save(update_fields=["language"])


def language_of(user: User | None, fallback: str = "") -> str:
    """Return the language for mails to a person: theirs, else the fallback, else the first."""
    spoken = dict(settings.LANGUAGES)
    for code in (user.language if user else "", fallback):
        if code in spoken:
            return code
    return settings.LANGUAGE_CODE
