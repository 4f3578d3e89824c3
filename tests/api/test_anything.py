"""Whatever is sent, the answer is one that the document promises: never a fault of ours."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merchants.tenancy import merchant_context
from tests.api.conftest import Caller
from tests.api.permissions import WISE
from tests.api.test_report_conversion import sale
from tests.cast import Company, Promoter
from tracking.models import Conversion

BOUNDED = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
TEXT = st.text(st.characters(codec="utf-8"), max_size=50)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)
FIELDS = st.sampled_from(
    "program goal external_id amount_minor currency occurred_at click_id coupon customer items"
    " tax_minor shipping_minor discount_minor metadata".split()
)
REFUSALS = {400, 404, 409, 413, 415, 422}


@BOUNDED
@given(raw=st.binary(max_size=200))
def test_any_bytes_are_answered(api: Caller, raw: bytes) -> None:
    answer = api.post("conversions", raw=raw)

    assert answer.refusal[0] in REFUSALS


@BOUNDED
@given(changes=st.dictionaries(FIELDS, ANYTHING, min_size=1, max_size=3))
def test_any_values_are_answered(acme: Company, api: Caller, changes: dict[str, Any]) -> None:
    with merchant_context(acme.id):
        before = Conversion.objects.count()

    answer = api.post("conversions", sale(acme, **changes))

    with merchant_context(acme.id):
        stored = Conversion.objects.count() - before
    if answer.status in (200, 201):
        assert stored == (1 if answer.status == 201 else 0)
    else:
        assert answer.refusal[0] in REFUSALS
        assert stored == 0


@BOUNDED
@given(query=st.dictionaries(st.sampled_from("limit cursor goal status x".split()), TEXT))
def test_any_query_is_answered(api: Caller, query: dict[str, str]) -> None:
    answer = api.get(f"conversions?{urlencode(query)}")

    assert answer.status == 200 or answer.refusal == (400, "invalid")


@BOUNDED
@given(key=st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=300))
def test_any_idempotency_key_is_answered(acme: Company, api: Caller, key: str) -> None:
    answer = api.post("conversions", sale(acme, goal="nope"), Idempotency_Key=key)

    assert answer.refusal in {(422, "unknown_goal"), (400, "bad_idempotency_key")}


SET_UP = [
    (
        "programs/{program}/destinations",
        {"name": "N", "url": "https://shop.acme.example/"},
        "name url countries devices systems languages weekdays hour_from hour_until time_zone"
        " starts_at ends_at priority weight",
    ),
    (
        "programs/{program}/caps",
        {"unit": "clicks", "period": "day", "scope": "program", "limit": 1},
        "unit period scope destination enrollment country limit is_hard beyond",
    ),
    (
        "programs/{program}/goals/lead/steps",
        {"code": "open", "name": "N"},
        "code name times",
    ),
    ("domains", {"host": "go.acme.example"}, "host fallback_url"),
    (
        "rails",
        {"provider": "wise", "mode": "live", "credentials": WISE},
        "provider mode credentials",
    ),
    (
        "coupons/bulk-generate",
        {"enrollment": "{enrollment}", "count": 1},
        "enrollment count prefix valid_from valid_until uses_max",
    ),
    (
        "links",
        {"enrollment": "{enrollment}"},
        "code name destination_url fallback_url starts_at ends_at",
    ),
]


@pytest.mark.parametrize(("path", "body", "names"), SET_UP, ids=[row[0] for row in SET_UP])
def test_anything_may_be_asked_to_be_set_up(
    acme: Company, bob: Promoter, api: Caller, path: str, body: dict[str, Any], names: str
) -> None:
    ids = {"program": str(acme.program.id), "enrollment": str(bob.enrollment.id)}
    usual = {
        name: value.format(**ids) if isinstance(value, str) else value
        for name, value in body.items()
    }
    fields = st.sampled_from(names.split())

    @settings(max_examples=20, deadline=None)
    @given(changes=st.dictionaries(fields, ANYTHING, min_size=1, max_size=2))
    def ask(changes: dict[str, Any]) -> None:
        answer = api.post(path.format(**ids), usual | changes)

        assert answer.status == 201 or answer.refusal[0] in REFUSALS

    ask()
