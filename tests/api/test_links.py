"""Links and coupons: created one by one and in bulk, changed, archived."""

from typing import Any

import pytest
from django.conf import settings

from affiliates.models import Status
from affiliates.services import move_enrollment
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from tests.api.conftest import Caller
from tests.cast import NOON, Company, Promoter, make_promoter
from tracking.models import Coupon, Link


def suspend(company: Company, promoter: Promoter) -> None:
    """Suspend the promoter's enrollment."""
    with merchant_context(company.id):
        move_enrollment(enrollment=promoter.enrollment, to=Status.SUSPENDED, by=SYSTEM, at=NOON)


def test_a_link_is_created(acme: Company, bob: Promoter, api: Caller) -> None:
    body = {
        "enrollment": str(bob.enrollment.id),
        "code": "bob-blog",
        "name": "Blog",
        "destination_url": "https://shop.acme.example/mugs",
    }

    answer = api.post("links", body)

    assert answer.status == 201
    found = answer.json
    id = found.pop("id")
    assert found.pop("created_at")
    assert found == {
        "program": str(acme.program.id),
        "enrollment": str(bob.enrollment.id),
        "affiliate": str(bob.affiliate.id),
        "code": "bob-blog",
        "url": f"{settings.EDGE_URL}/c/bob-blog",
        "name": "Blog",
        "destination_url": "https://shop.acme.example/mugs",
        "fallback_url": None,
        "starts_at": None,
        "ends_at": None,
        "smart_rule": None,
        "archived_at": None,
    }
    assert api.get(f"links/{id}").json == answer.json


def test_a_link_without_a_code_gets_one(bob: Promoter, api: Caller) -> None:
    answer = api.post("links", {"enrollment": str(bob.enrollment.id)})

    assert answer.status == 201
    assert len(answer.json["code"]) == 8
    assert answer.json["destination_url"] is None


REFUSED: list[tuple[str, dict[str, Any], tuple[int, str], str]] = [
    (
        "a host that is not allowed",
        {"destination_url": "https://evil.example/"},
        (422, "host_not_allowed"),
        "destination_url",
    ),
    (
        "a user in the address",
        {"destination_url": "https://shop.acme.example@evil.example/"},
        (422, "host_not_allowed"),
        "destination_url",
    ),
    (
        "another scheme",
        {"destination_url": "javascript:alert(1)"},
        (400, "invalid"),
        "destination_url",
    ),
    ("a short code", {"code": "ab"}, (400, "invalid"), "code"),
    ("a code with a line", {"code": "bob\n"}, (400, "invalid"), "code"),
    (
        "a missing enrollment",
        {"enrollment": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b"},
        (404, "not_found"),
        "enrollment",
    ),
]


@pytest.mark.parametrize(
    ("changes", "refusal", "field"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_refused_link_is_not_stored(
    acme: Company,
    bob: Promoter,
    api: Caller,
    changes: dict[str, Any],
    refusal: tuple[int, str],
    field: str,
) -> None:
    answer = api.post("links", {"enrollment": str(bob.enrollment.id), **changes})

    assert answer.refusal == refusal
    assert list(answer.fields) == [field]
    with merchant_context(acme.id):
        assert Link.objects.count() == 1


def test_a_code_is_taken_for_the_whole_installation(
    bob: Promoter, carol: Promoter, api: Caller
) -> None:
    body = {"enrollment": str(bob.enrollment.id), "code": carol.link.code}

    assert api.post("links", body).refusal == (409, "code_taken")


def test_a_suspended_enrollment_gets_neither_link_nor_coupon(
    acme: Company, bob: Promoter, api: Caller
) -> None:
    suspend(acme, bob)

    link = api.post("links", {"enrollment": str(bob.enrollment.id)})
    coupon = api.post("coupons", {"enrollment": str(bob.enrollment.id), "code": "BOB10"})

    assert link.refusal == (409, "not_enrolled")
    assert coupon.refusal == (409, "not_enrolled")


def test_a_link_is_changed_and_archived(bob: Promoter, api: Caller) -> None:
    path = f"links/{bob.link.id}"
    before = api.get(path).json

    changed = api.patch(path, {"name": "Newsletter"})
    assert changed.json == {**before, "name": "Newsletter"}
    led = api.patch(path, {"destination_url": "https://shop.acme.example/x"})
    assert led.json["name"] == "Newsletter"
    assert led.json["destination_url"] == "https://shop.acme.example/x"
    assert api.patch(path, {"destination_url": ""}).json["destination_url"] is None
    assert api.patch(path, {"code": "mine"}).fields == {"code": "unknown_field"}

    first = api.post(f"{path}/archive")
    again = api.post(f"{path}/archive")
    assert first.json["archived_at"] is not None
    assert again.json == first.json


def test_many_links_have_a_result_each(acme: Company, bob: Promoter, api: Caller) -> None:
    own = str(bob.enrollment.id)
    items = [
        {"enrollment": own, "code": "first"},
        {"enrollment": own, "code": "first"},
        {"enrollment": own, "colour": "red"},
        "no object",
        {"enrollment": own, "code": "fifth"},
    ]

    answer = api.post("links/bulk", {"data": items})

    assert answer.status == 200
    results = answer.json["data"]
    assert [row["index"] for row in results] == [0, 1, 2, 3, 4]
    assert [row["status"] for row in results] == [201, 409, 400, 400, 201]
    assert [row["link"] and row["link"]["code"] for row in results] == [
        "first",
        None,
        None,
        None,
        "fifth",
    ]
    assert [row["error"] and row["error"]["code"] for row in results] == [
        None,
        "code_taken",
        "invalid",
        "invalid",
        None,
    ]
    with merchant_context(acme.id):
        assert Link.objects.exclude(id=bob.link.id).count() == 2


@pytest.mark.parametrize("data", [[], [{}] * 1_001, {}, None])
def test_a_bulk_of_none_or_too_many_is_refused(api: Caller, data: Any) -> None:
    answer = api.post("links/bulk", {"data": data})

    assert answer.refusal == (400, "invalid")
    assert list(answer.fields) == ["data"]


def test_links_are_filtered(acme: Company, bob: Promoter, api: Caller) -> None:
    dora = make_promoter(acme, "Dora")

    def codes(query: str) -> list[str]:
        return [row["code"] for row in api.get(f"links?{query}").json["data"]]

    assert codes("") == [dora.link.code, bob.link.code]
    assert codes(f"enrollment={bob.enrollment.id}") == [bob.link.code]
    assert codes(f"affiliate={dora.affiliate.id}") == [dora.link.code]
    assert codes(f"code={bob.link.code}") == [bob.link.code]


def test_a_coupon_is_created_in_capitals(acme: Company, bob: Promoter, api: Caller) -> None:
    answer = api.post("coupons", {"enrollment": str(bob.enrollment.id), "code": "bob10"})

    assert answer.status == 201
    assert answer.json["code"] == "BOB10"
    assert api.get(f"coupons/{answer.json['id']}").json == answer.json
    again = api.post("coupons", {"enrollment": str(bob.enrollment.id), "code": "Bob10"})
    assert again.refusal == (409, "code_taken")
    with merchant_context(acme.id):
        assert Coupon.objects.count() == 1


@pytest.mark.parametrize("code", ["ab", "x" * 41, "a b", "ßßß", "bob\n", ""])
def test_a_coupons_code_is_plain(bob: Promoter, api: Caller, code: str) -> None:
    answer = api.post("coupons", {"enrollment": str(bob.enrollment.id), "code": code})

    assert answer.refusal == (400, "invalid")
    assert list(answer.fields) == ["code"]


def test_a_coupon_is_given_to_somebody_else(acme: Company, bob: Promoter, api: Caller) -> None:
    dora = make_promoter(acme, "Dora")
    coupon = api.post("coupons", {"enrollment": str(bob.enrollment.id), "code": "SUN"}).json

    answer = api.patch(f"coupons/{coupon['id']}", {"enrollment": str(dora.enrollment.id)})

    assert answer.json == {
        **coupon,
        "enrollment": str(dora.enrollment.id),
        "affiliate": str(dora.affiliate.id),
    }
    assert api.patch(f"coupons/{coupon['id']}", {"code": "moon"}).json["code"] == "MOON"
    assert [row["code"] for row in api.get("coupons?code=MOON").json["data"]] == ["MOON"]
