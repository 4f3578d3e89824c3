"""A page asks the database as often for twelve rows as for three."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commissions.services import approve_due
from merchants.models import Member
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import Batch
from payouts.services import prepare_batch
from tests.cast import NOON, Company, add_member, click_of, make_promoter, sell
from tests.console.arrivals import store_call, store_customer, store_import
from tests.console.clicks import store_clicks
from tests.console.conftest import SignIn

LATER = NOON + timedelta(days=40)
LISTS = (
    *("home", "programs", "clicks", "affiliates", "conversions", "conversions-export"),
    *("customers", "imports", "intake-calls"),
    *("commissions", "payouts", "prepare", "members", "keys", "audit", "links", "coupons"),
)


def trade(company: Company, names: list[str]) -> None:
    """Let each of these new affiliates be clicked and sell once."""
    for name in names:
        promoter = make_promoter(company, name)
        store_clicks(company, promoter, at=NOON)
        sell(company, click=click_of(promoter))
        store_call(company)
        store_import(company)
        store_customer(company, promoter)


def count_queries(client: Client, url: str) -> int:
    client.get(url)  # Whatever is cached is not what is counted.
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize("name", LISTS)
def test_more_rows_cost_no_more_queries(name: str, acme: Company, alice: Client) -> None:
    url = reverse(f"console:{name}")
    trade(acme, ["Ada", "Ben", "Cleo"])
    few = count_queries(alice, url)

    trade(acme, [f"Dan{number}" for number in range(9)])

    assert count_queries(alice, url) == few
    assert few <= 36, f"{few} queries"


def test_a_batch_of_many_costs_no_more_queries_than_one_of_few(
    acme: Company, sign_in: SignIn
) -> None:
    finn = add_member(acme, "Finn", Role.FINANCE)
    client = sign_in(finn.user)

    trade(acme, ["Ada", "Ben"])
    few = count_queries(client, reverse("console:batch", args=[batch_of(acme, finn).id]))
    trade(acme, [f"Dan{number}" for number in range(9)])
    many = count_queries(client, reverse("console:batch", args=[batch_of(acme, finn).id]))

    assert many == few


def batch_of(company: Company, member: Member) -> Batch:
    approve_due(merchant_id=company.id, at=LATER)
    with merchant_context(company.id):
        return prepare_batch(member=member, currency="EUR", at=LATER)
