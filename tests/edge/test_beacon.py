"""POST /t: the snippet's reports, by publishable key, from any site."""

import json

import pytest
from django.conf import settings

from common.clock import now
from merchants.models import KeyKind
from merchants.services import create_key, revoke_key
from merchants.tenancy import merchant_context
from tests.cast import Company
from tracking.token import read_token


def key_of(company: Company, kind: KeyKind = KeyKind.PUBLISHABLE) -> str:
    with merchant_context(company.id):
        _key, text = create_key(member=company.owner, name="k", scopes=[], at=now(), kind=kind)
    return text


@pytest.fixture
def key(acme) -> str:
    return key_of(acme)


def send(edge, key: str, said: object, **headers: str):
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return edge.post("/t", body, headers={"authorization": f"Bearer {key}", **headers})


@pytest.fixture
def said(bob) -> dict[str, object]:
    return {
        "program": "partners",
        "code": bob.enrollment.code,
        "url": "https://shop.acme.example/shoes",
        "referrer": "https://blog.example/post",
        "subs": {"sub1": "a"},
    }


def test_a_reported_visit_is_a_click_of_the_enrollments_first_link(edge, key, bob, said, clicks):
    answer = send(edge, key, said, **{"sec-fetch-dest": "empty", "sec-fetch-mode": "cors"})

    token = read_token(answer.json["click_id"], settings.CLICK_KEYS)
    assert answer.status == 201
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert token is not None
    assert clicks.rows("id, link_id, class, destination_host, referrer_host, subs") == [
        (token.click_id, bob.link.id, "HUMAN", "shop.acme.example", "blog.example", {"sub1": "a"})
    ]
    assert clicks.totals() == (1, 1, 1)


@pytest.mark.parametrize("name", ["code", "program"])
def test_ids_and_link_codes_do_as_well(edge, key, acme, bob, said, name):
    said[name] = {"code": bob.link.code, "program": str(acme.program.id)}[name]

    assert send(edge, key, said).status == 201


def test_a_robots_visit_is_kept_without_credit(edge, key, bob, said, clicks):
    answer = send(edge, key, said, **{"user-agent": "curl/8.0"})

    assert (answer.status, answer.json) == (201, {"click_id": None})
    assert clicks.rows("refusal") == [("bot",)]


def test_any_site_may_ask_before_it_reports(edge):
    answer = edge.run(edge.ask("OPTIONS", "/t", headers={"origin": "https://shop.acme.example"}))

    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert answer.headers["access-control-allow-headers"] == "authorization, content-type"


def refused(edge, key, said, clicks) -> tuple[int, str, str]:
    answer = send(edge, key, said)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert clicks.count() == 0
    errors = answer.json["errors"]
    return answer.status, answer.json["code"], errors[0]["field"] if errors else ""


@pytest.mark.parametrize(
    ("_case", "changes", "expected"),
    [
        ("no program", {"program": None}, (422, "required", "program")),
        ("no code", {"code": ""}, (422, "required", "code")),
        ("no address", {"url": ""}, (422, "required", "url")),
        ("a number", {"code": 7}, (422, "invalid", "code")),
        ("too long", {"url": "x" * 2_001}, (422, "invalid", "url")),
        ("unknown field", {"click_id": "x"}, (422, "unknown_field", "click_id")),
        ("unknown sub", {"subs": {"sub11": "x"}}, (422, "unknown_field", "subs.sub11")),
        ("subs of numbers", {"subs": {"sub1": 1}}, (422, "invalid", "subs")),
        ("subs as a list", {"subs": []}, (422, "invalid", "subs")),
        ("unknown code", {"code": "nobody"}, (404, "not_found", "")),
        ("unknown program", {"program": "other"}, (404, "not_found", "")),
    ],
)
def test_a_wrong_report_is_refused_by_field(edge, key, said, clicks, _case, changes, expected):
    assert refused(edge, key, {**said, **changes}, clicks) == expected


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b'"x"', b"\xff", b"[" * 7_000])
def test_what_is_no_object_is_refused(edge, key, clicks, body):
    assert refused(edge, key, body, clicks) == (422, "malformed", "")


def test_an_endless_body_is_not_read(edge, key, clicks):
    assert refused(edge, key, b"x" * 8_001, clicks) == (413, "too_large", "")


@pytest.mark.parametrize("key", ["", "fl_pk_", "fl_pk_unknown", "fl_sk_unknown", "é"])
def test_a_wrong_key_is_refused(edge, said, clicks, key):
    assert refused(edge, key, said, clicks) == (401, "invalid_key", "")


def test_a_secret_key_is_refused_here(edge, acme, said, clicks):
    assert refused(edge, key_of(acme, KeyKind.SECRET), said, clicks)[0] == 401


def test_another_merchants_key_does_not_see_the_program(edge, globex, said, clicks):
    assert refused(edge, key_of(globex), said, clicks) == (404, "not_found", "")


def test_a_revoked_key_is_refused(acme, start_edge, bob, said, clicks):
    with merchant_context(acme.id):
        key, text = create_key(
            member=acme.owner, name="k", scopes=[], at=now(), kind=KeyKind.PUBLISHABLE
        )
        revoke_key(member=acme.owner, key=key, at=now())

    assert refused(start_edge(), text, said, clicks)[0] == 401


def test_a_known_key_works_while_postgresql_is_away_and_others_wait(gated_edge, gate, key, said):
    known = send(gated_edge, key, said)
    gate.close()

    again, other = send(gated_edge, key, said), send(gated_edge, f"fl_pk_{43 * 'x'}", said)

    assert (known.status, again.status, other.status) == (201, 201, 503)
    assert again.json["click_id"]
    assert other.headers["retry-after"] == "5"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods_mean_nothing(edge, method):
    assert edge.run(edge.ask(method, "/t")).status == 405
