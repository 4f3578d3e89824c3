"""Materials in the portal: what is for the affiliate, with their own link in it, and counted."""

from collections.abc import Iterator
from html import unescape

import pytest
import time_machine

from affiliates.people import AccountRole
from commissions.models import Reward
from commissions.services import RuleDraft, create_rule
from materials.addresses import banner_address, file_address
from materials.models import MaterialUse
from materials.services import archive_material
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Tier
from tests.cast import NOON, Company, Promoter
from tests.materials.making import store_material
from tests.portal.accounts import add_person
from tests.portal.people import browser_of, text_of
from tracking.services import archive_link, create_coupon, create_link

PAGE = "/portal/materials/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Live at noon of 2 March."""
    with time_machine.travel(NOON, tick=True):
        yield


def uses(company: Company) -> list[tuple[int, int, int]]:
    with merchant_context(company.id):
        return list(MaterialUse.objects.values_list("views", "copies", "downloads"))


def test_the_list_shows_what_is_for_the_affiliate_by_folder(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        gold = Tier.objects.create(merchant=acme.merchant, program=acme.program, name="Gold")
    store_material(acme, "BANNER", title="Sale", category="Spring")
    store_material(acme, title="Words", category="Texts", language="de")
    store_material(acme, title="Only gold", tiers=[gold])
    store_material(acme, title="Next month", visible_from=NOON.date().replace(month=4))
    gone = store_material(acme, title="Gone")
    with merchant_context(acme.id):
        archive_material(material=gone, by=SYSTEM, at=NOON)

    page = browser_of(bob.user).get(PAGE)

    text = text_of(page)
    assert "Spring Sale Banner · 300 × 250 Texts" in text
    assert "Words Text to use" in text
    for hidden in ("Only gold", "Next month", "Gone"):
        assert hidden not in text


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("q=sal", "Sale", "Words"),
        ("kind=COPY", "Words", "Sale"),
        ("folder=Spring", "Sale", "Words"),
        ("language=de", "Words", "Nowhere"),
        ("kind=SPELL", "Sale", "Nowhere"),
        ("q=nothing", "Nothing fits", "Words"),
    ],
)
def test_the_list_is_narrowed(
    acme: Company, bob: Promoter, query: str, shown: str, hidden: str
) -> None:
    store_material(acme, "BANNER", title="Sale", category="Spring", language="en")
    store_material(acme, title="Words", category="Texts", language="de")

    rows = browser_of(bob.user).get(f"{PAGE}?{query}").content.decode().split('id="rows"')[1]
    assert shown in rows
    assert hidden not in rows


def test_others_materials_are_not_there(acme: Company, carol: Promoter) -> None:
    made = store_material(acme)

    assert "No materials yet" in text_of(browser_of(carol.user).get(PAGE))
    assert browser_of(carol.user).get(f"{PAGE}{made.id}/").status_code == 404


def test_a_banner_is_code_with_the_own_link_and_the_counted_picture(
    acme: Company, bob: Promoter
) -> None:
    target = "https://shop.acme.example/ropes"
    made = store_material(acme, "BANNER", title="Sale", target_url=target)

    page = unescape(browser_of(bob.user).get(f"{PAGE}{made.id}/").content.decode())

    address = f"/c/{bob.link.code}?url=https%3A%2F%2Fshop.acme.example%2Fropes"
    assert f'{address}" rel="sponsored"><img src="{banner_address(made, bob.link.code)}"' in page
    assert '.gif"' not in page


def test_where_being_seen_is_paid_for_the_code_brings_the_picture_that_counts(
    acme: Company, bob: Promoter
) -> None:
    made = store_material(acme, "BANNER")
    with merchant_context(acme.id):
        draft = RuleDraft(reward=Reward.PER_MILLE.value, details={"rate_e5": 100_000})
        create_rule(program=acme.program, draft=draft, by=SYSTEM, at=NOON)

    page = unescape(browser_of(bob.user).get(f"{PAGE}{made.id}/").content.decode())

    assert f'/i/{bob.link.code}.gif" alt="" width="1" height="1">' in page


def test_another_link_is_chosen_and_only_ones_own(
    acme: Company, bob: Promoter, carol: Promoter
) -> None:
    made = store_material(acme, "EMAIL")
    with merchant_context(acme.id):
        other = create_link(enrollment=bob.enrollment, code="newsletter")
        create_coupon(enrollment=bob.enrollment, code="BOB10")
    browser = browser_of(bob.user)

    first, second, foreign = (
        text_of(browser.get(f"{PAGE}{made.id}/?link={id}")) for id in ("", other.id, carol.link.id)
    )

    assert f"Look: http://127.0.0.1:8001/c/{bob.link.code} Bob, code BOB10" in first
    assert "Look: http://127.0.0.1:8001/c/newsletter Bob" in second
    assert f"/c/{carol.link.code}" not in foreign


def test_who_has_no_link_or_code_is_told_so(acme: Company, bob: Promoter) -> None:
    made = store_material(acme, "EMAIL")
    browser = browser_of(bob.user)
    without_code = text_of(browser.get(f"{PAGE}{made.id}/"))
    with merchant_context(acme.id):
        archive_link(link=bob.link, at=NOON)
    without_link = text_of(browser.get(f"{PAGE}{made.id}/"))

    assert "You have no discount code in this program" in without_code
    assert "You have no link in use" in without_link
    assert "/c/" not in without_link


def test_copies_and_downloads_are_counted_by_day(acme: Company, bob: Promoter) -> None:
    made = store_material(acme, "FILE")
    browser = browser_of(bob.user)

    copied = [browser.post(f"{PAGE}{made.id}/used/").status_code for _ in range(2)]
    download = browser.post(f"{PAGE}{made.id}/download/")

    assert copied == [204, 204]
    address = f"{file_address(made.file)}?download=1"
    assert (download.status_code, download.headers["Location"]) == (302, address)
    assert uses(acme) == [(0, 2, 1)]


def test_who_only_looks_on_may_take_files_uncounted(acme: Company, bob: Promoter) -> None:
    made = store_material(acme, "FILE")
    viewer = add_person(bob, "Pia", AccountRole.VIEWER).user

    page = browser_of(viewer).get(f"{PAGE}{made.id}/").content.decode()

    assert file_address(made.file) in page
    assert "/used/" not in page
    assert browser_of(viewer).post(f"{PAGE}{made.id}/used/").status_code == 403
    assert uses(acme) == []


def test_a_text_without_a_file_has_nothing_to_download(acme: Company, bob: Promoter) -> None:
    made = store_material(acme)

    assert browser_of(bob.user).post(f"{PAGE}{made.id}/download/").status_code == 404


def test_what_merchants_write_is_inert(acme: Company, bob: Promoter) -> None:
    html = "<script>alert(1)</script>"
    facts = {"title": html, "description": html, "category": html}
    made = [
        store_material(acme, "TEXT_LINK", body=html, **facts),
        store_material(acme, "EMAIL", subject=html, **{"body": f"{html}{{link}}", **facts}),
        store_material(acme, "KEYWORDS", allowed=[html], **facts),
    ]
    browser = browser_of(bob.user)

    for page in (PAGE, *(f"{PAGE}{row.id}/" for row in made)):
        assert html not in browser.get(page).content.decode()
