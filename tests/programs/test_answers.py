"""read_answers: one reading of every kind of question, for pages and the API alike."""

from typing import Any

import pytest

from programs.answers import asked, read_answers
from programs.models import FieldKind, FormField

OPTIONS = ["Blog", "Video", "Shop"]


def question(kind: FieldKind, code: str = "q", **facts: Any) -> FormField:
    """Return a question that is not stored."""
    options = OPTIONS if kind in (FieldKind.CHOICE, FieldKind.CHOICES) else []
    return FormField(code=code, kind=kind, label=f"About {code}?", **{"options": options} | facts)


@pytest.mark.parametrize(
    ("kind", "given", "understood"),
    [
        (FieldKind.TEXT, "  two \n words ", "two words"),
        (FieldKind.TEXT, 7, "7"),
        (FieldKind.LONG_TEXT, "one\r\ntwo\n", "one\ntwo"),
        (FieldKind.EMAIL, "Bob@Example.com", "bob@example.com"),
        (FieldKind.PHONE, "+49 (30) 1234-567", "+49301234567"),
        (FieldKind.PHONE, "0049 30 1234567", "+49301234567"),
        (FieldKind.URL, "bob.example/me", "https://bob.example/me"),
        (FieldKind.URL, "http://bob.example", "http://bob.example"),
        (FieldKind.NUMBER, "25000", 25_000),
        (FieldKind.NUMBER, "1 250 000", 1_250_000),
        (FieldKind.NUMBER, "25.000", 25_000),
        (FieldKind.NUMBER, 12, 12),
        (FieldKind.DATE, "2026-03-31", "2026-03-31"),
        (FieldKind.COUNTRY, "de", "DE"),
        (FieldKind.CHOICE, "Video", "Video"),
        (FieldKind.CHOICES, ["Shop", "Blog", "Shop"], ["Blog", "Shop"]),
        (FieldKind.CHOICES, "Shop", ["Shop"]),
        (FieldKind.CHECKBOX, "on", True),
        (FieldKind.CHECKBOX, True, True),
        (FieldKind.CHECKBOX, None, False),
    ],
)
def test_each_kind_is_read(kind: FieldKind, given: object, understood: object) -> None:
    reading = read_answers([question(kind)], {"q": given})

    assert (reading.answers, reading.errors) == ({"q": understood}, {})


@pytest.mark.parametrize(
    ("kind", "given", "code"),
    [
        (FieldKind.TEXT, "x" * 301, "too_long"),
        (FieldKind.TEXT, ["a"], "invalid"),
        (FieldKind.TEXT, True, "invalid"),
        (FieldKind.TEXT, "a\0b", "invalid"),
        (FieldKind.LONG_TEXT, "x" * 2_001, "too_long"),
        (FieldKind.EMAIL, "bob@", "invalid"),
        (FieldKind.PHONE, "030 1234567", "invalid"),
        (FieldKind.PHONE, "+49", "invalid"),
        (FieldKind.URL, "javascript:alert(1)", "invalid"),
        (FieldKind.URL, "ftp://bob.example", "invalid"),
        (FieldKind.URL, "https://a@bob.example", "invalid"),
        (FieldKind.NUMBER, "12.5", "invalid"),
        (FieldKind.NUMBER, "-3", "invalid"),
        (FieldKind.NUMBER, "many", "invalid"),
        (FieldKind.DATE, "31.03.2026", "invalid"),
        (FieldKind.COUNTRY, "XX", "unknown_option"),
        (FieldKind.CHOICE, "Radio", "unknown_option"),
        (FieldKind.CHOICES, ["Blog", "Radio"], "unknown_option"),
        (FieldKind.CHECKBOX, "perhaps", "invalid"),
    ],
)
def test_each_kind_refuses_what_it_is_not(kind: FieldKind, given: object, code: str) -> None:
    reading = read_answers([question(kind)], {"q": given})

    assert reading.answers == {}
    assert reading.errors["q"].code == code


@pytest.mark.parametrize("kind", list(FieldKind))
def test_each_kind_can_be_asked_for(kind: FieldKind) -> None:
    needed = read_answers([question(kind, is_required=True)], {})
    free = read_answers([question(kind)], {"q": ""})

    assert needed.errors["q"].code == "required"
    assert free.errors == {}
    assert free.answers == ({"q": False} if kind == FieldKind.CHECKBOX else {})


@pytest.mark.parametrize(
    ("given", "answers", "wrong"),
    [
        ({"how": "Shop", "what": "Boots"}, {"how": "Shop", "what": "Boots"}, []),
        ({"how": "Shop"}, {"how": "Shop"}, ["what"]),
        ({"how": "Blog", "what": "Boots"}, {"how": "Blog"}, []),
        ({"what": "Boots"}, {}, []),
    ],
)
def test_what_is_not_shown_is_not_asked(given: Any, answers: Any, wrong: list[str]) -> None:
    how = question(FieldKind.CHOICE, "how")
    what = question(
        FieldKind.TEXT, "what", is_required=True, shown_if_code="how", shown_if_values=["Shop"]
    )

    reading = read_answers([how, what], given)

    assert (reading.answers, list(reading.errors)) == (answers, wrong)


def test_a_question_may_depend_on_a_tick() -> None:
    tick = question(FieldKind.CHECKBOX, "tick")
    then = question(FieldKind.TEXT, "then", shown_if_code="tick", shown_if_values=["yes"])

    assert read_answers([tick, then], {"tick": "on", "then": "a"}).answers["then"] == "a"
    assert "then" not in read_answers([tick, then], {"then": "a"}).answers


def test_an_answer_to_no_question_is_an_error() -> None:
    reading = read_answers([question(FieldKind.TEXT)], {"q": "a", "other": "b"})

    assert reading.errors["other"].code == "unknown_question"


def test_questions_are_kept_as_they_were_asked() -> None:
    assert asked([question(FieldKind.DATE)]) == [{"code": "q", "label": "About q?", "kind": "DATE"}]
