"""Links: made, shown, built upon and archived, with errors in words."""

from xml.etree import ElementTree

import pytest

from affiliates.models import Status
from affiliates.services import move_enrollment
from merchants.models import SYSTEM
from merchants.tenancy import OPS, merchant_context
from tests.cast import NOON, Company, Promoter, sell
from tests.portal.people import browser_of, errors_of, text_of
from tracking.models import Link, SmartRule
from tracking.services import BranchDraft, create_coupon, create_link, set_branches

NEW = "/portal/links/new/"


def form_for(promoter: Promoter, **typed: str) -> dict[str, str]:
    """Return the form as a browser posts it."""
    empty = {"name": "", "code": "", "destination_url": ""}
    return {"enrollment": str(promoter.enrollment.id), **empty, **typed}


def links() -> list[Link]:
    """Return every link of the installation, the oldest first."""
    return list(Link.objects.using(OPS).order_by("created_at"))


def test_a_link_with_name_code_and_page(bob: Promoter) -> None:
    form = form_for(
        bob,
        name="Newsletter",
        code="spring-sale",
        destination_url="https://shop.acme.example/boots",
    )

    answer = browser_of(bob.user).post(NEW, form, follow=True)

    link = links()[-1]
    assert (link.name, link.code) == ("Newsletter", "spring-sale")
    assert link.destination_url == "https://shop.acme.example/boots"
    assert link.affiliate_id == bob.affiliate.id
    assert "/c/spring-sale" in answer.content.decode()


def test_with_one_program_the_form_has_chosen_it(bob: Promoter) -> None:
    page = browser_of(bob.user).get(NEW).content.decode()

    assert f'type="hidden" name="enrollment" value="{bob.enrollment.id}"' in page


def test_without_a_code_it_gets_one(bob: Promoter) -> None:
    browser_of(bob.user).post(NEW, form_for(bob))

    assert len(links()) == 2
    assert len(links()[-1].code) == 8


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"code": "x"}, "Use 3 to 40 letters, digits, - and _."),
        ({"code": "a b c"}, "Use 3 to 40 letters, digits, - and _."),
        ({"destination_url": "https://evil.example/"}, "only lead to: shop.acme.example"),
        ({"destination_url": "https://shop.acme.example@evil.example/"}, "only lead to"),
        ({"destination_url": "https://shop.acme.example.evil.example/"}, "only lead to"),
        ({"destination_url": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"name": "x" * 81}, "at most 80 characters"),
    ],
)
def test_errors_stand_beside_their_field_and_nothing_is_lost(
    bob: Promoter, typed: dict[str, str], error: str
) -> None:
    answer = browser_of(bob.user).post(NEW, form_for(bob, **({"name": "Kept"} | typed)))

    assert answer.status_code == 422
    assert any(error in found for found in errors_of(answer))
    assert "Kept" in answer.content.decode() or "name" in typed
    assert len(links()) == 1


def test_a_code_of_anybody_is_taken(bob: Promoter, carol: Promoter) -> None:
    answer = browser_of(bob.user).post(NEW, form_for(bob, code=carol.link.code))

    assert errors_of(answer) == ["This code is taken. Choose another one."]
    assert len(links()) == 2


def test_another_affiliates_enrollment_cannot_be_chosen(bob: Promoter, carol: Promoter) -> None:
    answer = browser_of(bob.user).post(NEW, form_for(carol))

    assert answer.status_code == 422
    assert len(links()) == 2


def test_who_is_suspended_makes_no_links(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        move_enrollment(enrollment=bob.enrollment, to=Status.SUSPENDED, by=SYSTEM, at=NOON)

    answer = browser_of(bob.user).post(NEW, form_for(bob))

    assert answer["Location"] == "/portal/links/"
    assert len(links()) == 1


def test_archiving_takes_a_link_off_the_list(bob: Promoter) -> None:
    browser = browser_of(bob.user)

    answer = browser.post(f"/portal/links/{bob.link.id}/archive/", follow=True)

    assert "The link is archived" in text_of(answer)
    assert f"/c/{bob.link.code}" not in text_of(browser.get("/portal/links/"))
    assert f"/c/{bob.link.code}, archived" in text_of(browser.get("/portal/links/?archived=1"))
    assert links()[0].archived_at is not None


def test_sub_ids_build_an_address(bob: Promoter) -> None:
    query = "sub1=post+7&sub2=a%26b&url=https%3A%2F%2Fshop.acme.example%2Fx"

    page = browser_of(bob.user).get(f"/portal/links/{bob.link.id}/?{query}").content.decode()

    query = "url=https%3A%2F%2Fshop.acme.example%2Fx&amp;sub1=post%207&amp;sub2=a%26b"
    built = f"/c/{bob.link.code}?{query}"
    assert built in page


def test_an_address_to_a_foreign_host_is_not_built(bob: Promoter) -> None:
    page = browser_of(bob.user).get(f"/portal/links/{bob.link.id}/?url=https://evil.example/")

    assert "only lead to: shop.acme.example" in errors_of(page)[0]
    assert "Address to share" not in text_of(page)


def test_the_qr_code_comes_as_drawing_and_as_picture(bob: Promoter) -> None:
    browser = browser_of(bob.user)

    svg = browser.get(f"/portal/links/{bob.link.id}/qr.svg")
    png = browser.get(f"/portal/links/{bob.link.id}/qr.png")

    assert svg["Content-Type"] == "image/svg+xml"
    assert ElementTree.fromstring(svg.content).tag.endswith("svg")
    assert png["Content-Type"] == "image/png"
    assert png.content.startswith(b"\x89PNG")
    assert f'filename="{bob.link.code}.png"' in png["Content-Disposition"]


MANY = "/portal/links/many/"


def test_many_links_are_made_and_wrong_lines_stay_to_be_mended(bob: Promoter) -> None:
    lines = "https://shop.acme.example/boots, Boots\nhttps://evil.example/\n\nnonsense"

    page = browser_of(bob.user).post(MANY, {"enrollment": str(bob.enrollment.id), "lines": lines})

    said = text_of(page)
    assert "1 link is ready." in said
    assert "2 lines were left out" in said
    assert "2: https://evil.example/" in said
    assert "only lead to: shop.acme.example" in said
    made = next(link for link in links() if link.name == "Boots")
    assert made.destination_url == "https://shop.acme.example/boots"
    assert f"/c/{made.code}" in said
    assert len(links()) == 2


def test_more_than_a_hundred_lines_are_refused_at_once(bob: Promoter) -> None:
    lines = "\n".join(f"https://shop.acme.example/{number}" for number in range(101))

    page = browser_of(bob.user).post(MANY, {"enrollment": str(bob.enrollment.id), "lines": lines})

    assert page.status_code == 422
    assert "These are 101 lines; up to 100 are taken at once." in errors_of(page)[0]
    assert len(links()) == 1


def test_a_link_may_have_a_time(bob: Promoter) -> None:
    form = form_for(bob) | {"starts_at": "2030-05-01T08:00", "ends_at": "2030-05-02T08:00"}

    page = browser_of(bob.user).post(NEW, form, follow=True)

    assert "Not started from 1 May 2030, 08:00 UTC" in text_of(page)
    made = next(link for link in links() if link.id != bob.link.id)
    assert made.starts_at is not None
    assert made.starts_at.isoformat() == "2030-05-01T08:00:00+00:00"


def test_a_link_cannot_end_before_it_starts(bob: Promoter) -> None:
    form = form_for(bob) | {"starts_at": "2030-05-02T08:00", "ends_at": "2030-05-01T08:00"}

    page = browser_of(bob.user).post(NEW, form)

    assert errors_of(page) == ["It must end after it starts."]
    assert len(links()) == 1


def test_coupons_say_what_is_left_of_them(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        limits = {"uses_max": 3, "customer_uses_max": 1, "offer": "10% off"}
        create_coupon(enrollment=bob.enrollment, code="BOB3", **limits)
        create_coupon(enrollment=bob.enrollment, code="BOBOLD", valid_until=NOON)
    sell(acme, coupon="BOB3")

    answer = browser_of(bob.user).get("/portal/links/")
    page = text_of(answer)

    assert 'value="BOB3"' in answer.content.decode()  # To be copied.
    assert "10% off · Acme Partners Valid 2 uses left · once per customer" in page
    assert "Ask for a code" not in page
    assert "Expired since 2 Mar 2026, 12:00 UTC" in page


def test_a_smart_link_shows_its_ways_and_offers_nothing_to_change(
    acme: Company, bob: Promoter
) -> None:
    with merchant_context(acme.id):
        smart = create_link(enrollment=bob.enrollment, code="bobs-best", name="Best")
        ways = [BranchDraft(bob.link)]
        set_branches(link=smart, rule=SmartRule.BEST, branches=ways, by=SYSTEM, at=NOON)

    page = text_of(browser_of(bob.user).get(f"/portal/links/{smart.id}/"))

    assert f"/c/{bob.link.code}" in page
    assert "The merchant has set this link up" in page
