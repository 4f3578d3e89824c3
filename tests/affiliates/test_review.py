"""Review rules: what holds for whom, which one decides, and what is kept of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from affiliates.applications import ReapplyTooEarly, preview_rules
from affiliates.models import Application, Enrollment, Status
from affiliates.review import Applicant, holds, review
from affiliates.services import ApplicationDraft, Consent, create_affiliate, move_enrollment
from common.ids import new_id
from merchants.models import SYSTEM, acting_user
from merchants.tenancy import merchant_context
from programs.models import Check, JoinMode, Program, ReviewRule, Verdict
from tests.cast import NOON, Company, make_user
from tracking.models import Link
from tracking.services import join_program

BOB = Applicant(
    email="bob@blog.example",
    country="DE",
    type="CREATOR",
    is_email_verified=True,
    references_verified=1,
    followers=5_000,
    answers={"size": 25_000, "how": ["Blog", "Video"], "adult": False},
)
NOBODY = Applicant(email="a@mail.mailinator.com")


def rule(looks_at: Check, verdict: Verdict = Verdict.APPROVE, **facts: Any) -> ReviewRule:
    """Return a rule that is not stored."""
    return ReviewRule(id=new_id(), looks_at=looks_at, verdict=verdict, **{"reason": "Why."} | facts)


@pytest.mark.parametrize(
    ("looks_at", "facts", "bob", "nobody"),
    [
        (Check.COUNTRY, {"values": ["DE", "AT"]}, True, False),
        (Check.COUNTRY, {"values": ["FR"], "is_negated": True}, True, False),
        (Check.TYPE, {"values": ["CREATOR"]}, True, False),
        (Check.EMAIL_DOMAIN, {"values": ["@blog.example"]}, True, False),
        (Check.EMAIL_DOMAIN, {"values": ["example"]}, True, False),
        (Check.EMAIL_DOMAIN, {"values": ["log.example"]}, False, False),
        (Check.EMAIL_DISPOSABLE, {}, False, True),
        (Check.EMAIL_VERIFIED, {}, True, False),
        (Check.EMAIL_VERIFIED, {"is_negated": True}, False, True),
        (Check.WEBSITE_VERIFIED, {}, False, False),
        (Check.REFERENCES_VERIFIED, {"minimum": 1}, True, False),
        (Check.REFERENCES_VERIFIED, {"minimum": 2}, False, False),
        (Check.AUDIENCE, {"minimum": 5_000}, True, False),
        (Check.AUDIENCE, {"minimum": 5_000, "is_negated": True}, False, False),
        (Check.ANSWER, {"field_code": "how", "values": ["video"]}, True, False),
        (Check.ANSWER, {"field_code": "adult", "values": ["no"]}, True, False),
        (Check.NUMBER, {"field_code": "size", "minimum": 25_001}, False, False),
        (Check.NUMBER, {"field_code": "how", "minimum": 0}, False, False),
    ],
)
def test_a_rule_holds_for(looks_at: Check, facts: Any, bob: bool, nobody: bool) -> None:
    assert (holds(rule(looks_at, **facts), BOB), holds(rule(looks_at, **facts), NOBODY)) == (
        bob,
        nobody,
    )


def test_the_first_rule_that_holds_decides_and_all_are_ticked() -> None:
    rules = [
        rule(Check.COUNTRY, Verdict.REJECT, values=["FR"], reason="Not there."),
        rule(Check.EMAIL_VERIFIED, reason="You are real."),
        rule(Check.TYPE, Verdict.REJECT, values=["CREATOR"]),
    ]

    found = review(rules, BOB)

    assert (found.verdict, found.reason) == (Verdict.APPROVE, "You are real.")
    assert [row["holds"] for row in found.checks] == [False, True, True]


def test_a_person_decides_where_nothing_holds() -> None:
    assert review([rule(Check.EMAIL_VERIFIED)], NOBODY).verdict == Verdict.REVIEW
    assert review([], replace(BOB)).verdict == Verdict.REVIEW


# Joining ------------------------------------------------------------------------------------------


def set_up(company: Company, *rules: ReviewRule, reapply_days: int | None = 0) -> Program:
    """Let people apply to the company's program under these rules."""
    with merchant_context(company.id):
        Program.objects.update(join_mode=JoinMode.APPLICATION, reapply_days=reapply_days)
        for row in rules:
            row.merchant_id, row.program_id = company.id, company.program.id
            row.save(force_insert=True)
        return Program.objects.select_related("merchant").get(id=company.program.id)


def apply(program: Program, name: str = "Dave", *, days: int = 0, **answers: Any) -> Enrollment:
    """Apply to the program."""
    from users.models import User

    user = User.objects.filter(name=name).first() or make_user(name)
    from affiliates.directory import affiliate_of

    affiliate = affiliate_of(user) or create_affiliate(name=name, email=user.email, user=user)
    questions = [{"code": "country", "label": "Where?", "kind": "COUNTRY"}]
    return join_program(
        program=program,
        affiliate=affiliate,
        consent=Consent(user=user, terms_version=None),
        application=ApplicationDraft(answers, questions),
        at=NOON + timedelta(days=days),
    )


def test_a_rule_lets_in_with_a_link_and_a_reason(acme: Company) -> None:
    program = set_up(acme, rule(Check.COUNTRY, values=["DE"], reason="We know you."))

    enrollment = apply(program, country="DE")

    with merchant_context(acme.id):
        stored = Enrollment.objects.select_related("affiliate").get()
        written = Application.objects.get()
        assert Link.objects.filter(enrollment=enrollment).count() == 1
    assert (stored.status, stored.status_reason) == (Status.APPROVED, "We know you.")
    assert stored.affiliate.country == "DE"
    assert (written.decided_at, written.decided_by) == (NOON, None)
    assert [row["holds"] for row in written.checks] == [True]


def test_a_rule_turns_down_with_its_reason(acme: Company) -> None:
    program = set_up(acme, rule(Check.COUNTRY, Verdict.REJECT, values=["DE"], reason="Not yet."))

    enrollment = apply(program, country="DE")

    assert enrollment.status == Status.REJECTED
    with merchant_context(acme.id):
        assert Enrollment.objects.get().status_reason == "Not yet."
        assert not Link.objects.exists()


def test_who_was_rejected_is_not_let_in_by_a_rule(acme: Company) -> None:
    program = set_up(acme, rule(Check.EMAIL_VERIFIED, Verdict.REVIEW))
    enrollment = apply(program)
    with merchant_context(acme.id):
        by = acting_user(acme.owner.user)
        move_enrollment(enrollment=enrollment, to=Status.REJECTED, by=by, at=NOON, message="No.")
        first = Application.objects.get()
        ReviewRule.objects.update(verdict=Verdict.APPROVE)

    again = apply(program, days=1)

    assert again.status == Status.APPLIED
    assert (first.decided_by_id, first.message) == (acme.owner.id, "No.")


@pytest.mark.parametrize(("reapply_days", "days"), [(30, 29), (None, 400)])
def test_who_was_rejected_waits(acme: Company, reapply_days: int | None, days: int) -> None:
    program = set_up(acme, reapply_days=reapply_days)
    enrollment = apply(program)
    with merchant_context(acme.id):
        move_enrollment(enrollment=enrollment, to=Status.REJECTED, by=SYSTEM, at=NOON)

    with pytest.raises(ReapplyTooEarly):
        apply(program, days=days)

    with merchant_context(acme.id):
        assert Enrollment.objects.get().status == Status.REJECTED


def test_a_preview_asks_the_rules_about_the_past(acme: Company) -> None:
    program = set_up(acme)
    apply(program, "Dave", country="DE")
    apply(program, "Erin", days=1, country="FR")
    with merchant_context(acme.id):
        set_up(acme, rule(Check.COUNTRY, Verdict.REJECT, values=["FR"]))

        rows = preview_rules(program)

    told = [(row.application.enrollment.affiliate.name, row.review.verdict) for row in rows]
    assert told == [("Erin", Verdict.REJECT), ("Dave", Verdict.REVIEW)]
