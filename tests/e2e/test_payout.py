"""A whole payout over PayPal's stand-in: prepared, approved, sent, paid, told, read."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser import Person, chromium, needs_chromium
from tests.e2e.outside import Outsider, call, wait_for
from tests.e2e.running import RunningStack
from tests.e2e.test_journey import approve, holds, sign_in

pytestmark = [*needs_chromium, pytest.mark.e2e]

FARAH = "Farah Flood"
BONUS_MINOR = 42_10
SECONDS = 120  # Whoever is slow is not wrong.
COUNT_NOTICES = (
    "from payouts.models import Notice;"
    "print(Notice.objects.using('ops').filter(processed_at__isnull=False).count())"
)


def login_of_farah(demo: dict[str, Any]) -> dict[str, str]:
    """Return how Farah signs in."""
    return next(row for row in demo["affiliates"] if row["name"] == FARAH)


def thank(outsider: Outsider) -> None:
    """Give Farah, who is paid by PayPal, a bonus that may be paid at once."""
    email = login_of_farah(outsider.demo)["email"]
    (farah,) = outsider.api("GET", f"affiliates?email={email}").json["data"]
    enrollment = outsider.api("GET", f"enrollments?affiliate={farah['id']}").json["data"][0]["id"]
    bonus = {"enrollment": enrollment, "amount_minor": BONUS_MINOR, "reason": "For the season"}
    made = outsider.api("POST", "commissions", bonus)
    assert (made.status, made.json.get("status")) == (201, "approved")


def prepare(browser: Browser, demo: dict[str, Any]) -> str:
    """Let Finn prepare a batch over PayPal; return its address."""
    finn = sign_in(browser, demo, "finance")
    finn.open(f"{demo['app_url']}/console/payouts/prepare/?rail=PAYPAL")
    finn.reads(FARAH)
    finn.press("Create batch")
    finn.reads("Two signatures")
    url = finn.page.url
    finn.leave()
    return url


def send(browser: Browser, demo: dict[str, Any], batch_url: str) -> None:
    """Let Finn send it."""
    finn = sign_in(browser, demo, "finance")
    finn.open(batch_url)
    finn.press("Send")
    finn.page.get_by_role("button", name="Send", exact=True).wait_for(state="detached")
    finn.leave()


def paid_at_paypal(stack: RunningStack) -> str:
    """Return what PayPal's stand-in says on its page."""
    port = json.loads((stack.data / "run.json").read_text())["paypal_port"]
    return call("GET", f"http://127.0.0.1:{port}/").body.decode()


def read_as_farah(browser: Browser, demo: dict[str, Any]) -> None:
    """Let Farah find the money in her portal, on a phone."""
    farah = Person(browser, width=390)
    login = login_of_farah(demo)
    farah.sign_in(demo["app_url"], email=login["email"], password=login["password"])
    farah.open(f"{demo['app_url']}/portal/payouts/")
    farah.page.locator("tbody tr").first.click()
    farah.reads("Statement")
    farah.reads("Paid")
    farah.leave()


def notices(stack: RunningStack) -> int:
    """Return how many notices of providers were worked through."""
    counted = stack.manage("shell", "-c", COUNT_NOTICES)
    assert counted.returncode == 0, counted.stderr
    return int(counted.stdout.split()[-1])


def test_a_payout_from_the_dry_run_to_the_portal(stack: RunningStack, outsider: Outsider) -> None:
    demo = outsider.demo
    thank(outsider)
    known = notices(stack)

    with chromium() as browser:
        batch_url = prepare(browser, demo)
        approve(browser, demo, batch_url)
        holds(stack)
        send(browser, demo, batch_url)

        batch_id = batch_url.rstrip("/").rsplit("/", 1)[-1]
        done = f"payout-batches/{batch_id}"
        wait_for(lambda: outsider.api("GET", done).json["status"] == "done", seconds=SECONDS)
        read_as_farah(browser, demo)

    payouts = outsider.api("GET", f"payouts?batch={batch_id}").json["data"]
    assert {row["status"] for row in payouts} == {"paid"}
    page = paid_at_paypal(stack)
    assert [page.count(row["id"]) for row in payouts] == [1] * len(payouts)
    wait_for(lambda: notices(stack) > known, seconds=SECONDS)
    holds(stack)
