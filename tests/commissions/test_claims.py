"""Claims: who may submit what, how they are answered, and what becomes of the money."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from affiliates.models import Enrollment
from affiliates.models import Status as EnrollmentStatus
from affiliates.services import move_enrollment
from commissions.claim_mails import tell_of_claims
from commissions.models import Claim, ClaimStatus, Commission
from commissions.services import (
    AlreadyCredited,
    AmountNeeded,
    ClaimDraft,
    ClaimExists,
    ConversionDeclined,
    MayNotClaim,
    TooManyClaims,
    credit_claim,
    decline_conversion,
    refuse_claim,
    submit_claim,
    withdraw_claim,
)
from common.refusals import BadValue
from common.states import IllegalMove
from mailing import delivery
from merchants.models import SYSTEM, Event
from merchants.rights import Role
from merchants.tenancy import affiliate_context, merchant_context
from payouts.selectors import check_money
from programs.models import Goal, Program
from tests.cast import NOON, Company, Promoter, add_member, click_of, make_promoter, sell, settle
from tracking.models import Conversion, Source

SIX = NOON + timedelta(hours=6)  # 2 March 2026, 18:00.


def claim(
    company: Company, promoter: Promoter, order: str = "4711", *, at: datetime = SIX, **said: Any
) -> Claim:
    """Submit a claim of the promoter for an order of 1 March."""
    with merchant_context(company.id):
        goal = Goal.objects.get(program=company.program, code=said.pop("goal", "sale"))
        enrollment = Enrollment.objects.select_related("program").get(id=promoter.enrollment.id)
        facts = {"happened_on": date(2026, 3, 1), "message": "She told me.", **said}
        draft = ClaimDraft(goal=goal, order_id=order, **facts)
        return submit_claim(enrollment=enrollment, draft=draft, by=SYSTEM, at=at)


def credit(company: Company, found: Claim, *, at: datetime = SIX, **how: Any) -> Claim:
    """Credit a claim and let the worker look at what it made."""
    with merchant_context(company.id):
        answered = credit_claim(claim=found, by=SYSTEM, at=at, **how)
    settle(company, at=at)
    return answered


def events(company: Company) -> list[str]:
    """Return what happened to claims."""
    with merchant_context(company.id):
        rows = Event.objects.filter(type__startswith="claim.").order_by("id")
        return list(rows.values_list("type", flat=True))


def earned(company: Company) -> dict[str, int]:
    """Return what each affiliate earns, after checking the books."""
    with merchant_context(company.id):
        assert check_money(company.id) == []
        sums: dict[str, int] = {}
        for line in Commission.objects.exclude(status="DECLINED").select_related("affiliate"):
            sums[line.affiliate.name] = sums.get(line.affiliate.name, 0) + line.amount_minor
        return sums


def test_a_claim_is_due_when_the_program_says(acme: Company, bob: Promoter) -> None:
    found = claim(acme, bob, "  4711 ", amount_minor=8_000)

    assert found.due_at == datetime(2026, 3, 16, 18, tzinfo=UTC)
    assert (found.order_id, found.amount_minor, found.currency) == ("4711", 8_000, "EUR")
    with merchant_context(acme.id):
        Program.objects.update(claim_days=3)
        found.refresh_from_db()
    assert found.due_at == datetime(2026, 3, 16, 18, tzinfo=UTC)
    assert events(acme) == ["claim.submitted"]


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"order": "   "}, "order_id", "required"),
        ({"order": "47\n11"}, "order_id", "invalid"),
        ({"order": "x" * 201}, "order_id", "max_length"),
        ({"message": " "}, "message", "required"),
        ({"message": "x" * 2_001}, "message", "max_length"),
        ({"happened_on": date(2026, 3, 4)}, "happened_on", "in_future"),
        ({"happened_on": date(2025, 3, 1)}, "happened_on", "too_old"),
    ],
)
def test_what_cannot_be_is_refused(
    acme: Company, bob: Promoter, said: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(BadValue) as refusal:
        claim(acme, bob, **said)

    assert (refusal.value.field, refusal.value.code) == (field, code)


@pytest.mark.parametrize("day", [date(2026, 3, 3), date(2025, 3, 2)])
def test_the_first_and_the_last_day_are_taken(acme: Company, bob: Promoter, day: date) -> None:
    assert claim(acme, bob, happened_on=day).happened_on == day


def test_a_suspended_affiliate_may_claim_and_one_who_left_may_not(
    acme: Company, bob: Promoter
) -> None:
    with merchant_context(acme.id):
        move_enrollment(
            enrollment=bob.enrollment, to=EnrollmentStatus.SUSPENDED, by=SYSTEM, at=NOON, reason="x"
        )
    claim(acme, bob)
    with merchant_context(acme.id):
        move_enrollment(enrollment=bob.enrollment, to=EnrollmentStatus.LEFT, by=SYSTEM, at=NOON)

    with pytest.raises(MayNotClaim):
        claim(acme, bob, "4712")


def test_an_order_is_asked_for_once_at_a_time(acme: Company, bob: Promoter) -> None:
    first = claim(acme, bob)

    with pytest.raises(ClaimExists):
        claim(acme, bob)
    claim(acme, bob, goal="lead")
    with merchant_context(acme.id):
        refuse_claim(claim=first, reason="No such order.", by=SYSTEM, at=SIX)
    claim(acme, bob)


def test_fifty_claims_may_be_open(acme: Company, bob: Promoter) -> None:
    dora = make_promoter(acme, "Dora")
    for number in range(50):
        claim(acme, bob, f"o-{number}")

    with pytest.raises(TooManyClaims):
        claim(acme, bob, "o-50")
    claim(acme, dora, "o-50")


def test_what_is_theirs_already_is_no_question(acme: Company, bob: Promoter) -> None:
    dora = make_promoter(acme, "Dora")
    sell(acme, click=click_of(bob), external_id="4711")

    with pytest.raises(AlreadyCredited):
        claim(acme, bob)
    claim(acme, dora)


def test_crediting_an_unknown_order_records_it(acme: Company, bob: Promoter) -> None:
    found = claim(acme, bob, amount_minor=8_000, happened_on=date(2026, 2, 20))

    answered = credit(acme, found, amount_minor=10_000, answer="You were right.")

    assert (answered.status, answered.answer) == (ClaimStatus.CREDITED, "You were right.")
    assert earned(acme) == {"Bob": 1_000}
    with merchant_context(acme.id):
        conversion = Conversion.objects.get()
        line = Commission.objects.get()
    assert answered.conversion_id == conversion.id
    assert (conversion.source, conversion.external_id) == (Source.CLAIM, "4711")
    assert conversion.occurred_at == datetime(2026, 2, 20, 12, tzinfo=UTC)
    assert line.hold_until == datetime(2026, 3, 22, 12, tzinfo=UTC)
    assert events(acme) == ["claim.submitted", "claim.credited"]


def test_without_an_amount_the_claims_own_counts(acme: Company, bob: Promoter) -> None:
    credit(acme, claim(acme, bob, amount_minor=8_000))

    assert earned(acme) == {"Bob": 800}


def test_somebody_must_say_what_it_was_worth(acme: Company, bob: Promoter) -> None:
    found = claim(acme, bob)

    with pytest.raises(AmountNeeded):
        credit(acme, found)
    assert earned(acme) == {}
    with merchant_context(acme.id):
        found.refresh_from_db()
    assert found.status == ClaimStatus.OPEN


def test_what_was_anothers_is_taken_from_them(acme: Company, bob: Promoter) -> None:
    dora = make_promoter(acme, "Dora")
    sell(acme, click=click_of(dora), external_id="4711")

    credit(acme, claim(acme, bob, amount_minor=99_999))

    assert {name: sum_ for name, sum_ in earned(acme).items() if sum_} == {"Bob": 1_000}


def test_what_was_nobodys_becomes_theirs(acme: Company, bob: Promoter) -> None:
    sell(acme, external_id="4711")

    credit(acme, claim(acme, bob))

    assert earned(acme) == {"Bob": 1_000}


def test_a_declined_order_is_nobodys(acme: Company, bob: Promoter) -> None:
    dora = make_promoter(acme, "Dora")
    conversion = sell(acme, click=click_of(dora), external_id="4711")
    with merchant_context(acme.id):
        decline_conversion(conversion=conversion, reason="Fake", by=SYSTEM, at=SIX)

    with pytest.raises(ConversionDeclined):
        credit(acme, claim(acme, bob))
    assert earned(acme) == {}


def test_an_answer_is_final(acme: Company, bob: Promoter) -> None:
    found = claim(acme, bob, amount_minor=100)
    with merchant_context(acme.id):
        refuse_claim(claim=found, reason="No such order.", by=SYSTEM, at=SIX)

        for again in (
            lambda: refuse_claim(claim=found, reason="No.", by=SYSTEM, at=SIX),
            lambda: credit_claim(claim=found, by=SYSTEM, at=SIX),
            lambda: withdraw_claim(claim=found, by=SYSTEM, at=SIX),
        ):
            with pytest.raises(IllegalMove):
                again()
    assert events(acme) == ["claim.submitted", "claim.refused"]


def test_a_refusal_says_why(acme: Company, bob: Promoter) -> None:
    found = claim(acme, bob)

    with merchant_context(acme.id), pytest.raises(BadValue):
        refuse_claim(claim=found, reason="  ", by=SYSTEM, at=SIX)


def test_each_affiliate_reads_their_own(acme: Company, bob: Promoter, carol: Promoter) -> None:
    found = claim(acme, bob)

    with affiliate_context(bob.affiliate.id):
        assert list(Claim.objects.all()) == [found]
    with affiliate_context(carol.affiliate.id):
        assert list(Claim.objects.all()) == []


# Mails -------------------------------------------------------------------------------------------


def tell(company: Company, *, at: datetime) -> list[tuple[str, str]]:
    """Let the task look twice; return who got which mail."""
    mail.outbox.clear()
    tell_of_claims(merchant_id=company.id, at=at)
    tell_of_claims(merchant_id=company.id, at=at)
    return [(letter.to[0], letter.subject) for letter in mail.outbox]


def test_members_who_may_answer_hear_of_claims_and_deadlines_once(
    acme: Company, bob: Promoter
) -> None:
    add_member(acme, "Mona", Role.MANAGER)
    add_member(acme, "Finn", Role.FINANCE)
    claim(acme, bob)
    claim(acme, bob, "4712")
    both = ["alice@acme.example", "mona@acme.example"]

    assert tell(acme, at=SIX) == [(who, "2 claims to answer") for who in both]
    assert "order 4711 of 1 Mar 2026" in mail.outbox[0].body
    assert "/console/claims/" in mail.outbox[0].body
    assert tell(acme, at=datetime(2026, 3, 14, 17, tzinfo=UTC)) == []
    near = datetime(2026, 3, 14, 18, tzinfo=UTC)
    assert tell(acme, at=near) == [(who, "2 claims are due soon") for who in both]
    over = datetime(2026, 3, 16, 18, tzinfo=UTC)
    assert tell(acme, at=over) == [(who, "2 claims are overdue") for who in both]
    assert events(acme)[-2:] == ["claim.overdue", "claim.overdue"]
    assert len(events(acme)) == 4


def test_the_affiliate_hears_the_answer(acme: Company, bob: Promoter) -> None:
    found = claim(acme, bob)
    with merchant_context(acme.id):
        refuse_claim(claim=found, reason="Cancelled on <b>12 March</b>.", by=SYSTEM, at=SIX)

    assert tell(acme, at=SIX) == [
        ("bob@example.com", "Your claim for order 4711 was answered"),
    ]
    letter = mail.outbox[0]
    assert "Cancelled on <b>12 March</b>." in letter.body
    assert letter.content_subtype == "plain"


def test_a_withdrawn_claim_is_no_news(acme: Company, bob: Promoter) -> None:
    found = claim(acme, bob)
    with merchant_context(acme.id):
        withdraw_claim(claim=found, by=SYSTEM, at=SIX)

    assert tell(acme, at=SIX + timedelta(days=30)) == []


def test_a_mail_server_that_is_away_is_tried_again(
    acme: Company, bob: Promoter, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away:
        def send_messages(self, _mails: list[Any]) -> int:
            raise ConnectionRefusedError

    claim(acme, bob)
    with monkeypatch.context() as patched:
        patched.setattr(delivery, "get_connection", Away)
        assert tell_of_claims(merchant_id=acme.id, at=SIX) == 0

    assert tell(acme, at=SIX) == [("alice@acme.example", "1 claim to answer")]
