"""Which clicks are known, for how long, and which of them counts."""

from datetime import datetime

import pytest

from tests.tracking.snippet.shop import (
    CLICK,
    DAY,
    GRANTED,
    IMPORTED_AT,
    IN_A_BROWSER,
    LATER,
    OLD,
    SHOP,
    click_of,
    kept,
)

pytestmark = IN_A_BROWSER


def test_a_later_click_takes_over_without_asking_again(shop):
    shop.visit(f"/?fl_click={CLICK}")
    shop.consent(True)
    shop.visit(f"/?fl_click={LATER}")

    assert shop.click() == LATER
    assert shop.stored == kept(LATER, CLICK)
    assert shop.address == "/"


def test_touches_are_known_with_their_times_the_newest_first(shop):
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED)
    shop.visit(f"/?fl_click={LATER}", options=GRANTED)

    touches = shop.page.evaluate("fairlead.touches()")
    assert [touch["click_id"] for touch in touches] == [LATER, CLICK]
    assert [datetime.fromisoformat(touch["at"]).timestamp() for touch in touches] == [
        pytest.approx(IMPORTED_AT - days * DAY, abs=60) for days in (1, 2)
    ]


def test_only_the_last_five_are_kept(shop):
    clicks = [click_of(0.1 - number / 100, str(number)) for number in range(7)]
    for click in clicks:
        shop.visit(f"/?fl_click={click}", options=GRANTED)

    assert shop.stored == kept(*reversed(clicks[2:]))


@pytest.mark.parametrize("again", [CLICK, OLD], ids=["a click", "an old one"])
def test_an_old_tab_or_bookmark_is_no_newer_click(shop, again):
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED)
    shop.visit(f"/?fl_click={LATER}", options=GRANTED)
    shop.visit(f"/?fl_click={again}", options=GRANTED)

    assert shop.click() == LATER
    assert shop.stored == kept(LATER, CLICK)


def test_a_click_older_than_the_window_is_known_but_not_stored(shop):
    shop.visit(f"/?fl_click={OLD}", options=GRANTED)

    assert shop.click() == OLD
    assert shop.stored == {}
    assert shop.address == f"/?fl_click={OLD}"


def test_the_program_says_how_long_the_window_is(shop):
    shop.visit(f"/?fl_click={OLD}", options=GRANTED, program={"days": "60"})

    assert shop.stored == kept(OLD)


def test_the_copy_serves_where_cookies_are_lost_until_it_is_too_old(shop):
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED)
    shop.context.clear_cookies()
    shop.visit("/checkout")
    with_copy = shop.click()
    shop.context.clear_cookies()
    shop.page.evaluate(f"localStorage.setItem('fl_click', '{OLD}')")
    shop.visit("/checkout")

    assert with_copy == CLICK
    assert shop.click() is None


def test_a_cookie_that_the_merchants_server_set_is_a_touch(shop):
    cookie = {"name": "fl_click", "value": CLICK, "url": SHOP}
    shop.context.add_cookies([cookie])
    shop.visit("/checkout")

    assert shop.click() == CLICK


@pytest.mark.parametrize("text", ["", "short", "x" * 39, "%3Cscript%3E", "A" * 37 + "%3B"])
def test_what_is_no_click_is_not_taken_for_one(shop, text):
    shop.visit(f"/?fl_click={text}", options=GRANTED)

    assert shop.click() is None
    assert shop.stored == {}
