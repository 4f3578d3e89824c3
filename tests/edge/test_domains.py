"""A merchant's own host serves the merchant's own codes, and nobody else's."""

import pytest

from common.clock import now
from interfaces.edge.http import Request
from merchants.models import Domain
from merchants.tenancy import merchant_context
from tests.edge.conftest import wait_until

HOST = "go.acme.example"


def make_domain(company, host: str = HOST, *, fallback_url: str = "", is_verified: bool = True):
    """Store a host of the company."""
    with merchant_context(company.id):
        return Domain.objects.create(
            merchant_id=company.id,
            host=host,
            fallback_url=fallback_url,
            verified_at=now() if is_verified else None,
        )


def ask(edge, path: str, host: str = HOST):
    return edge.get(path, headers={"host": host})


@pytest.mark.parametrize("host", [HOST, "GO.acme.example", f"{HOST}:8001"])
def test_a_merchants_host_serves_its_codes_alone(acme, bob, carol, start_edge, host):
    make_domain(acme)
    edge = start_edge()

    assert "fl_click=" in ask(edge, f"/c/{bob.link.code}", host).location
    assert ask(edge, f"/c/{carol.link.code}", host).status == 404
    assert ask(edge, f"/c/{carol.link.code}", "127.0.0.1:8001").status == 302


@pytest.mark.parametrize("host", ["", "127.0.0.1", "other.example", "go.acme.example.evil.example"])
def test_other_hosts_serve_every_code(acme, bob, carol, start_edge, host):
    make_domain(acme)
    edge = start_edge()

    assert ask(edge, f"/c/{bob.link.code}", host).status == 302
    assert ask(edge, f"/c/{carol.link.code}", host).status == 302


def test_a_host_that_is_not_proved_is_like_any_other(acme, bob, carol, start_edge):
    make_domain(acme, is_verified=False)
    edge = start_edge()

    assert ask(edge, f"/c/{carol.link.code}").status == 302
    assert ask(edge, f"/tls-allowed?domain={HOST}").status == 404


@pytest.mark.parametrize("path", ["/c/nobody", "/click?pid=x&offer_id=y", "/aff_c?aff_id=x"])
def test_unknown_codes_go_to_the_hosts_fallback(acme, start_edge, path):
    make_domain(acme, fallback_url="https://acme.example/sorry")
    edge = start_edge()

    answer = ask(edge, path)

    assert (answer.status, answer.location) == (302, "https://acme.example/sorry")
    assert ask(edge, path, "127.0.0.1").status == 404


def test_a_pair_that_two_merchants_have_is_clear_on_a_host(bob, carol, acme, start_edge, admin):
    admin.execute(
        "UPDATE affiliates_enrollment SET code = %s WHERE id = %s",
        [bob.enrollment.code, carol.enrollment.id],
    )
    make_domain(acme)
    edge = start_edge()
    path = f"/click?pid={bob.enrollment.code}&offer_id=partners"

    assert ask(edge, path).location.startswith("https://shop.acme.example/")
    assert ask(edge, path, "127.0.0.1").status == 404


def test_hosts_are_heard_of_and_remembered(acme, globex, bob, carol, gate, start_edge):
    edge = start_edge(conninfo=gate.conninfo)
    assert ask(edge, f"/c/{carol.link.code}").status == 302

    domain = make_domain(acme)
    wait_until(lambda: ask(edge, f"/c/{carol.link.code}").status == 404)
    edge.stop()
    gate.close()
    edge = start_edge(conninfo=gate.conninfo)
    assert ask(edge, f"/c/{carol.link.code}").status == 404
    gate.open()
    wait_until(lambda: edge.get("/readyz").json["database"] == "ok")

    with merchant_context(acme.id):
        Domain.objects.filter(id=domain.id).delete()
    wait_until(lambda: ask(edge, f"/c/{carol.link.code}").status == 302)


@pytest.mark.parametrize(
    ("domain", "status"),
    [(HOST, 200), (HOST.upper(), 200), ("127.0.0.1", 200), ("evil.example", 404), ("", 404)],
)
def test_certificates_are_for_hosts_that_are_served(acme, start_edge, domain, status):
    make_domain(acme)
    edge = start_edge()

    assert edge.get(f"/tls-allowed?domain={domain}").status == status


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("A.example:80", "a.example"),
        ("a.example", "a.example"),
        ("[::1]:80", "[::1]"),
        ("[::1]", "[::1]"),
    ],
)
def test_a_host_is_read_without_its_port(header, host):
    request = Request("GET", "/", [], {"host": header}, "", lambda: None)  # type: ignore[arg-type]

    assert request.host == host
