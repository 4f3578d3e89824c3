"""Every list: limits, cursors, times, filters, and no query per row."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from commissions.services import approve_due
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from payouts.services import prepare_batch
from tests.api.conftest import Caller
from tests.api.test_clicks import click
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell
from tracking.models import Conversion
from tracking.services import create_coupon, record_refund


def walk(api: Caller, path: str) -> Iterator[Any]:
    """Yield every row of a list, page by page."""
    cursor = ""
    while True:
        page = api.get(path + cursor).json
        yield from page["data"]
        if page["next_cursor"] is None:
            return
        cursor = f"&cursor={page['next_cursor']}"


def test_pages_join_without_gaps_or_repeats(acme: Company, api: Caller) -> None:
    for number in range(7):
        sell(acme, external_id=f"o-{number}")

    found = [row["external_id"] for row in walk(api, "conversions?limit=3")]

    assert found == [f"o-{number}" for number in reversed(range(7))]


def test_a_full_last_page_is_the_last(acme: Company, api: Caller) -> None:
    sell(acme)
    sell(acme)

    assert api.get("conversions?limit=2").json["next_cursor"] is None


def test_rows_that_arrive_meanwhile_shift_nothing(acme: Company, api: Caller) -> None:
    for number in range(4):
        sell(acme, external_id=f"o-{number}")
    first = api.get("conversions?limit=2").json
    sell(acme, external_id="new")

    second = api.get(f"conversions?limit=2&cursor={first['next_cursor']}").json

    assert [row["external_id"] for row in second["data"]] == ["o-1", "o-0"]


def test_fifty_is_the_default(acme: Company, api: Caller) -> None:
    items = [
        {
            "program": str(acme.program.id),
            "goal": "sale",
            "external_id": f"o-{number}",
            "amount_minor": 1,
            "currency": "EUR",
        }
        for number in range(51)
    ]
    api.post("conversions/bulk", {"data": items})

    assert len(api.get("conversions").json["data"]) == 50
    assert len(api.get("conversions?limit=200").json["data"]) == 51


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("limit=0", {"limit": "min_value"}),
        ("limit=201", {"limit": "max_value"}),
        ("limit=ten", {"limit": "not_an_integer"}),
        ("limit=-1", {"limit": "not_an_integer"}),
        ("limit=1.0", {"limit": "not_an_integer"}),
        ("limit=%D9%A1", {"limit": "not_an_integer"}),
        ("limit=", {"limit": "not_an_integer"}),
        ("cursor=nonsense", {"cursor": "bad_cursor"}),
        ("cursor=%00", {"cursor": "bad_cursor"}),
        ("cursor=%FF", {"cursor": "bad_cursor"}),
        ("colour=red", {"colour": "unknown_field"}),
        ("order_by=amount_minor", {"order_by": "unknown_field"}),
        ("merchant=1", {"merchant": "unknown_field"}),
        ("format=json", {"format": "unknown_field"}),
        ("status=PENDING", {"status": "invalid_choice"}),
        ("status=pending&status=held", {"status": "duplicate_parameter"}),
        ("program=1", {"program": "invalid"}),
        ("goal=%00", {"goal": "null_characters_not_allowed"}),
        ("created_from=yesterday", {"created_from": "no_moment"}),
        ("created_from=2026-03-02T12:00:00%2B00:00&limit=x", {"limit": "not_an_integer"}),
        ("created_to=0001-01-01T00:00:00Z", {"created_to": "out_of_range"}),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(
    acme: Company, api: Caller, query: str, fields: dict[str, str]
) -> None:
    answer = api.get(f"conversions?{query}")

    assert answer.refusal == (400, "invalid")
    assert answer.fields == fields


def test_a_parameter_of_what_is_no_list_is_unknown(acme: Company, api: Caller) -> None:
    answer = api.get(f"programs/{acme.program.id}?limit=1")

    assert answer.refusal == (400, "invalid")
    assert answer.fields == {"limit": "unknown_field"}


def test_times_bound_a_list_from_inclusive_to_exclusive(acme: Company, api: Caller) -> None:
    first, second = sell(acme), sell(acme)
    moment = {"from": first.created_at, "to": second.created_at}
    text = {name: at.isoformat().replace("+00:00", "Z") for name, at in moment.items()}

    def ids(query: str) -> list[str]:
        return [row["id"] for row in api.get(f"conversions?{query}").json["data"]]

    assert ids(f"created_from={text['from']}&created_to={text['to']}") == [str(first.id)]
    assert ids(f"created_from={text['to']}") == [str(second.id)]


def test_a_foreign_id_in_a_filter_finds_nothing(
    acme: Company, globex: Company, carol: Promoter, api: Caller
) -> None:
    sell(globex, click=click_of(carol))

    assert api.get(f"conversions?program={globex.program.id}").json["data"] == []
    assert api.get(f"conversions?enrollment={carol.enrollment.id}").json["data"] == []
    assert api.get(f"links?affiliate={carol.affiliate.id}").json["data"] == []
    assert api.get(f"affiliates?program={globex.program.id}").json["data"] == []


def test_a_foreign_cursor_shows_nothing_foreign(
    acme: Company, globex: Company, api: Caller, other_api: Caller
) -> None:
    for _number in range(2):
        sell(globex)
    sell(acme, external_id="mine")
    cursor = other_api.get("conversions?limit=1").json["next_cursor"]

    rows = api.get(f"conversions?cursor={cursor}").json["data"]

    assert all(row["external_id"] == "mine" for row in rows)


def queries(call: Callable[[], Any]) -> int:
    """Return how many queries a call made, of both roles."""
    with (
        CaptureQueriesContext(connections["default"]) as app,
        CaptureQueriesContext(connections["ops"]) as ops,
    ):
        assert call().status == 200
    return len(app) + len(ops)


def fill(company: Company, name: str) -> None:
    """Store one more of everything a list shows."""
    promoter = make_promoter(company, name)
    conversion = sell(company, click=click_of(promoter))
    approve_due(merchant_id=company.id, at=NOON + timedelta(days=40))
    with merchant_context(company.id):
        create_coupon(enrollment=promoter.enrollment, code=name)
        click(promoter)
        record_refund(
            conversion=Conversion.objects.get(id=conversion.id),
            external_id="r",
            amount_minor=1,
            reason="",
            occurred_at=NOON,
            by=acting_user(company.owner.user),
            at=NOON,
        )


LISTS = (
    "programs affiliates enrollments links coupons clicks conversions commissions balances"
    " payout-batches payouts events"
).split()


@pytest.mark.parametrize("name", LISTS)
def test_a_longer_list_takes_no_more_queries(acme: Company, api: Caller, name: str) -> None:
    api.get("me")  # The use of the key is noted once a minute.
    fill(acme, "DORA")
    prepare(acme)
    few = queries(lambda: api.get(name))
    length = len(api.get(name).json["data"])
    for promoter in ("EMIL", "FAY", "GUS"):
        fill(acme, promoter)
    prepare(acme)

    many = queries(lambda: api.get(name))

    assert name == "programs" or len(api.get(name).json["data"]) > length > 0
    assert many == few <= 12


def prepare(company: Company) -> None:
    """Store a batch of what is due."""
    with merchant_context(company.id):
        at = NOON + timedelta(days=40)
        prepare_batch(member=company.owner, currency="EUR", at=at)
