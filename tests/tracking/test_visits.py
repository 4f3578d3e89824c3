"""Visits: who made a request, told from its headers, and how little of its address is kept."""

import pytest

from tracking.models import ClickClass
from tracking.visits import (
    AGENT_SIGNS,
    USER_AGENT_MAX,
    Visit,
    _read_agent,
    classify,
    network_of,
    read_agent,
)

ENGINE = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"Mozilla/5.0 (X11; Linux x86_64) {ENGINE} Chrome/141.0 Safari/537.36"
ANDROID = f"Mozilla/5.0 (Linux; Android 14; K) {ENGINE} Chrome/141.0.0.0 Mobile Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
FACEBOOK_PREVIEW = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"


def visit(method: str = "GET", **headers: str) -> Visit:
    """Return a visit by Chrome; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Visit(method, {"user-agent": CHROME, **named}, [], "192.0.2.7")


@pytest.mark.parametrize(
    ("_case", "seen", "kind"),
    [
        ("a browser that sends nothing else", visit(), ClickClass.HUMAN),
        ("a navigation", visit(sec_fetch_dest="document"), ClickClass.HUMAN),
        (
            "a navigation that calls itself empty",
            visit(sec_fetch_dest="empty", sec_fetch_mode="navigate"),
            ClickClass.HUMAN,
        ),
        ("an app that says only empty", visit(sec_fetch_dest="empty"), ClickClass.HUMAN),
        ("an unknown purpose", visit(sec_purpose="shopping"), ClickClass.HUMAN),
        ("HEAD", visit("HEAD"), ClickClass.HEAD),
        ("HEAD by a robot", visit("HEAD", user_agent="curl/8.0"), ClickClass.HEAD),
        ("prefetch", visit(sec_purpose="prefetch"), ClickClass.PREFETCH),
        (
            "prerender",
            visit(sec_purpose="prefetch;prerender", sec_fetch_dest="document"),
            ClickClass.PREFETCH,
        ),
        ("old prefetch", visit(purpose="prefetch"), ClickClass.PREFETCH),
        ("Safari's preview", visit(x_purpose="preview"), ClickClass.PREFETCH),
        ("Firefox's old prefetch", visit(x_moz="prefetch"), ClickClass.PREFETCH),
        (
            "a prefetching frame",
            visit(purpose="Prefetch", sec_fetch_dest="iframe"),
            ClickClass.PREFETCH,
        ),
        *[
            (f"loaded as {kind}", visit(sec_fetch_dest=kind), ClickClass.STUFFING)
            for kind in (
                "iframe",
                "image",
                "script",
                "style",
                "object",
                "embed",
                "frame",
                "video",
                "",
            )
        ],
        (
            "fetched by a script",
            visit(sec_fetch_dest="empty", sec_fetch_mode="no-cors"),
            ClickClass.STUFFING,
        ),
        ("Facebook's card", visit(user_agent=FACEBOOK_PREVIEW), ClickClass.PREVIEW),
        ("WhatsApp's card", visit(user_agent="WhatsApp/2.23.20.0 A"), ClickClass.PREVIEW),
        ("Slack's card", visit(user_agent="Slackbot-LinkExpanding 1.0"), ClickClass.PREVIEW),
        ("curl", visit(user_agent="curl/8.5.0"), ClickClass.BOT),
        (
            "a search engine",
            visit(user_agent="Mozilla/5.0 (compatible; Googlebot/2.1)"),
            ClickClass.BOT,
        ),
        (
            "a driven browser",
            visit(user_agent=CHROME.replace("Chrome", "HeadlessChrome")),
            ClickClass.BOT,
        ),
        ("an empty user agent", visit(user_agent=" "), ClickClass.BOT),
        ("no user agent", Visit("GET", {}, [], ""), ClickClass.BOT),
    ],
)
def test_tells_who_made_the_request(_case, seen, kind):
    assert classify(seen) is kind


@pytest.mark.parametrize(
    "app",
    [
        "Instagram 330.0.0.40.92",
        "[FBAN/FBIOS;FBAV/460.0.0]",
        "MetaIAB Facebook",
        "musical_ly_33 BytedanceWebview/d8a21c6",
        "Snapchat/12.88",
        "[LinkedInApp]/9.29",
        "Twitter for iPhone/10.43",
        "[Pinterest/iOS]",
        "MicroMessenger/8.0.49",
        "Line/14.8.0",
        "Viber/22.1",
        "WhatsApp/2.24",
    ],
)
def test_people_in_the_browsers_of_apps_are_people(app):
    assert classify(visit(user_agent=f"{ANDROID} {app}")) is ClickClass.HUMAN
    assert classify(visit(user_agent=f"{IPHONE} {app}")) is ClickClass.HUMAN


def test_of_a_report_by_the_snippet_only_the_agent_is_judged():
    fetched = visit(sec_fetch_dest="empty", sec_fetch_mode="cors")
    by_robot = visit(sec_fetch_dest="empty", sec_fetch_mode="cors", user_agent="curl/8.0")

    assert classify(fetched, AGENT_SIGNS) is ClickClass.HUMAN
    assert classify(by_robot, AGENT_SIGNS) is ClickClass.BOT


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (CHROME, ("desktop", "Linux", "Chrome")),
        (ANDROID, ("phone", "Android", "Chrome Mobile")),
        (IPHONE, ("phone", "iOS", "Mobile Safari")),
        (IPHONE.replace("iPhone", "iPad"), ("tablet", "iOS", "Mobile Safari")),
        (ANDROID.replace(" Mobile", ""), ("tablet", "Android", "Chrome")),
        (
            f"Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) {ENGINE} TV Safari/537.36",
            ("tv", "Tizen", "Safari"),
        ),
        ("", ("", "", "")),
        ("\0", ("", "", "")),
    ],
)
def test_reads_device_system_and_browser(user_agent, expected):
    agent = read_agent(user_agent)

    assert (agent.device, agent.os, agent.browser) == expected


def test_what_follows_in_an_endless_user_agent_is_not_looked_at():
    assert not read_agent(CHROME.ljust(USER_AGENT_MAX) + "Googlebot").is_bot


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("somebody", ""),
        ("", ""),
    ],
)
def test_keeps_the_network_only(address, network):
    assert network_of(address) == network


def test_what_follows_in_a_long_agent_is_not_even_kept() -> None:
    same = CHROME.ljust(USER_AGENT_MAX)
    read_agent(same)
    before = _read_agent.cache_info().currsize

    for number in range(50):
        read_agent(same + str(number) * 1_000)

    assert _read_agent.cache_info().currsize == before
