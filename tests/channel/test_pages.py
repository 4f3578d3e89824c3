"""Deals on pages: what affiliates write is inert, and a conflict is told without a name."""

from django.test import Client

from affiliates.keys import create_key
from tests.api.conftest import Caller
from tests.cast import Company, Promoter, make_promoter
from tests.channel.dealing import store_deal

EVIL = '<script>alert("x")</script>'


def browser_of(promoter: Promoter) -> Client:
    """Return the browser of an affiliate's user."""
    client = Client()
    client.force_login(promoter.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_what_an_affiliate_writes_is_inert(acme: Company, bob: Promoter) -> None:
    deal = store_deal(acme, bob, contact_name=EVIL, notes=EVIL)
    alice = Client()
    alice.force_login(acme.owner.user)

    pages = [
        alice.get(f"/console/deals/{deal.id}/"),
        alice.get("/console/deals/"),
        browser_of(bob).get(f"/portal/deals/{deal.id}/"),
    ]
    csv = alice.get("/console/deals/export/").content.decode()

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert all(EVIL not in page.content.decode() for page in pages)
    assert "&lt;script&gt;" in pages[0].content.decode()
    assert "Harbour Masters" in csv


def test_of_a_conflict_the_second_reads_no_name(acme: Company, bob: Promoter) -> None:
    dora = make_promoter(acme, "Dora")
    first = store_deal(acme, bob)
    second = store_deal(acme, dora)
    partner = Caller(create_key(affiliate=dora.affiliate, name="Test")[1])

    page = browser_of(dora).get(f"/portal/deals/{second.id}/").content.decode()
    listed = partner.get("partner/deals").json["data"]

    assert "There is a conflict" in page
    assert "Bob" not in page
    assert [(row["id"], row["conflict"]) for row in listed] == [(str(second.id), True)]
    assert partner.get(f"partner/deals/{first.id}").status == 404
    assert browser_of(dora).get(f"/portal/deals/{first.id}/").status_code == 404
