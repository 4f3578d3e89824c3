"""track and identify: what a page tells, with the click and the person."""

import time

from tests.tracking.snippet.shop import EDGE, FORMS, IN_A_BROWSER, REPORTED, REPORTS, Shop

pytestmark = IN_A_BROWSER


def wait_for_pixel(shop: Shop) -> dict[str, str]:
    """Return the one pixel that was sent."""
    deadline = time.monotonic() + 5
    while not shop.pixels and time.monotonic() < deadline:
        shop.page.wait_for_timeout(20)
    (pixel,) = shop.pixels
    return pixel


def test_track_sends_the_pixel_with_the_click_and_who_was_identified(shop):
    queue = """<script>window.fairlead = [
      ["identify", "c-1", {coupon: "BOB10"}],
      ["track", "sale", {external_id: "4711", amount: "99.90", currency: "EUR", coupon: null}],
    ]</script>"""
    shop.visit("/?via=bob", options=REPORTS, before=queue)

    assert wait_for_pixel(shop) == {
        "program": "partners",
        "goal": "sale",
        "click_id": REPORTED,  # It waited for the report.
        "external_id": "4711",
        "amount": "99.90",
        "currency": "EUR",
        "customer": "c-1",
    }


def test_the_program_may_stand_in_the_scripts_address(shop):
    script = f'<script src="{EDGE}/fl.js?program=p-1"></script>'
    shop.visit("/", before=script)
    shop.page.evaluate("fairlead.track('signup')")

    assert wait_for_pixel(shop) == {"program": "p-1", "goal": "signup"}


def test_where_connections_are_forbidden_an_image_carries_it(shop):
    policy = f"default-src 'none'; script-src {EDGE}; img-src {EDGE}"
    shop.visit("/", options='data-program="p-1"', policy=policy)
    shop.page.evaluate("fairlead.track('signup', {external_id: 'x'})")

    assert wait_for_pixel(shop)["external_id"] == "x"


def test_forms_carry_who_was_identified(shop):
    shop.visit("/", body=FORMS)
    shop.page.evaluate("fairlead.identify(42)")

    fields = shop.page.eval_on_selector_all(
        "input[name=fl_customer]", "fields => fields.map(field => [field.form.id, field.value])"
    )
    assert fields == [["asked", "42"], ["filled", "42"]]
    assert shop.stored == {}
