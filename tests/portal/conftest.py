"""Bob's story: clicks, a paid sale, a refunded one, a declined one, and one that waits."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection

from affiliates.models import Enrollment
from commissions.models import Claim
from commissions.services import ClaimDraft, approve_due, decline_conversion, submit_claim
from common.ids import id_floor
from merchants.models import SYSTEM
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import Payout
from payouts.services import approve_batch, mark_paid, prepare_batch, send_batch
from programs.models import Goal
from reports.models import DailyClicks
from tests.cast import NOON, Company, Promoter, add_member, click_of, sell, settle
from tests.remembering import Memory
from tracking.models import Click, Conversion
from tracking.services import ConversionReport, CustomerReport, record_conversion, record_refund

TODAY = NOON + timedelta(days=45)  # 16 April: the first sales are past their hold of 30 days.
APRIL = TODAY - timedelta(days=5)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Let the clock stand still at noon of 2 March."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@dataclass
class Story:
    """What Bob has in Acme's program, with its ids."""

    company: Company
    promoter: Promoter
    paid: Conversion  # 100.00, of which 10.00 were paid on 12 April.
    refunded: Conversion  # 96.00 on 11 April with 16.00 tax; 40.00 refunded: 8.00 − 3.33, on hold.
    declined: Conversion  # 60.00 on 11 April, declined.
    payout: Payout
    claim: Claim  # For an order of 10 April, open.


@pytest.fixture
def today() -> Iterator[None]:
    """Live on 16 April."""
    with time_machine.travel(TODAY, tick=True):
        yield


@pytest.fixture
def story(today: None, memory: Memory, acme: Company, bob: Promoter) -> Story:
    """Return Bob's story."""
    return memory.recall("story", lambda: tell(acme, bob), at=TODAY)


def tell(acme: Company, bob: Promoter) -> Story:
    """Tell Bob's story through the services."""
    paid = sell(acme, click=click_of(bob), external_id="ORDER-777001")
    approve_due(merchant_id=acme.id, at=TODAY - timedelta(days=6))
    payout = pay(acme)
    refunded = sell_to_jane(acme, bob)
    declined = sell(
        acme,
        click=click_of(bob, at=APRIL),
        external_id="ORDER-777003",
        amount_minor=6_000,
        at=APRIL + timedelta(hours=2),
    )
    with merchant_context(acme.id):
        record_refund(
            conversion=refunded,
            external_id="RMA-55",
            amount_minor=4_000,
            reason="Jane did not like it",
            occurred_at=APRIL + timedelta(hours=3),
            by=SYSTEM,
            at=APRIL + timedelta(hours=3),
        )
        decline_conversion(conversion=declined, reason="Jane is our own staff", by=SYSTEM, at=APRIL)
    settle(acme, at=APRIL + timedelta(hours=4))
    store_clicks(acme, bob)
    return Story(acme, bob, paid, refunded, declined, payout, store_claim(acme, bob))


def store_claim(acme: Company, bob: Promoter, **said: Any) -> Claim:
    """Submit a claim of Bob for an order of 10 April."""
    facts = {"order_id": "M-1", "happened_on": date(2026, 4, 10), "message": "She told me."}
    with merchant_context(acme.id):
        goal = Goal.objects.get(program=acme.program, code="sale")
        enrollment = Enrollment.objects.select_related("program").get(id=bob.enrollment.id)
        draft = ClaimDraft(goal=goal, **(facts | said))
        return submit_claim(enrollment=enrollment, draft=draft, by=SYSTEM, at=TODAY)


def pay(acme: Company) -> Payout:
    """Pay what is approved; return the payout."""
    finn = add_member(acme, "Finn", Role.FINANCE)
    at = TODAY - timedelta(days=4)
    with merchant_context(acme.id):
        batch = prepare_batch(member=finn, currency="EUR", at=at)
        batch = approve_batch(member=acme.owner, batch=batch, at=at)
        send_batch(member=finn, batch=batch, at=at)
        payout = Payout.objects.get(batch=batch)
        mark_paid(member=finn, payout=payout, provider_ref="BANK-1", paid_at=at, at=at)
        payout.refresh_from_db()
    return payout


def sell_to_jane(acme: Company, bob: Promoter) -> Conversion:
    """Report a sale with everything that a merchant may say of it."""
    report = ConversionReport(
        goal="sale",
        external_id="ORDER-777002",
        amount_minor=9_600,
        currency="EUR",
        occurred_at=APRIL,
        click_token=click_of(bob, at=APRIL - timedelta(hours=1)),
        customer=CustomerReport("jane-doe-42", "DE"),
        tax_minor=1_600,
        metadata={"note": "birthday of Jane"},
        items=[{"sku": "BOOT-43", "quantity": 1, "amount_minor": 8_000}],
    )
    with merchant_context(acme.id):
        conversion, _created = record_conversion(
            program=acme.program, report=report, by=SYSTEM, at=APRIL
        )
    settle(acme, at=APRIL)
    return conversion


def store_clicks(acme: Company, bob: Promoter) -> None:
    """Store clicks as the edge does: rows, and the counts of their day."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT make_click_partitions(%s, 1)", [TODAY.date()])
    link = bob.link
    owner = {
        "merchant_id": acme.id,
        "program_id": acme.program.id,
        "enrollment_id": bob.enrollment.id,
        "affiliate_id": bob.affiliate.id,
    }
    with merchant_context(acme.id):
        DailyClicks.objects.create(
            day=TODAY.date(), link_id=link.id, clicks=3, human=2, credited=1, **owner
        )
        DailyClicks.objects.create(
            day=(TODAY - timedelta(days=40)).date(),
            link_id=link.id,
            clicks=7,
            human=7,
            credited=7,
            **owner,
        )
        rows = [("HUMAN", "", "forum.example"), ("HUMAN", "link_archived", ""), ("BOT", "bot", "")]
        for number, (kind, refusal, referrer) in enumerate(rows):
            Click.objects.create(
                id=UUID(int=id_floor(TODAY - timedelta(minutes=number)).int + number),
                link_id=link.id,
                kind=kind,
                refusal=refusal,
                destination_host="shop.acme.example",
                referrer_host=referrer,
                device="phone",
                os="iOS",
                browser="Mobile Safari",
                ip_net="198.51.100.0/24",
                source="",
                ext_click_id="",
                subs={"sub1": "post-7"},
                country="",
                language="",
                visitor="",
                is_unique=False,
                **owner,
            )
