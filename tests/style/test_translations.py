"""Everything that the product says is said in each of its languages, with the same values in it."""

import re
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message
from django.conf import settings
from django.utils.translation import to_locale

from stack import translations

VALUE = re.compile(r"%\([a-z_0-9]+\)[sd]|%[sd%]|\{[a-z_0-9]*\}|</?[a-z][^>]*>")
LANGUAGES = [to_locale(code) for code, _name in settings.LANGUAGES if code != "en"]


@cache
def said() -> Catalog:
    """Return what the product says."""
    return translations.gather()


@cache
def stored(language: str) -> Catalog:
    """Return the translations of a language."""
    return translations.read(translations.catalogues()[language])


def texts_of(message: Message | None) -> tuple[str, ...]:
    """Return the translations of a message: one, or one for each number; none if it is unknown."""
    if message is None:
        return ()
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def test_each_language_has_a_catalogue() -> None:
    assert sorted(translations.catalogues()) == sorted(LANGUAGES)


def test_what_is_said_is_found_in_code_and_in_templates() -> None:
    found = {message.id for message in said()}

    # A template's plain text, its block with a value, and a plural of Python.
    assert {"Skip to content", "%(text)s."} <= found
    assert ("%(count)s claim to answer", "%(count)s claims to answer") in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_untranslated(language: str) -> None:
    left = []
    for message in said():
        known = stored(language).get(message.id, message.context)
        texts = texts_of(known)
        if message.id and (known is None or known.fuzzy or not texts or "" in texts):
            left.append(message.id)

    assert left == [], f"python -m stack.translations gather, then translate {language}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_values(language: str) -> None:
    wrong = []
    for message in stored(language):
        if not message.id:
            continue
        *_singular, wanted = (message.id,) if isinstance(message.id, str) else message.id
        values = set(VALUE.findall(wanted))
        if any(set(VALUE.findall(text)) != values for text in texts_of(message)):
            wrong.append((message.id, message.string))

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_translated_that_is_not_said(language: str) -> None:
    gone = [row.id for row in stored(language) if row.id and not said().get(row.id, row.context)]

    assert gone == [], "python -m stack.translations gather"
