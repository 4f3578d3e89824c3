"""Blocked storage, strict policies and senseless calls break nothing."""

from interfaces.edge.snippet import BUILT, make_variant
from tests.tracking.snippet.shop import (
    CLICK,
    EDGE,
    FORMS,
    GRANTED,
    IN_A_BROWSER,
    REPORTED,
    REPORTS,
    SHOP,
    kept,
    values_of,
)

pytestmark = IN_A_BROWSER


def test_blocked_storage_breaks_nothing(shop):
    shop.context.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"])
             Object.defineProperty(window, name, {get() { throw new DOMException("no") }});
           Object.defineProperty(document, "cookie", {
             get() { throw new DOMException("no") }, set() { throw new DOMException("no") }});"""
    )
    shop.visit(f"/?fl_click={CLICK}", options=GRANTED, body="<form data-fairlead></form>")
    shop.consent(True)

    assert shop.click() == CLICK
    assert values_of(shop, "form") == [CLICK]
    assert shop.address == f"/?fl_click={CLICK}"


def test_a_policy_that_forbids_everything_else_breaks_nothing(shop):
    policy = f"default-src 'none'; script-src {EDGE}; require-trusted-types-for 'script'"
    body = "<form data-fairlead></form>"
    shop.visit(f"/?fl_click={CLICK}", options=REPORTS, body=body, policy=policy)
    stored = shop.stored
    shop.visit("/?via=bob", options=REPORTS, policy=policy)
    shop.page.evaluate("fairlead.track('signup')")

    assert stored == kept(CLICK)
    assert shop.reports == shop.pixels == []


def test_calls_that_make_no_sense_throw_nothing(shop):
    queue = '<script>window.fairlead = [["nonsense"], null, ["identify"], "x"]</script>'
    shop.visit("/", before=queue)

    assert shop.page.evaluate("fairlead.push(['nothing'], 5, undefined)") is None
    assert shop.page.evaluate("fairlead.decorate('https://[')") is None
    shop.page.evaluate("fairlead.track()")


def test_loaded_twice_it_works_once(shop):
    script = f'<script src="{EDGE}/fl.js" {REPORTS}></script>'
    shop.visit("/?via=bob", options=REPORTS, before=script, body=FORMS)

    assert len(shop.reports) == 1
    assert values_of(shop, "#asked") == [REPORTED]


def test_it_adds_one_name_to_the_page(shop):
    shop.context.add_init_script("window.before = new Set(Object.keys(window))")
    shop.visit(f"/?fl_click={CLICK}", options=REPORTS)

    assert shop.page.evaluate("Object.keys(window).filter(name => !before.has(name))") == [
        "before",
        "fairlead",
    ]


def test_added_by_another_script_it_finds_its_own_tag(shop):
    loader = f"""<script>
      const tag = document.createElement("script");
      tag.src = "{EDGE}/fl.js"; tag.type = "module"; tag.dataset.consent = "granted";
      document.head.append(tag);
    </script>"""
    shop.context.route(
        f"{SHOP}/**",
        lambda route: route.fulfill(body=f"<!doctype html>{loader}", content_type="text/html"),
    )
    shop.context.route(
        f"{EDGE}/fl.js",
        lambda route: route.fulfill(
            body=make_variant(BUILT.read_bytes().rstrip(), {}).plain,
            content_type="text/javascript",
            headers={"access-control-allow-origin": "*"},
        ),
    )
    shop.page.goto(f"{SHOP}/?fl_click={CLICK}")
    shop.page.wait_for_function("window.fairlead && fairlead.click()")

    assert shop.stored == kept(CLICK)
