"""Deals at Acme: one approved, one that waits, and one that is in its way."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from channel.deals import DealDraft, approve_deal, register_deal, set_terms
from channel.models import Deal
from demo.cast import BOB, DANA, HUGO
from demo.characters import Promoter
from demo.history import History
from merchants.models import acting_user
from merchants.rights import Role

OPENED_DAYS_AGO: Final = 40
TERMS: Final = {"protect_days": 90, "extend_days": 30, "extensions_max": 1}
DEALS: Final[tuple[tuple[Promoter, int, dict[str, Any]], ...]] = (
    (
        HUGO,
        30,
        {
            "company": "Fjord Charter",
            "domain": "fjordcharter.example",
            "contact_name": "Ida Holm",
            "contact_email": "ida@fjordcharter.example",
            "value_minor": 18_500_00,
            "notes": "Forty boats, all of which need lamps before May.",
        },
    ),
    (
        DANA,
        4,
        {
            "company": "Fjord Charter AS",
            "domain": "www.fjordcharter.example",
            "notes": "They were in film 34 and asked me for a list.",
        },
    ),
    (
        BOB,
        2,
        {
            "company": "Old Town Sailing School",
            "domain": "oldtownsailing.example",
            "contact_name": "Piet",
            "value_minor": 2_400_00,
        },
    ),
)


def plan_deals(history: History) -> None:
    """Plan who registers what, and what Mia approves."""
    history.agenda.plan(history.day(OPENED_DAYS_AGO), partial(_open, history))
    for promoter, days_ago, said in DEALS:
        at = history.day(days_ago) + timedelta(hours=10)
        history.agenda.plan(at, partial(_register, history, promoter, said))
    approved = history.day(DEALS[0][1] - 1) + timedelta(hours=9)
    history.agenda.plan(approved, partial(_approve, history, DEALS[0][2]["domain"]))


def _open(history: History, at: datetime) -> None:
    by = history.stage.acting(Role.OWNER)
    set_terms(program=history.stage.program, is_open=True, days=TERMS, by=by, at=at)


def _register(history: History, promoter: Promoter, said: dict[str, Any], at: datetime) -> None:
    standing = history.stage.standing(promoter)
    if standing is not None and standing.enrollment.is_active:
        by = acting_user(history.people.user(promoter.person))
        register_deal(enrollment=standing.enrollment, draft=DealDraft(**said), by=by, at=at)


def _approve(history: History, domain: str, at: datetime) -> None:
    deal = Deal.objects.filter(merchant=history.stage.merchant, domain=domain).first()
    if deal is not None:
        approve_deal(deal=deal, by=history.stage.acting(Role.MANAGER), at=at)
