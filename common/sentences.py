"""Sentences put together from parts, in whatever language."""

from django.utils.translation import pgettext


def sentence(text: str) -> str:
    """Return a text that says a whole sentence, with the full stop of the language."""
    return pgettext("a sentence", "%(text)s.") % {"text": text}
