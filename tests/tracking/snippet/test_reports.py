"""Visits by a referral code alone are reported and become clicks."""

import pytest

from tests.tracking.snippet.shop import CLICK, GRANTED, IN_A_BROWSER, REPORTED, REPORTS, SHOP, kept

pytestmark = IN_A_BROWSER


def test_a_visit_by_referral_code_alone_is_reported(shop):
    shop.visit("/shoes?via=bob&sub1=a&utm_source=x", options=REPORTS)

    ((headers, said),) = shop.reports
    assert headers["authorization"] == "Bearer fl_pk_1"
    assert said == {
        "program": "partners",
        "code": "bob",
        "url": f"{SHOP}/shoes",
        "referrer": "",
        "subs": {"sub1": "a"},
    }
    assert shop.click() == REPORTED
    assert shop.stored == kept(REPORTED)
    assert shop.address == "/shoes?utm_source=x"


def test_without_consent_the_address_takes_the_reported_click_and_is_not_reported_twice(shop):
    options = 'data-key="fl_pk_1" data-program="partners"'
    shop.visit("/shoes?via=bob&utm_source=x", options=options)
    shop.page.reload()
    shop.page.evaluate("fairlead.ready")

    assert shop.address == f"/shoes?via=bob&utm_source=x&fl_click={REPORTED}"
    assert len(shop.reports) == 1
    assert shop.click() == REPORTED
    assert shop.stored == {}


@pytest.mark.parametrize(
    ("path", "codes", "address"),
    [
        ("/?ref=bob&page=2", ["bob"], "/?page=2"),
        ("/?FPR=bob", ["bob"], "/"),
        ("/#a_aid=bob", ["bob"], "/"),
        ("/?ref=homepage&fpr=bob", ["homepage", "bob"], "/?ref=homepage"),
        ("/?ref=homepage", ["homepage"], "/?ref=homepage"),
        ("/?ref=https://news.example/", [], "/?ref=https://news.example/"),
        ("/?other=bob", [], "/?other=bob"),
        ("/?ref=bob&via=bob", ["bob"], "/?ref=bob"),
    ],
)
def test_parameters_of_an_earlier_system_work_on(shop, path, codes, address):
    shop.visit(path, options=REPORTS, program={"params": "ref,fpr,a_aid"})

    assert [said["code"] for _headers, said in shop.reports] == codes
    assert shop.click() == (REPORTED if "bob" in codes else None)
    assert shop.address == address


def test_the_tag_may_name_them_itself(shop):
    shop.visit("/?aff=bob", options=f'{REPORTS} data-params="ref, aff"')

    assert shop.click() == REPORTED


@pytest.mark.parametrize(
    ("path", "options"),
    [
        (f"/?via=bob&fl_click={CLICK}", REPORTS),
        ("/", REPORTS),
        ("/?via=bob", GRANTED),
        ("/?via=bob", 'data-key="fl_pk_1"'),
    ],
    ids=["the edge has counted it", "no code", "no key", "no program"],
)
def test_nothing_else_is_reported(shop, path, options):
    shop.visit(path, options=options)

    assert shop.reports == []


def test_a_report_that_fails_breaks_nothing_and_is_made_again_with_the_next_page(shop):
    shop.is_away = True
    shop.visit("/?via=bob", options=REPORTS)
    address, known = shop.address, shop.click()
    shop.is_away = False
    shop.visit(address, options=REPORTS)

    assert (known, address) == (None, "/?via=bob")
    assert shop.click() == REPORTED


def test_a_code_that_nobody_has_leaves_the_earlier_click(shop):
    shop.visit(f"/?fl_click={CLICK}", options=REPORTS)
    shop.visit("/?via=nobody", options=REPORTS)

    assert shop.click() == CLICK
    assert shop.address == "/?via=nobody"
