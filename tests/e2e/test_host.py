"""A merchant's own portal host, from its DNS records to who sees what there, in a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.accessibility import wrong_with
from tests.e2e.browser import Person, chromium, needs_chromium
from tests.e2e.outside import Outsider
from tests.e2e.running import RunningStack
from tests.merchants.name_server import NameServer

pytestmark = [*needs_chromium, pytest.mark.e2e]
HOST = "partners.acme.example"


@pytest.fixture
def address(stack: RunningStack) -> str:
    """Return where the host is reached; without a certificate, on the stack's port."""
    return f"http://{HOST}:{stack.ports[0]}"


@pytest.fixture
def browser(address: str) -> Iterator[Browser]:
    """Run a browser for which the host's DNS leads here, and which takes it for a secure one."""
    with chromium(
        f"--host-resolver-rules=MAP {HOST} 127.0.0.1",
        f"--unsafely-treat-insecure-origin-as-secure={address}",
    ) as found:
        yield found


def prove(browser: Browser, outsider: Outsider, names: NameServer) -> None:
    """Add the host in the console, make the records that it names, and have them checked."""
    owner, app = outsider.demo["merchant"], outsider.demo["app_url"]
    alice = Person(browser)
    alice.sign_in(app, email=owner["owner_email"], password=owner["owner_password"])
    alice.open(f"{app}/console/settings/domains/new/")
    alice.page.get_by_label("Host name").fill(HOST)
    alice.page.get_by_label("Portal and program pages").check()
    alice.page.locator("main form button[type=submit]").click()
    card = alice.page.locator("section.ui-card", has_text=HOST)
    for record in card.locator("ol.ui-records li").all():
        kind = record.locator("strong").inner_text()
        name, value = (field.input_value() for field in record.locator("input").all())
        names.zone[(name, kind)] = [value]
    card.get_by_role("button", name="Check now").click()
    expect(card.get_by_text("Works", exact=True)).to_be_visible()
    alice.leave()


def test_a_portal_on_the_merchants_own_host(
    browser: Browser, address: str, outsider: Outsider, name_server: NameServer
) -> None:
    prove(browser, outsider, name_server)
    password = outsider.demo["affiliate"]["password"]

    visitor = Person(browser, width=390)
    visitor.open(f"{address}/")
    visitor.page.wait_for_url(f"{address}/accounts/login/**")
    expect(visitor.page.locator("body")).to_contain_text("Acme")
    expect(visitor.page.locator("body")).not_to_contain_text("Fairlead")
    assert visitor.page.locator("link[href$='/brand/acme.css']").count() == 1
    visitor.open(f"{address}/join/acme/partners/")
    visitor.page.get_by_label("Visitors a month").fill("10000")
    expect(visitor.page.locator("#earnings")).to_contain_text("200 × Sale")
    assert wrong_with(visitor.page) == []
    visitor.leave()

    bob = Person(browser, width=390)
    bob.sign_in(address, email=outsider.demo["affiliate"]["email"], password=password)
    bob.open(f"{address}/portal/links/")
    expect(bob.page.locator("main")).to_contain_text(outsider.demo["affiliate"]["link_code"])
    assert wrong_with(bob.page) == []
    bob.leave()


def test_another_merchants_affiliate_sees_nothing_there(
    browser: Browser, address: str, outsider: Outsider, name_server: NameServer
) -> None:
    carol, demo = Person(browser), outsider.demo["other_affiliate"]
    carol.sign_in(address, email=demo["email"], password=demo["password"])

    carol.reads("You are in no program of Acme.")
    for path in ("", "links/", "clicks/", "conversions/", "earnings/", "payouts/"):
        carol.open(f"{address}/portal/{path}")
        body = carol.page.locator("body")
        expect(body).not_to_contain_text("Globex")
        expect(body).not_to_contain_text(demo["link_url"])
        assert wrong_with(carol.page) == []
    assert carol.errors == []

    enrollment = f"/portal/programs/{demo['enrollment_id']}/"
    for path in (enrollment, "/join/globex/referrals/", "/console/", "/operator/"):
        status = carol.page.evaluate("async (path) => (await fetch(path)).status", path)
        assert (path, status) == (path, 404)
    carol.page.context.close()
