"""The whole journey as people walk it: link, shop, purchase, trace, hold, batch, paid."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser import Person, chromium, needs_chromium
from tests.e2e.outside import Outsider, wait_for
from tests.e2e.running import RunningStack

pytestmark = [*needs_chromium, pytest.mark.e2e]
HOLD_OVER = timedelta(days=40)


def holds(stack: RunningStack) -> None:
    """Check the books."""
    checked = stack.manage("check_ledger")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def buy(browser: Browser, demo: dict[str, Any]) -> str:
    """Follow Bob's link to the shop, agree to be remembered, buy a lamp; return the order id."""
    visitor = Person(browser)
    visitor.open(demo["affiliate"]["link_url"])
    visitor.press("Yes, remember")
    visitor.follow("Anchor lamp")
    visitor.press("Add to basket")
    visitor.page.goto(f"{demo['shop_url']}/checkout")
    visitor.page.fill("input[name=name]", "Vera Visitor")
    visitor.page.fill("input[name=email]", "vera@visitors.example")
    visitor.press("Place the order")
    visitor.page.wait_for_url(re.compile("/thanks|/orders/|/order/"))
    order = re.search(r"[A-Z]{2,}-?[0-9A-Z-]+", visitor.page.inner_text("main"))
    assert order
    visitor.leave()
    return order.group(0)


def find_order(outsider: Outsider, order: str) -> dict[str, Any]:
    """Return the order's conversion once it is attributed."""

    def ask() -> dict[str, Any] | None:
        rows = outsider.api("GET", f"conversions?external_id={order}").json["data"]
        return rows[0] if rows and rows[0]["commissions"] else None

    return wait_for(ask)


def sign_in(browser: Browser, demo: dict[str, Any], role: str) -> Person:
    """Return Acme's member of that role, signed in."""
    member = next(row for row in demo["members"] if row["role"] == role)
    person = Person(browser)
    person.sign_in(demo["app_url"], email=member["email"], password=member["password"])
    return person


def test_from_the_link_to_the_money(stack: RunningStack, tmp_path: Path) -> None:
    demo = json.loads((stack.data / "demo.json").read_text())
    with chromium() as browser:
        order = buy(browser, demo)
    conversion = find_order(Outsider(demo), order)
    assert [row["enrollment"] for row in conversion["credits"]] == [
        demo["affiliate"]["enrollment_id"]
    ]
    holds(stack)

    with chromium() as browser:
        alice = sign_in(browser, demo, "owner")
        alice.open(f"{demo['app_url']}/console/conversions/")
        alice.follow(order)
        alice.reads("Why")
        alice.reads("Bob Bowline")
        alice.leave()

    demo = move_clock(stack)
    outsider = Outsider(demo)
    wait_for(
        lambda: outsider.api("GET", f"conversions/{conversion['id']}").json["status"] == "approved"
    )
    holds(stack)

    with chromium() as browser:
        batch_url = prepare(browser, demo)
        holds(stack)
        approve(browser, demo, batch_url)
        holds(stack)
        content = pay(browser, demo, batch_url, tmp_path)
        holds(stack)
        assert "Bob Bowline" in content
        read_statement(browser, demo)
    paid = outsider.api("GET", f"conversions/{conversion['id']}").json["commissions"]
    assert [row["status"] for row in paid] == ["paid"]
    holds(stack)


def move_clock(stack: RunningStack) -> dict[str, Any]:
    """Start the stack again, forty days later; the data is kept. Return its demo file."""
    assert stack.stop() == 0
    return stack.start(FAIRLEAD_CLOCK_OFFSET_SECONDS=str(int(HOLD_OVER.total_seconds())))


def prepare(browser: Browser, demo: dict[str, Any]) -> str:
    """Let Finn cancel the batch that waits and prepare one of everything; return its address."""
    finn = sign_in(browser, demo, "finance")
    finn.open(f"{demo['app_url']}/console/payouts/prepare/")
    finn.reads("Bob Bowline")
    finn.press("Create batch")
    finn.reads("Two signatures")
    url = finn.page.url
    finn.reads("another member approves it")
    assert not finn.page.get_by_role("button", name="Approve batch").count()
    finn.leave()
    return url


def approve(browser: Browser, demo: dict[str, Any], batch_url: str) -> None:
    """Let Alice approve, with her password once more."""
    alice = sign_in(browser, demo, "owner")
    alice.open(batch_url)
    alice.press("Approve batch")
    alice.press("Approve batch", within="dialog[open]")
    alice.page.fill("input[name=password]", demo["merchant"]["owner_password"])
    alice.page.locator("main button[type=submit], main form button").first.click()
    alice.reads("Approved by Alice")
    alice.leave()


def pay(browser: Browser, demo: dict[str, Any], batch_url: str, tmp_path: Path) -> str:
    """Let Finn download the file, twice the same, and mark everything paid; return the file."""
    finn = sign_in(browser, demo, "finance")
    finn.open(batch_url)
    files = []
    for fetch in (
        lambda: finn.press("Create and download file"),
        lambda: finn.follow("Download again"),
    ):
        with finn.page.expect_download() as download:
            fetch()
        path = tmp_path / f"{len(files)}.csv"
        download.value.save_as(path)
        files.append(path.read_text())
        finn.open(batch_url)
    assert files[0] == files[1]
    finn.press("Mark all paid")
    dialog = finn.page.locator("dialog[open]")
    dialog.locator("input[type=text]").first.fill("BANK-1")
    finn.press("Mark paid", within="dialog[open]")
    finn.reads("Done")
    finn.leave()
    return files[0]


def read_statement(browser: Browser, demo: dict[str, Any]) -> None:
    """Let Bob find the money in his portal, on a phone."""
    bob = Person(browser, width=390)
    affiliate = demo["affiliate"]
    bob.sign_in(demo["app_url"], email=affiliate["email"], password=affiliate["password"])
    bob.open(f"{demo['app_url']}/portal/payouts/")
    bob.page.locator("tbody tr").first.click()
    bob.reads("Statement")
    bob.reads("Paid")
    bob.leave()


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_opens_without_an_error(stack: RunningStack, width: int) -> None:
    demo = json.loads((stack.data / "demo.json").read_text())
    pages = {
        "console": "/ programs/ affiliates/ conversions/ commissions/ payouts/ payouts/prepare/"
        " clicks/ settings/ settings/members/ settings/keys/ settings/audit/",
        "portal": "/ programs/ links/ clicks/ conversions/ earnings/ payouts/ payout-method/",
    }
    people = {
        "console": (demo["merchant"]["owner_email"], demo["merchant"]["owner_password"]),
        "portal": (demo["affiliate"]["email"], demo["affiliate"]["password"]),
    }

    with chromium() as browser:
        for area, (email, password) in people.items():
            person = Person(browser, width=width)
            person.sign_in(demo["app_url"], email=email, password=password)
            for path in pages[area].split():
                answer = person.page.goto(f"{demo['app_url']}/{area}/{path.lstrip('/')}")
                assert answer
                assert answer.status == 200, path
                overflow = person.page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                assert overflow <= 0, path
            person.leave()
