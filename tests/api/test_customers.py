"""POST /customers binds; read, list, erase."""

import pytest

from merchants.tenancy import merchant_context
from tests.api.conftest import Caller
from tests.cast import Company, Promoter, click_of
from tracking.models import Customer


def test_a_customer_is_bound_read_and_erased(acme: Company, bob: Promoter, api: Caller) -> None:
    body = {
        "program": str(acme.program.id),
        "external_id": "c-1",
        "click_id": click_of(bob),
        "email": "Jane@example.com",
        "first_seen_at": "2026-03-02T13:00:00Z",
    }

    first, again = api.post("customers", body), api.post("customers", body)

    assert (first.status, again.status) == (201, 200)
    assert first.json["id"] == again.json["id"]
    [touch] = first.json["touches"]
    assert (touch["enrollment"], touch["kind"]) == (str(bob.enrollment.id), "click")
    assert touch["bound_at"] == "2026-03-02T13:00:00Z"
    assert "email" not in str(first.json)
    assert api.get("customers?external_id=c-1").json["data"] == [again.json]
    assert api.get(f"customers/{first.json['id']}").json == again.json

    erased = api.post(f"customers/{first.json['id']}/erase")

    assert erased.status == 200
    assert erased.json["external_id"] == f"erased:{first.json['id']}"
    assert erased.json["erased_at"] is not None


@pytest.mark.parametrize(
    ("evidence", "field", "code"),
    [
        ({"click_id": "A" * 38}, "click_id", "unknown"),
        ({"coupon": "nobodys"}, "coupon", "unknown"),
        ({"referral": "nobody"}, "referral", "unknown"),
    ],
)
def test_what_is_no_evidence_is_named(
    acme: Company, api: Caller, evidence: dict[str, str], field: str, code: str
) -> None:
    body = {"program": str(acme.program.id), "external_id": "c-1", **evidence}

    answered = api.post("customers", body)

    assert answered.refusal == (422, "bad_evidence")
    assert answered.fields == {field: code}
    with merchant_context(acme.id):
        assert not Customer.objects.exists()


def test_a_foreign_program_is_not_found(globex: Company, api: Caller) -> None:
    body = {"program": str(globex.program.id), "external_id": "c-1"}

    assert api.post("customers", body).fields == {"program": "not_found"}
