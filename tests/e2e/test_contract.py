"""The main journey from outside: click, convert, explain, repeat, refund, balance."""

import pytest

from tests.e2e.outside import Outsider, call, wait_for
from tests.e2e.running import RunningStack

pytestmark = pytest.mark.e2e


def test_the_journey_through_the_public_contract(outsider: Outsider) -> None:
    affiliate = outsider.demo["affiliate"]

    answer, click_id = outsider.click(affiliate["link_code"], "sub1=x&utm_source=mail")
    assert (answer.status, len(click_id)) == (302, 38)
    assert "utm_source=mail" in answer.headers["location"]
    assert answer.headers["cache-control"] == "no-store"

    created = outsider.convert(click_id=click_id)
    assert created.status == 201
    conversion = outsider.settled(created.json["id"])
    assert [row["enrollment"] for row in conversion["credits"]] == [affiliate["enrollment_id"]]
    assert [row["share_ppm"] for row in conversion["credits"]] == [1_000_000]
    earned = sum(row["amount_minor"] for row in conversion["commissions"])
    assert earned > 0

    why = outsider.api("GET", f"conversions/{conversion['id']}/why").json
    assert [row["accepted"] for row in why["touches"]] == [True]
    assert sum(row["amount_minor"] for row in why["ledger"]) == 0
    assert why["arithmetic"]

    refund = {"external_id": "r1", "amount_minor": 5_000}
    path = f"conversions/{conversion['id']}/refunds"
    assert outsider.api("POST", path, refund).status == 201
    assert outsider.api("POST", path, refund).status == 200

    def half() -> bool:
        rows = outsider.api("GET", f"conversions/{conversion['id']}").json["commissions"]
        return sum(row["amount_minor"] for row in rows) * 2 == earned

    assert wait_for(half)
    balances = outsider.api("GET", f"balances?enrollment={affiliate['enrollment_id']}").json
    assert balances["data"][0]["pending_minor"] > 0


def test_a_repeat_answers_200_with_the_same_id(outsider: Outsider) -> None:
    first = outsider.convert(external_id="twice")
    second = outsider.convert(external_id="twice")

    assert (first.status, second.status) == (201, 200)
    assert first.json["id"] == second.json["id"]


def test_another_merchants_key_finds_nothing_of_ours(outsider: Outsider) -> None:
    created = outsider.convert()
    theirs = outsider.demo["other_merchant"]["api_key"]

    foreign = outsider.api("GET", f"conversions/{created.json['id']}", key=theirs)
    missing = outsider.api("GET", "conversions/00000000-0000-7000-8000-000000000000", key=theirs)

    assert foreign.status == missing.status == 404
    assert foreign.json == missing.json


def test_a_wrong_key_is_401(outsider: Outsider) -> None:
    assert outsider.api("GET", "me", key="fl_sk_wrong").status == 401


def test_every_part_says_that_it_is_well(outsider: Outsider) -> None:
    for url in (outsider.demo["app_url"], outsider.demo["edge_url"], outsider.demo["shop_url"]):
        assert call("GET", f"{url}/healthz").status == 200
    assert call("GET", f"{outsider.demo['app_url']}/readyz").json["database"] == "ok"


def test_the_books_hold(stack: RunningStack) -> None:
    checked = stack.manage("check_ledger")

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "The ledger holds" in checked.stdout


def test_the_demo_file_is_for_its_owner_alone(stack: RunningStack) -> None:
    assert (stack.data / "demo.json").stat().st_mode & 0o777 == 0o600
