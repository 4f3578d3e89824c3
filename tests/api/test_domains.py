"""/domains: added with the records to be set, checked against a real name server."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from interfaces.api.v1 import domains as views
from merchants.domains import Finding
from tests.api.conftest import Caller
from tests.cast import Company
from tests.merchants.name_server import NameServer, running

EDGE = "edge.fairlead.example"
HOST = "go.acme.example"


@pytest.fixture
def names(settings: Any) -> Iterator[NameServer]:
    """Return a name server that is asked instead of the system's."""
    with running() as server:
        settings.DNS_SERVERS = [server.address]
        settings.EDGE_URL = f"https://{EDGE}"
        yield server


def test_a_domain_is_proven_by_the_records_that_it_names(
    acme: Company, api: Caller, names: NameServer
) -> None:
    created = api.post("domains", {"host": "GO.acme.example"})
    leads, proof = created.json["records"]

    assert created.status == 201
    assert leads == {"type": "CNAME", "name": HOST, "value": EDGE}
    assert (proof["type"], proof["name"]) == ("TXT", f"_fairlead.{HOST}")

    check = f"domains/{created.json['id']}/check"
    assert api.post(check).json["finding"] == "no_record"
    for row in (leads, proof):
        names.zone[(row["name"], row["type"])] = [row["value"]]
    checked = api.post(check).json

    assert checked["finding"] is None
    assert checked["verified_at"] == checked["checked_at"]
    assert api.get(f"domains/{created.json['id']}").json == checked


def test_the_dns_is_asked_outside_of_every_transaction(
    acme: Company, api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = api.post("domains", {"host": HOST}).json["id"]
    asked = []

    def finding_of(*, host: str, proof: str, purpose: str) -> Finding:
        asked.append((host, connection.in_atomic_block))
        return Finding.NO_PROOF

    monkeypatch.setattr(views, "finding_of", finding_of)

    assert api.post(f"domains/{id}/check").json["finding"] == "no_proof"
    assert asked == [(HOST, False)]


@pytest.mark.parametrize(
    ("body", "refusal", "fields"),
    [
        ({"host": "192.0.2.1"}, (422, "bad_value"), {"host": "bad_host"}),
        ({"host": "go.acme.example:8080"}, (422, "bad_value"), {"host": "bad_host"}),
        ({"host": "x" * 254}, (400, "invalid"), {"host": "max_length"}),
        ({"host": 7}, (400, "invalid"), {"host": "invalid"}),
        (
            {"host": "a.example", "fallback_url": "//b.example"},
            (400, "invalid"),
            {"fallback_url": "invalid"},
        ),
        ({"host": HOST.upper()}, (409, "domain_exists"), {"host": "domain_exists"}),
    ],
)
def test_what_is_refused_is_named_and_not_stored(
    acme: Company, api: Caller, body: Any, refusal: tuple[int, str], fields: dict[str, str]
) -> None:
    api.post("domains", {"host": HOST})

    answer = api.post("domains", body)

    assert (answer.refusal, answer.fields) == (refusal, fields)
    assert len(api.get("domains").json["data"]) == 1


def test_a_domain_gets_a_fallback_and_goes(acme: Company, api: Caller) -> None:
    id = api.post("domains", {"host": HOST, "fallback_url": "https://a.example/"}).json["id"]

    assert api.get(f"domains?host={HOST}").json["data"][0]["fallback_url"] == "https://a.example/"
    assert api.patch(f"domains/{id}", {"fallback_url": ""}).json["fallback_url"] is None
    assert api.post(f"domains/{id}/remove").json["host"] == HOST
    assert api.get("domains").json["data"] == []


def test_a_host_is_for_links_or_for_the_portal(acme: Company, api: Caller, settings: Any) -> None:
    settings.APP_URL, settings.EDGE_URL = "https://app.example", "https://edge.example"
    links = api.post("domains", {"host": HOST}).json
    portal = api.post("domains", {"host": "partners.acme.example", "purpose": "portal"}).json

    assert (links["purpose"], portal["purpose"]) == ("tracking", "portal")
    assert portal["records"][0]["value"] != links["records"][0]["value"]
    assert api.get("domains?purpose=portal").json["data"] == [portal]
    assert api.post("domains", {"host": "x.acme.example", "purpose": "fun"}).fields == {
        "purpose": "invalid_choice"
    }
