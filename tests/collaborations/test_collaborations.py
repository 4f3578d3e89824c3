"""Collaborations: pitched by either side, agreed, drafted, published, and what they brought."""

import pytest

from collaborations.models import Collaboration, PageFinding
from collaborations.pages import look_at_pages
from collaborations.services import (
    accept_collaboration,
    decline_collaboration,
    publish_collaboration,
    withdraw_collaboration,
    write_draft,
)
from commissions.models import Side
from commissions.services.proposals import NotYourTurn
from common.refusals import BadValue
from common.states import IllegalMove
from merchants.models import SYSTEM
from merchants.rights import Role
from merchants.tenancy import affiliate_context, merchant_context
from tests.cast import NOON, Company, Promoter, add_member, make_promoter
from tests.collaborating import store_pitch
from tests.portal.people import browser_of, text_of
from tracking.models import Link

NASTY = '"><script>alert(1)</script>{{ 7|add:7 }}'


def test_an_affiliates_pitch_goes_all_the_way(
    acme: Company, bob: Promoter, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner, alice = browser_of(bob.user), browser_of(acme.owner.user)
    form = {"enrollment": str(bob.enrollment.id), "kind": "POST_THERE"}
    pitched = partner.post("/portal/together/new/", form | {"title": NASTY, "pitch": NASTY})
    with merchant_context(acme.id):
        row = Collaboration.objects.get()
    mine = f"/portal/together/{row.id}/"
    theirs = f"/console/programs/{acme.program.id}/together/{row.id}/"

    assert pitched.headers["Location"] == mine
    assert partner.post(f"{mine}act/", {"do": "accept"}).status_code == 404
    for browser, address in ((alice, theirs), (partner, mine), (alice, theirs[:-37])):
        page = browser.get(address)
        assert b"<script>alert" not in page.content
        assert "{{ 7|add:7 }}" in text_of(page)
    alice.post(f"{theirs}act/", {"do": "accept"})
    alice.post(f"{theirs}act/", {"do": "draft", "draft": "Knots, one by one."})
    assert "Knots, one by one." in text_of(partner.get(mine))
    assert partner.post(f"{mine}act/", {"do": "publish", "url": "nonsense here"}).status_code == 422
    url = "https://bob.example/knots"
    told = partner.post(f"{mine}act/", {"do": "publish", "url": url}, follow=True)
    assert "We are looking whether the link is on the page." in text_of(told)
    with merchant_context(acme.id):
        row.refresh_from_db()
        link = Link.objects.get(id=row.link_id)
    monkeypatch.setattr("collaborations.pages.read_page", lambda _url: f'<a href="/c/{link.code}">')
    assert look_at_pages(merchant_id=acme.id, at=NOON) == 1
    assert look_at_pages(merchant_id=acme.id, at=NOON) == 0
    assert "The link is there" in text_of(alice.get(theirs))
    assert "What it brought Clicks 0" in text_of(alice.get(theirs))
    assert alice.post(f"{theirs}act/", {"do": "draft", "draft": "Late."}, follow=True)
    with merchant_context(acme.id):
        row.refresh_from_db()
        assert (row.status, row.draft, row.url) == ("PUBLISHED", "Knots, one by one.", url)


def test_who_pitched_waits_and_the_other_side_answers(acme: Company, bob: Promoter) -> None:
    row = store_pitch(acme, bob, Side.MERCHANT)
    who = {"row": row, "by": SYSTEM, "at": NOON}
    with merchant_context(acme.id):
        with pytest.raises(NotYourTurn):
            accept_collaboration(side=Side.MERCHANT, **who)
        with pytest.raises(NotYourTurn):
            withdraw_collaboration(side=Side.AFFILIATE, **who)
        with pytest.raises(IllegalMove):
            publish_collaboration(url="https://bob.example/", **who)
        with pytest.raises(IllegalMove):
            write_draft(side=Side.AFFILIATE, text="Soon.", **who)
        with pytest.raises(BadValue):
            decline_collaboration(side=Side.AFFILIATE, reason=" ", **who)
        decline_collaboration(side=Side.AFFILIATE, reason="No time.", **who)
        with pytest.raises(IllegalMove):
            accept_collaboration(side=Side.AFFILIATE, **who)
        assert not Link.objects.exclude(id=bob.link.id).exists()
    assert "Declined No time." in text_of(
        browser_of(acme.owner.user).get(f"/console/programs/{acme.program.id}/together/")
    )


def test_a_page_without_the_link_or_none_is_told(
    acme: Company, bob: Promoter, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = store_pitch(acme, bob)
    who = {"by": SYSTEM, "at": NOON}
    with merchant_context(acme.id):
        accept_collaboration(row=row, side=Side.MERCHANT, **who)
        publish_collaboration(row=row, url="https://bob.example/knots", **who)
    alice = browser_of(acme.owner.user)
    at = f"/console/programs/{acme.program.id}/together/{row.id}/"
    for page, finding in (("<p>Knots</p>", PageFinding.UNLINKED), (None, PageFinding.UNREACHABLE)):
        monkeypatch.setattr("collaborations.pages.read_page", lambda _url, page=page: page)
        look_at_pages(merchant_id=acme.id, at=NOON)
        assert str(finding.label) in text_of(alice.get(at))
        alice.post(f"{at}act/", {"do": "look"})


def test_nobody_else_sees_it(acme: Company, globex: Company, bob: Promoter) -> None:
    row, dora = store_pitch(acme, bob), make_promoter(acme, "Dora")

    with affiliate_context(dora.affiliate.id):
        assert not Collaboration.objects.exists()
    assert browser_of(dora.user).get(f"/portal/together/{row.id}/").status_code == 404
    gwen = browser_of(globex.owner.user)
    assert gwen.get(f"/console/programs/{acme.program.id}/together/{row.id}/").status_code == 404
    vera = browser_of(add_member(acme, "Vera", Role.VIEWER).user)
    at = f"/console/programs/{acme.program.id}/together/{row.id}/"
    assert "Ten knots" in text_of(vera.get(at))
    assert vera.post(f"{at}act/", {"do": "accept"}).status_code == 403
