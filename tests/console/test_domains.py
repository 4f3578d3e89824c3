"""Tracking domains, staff networks, and what stands on a program's tracking tab."""

import pytest
from django.test import Client
from django.urls import reverse

from merchants.domains import Finding
from merchants.models import Domain, Merchant
from merchants.tenancy import merchant_context
from programs.models import Program
from tests.cast import Company
from tests.console.conftest import words

DOMAINS = "/console/settings/domains/"
NETWORKS = "/console/settings/networks/"


def add(alice: Client, host: str = "go.acme.example") -> None:
    """Add a domain as the form does."""
    answer = alice.post(f"{DOMAINS}new/", {"host": host, "fallback_url": "acme.example/lost"})
    assert answer.status_code == 302


def test_a_new_domain_shows_the_records_to_make(acme: Company, alice: Client) -> None:
    add(alice, "Go.Acme.example.")

    with merchant_context(acme.id):
        domain = Domain.objects.get()
    page = alice.get(DOMAINS).content.decode()
    assert domain.host == "go.acme.example"
    assert 'value="go.acme.example"' in page
    assert 'value="_fairlead.go.acme.example"' in page
    assert f'value="{domain.proof}"' in page
    assert "https://acme.example/lost" in page
    assert "Waits for its records" in page


@pytest.mark.parametrize("host", ["acme", "https://go.acme.example/x", "127.0.0.1", "a b.example"])
def test_what_is_no_host_is_refused(acme: Company, alice: Client, host: str) -> None:
    answer = alice.post(f"{DOMAINS}new/", {"host": host})

    assert answer.status_code == 422
    with merchant_context(acme.id):
        assert not Domain.objects.exists()


@pytest.mark.parametrize(
    ("finding", "said", "works"),
    [
        (Finding.FINE, "go.acme.example works", True),
        (Finding.POINTS_ELSEWHERE, "it leads to another server", False),
        (Finding.NO_PROOF, "Now the TXT record is missing", False),
        (Finding.DNS_UNAVAILABLE, "No name server answered", False),
    ],
)
def test_a_check_says_what_it_found_in_plain_words(
    acme: Company,
    alice: Client,
    monkeypatch: pytest.MonkeyPatch,
    finding: Finding,
    said: str,
    works: bool,
) -> None:
    monkeypatch.setattr("interfaces.console.domains.finding_of", lambda **_: finding)
    add(alice)
    with merchant_context(acme.id):
        domain = Domain.objects.get()

    page = alice.post(f"{DOMAINS}{domain.id}/check/", follow=True)

    assert said in words(page.content)
    with merchant_context(acme.id):
        domain.refresh_from_db()
    assert (domain.verified_at is not None) == works


def test_a_domain_is_removed(acme: Company, alice: Client) -> None:
    add(alice)
    with merchant_context(acme.id):
        domain = Domain.objects.get()

    page = alice.post(f"{DOMAINS}{domain.id}/remove/", follow=True)

    assert "Your own names for links and portal" in words(page.content)


# Staff networks ----------------------------------------------------------------------------------


def networks(company: Company) -> list[str]:
    """Return what is stored."""
    with merchant_context(company.id):
        return list(Merchant.objects.get(id=company.id).staff_networks)


def test_ones_own_address_is_added_by_a_button(acme: Company, alice: Client) -> None:
    alice.post(f"{NETWORKS}edit/", {"staff_networks": "203.0.113.0/24"})
    assert "Your address now is 127.0.0.1" in words(alice.get(NETWORKS).content)

    alice.post(f"{NETWORKS}edit/", {"add": "127.0.0.1"})

    assert networks(acme) == ["203.0.113.0/24", "127.0.0.1/32"]
    assert "your own clicks credit nobody" in words(alice.get(NETWORKS).content)


def test_what_is_no_network_is_named(acme: Company, alice: Client) -> None:
    answer = alice.post(f"{NETWORKS}edit/", {"staff_networks": "203.0.113.0/24\nour office"})

    assert answer.status_code == 422
    assert "“our” is no network" in words(answer.content)
    assert networks(acme) == []


# The tracking tab --------------------------------------------------------------------------------


def url(name: str, company: Company) -> str:
    """Return the address of a page of the company's program."""
    return reverse(f"console:{name}", args=[company.program.id])


@pytest.mark.parametrize(
    ("system", "start"),
    [
        ("NATIVE", "/postback?click_id={click_id}&"),
        ("AFFISE", "/postback?clickid={click_id}&"),
        ("TUNE", "/aff_lsr?transaction_id={click_id}&"),
        ("EVERFLOW", "/pb/everflow?"),
        ("PARTNERSHARE", "/pb/partnershare?"),
        ("TAPFILIATE", "/pb/tapfiliate?"),
    ],
)
def test_each_system_has_its_own_postback_address(
    acme: Company, alice: Client, system: str, start: str
) -> None:
    page = words(alice.get(url("program-tracking", acme), {"system": system}).content)

    assert start in page
    assert acme.program.postback_token not in page


def test_the_token_is_shown_on_request_and_replaced_on_another(
    acme: Company, alice: Client
) -> None:
    shown = alice.post(url("postback-token-show", acme), {"system": "TUNE"})

    assert f"security_token={acme.program.postback_token}" in words(shown.content)
    assert "no-store" in shown.headers["Cache-Control"]

    alice.post(url("postback-token-rotate", acme))
    with merchant_context(acme.id):
        assert Program.objects.get().postback_token != acme.program.postback_token


def test_tracking_is_changed_with_an_example_of_what_comes_of_it(
    acme: Company, alice: Client
) -> None:
    template = "utm_source={via}&utm_campaign={sub1}"

    example = alice.get(url("tracking-example", acme), {"utm_template": template})
    answer = alice.post(
        url("tracking-edit", acme),
        {
            "consent_mode": "COOKIELESS",
            "utm_template": template,
            "legacy_parameters": "ref, fpr",
            "postback_profile": "AFFISE",
            "postback_networks": "203.0.113.7",
            "is_test": "on",
        },
    )

    assert "utm_source=bob&utm_campaign=spring&fl_click=CLICK_ID&via=bob" in words(example.content)
    assert answer.status_code == 302
    with merchant_context(acme.id):
        program = Program.objects.get()
    assert (program.consent_mode, program.utm_template) == ("COOKIELESS", template)
    assert program.legacy_parameters == ["ref", "fpr"]
    assert (program.postback_profile, program.postback_networks) == ("AFFISE", ["203.0.113.7/32"])
    assert program.is_test


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"utm_template": "utm_source={nothing}"}, "Nothing fills the macro {nothing}."),
        ({"legacy_parameters": "sub1"}, "has a meaning of its own"),
        ({"postback_networks": "office"}, "“office” is no network"),
    ],
)
def test_what_tracking_cannot_be_is_named(
    acme: Company, alice: Client, typed: dict[str, str], said: str
) -> None:
    usual = {"consent_mode": "CONSENT", "postback_profile": "NATIVE"}

    answer = alice.post(url("tracking-edit", acme), {**usual, **typed})

    assert answer.status_code == 422
    assert said in words(answer.content)
