"""/coupons: limits, many at once, the end of one; and what the affiliate reads."""

from commissions.services.bulk_jobs import run_bulk_jobs
from tests.api.conftest import Caller
from tests.cast import NOON, Company, Promoter

UNTIL = "2026-12-31T23:00:00Z"


def test_a_coupon_has_limits_that_change(bob: Promoter, api: Caller, partner: Caller) -> None:
    body = {"enrollment": str(bob.enrollment.id), "code": "bob10", "uses_max": 5}
    created = api.post("coupons", body | {"valid_until": UNTIL})
    path = f"coupons/{created.json['id']}"

    assert (created.json["code"], created.json["uses_max"]) == ("BOB10", 5)
    changed = api.patch(path, {"uses_max": None}).json
    assert changed == created.json | {"uses_max": None}
    assert partner.get(f"partner/{path}").json == changed
    assert partner.get("partner/coupons").json["data"] == [changed]
    archived = api.post(f"{path}/archive").json
    assert archived["archived_at"]
    assert archived == changed | {"archived_at": archived["archived_at"]}


def test_many_are_generated_at_once_and_once(bob: Promoter, api: Caller) -> None:
    body = {"enrollment": str(bob.enrollment.id), "count": 20, "prefix": "bob-", "uses_max": 1}

    first = api.post("coupons/bulk-generate", body, Idempotency_Key="one")
    again = api.post("coupons/bulk-generate", body, Idempotency_Key="one")

    codes = {row["code"] for row in first.json["data"]}
    assert first.status == 201
    assert len(codes) == 20
    assert all(code.startswith("BOB-") and len(code) == 12 for code in codes)
    assert again.response.content == first.response.content
    assert len(api.get("coupons").json["data"]) == 20


def test_what_is_refused_is_named_and_not_stored(acme: Company, bob: Promoter, api: Caller) -> None:
    base = {"enrollment": str(bob.enrollment.id)}
    window = {"valid_from": UNTIL, "valid_until": UNTIL}
    cases = [
        ("coupons", {"code": "A B"}, {"code": "invalid"}),
        ("coupons", {"code": "BOB10", "uses_max": 0}, {"uses_max": "min_value"}),
        ("coupons", {"code": "BOB10", **window}, {"valid_until": "ends_before_it_starts"}),
        ("coupons/bulk-generate", {"count": 0}, {"count": "min_value"}),
        ("coupons/bulk-generate", {"count": 1_001}, {"count": "max_value"}),
        ("coupons/bulk-generate", {"count": 1, "prefix": "x" * 21}, {"prefix": "max_length"}),
        ("coupons/bulk-generate", {"count": 1, "prefix": "a b"}, {"prefix": "invalid"}),
    ]

    for path, body, fields in cases:
        answer = api.post(path, base | body)
        assert answer.status in (400, 422), body
        assert answer.fields == fields

    assert api.get("coupons").json["data"] == []


def test_many_affiliates_get_one_each_and_ask_for_others(
    acme: Company, bob: Promoter, api: Caller, partner: Caller
) -> None:
    chosen = {"filter": {"status": "approved"}}
    body = {"action": "give_code", "coupon": {"ending": "-x", "valid_until": UNTIL}} | chosen
    assert api.post("bulk-jobs", {"action": "give_code"} | chosen).fields == {"coupon": "required"}
    bad = api.post("bulk-jobs", body | {"coupon": {"ending": "a b"}})
    assert bad.fields == {"coupon.ending": "invalid"}
    assert api.post("bulk-jobs", body).status == 202
    run_bulk_jobs(merchant_id=acme.id, at=NOON)

    (made,) = api.get("coupons").json["data"]
    assert (made["code"], made["valid_until"]) == ("BOB-X", UNTIL)

    wish = {"enrollment": str(bob.enrollment.id), "code": "bobby"}
    refused = partner.post("partner/coupon-requests", wish)
    assert refused.fields == {"enrollment": "not_taken"}
    api.patch(f"programs/{acme.program.id}", {"takes_coupon_requests": True})
    asked = partner.post("partner/coupon-requests", wish).json
    path = f"coupon-requests/{asked['id']}"
    given = api.post(f"{path}/give", {"offer": "5 EUR off", "customer_uses_max": 1}).json
    assert (given["code"], given["status"]) == ("BOBBY", "given")
    coupon = api.get(f"coupons/{given['coupon']}").json
    assert (coupon["offer"], coupon["customer_uses_max"]) == ("5 EUR off", 1)
    assert api.post(f"{path}/refuse", {"reason": "No."}).status == 409
    assert partner.get("partner/coupon-requests").json["data"] == [given]
