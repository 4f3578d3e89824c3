"""Bodies that are no JSON, or two readings of one: refused with a problem, never a fault."""

import pytest

from merchants.tenancy import merchant_context
from tests.api.conftest import Caller
from tests.cast import Company
from tracking.models import Conversion

UNREADABLE = [
    ("not JSON", b"{", (400, "parse_error")),
    ("two documents", b"{}{}", (400, "parse_error")),
    ("single quotes", b"{'goal': 'sale'}", (400, "parse_error")),
    ("a comma too many", b'{"goal": "sale",}', (400, "parse_error")),
    ("not UTF-8", b'{"goal": "\xff"}', (400, "parse_error")),
    ("UTF-16", '{"goal": "sale"}'.encode("utf-16"), (400, "parse_error")),
    ("a byte order mark", b"\xef\xbb\xbf{}", (400, "parse_error")),
    ("NUL bytes", b"\0\0\0", (400, "parse_error")),
    ("nested deeply", b'{"metadata":' * 30 + b"1" + b"}" * 30, (400, "parse_error")),
    ("nested absurdly", b"[" * 200_000, (400, "parse_error")),
    ("a list", b"[]", (400, "invalid")),
    ("a text", b'"sale"', (400, "invalid")),
    ("a number", b"1", (400, "invalid")),
    ("null", b"null", (400, "invalid")),
    ("a field twice", b'{"goal": "sale", "goal": "lead"}', (400, "invalid")),
    ("too large", b'{"goal": "' + b"x" * (2 * 1024 * 1024) + b'"}', (413, "too_large")),
]


@pytest.mark.parametrize(
    ("raw", "refusal"), [row[1:] for row in UNREADABLE], ids=[row[0] for row in UNREADABLE]
)
def test_an_unreadable_body_is_refused(
    acme: Company, api: Caller, raw: bytes, refusal: tuple[int, str]
) -> None:
    answer = api.post("conversions", raw=raw)

    assert answer.refusal == refusal
    with merchant_context(acme.id):
        assert not Conversion.objects.exists()


def test_a_field_given_twice_is_named(api: Caller) -> None:
    answer = api.post("conversions", raw=b'{"goal": "sale", "goal": "lead"}')

    assert answer.fields == {"goal": "duplicate_field"}


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/xml",
        "",
    ],
)
def test_another_media_type_is_refused(api: Caller, content_type: str) -> None:
    answer = api.post("conversions", raw=b"goal=sale", content_type=content_type)

    assert answer.refusal == (415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_may_be_spelt_otherwise(api: Caller, content_type: str) -> None:
    answer = api.post("conversions", raw=b"{}", content_type=content_type)

    assert answer.refusal == (400, "invalid")


def test_a_body_where_none_is_taken_is_refused(acme: Company, api: Caller) -> None:
    id = "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b"

    answer = api.post(f"conversions/{id}/approve", {"reason": "because"})

    assert answer.refusal == (400, "invalid")
    assert answer.fields == {"reason": "unknown_field"}


def test_what_is_accepted_does_not_change_the_answer(api: Caller) -> None:
    answer = api.get("me", Accept="text/html")

    assert answer.status == 200
    assert answer.response.headers["Content-Type"] == "application/json"
    assert answer.response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["", "nowhere", "conversions/", "conversions/7", "../v2/me", "a%0Ab", "%FF", "%00"]
)
def test_where_there_is_nothing_the_answer_is_a_problem(api: Caller, path: str) -> None:
    assert api.get(path).refusal == (404, "not_found")
    assert api.post(path, {}).refusal == (404, "not_found")


def test_another_method_is_refused_and_the_right_ones_named(api: Caller) -> None:
    for method in ("DELETE", "PUT", "PATCH", "OPTIONS", "TRACE"):
        answer = api(method, "conversions")

        assert answer.refusal == (405, "method_not_allowed")
        assert answer.response.headers["Allow"] == "GET, HEAD, POST"


def test_head_is_get_without_a_body(api: Caller) -> None:
    answer = api("HEAD", "me")

    assert answer.status == 200
    assert answer.response.content == b""
