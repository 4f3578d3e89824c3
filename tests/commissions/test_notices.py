"""Who is told that a rate of theirs changes: everybody concerned, once."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from commissions import notices
from commissions.models import Level, RateChange, RateNotice
from commissions.notices import note_rate_changes
from commissions.services import (
    Rate,
    RuleDraft,
    archive_promotion,
    archive_rule,
    archive_tier,
    create_promotion,
    create_rule,
    end_rate,
    move_to_tier,
    set_rate,
    update_promotion,
)
from interfaces.portal.mails import mail_rate_notices
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Goal, Tier
from programs.services import create_tier
from tests.cast import NOON, Company, Promoter, make_promoter

LATER = NOON + timedelta(days=1)
SOON = LATER + timedelta(days=7)


def sale_of(company: Company) -> Goal:
    return Goal.objects.get(program=company.program, code="sale")


def create(company: Company, **facts: Any) -> Any:
    known: dict[str, Any] = {"reward": "PERCENT", "rate_bps": 2_000, "goal": sale_of(company)}
    draft = RuleDraft(**(known | facts))
    return create_rule(program=company.program, draft=draft, by=SYSTEM, at=LATER, valid_from=SOON)


def gold_of(company: Company) -> Tier:
    return create_tier(program=company.program, name="Gold", by=SYSTEM, at=NOON)


def drain(company: Company) -> None:
    while note_rate_changes(merchant_id=company.id, at=LATER):
        pass


def told(company: Company) -> list[tuple[str, str]]:
    """Return who has notices, and of what."""
    drain(company)
    rows = RateNotice.objects.select_related("affiliate").order_by(
        "affiliate__name", "created_at", "id"
    )
    return [(row.affiliate.name, row.change) for row in rows]


def test_a_base_rate_concerns_everybody_who_is_in_the_program(acme: Company, bob: Promoter) -> None:
    make_promoter(acme, "Bea")
    with merchant_context(acme.id):
        rate = Rate("PERCENT", rate_bps=500)  # type: ignore[arg-type]
        set_rate(goal=sale_of(acme), rate=rate, by=SYSTEM, at=LATER, valid_from=SOON)

        assert told(acme) == [("Bea", "BEGINS"), ("Bob", "BEGINS")]
        assert {row.effective_at for row in RateNotice.objects.all()} == {SOON}
        drain(acme)
        assert RateNotice.objects.count() == 2
        assert not RateChange.objects.filter(done_at=None).exists()


def test_whoever_joined_later_knows_nothing_else(acme: Company) -> None:
    with merchant_context(acme.id):
        assert RateChange.objects.exists()  # The first rate, before anybody joined.
    make_promoter(acme, "Bob")
    with merchant_context(acme.id):
        assert told(acme) == []


def test_own_rules_concern_their_own(acme: Company, bob: Promoter) -> None:
    bea = make_promoter(acme, "Bea")
    with merchant_context(acme.id):
        gold = gold_of(acme)
        create(acme, level=Level.TIER, tier=gold)
        assert told(acme) == []
        create(acme, level=Level.ENROLLMENT, enrollment=bob.enrollment)
        rule = create(acme, level=Level.LINK, link=bea.link).rule
        assert told(acme) == [("Bea", "BEGINS"), ("Bob", "BEGINS")]
        archive_rule(rule=rule, by=SYSTEM, at=LATER)

        assert told(acme) == [("Bea", "BEGINS"), ("Bea", "ENDS"), ("Bob", "BEGINS")]


def test_the_end_of_a_rate_is_told(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        end_rate(goal=sale_of(acme), by=SYSTEM, at=LATER)
        end_rate(goal=sale_of(acme), by=SYSTEM, at=LATER)

        assert told(acme) == [("Bob", "ENDS")]


def test_a_promotion_is_told_with_its_start_and_when_it_moves(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        facts = {"name": "May", "starts_at": SOON, "ends_at": SOON + timedelta(days=7)}
        promotion = create_promotion(program=acme.program, **facts, by=SYSTEM, at=LATER)
        assert told(acme) == []
        create(acme, level=Level.PROMOTION, promotion=promotion)
        facts["starts_at"] = SOON + timedelta(days=1)
        update_promotion(promotion=promotion, **facts, by=SYSTEM, at=LATER)
        archive_promotion(promotion=promotion, by=SYSTEM, at=LATER)

        assert told(acme) == [("Bob", "BEGINS"), ("Bob", "BEGINS"), ("Bob", "ENDS")]
        moments = RateNotice.objects.order_by("effective_at").values_list("effective_at", flat=True)
        assert list(moments) == [LATER, SOON, SOON + timedelta(days=1)]


def test_a_move_to_another_tier_is_told_at_once(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        gold = gold_of(acme)
        create(acme, level=Level.TIER, tier=gold)
        drain(acme)

        move_to_tier(enrollment=bob.enrollment, tier=gold, by=SYSTEM, at=SOON)
        move_to_tier(enrollment=bob.enrollment, tier=gold, by=SYSTEM, at=SOON)
        assert told(acme) == [("Bob", "BEGINS")]
        move_to_tier(enrollment=bob.enrollment, tier=None, by=SYSTEM, at=SOON + timedelta(days=1))
        assert told(acme) == [("Bob", "BEGINS"), ("Bob", "ENDS")]


def test_an_archived_tier_ends_its_rates(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        gold = gold_of(acme)
        move_to_tier(enrollment=bob.enrollment, tier=gold, by=SYSTEM, at=NOON)
        create(acme, level=Level.TIER, tier=gold)
        archive_tier(tier=gold, by=SYSTEM, at=SOON)

        assert told(acme) == [("Bob", "BEGINS"), ("Bob", "ENDS")]


def test_a_large_audience_is_told_a_batch_at_a_time(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Ada", "Bea", "Cleo"):
        make_promoter(acme, name, method=False)
    monkeypatch.setattr(notices, "BATCH", 2)
    with merchant_context(acme.id):
        drain(acme)
        set_rate(
            goal=sale_of(acme),
            rate=Rate("PERCENT", rate_bps=500),  # type: ignore[arg-type]
            by=SYSTEM,
            at=LATER,
        )

        assert note_rate_changes(merchant_id=acme.id, at=LATER) == 2
        assert RateNotice.objects.count() == 2
        assert note_rate_changes(merchant_id=acme.id, at=LATER) == 1
        assert note_rate_changes(merchant_id=acme.id, at=LATER) == 0
        assert RateNotice.objects.count() == 3


def test_notices_are_mailed_once_and_together(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        create(acme, level=Level.ENROLLMENT, enrollment=bob.enrollment)
        create(acme, level=Level.LINK, link=bob.link)
        drain(acme)

    assert mail_rate_notices(merchant_id=acme.id, at=LATER) == 2
    assert mail_rate_notices(merchant_id=acme.id, at=LATER) == 0

    (letter,) = mail.outbox
    assert letter.to == [bob.affiliate.email]
    assert letter.subject == "Your rates at Acme Partners change"
    assert str(letter.body).count("from 10 Mar 2026, 12:00 UTC on: 20% of each sale") == 2


def test_a_mail_server_that_is_away_is_asked_again(
    acme: Company, bob: Promoter, settings: Any
) -> None:
    with merchant_context(acme.id):
        create(acme, level=Level.ENROLLMENT, enrollment=bob.enrollment)
        drain(acme)
    settings.EMAIL_BACKEND = "tests.commissions.test_notices.Away"

    assert mail_rate_notices(merchant_id=acme.id, at=LATER) == 0

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert mail_rate_notices(merchant_id=acme.id, at=LATER) == 1
    assert len(mail.outbox) == 1


class Away:
    """A mail server that does not answer."""

    def __init__(self, **_options: Any) -> None: ...

    def send_messages(self, _messages: Any) -> int:
        raise ConnectionRefusedError
