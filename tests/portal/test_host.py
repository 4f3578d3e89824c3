"""A merchant's own portal host, asked as browsers and attackers ask: by the Host header."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from affiliates.models import Enrollment
from affiliates.services import ApplicationDraft, Consent
from merchants.domains import Finding, add_domain, note_finding
from merchants.models import SYSTEM, Domain, Merchant, Purpose
from merchants.tenancy import affiliate_context, merchant_context, on_host_of
from programs.models import Program
from tests.cast import NOON, PASSWORD, Company, Promoter, click_of, make_promoter, sell
from tracking.models import Conversion
from tracking.services import join_program

HOST = "partners.acme.example"
APP = "testserver"
LOGIN = "/accounts/login/"


@pytest.fixture
def portal(acme: Company) -> Domain:
    """Return Acme's proven portal host."""
    return prove(acme, HOST)


def prove(company: Company, host: str, purpose: Purpose = Purpose.PORTAL) -> Domain:
    """Store a proven host of a company."""
    with merchant_context(company.id):
        domain = add_domain(
            merchant=company.merchant, host=host, by=SYSTEM, at=NOON, purpose=purpose
        )
        note_finding(domain=domain, finding=Finding.FINE, at=NOON)
    return domain


def browser(host: str, **options: Any) -> Client:
    """Return a browser that is on a host."""
    return Client(headers={"host": host}, **options)


def signed_in(promoter: Promoter, host: str) -> Client:
    """Return the browser of who signed in on a host, by its form."""
    client = browser(host)
    answer = client.post(LOGIN, {"login": promoter.user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def test_the_host_shows_its_merchant_and_its_sign_in(portal: Domain) -> None:
    client = browser(HOST)

    home = client.get("/", follow=True)
    page = client.get("/join/acme/partners/")

    assert home.redirect_chain[-1][0].startswith(LOGIN)
    assert "Acme" in home.content.decode()
    assert "Fairlead" not in home.content.decode()
    assert "/brand/acme.css" in home.content.decode()
    assert page.status_code == 200
    assert f'<link rel="canonical" href="http://{HOST}/join/acme/partners/">' in (
        page.content.decode()
    )


def test_who_signs_in_lands_in_the_portal_of_that_merchant(
    portal: Domain, acme: Company, globex: Company, bob: Promoter
) -> None:
    join_program(
        program=globex.program,
        affiliate=bob.affiliate,
        consent=Consent(user=bob.user, terms_version=None),
        application=ApplicationDraft(),
        at=NOON,
    )
    client = signed_in(bob, HOST)

    here = client.get("/portal/programs/").content.decode()
    everywhere = signed_in(bob, APP).get("/portal/programs/").content.decode()

    assert "Acme Partners" in here
    assert "Globex" not in here
    assert "Acme Partners" in everywhere
    assert "Globex Partners" in everywhere


def test_another_merchants_affiliate_sees_nothing_but_a_sentence(
    portal: Domain, globex: Company, carol: Promoter
) -> None:
    sale = sell(globex, click=click_of(carol))
    client = signed_in(carol, HOST)

    home = client.get("/portal/").content.decode()
    statuses = [
        client.get(path).status_code
        for path in (
            f"/portal/programs/{carol.enrollment.id}/",
            f"/portal/conversions/{sale.id}/",
            f"/portal/links/{carol.link.id}/",
            "/portal/directory/",
        )
    ]

    assert "You are in no program of Acme." in home
    assert "Globex" not in home
    assert statuses == [404, 404, 404, 404]
    assert "Globex" not in client.get("/portal/conversions/").content.decode()


def test_the_database_itself_shows_one_merchants_rows_on_its_host(
    acme: Company, globex: Company, carol: Promoter
) -> None:
    sell(globex, click=click_of(carol))

    with on_host_of(acme.id), affiliate_context(carol.affiliate.id):
        seen = [model.objects.count() for model in (Enrollment, Program, Merchant, Conversion)]
    with affiliate_context(carol.affiliate.id):
        usual = [model.objects.count() for model in (Enrollment, Program, Merchant)]

    assert seen == [0, 0, 0, 0]
    assert usual == [1, 1, 1]


@pytest.mark.parametrize(
    "path", ["/console/", "/api/v1/me", "/operator/", "/start/", "/join/globex/partners/"]
)
def test_the_host_knows_nothing_else(portal: Domain, globex: Company, path: str) -> None:
    assert browser(HOST).get(path).status_code == 404


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "partners.acme.example.evil.example",
        "evilpartners.acme.example",
        "partners.acme.example@evil.example",
        "partners.acme.example/evil",
        "partners.acme.example, evil.example",
        "pаrtners.acme.example",  # A Cyrillic letter.
        "",
        "[::1",
        "go.acme.example",  # Proven, for links.
        "new.acme.example",  # Not proven yet.
    ],
)
def test_a_host_that_is_nobodys_portal_is_refused(portal: Domain, acme: Company, host: str) -> None:
    prove(acme, "go.acme.example", Purpose.TRACKING)
    with merchant_context(acme.id):
        add_domain(
            merchant=acme.merchant,
            host="new.acme.example",
            by=SYSTEM,
            at=NOON,
            purpose=Purpose.PORTAL,
        )

    assert browser(host).get("/portal/").status_code == 400


def test_a_host_is_found_in_capitals_with_a_port_and_with_a_final_dot(portal: Domain) -> None:
    for host in ("PARTNERS.ACME.EXAMPLE", f"{HOST}:443", f"{HOST}."):
        assert browser(host).get(LOGIN).status_code == 200


def test_a_host_that_lost_its_proof_is_refused(portal: Domain, acme: Company) -> None:
    with merchant_context(acme.id):
        for day in (1, 9):
            note_finding(domain=portal, finding=Finding.NO_RECORD, at=NOON + timedelta(days=day))

    assert browser(HOST).get(LOGIN).status_code == 400


def test_cookies_are_of_the_host_alone_and_good_nowhere_else(portal: Domain, bob: Promoter) -> None:
    client = signed_in(bob, HOST)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]

    elsewhere = browser(APP)
    elsewhere.cookies[settings.SESSION_COOKIE_NAME] = cookie.value
    back = browser(HOST)
    back.cookies[settings.SESSION_COOKIE_NAME] = (
        signed_in(bob, APP).cookies[settings.SESSION_COOKIE_NAME].value
    )

    assert cookie["domain"] == ""
    assert client.get("/portal/").status_code == 200
    assert elsewhere.get("/portal/").headers["Location"].startswith(LOGIN)
    assert back.get("/portal/").headers["Location"].startswith(LOGIN)
    assert Session.objects.count() == 2  # Whoever comes with a stolen cookie ends no session.


@pytest.mark.parametrize(
    ("origin", "status"),
    [(f"http://{HOST}", 302), ("http://evil.example", 403), ("null", 403)],
)
def test_forms_are_taken_from_the_host_itself(
    portal: Domain, bob: Promoter, origin: str, status: int
) -> None:
    client = browser(HOST, enforce_csrf_checks=True)
    client.get(LOGIN)
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    facts = {"login": bob.user.email, "password": PASSWORD, "csrfmiddlewaretoken": token}

    answer = client.post(LOGIN, facts, headers={"host": HOST, "origin": origin})

    assert answer.status_code == status


def test_the_merchants_language_and_logo_are_the_hosts(portal: Domain, acme: Company) -> None:
    with merchant_context(acme.id):
        Merchant.objects.filter(id=acme.id).update(
            language="zh-hans", logo_url="https://cdn.acme.example/logo.svg"
        )

    answer = browser(HOST).get(LOGIN)

    assert '<html lang="zh-hans"' in answer.content.decode()
    assert 'src="https://cdn.acme.example/logo.svg"' in answer.content.decode()
    assert (
        "img-src 'self' https://cdn.acme.example data:"
        in (answer.headers["Content-Security-Policy"])
    )


def test_invitations_of_others_are_not_told_there(
    portal: Domain, acme: Company, globex: Company
) -> None:
    bob = make_promoter(acme, "Bob")

    assert "Globex" not in signed_in(bob, HOST).get("/portal/").content.decode()
