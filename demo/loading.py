"""Loads the demo: everybody and everything in one transaction, then what went over rails."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from django.conf import settings
from django.db import connection, transaction

from demo.agenda import Agenda
from demo.audit_times import date_payouts, date_rows
from demo.cast import ACME, COMPANIES, GLOBEX, OPERATOR, PAST_DAYS
from demo.characters import Company
from demo.decisions import plan_acme, plan_globex
from demo.history import History
from demo.keyring import Keyring
from demo.offers import acme_offer, globex_offer
from demo.over_rails import pay_over_rails
from demo.people import People
from demo.stage import Offer, make_merchant, make_stage
from merchants.directory import find_merchant
from merchants.tenancy import merchant_context
from reports.health import judge_all

SEED = 20_260_301
FOUNDED_DAYS_AGO = 66
PLAYS: dict[str, tuple[Callable[[str], Offer], Callable[[History], None]]] = {
    ACME.slug: (acme_offer, plan_acme),
    GLOBEX.slug: (globex_offer, plan_globex),
}


def is_loaded() -> bool:
    """Return whether the demo is in the database. It is loaded whole or not at all."""
    return find_merchant(slug=GLOBEX.slug) is not None


def load(keyring: Keyring, *, now: datetime) -> None:
    """Make everybody and play the past, in one transaction.

    Payouts by calls follow: no call is made inside a transaction.
    """
    begins = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=PAST_DAYS)
    make_partitions(begins)
    keyring.draw_passwords()
    people = People(keyring, Random(SEED))
    with transaction.atomic():
        people.user(OPERATOR, operator=True)
        acme, *_others = [play(one, people, begins=begins, now=now) for one in COMPANIES]
    pay_over_rails(acme)


def make_partitions(begins: datetime) -> None:
    """Make the partitions of past clicks; in a transaction of their own, which locks the table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT make_click_partitions(%s, %s)", [begins.date(), PAST_DAYS + 2])


def play(company: Company, people: People, *, begins: datetime, now: datetime) -> History:
    """Found one merchant and play its past; return it."""
    make_offer, plan_decisions = PLAYS[company.slug]
    founded_at = begins - timedelta(days=FOUNDED_DAYS_AGO - PAST_DAYS, hours=-9)
    owner = make_merchant(company, people, at=founded_at)
    with merchant_context(owner.merchant_id):
        offer = make_offer(settings.SHOP_URL)
        stage = make_stage(company, offer, owner, people, at=founded_at)
        agenda = Agenda()
        history = History(stage, people, agenda, begins=begins, now=now)
        history.plan_entries()
        history.plan_days()
        plan_decisions(history)
        agenda.run(until=now)
        date_rows()
        date_payouts()
        judge_all(merchant_id=owner.merchant_id, at=now)
    return history
