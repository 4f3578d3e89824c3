"""The form of a program: what may be asked, in which order, and under which condition."""

from typing import Any

import pytest

from common.refusals import BadValue
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import FormField, Stage
from programs.questions import questions_of
from programs.services import (
    QuestionDraft,
    QuestionTaken,
    add_question,
    move_question,
    remove_question,
    update_question,
)
from tests.cast import NOON, Company

BY = {"by": SYSTEM, "at": NOON}
DEFAULT = ["website", "channels", "phone", "message"]
CHOICE = QuestionDraft("How?", kind="CHOICE", code="how", options=("Blog", "Shop"))


def add(company: Company, label: str, **facts: Any) -> FormField:
    """Ask one more question."""
    return add_question(program=company.program, draft=QuestionDraft(label, **facts), **BY)


def codes(company: Company, stage: Stage = Stage.APPLICATION) -> list[str]:
    """Return the codes of what is asked, in order."""
    return [row.code for row in questions_of(company.program, stage)]


def test_a_new_program_asks_the_usual_without_storing_it(acme: Company) -> None:
    with merchant_context(acme.id):
        assert codes(acme) == DEFAULT
        assert not FormField.objects.exists()
        assert codes(acme, Stage.QUESTIONNAIRE) == []


def test_a_first_change_keeps_the_usual_questions(acme: Company) -> None:
    with merchant_context(acme.id):
        added = add(acme, "Wie groß ist Ihre Liste?", kind="NUMBER")

        assert codes(acme) == [*DEFAULT, added.code]
        assert added.code == "wie_gro_ist_ihre_liste"


def test_codes_are_free_and_not_taken_twice(acme: Company) -> None:
    with merchant_context(acme.id):
        assert [add(acme, "Size?").code, add(acme, "Size?").code] == ["size", "size_2"]
        assert add(acme, "多少？").code == "question"
        with pytest.raises(QuestionTaken):
            add(acme, "Site?", code="website", stage="QUESTIONNAIRE")
        with pytest.raises(BadValue, match="meaning of its own"):
            add(acme, "Mail?", code="email")


def test_questions_change_places_and_go(acme: Company) -> None:
    with merchant_context(acme.id):
        move_question(program=acme.program, code="message", step=-1, **BY)
        move_question(program=acme.program, code="website", step=-1, **BY)
        remove_question(program=acme.program, code="channels", **BY)

        assert codes(acme) == ["website", "message", "phone"]


def test_an_application_asks_one_thing_at_least(acme: Company) -> None:
    with merchant_context(acme.id):
        for code in DEFAULT[1:]:
            remove_question(program=acme.program, code=code, **BY)
        with pytest.raises(BadValue, match="one thing at least"):
            remove_question(program=acme.program, code="website", **BY)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"kind": "CHOICE", "options": ("One",)}, "options"),
        ({"kind": "SONG"}, "kind"),
        ({"label": ""}, "label"),
        ({"code": "Big One"}, "code"),
        ({"shown_if_code": "nothing", "shown_if_values": ("a",)}, "shown_if_code"),
        ({"shown_if_code": "website", "shown_if_values": ("a",)}, "shown_if_code"),
        ({"shown_if_code": "how", "shown_if_values": ("Radio",)}, "shown_if_values"),
        ({"shown_if_code": "how"}, "shown_if_values"),
    ],
)
def test_what_cannot_be_asked_is_refused(acme: Company, facts: Any, field: str) -> None:
    with merchant_context(acme.id):
        add_question(program=acme.program, draft=CHOICE, **BY)
        with pytest.raises(BadValue) as caught:
            add(acme, **{"label": "What?"} | facts)

    assert caught.value.field == field


def test_a_question_that_others_depend_on_stays_before_them(acme: Company) -> None:
    with merchant_context(acme.id):
        add_question(program=acme.program, draft=CHOICE, **BY)
        add(acme, "What?", code="what", shown_if_code="how", shown_if_values=("Shop",))

        with pytest.raises(BadValue, match="because of this one"):
            remove_question(program=acme.program, code="how", **BY)
        with pytest.raises(BadValue, match="before it"):
            move_question(program=acme.program, code="what", step=-1, **BY)
        shorter = QuestionDraft("How?", kind="CHOICE", options=("Blog", "Radio"))
        with pytest.raises(BadValue, match="Choose among"):
            update_question(program=acme.program, code="how", draft=shorter, **BY)

        assert codes(acme) == [*DEFAULT, "how", "what"]
