"""Channels, references, the phone and the questionnaire: what is said, and what is proven."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.test import Client

from affiliates.models import Application, Channel, Enrollment, Reference, Status
from affiliates.proofs import ProofFinding, find_proof, holds_proof
from affiliates.reach import add_channel
from affiliates.review_rules import RuleDraft, add_rule
from merchants.models import SYSTEM
from merchants.tenancy import OPS, affiliate_context, merchant_context
from programs.models import JoinMode, Program, Stage
from tests.cast import NOON, Company, Promoter, make_user
from tests.merchants.name_server import NameServer, running
from tests.portal.asking import ask_more, name_reference
from tests.portal.people import browser_of, errors_of, text_of

META = '<meta name="fairlead-proof" content="fairlead-secret">'


@pytest.mark.parametrize(
    ("page", "holds"),
    [
        (f"<!doctype html><html><head><title>a</title>{META}</head><body>", True),
        (f"{META}<p>", True),
        (f"<head></head><body><p>A comment: {META}</p>", False),
        (f"<p>A comment: {META}</p>", False),
        (f"<head><!-- {META} --></head>", False),
        (f"<head><title>{META}</title></head>", False),
        ('<head><meta name="fairlead-proof" content="other"></head>', False),
        ('<head><meta name="description" content="fairlead-secret"></head>', False),
    ],
)
def test_only_the_head_of_a_page_proves_it(page: str, holds: bool) -> None:
    assert holds_proof(page, "fairlead-secret") is holds


@pytest.fixture
def dns(settings: object) -> Iterator[NameServer]:
    """Return the only name server that the installation asks."""
    with running() as server:
        settings.DNS_SERVERS = [server.address]  # type: ignore[attr-defined]
        yield server


@pytest.mark.parametrize(
    ("text", "finding"),
    [("fairlead-secret", ProofFinding.FOUND), ("another", ProofFinding.UNREACHABLE)],
)
def test_the_dns_proves_a_site(dns: NameServer, text: str, finding: ProofFinding) -> None:
    dns.zone[("_fairlead.bob.invalid", "TXT")] = [f'"{text}"']

    assert find_proof(url="https://bob.invalid/", proof="fairlead-secret") == finding


def test_a_channel_is_added_and_removed(bob: Promoter, carol: Promoter) -> None:
    browser = browser_of(bob.user)
    said = {"network": "YOUTUBE", "url": "https://youtube.com/@bob", "followers": "1200"}

    browser.post("/portal/reach/channels/", said)
    again = browser.post("/portal/reach/channels/", said)
    odd = browser.post("/portal/reach/channels/", said | {"url": "javascript:alert(1)"})
    channel = Channel.objects.using(OPS).get()
    foreign = browser_of(carol.user).post(f"/portal/reach/channels/{channel.id}/remove/")
    shown = text_of(browser.get("/portal/reach/"))
    browser.post(f"/portal/reach/channels/{channel.id}/remove/")

    assert (again.status_code, odd.status_code, foreign.status_code) == (422, 422, 404)
    assert errors_of(again) == ["This address is on your list already."]
    assert (channel.affiliate_id, channel.followers) == (bob.affiliate.id, 1_200)
    assert "https://youtube.com/@bob" in shown
    assert not Channel.objects.using(OPS).exists()


def test_a_phone_number_has_a_country(bob: Promoter) -> None:
    browser = browser_of(bob.user)

    bad = browser.post("/portal/reach/phone/", {"phone": "030 12345"})
    browser.post("/portal/reach/phone/", {"phone": "+49 (30) 123 45 67"})

    bob.affiliate.refresh_from_db(using=OPS)
    assert bad.status_code == 422
    assert bob.affiliate.phone == "+49301234567"


# References ---------------------------------------------------------------------------------------


def test_who_is_named_is_asked_and_answers_once(bob: Promoter) -> None:
    browser = browser_of(bob.user)
    said = {"name": "Rita", "email": "rita@example.com", "relation": "A customer"}

    browser.post("/portal/reach/references/", said)

    (sent,) = mail.outbox
    (path,) = re.findall(r"(/reference/\S+)", sent.body)
    stranger = Client()
    asked = stranger.get(path)
    stranger.post(path, {"answer": "yes"})
    stranger.post(path, {"answer": "no"})
    reference = Reference.objects.using(OPS).get()
    assert sent.to == ["rita@example.com"]
    assert "Do you vouch for Bob?" in text_of(asked)
    assert asked["Referrer-Policy"] == "no-referrer"
    assert (reference.verified_at is not None, reference.refused_at) == (True, None)
    assert "You said that you vouch for them." in text_of(stranger.get(path))
    assert stranger.get("/reference/other/").status_code == 404


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"email": "bob@example.com"}, "Name somebody else than yourself."),
        ({"name": "See https://spam.example"}, "No web addresses here, please."),
        ({"email": "rita@example.com"}, "You have named this person already."),
    ],
)
def test_who_cannot_vouch(bob: Promoter, said: dict[str, str], wrong: str) -> None:
    name_reference(bob)
    facts = {"name": "Rolf", "email": "rolf@example.com", "relation": ""} | said

    page = browser_of(bob.user).post("/portal/reach/references/", facts)

    assert errors_of(page) == [wrong]
    assert mail.outbox == []


def test_nobody_is_asked_twice_a_day(bob: Promoter) -> None:
    reference, _key = name_reference(bob)
    with affiliate_context(bob.affiliate.id):
        Reference.objects.update(asked_at=datetime(2199, 1, 1, tzinfo=UTC))

    browser_of(bob.user).post(f"/portal/reach/references/{reference.id}/ask/")

    assert mail.outbox == []


def test_what_is_proven_lets_in_who_waits(acme: Company) -> None:
    rule = RuleDraft(looks_at="REFERENCES_VERIFIED", minimum=1, verdict="APPROVE", reason="Known.")
    with merchant_context(acme.id):
        Program.objects.update(join_mode=JoinMode.APPLICATION)
        add_rule(program=acme.program, draft=rule, by=SYSTEM, at=NOON)
    browser = browser_of(make_user("Dave"))
    form = {"name": "Dave", "website": "dave.example", "channels": "My blog"}
    browser.post("/join/acme/partners/", form)
    said = {"name": "Rita", "email": "rita@example.com", "relation": ""}
    browser.post("/portal/reach/references/", said)
    (path,) = re.findall(r"(/reference/\S+)", mail.outbox[-1].body)

    with merchant_context(acme.id):
        before = Enrollment.objects.get().status
    Client().post(path, {"answer": "yes"})

    with merchant_context(acme.id):
        after = Enrollment.objects.get()
    assert (before, after.status) == (Status.APPLIED, Status.APPROVED)
    assert after.status_reason == "Known."
    assert "https://dave.example" in text_of(browser.get("/portal/reach/"))


# The second stage ---------------------------------------------------------------------------------


def test_who_is_in_answers_more(acme: Company, bob: Promoter) -> None:
    browser, page = browser_of(bob.user), f"/portal/programs/{bob.enrollment.id}/questions/"
    missing = browser.get(page)
    ask_more(acme)

    home = text_of(browser.get("/portal/"))
    asked = text_of(browser.get(page))
    wrong = browser.post(page, {"how_many_people_read_you": "many"})
    browser.post(page, {"how_many_people_read_you": "12 000"})

    with merchant_context(acme.id):
        answers = Application.objects.get(stage=Stage.QUESTIONNAIRE).answers
    assert (missing.status_code, wrong.status_code) == (404, 422)
    assert "Partners has a few more questions" in home
    assert "a few more questions" not in text_of(browser.get("/portal/")).lower()
    assert "How many people read you?" in asked
    assert answers == {"how_many_people_read_you": 12_000}


def test_a_proof_needs_a_website(bob: Promoter) -> None:
    channel = add_channel(affiliate=bob.affiliate, network="X", url="https://x.com/bob")

    assert b"Check now" not in browser_of(bob.user).get("/portal/reach/").content
    assert channel.verified_at is None
