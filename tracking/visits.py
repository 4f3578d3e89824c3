"""What a request says about who made it: a person, a robot, or a page working out of sight. Pure.

Absent headers prove nothing and are fine: old browsers and privacy tools send few. The one
exception is the user agent, which every browser sends.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Final, NamedTuple

from crawleruseragents import CRAWLER_USER_AGENTS_DATA
from ua_parser import parse

from tracking.models import ClickClass

USER_AGENT_MAX = 400  # What follows in a longer one is not looked at.
AGENTS_CACHED = 20_000  # A verdict costs half a millisecond; most visitors share a few thousand.
ADDRESSES_CACHED = 20_000
BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
IPV4 = re.compile(rf"{BYTE}(?:\.{BYTE}){{3}}", re.ASCII)
LANGUAGE = re.compile(r"\s*([A-Za-z]{2,8})(?![A-Za-z])")
LANGUAGE_MAX = 20  # Characters; browsers name what they like best first.
LANGUAGES_CACHED = 2_000
HUMAN: Final = ClickClass.HUMAN
PATTERNS_PER_REGEX = 25  # Measured: six times as fast as one alternation of all.

# Apps whose own browsers carry the name of their preview robots: only the bare name is a robot.
ALSO_IN_APP_BROWSERS = {"MetaIAB Facebook", "Viber", "WhatsApp"}
BARE_NAMES = ["^Viber", "^WhatsApp"]


class Visit(NamedTuple):
    """One request, as whoever received it understood it. Header names are in lower case."""

    method: str
    headers: Mapping[str, str]
    query: list[tuple[str, str]]
    address: str  # The visitor's IP address.


class Agent(NamedTuple):
    """What a user agent says about itself."""

    device: str
    os: str
    browser: str
    is_preview: bool
    is_bot: bool


def _regexes(patterns: Iterable[str]) -> list[re.Pattern[str]]:
    every = list(patterns)
    starts = range(0, len(every), PATTERNS_PER_REGEX)
    return [re.compile("|".join(every[at : at + PATTERNS_PER_REGEX])) for at in starts]


def _crawlers(*, previews: bool) -> list[str]:
    return [
        known["pattern"]
        for known in CRAWLER_USER_AGENTS_DATA
        if ("social-preview" in known["tags"]) == previews
        and known["pattern"] not in ALSO_IN_APP_BROWSERS
    ]


PREVIEWS: Final = _regexes(_crawlers(previews=True) + BARE_NAMES)
BOTS: Final = _regexes(_crawlers(previews=False))


def read_agent(user_agent: str) -> Agent:
    """Return device, system, browser and the verdict of a user agent."""
    return _read_agent(user_agent[:USER_AGENT_MAX])  # Cut first: a cache keeps what it is asked.


@lru_cache(maxsize=AGENTS_CACHED)
def _read_agent(text: str) -> Agent:
    found = parse(text)
    system = found.os.family if found.os else ""
    return Agent(
        device=_device(text),
        os=system[:40],
        browser=found.user_agent.family[:40] if found.user_agent else "",
        is_preview=any(regex.search(text) for regex in PREVIEWS),
        is_bot=not text.strip() or any(regex.search(text) for regex in BOTS),
    )


def _device(text: str) -> str:
    """Return phone, tablet, tv or desktop, or nothing when the text says nothing."""
    if re.search(r"smart-?tv|appletv|googletv|\btv\b|crkey|roku|bravia", text, re.IGNORECASE):
        return "tv"
    if "iPad" in text or "Tablet" in text or ("Android" in text and "Mobile" not in text):
        return "tablet"
    if "Mobi" in text or "iPhone" in text:
        return "phone"
    return "desktop" if re.search(r"Windows|Macintosh|X11|CrOS|Linux", text) else ""


def is_head(visit: Visit, _agent: Agent) -> bool:
    """Whether somebody only asks whether the link works."""
    return visit.method == "HEAD"


def is_prefetch(visit: Visit) -> bool:
    """Whether the browser loads ahead what nobody has clicked yet."""
    headers = visit.headers
    purpose = headers.get("sec-purpose") or headers.get("purpose") or headers.get("x-purpose")
    if purpose is None and "x-moz" not in headers:
        return False
    said = f"{purpose} {headers.get('x-moz', '')}".lower()
    return any(word in said for word in ("prefetch", "prerender", "preview"))


def is_out_of_sight(visit: Visit, _agent: Agent) -> bool:
    """Whether a page loads the link as frame, image, script or by fetch: nobody clicked.

    `empty` is what a fetch says, but some in-app browsers say it of navigations too.
    """
    wanted = visit.headers.get("sec-fetch-dest")
    if wanted is None or wanted == "document":
        return False
    if wanted == "empty":
        return visit.headers.get("sec-fetch-mode", "navigate") != "navigate"
    return True


def is_link_preview(_visit: Visit, agent: Agent) -> bool:
    """Whether a messenger or network fetches the page to show a card of it."""
    return agent.is_preview


def is_bot(_visit: Visit, agent: Agent) -> bool:
    """Whether a crawler, monitor, library or nameless program asks."""
    return agent.is_bot


Sign = tuple[ClickClass, Callable[[Visit, Agent], bool]]

AGENT_SIGNS: Final[tuple[Sign, ...]] = (
    (ClickClass.PREVIEW, is_link_preview),
    (ClickClass.BOT, is_bot),
)
SIGNS: Final[tuple[Sign, ...]] = (  # The first that shows decides.
    (ClickClass.HEAD, is_head),
    (ClickClass.PREFETCH, lambda visit, _agent: is_prefetch(visit)),
    (ClickClass.STUFFING, is_out_of_sight),
    *AGENT_SIGNS,
)


def classify(visit: Visit, signs: tuple[Sign, ...] = SIGNS) -> ClickClass:
    """Return what made the request.

    The snippet's report is a fetch by nature, so only AGENT_SIGNS are asked about it.
    """
    return classify_agent(visit, read_agent(visit.headers.get("user-agent", "")), signs)


def classify_agent(visit: Visit, agent: Agent, signs: tuple[Sign, ...] = SIGNS) -> ClickClass:
    """Return what made the request, whose user agent was read already."""
    for kind, shows in signs:
        if shows(visit, agent):
            return kind
    return HUMAN


def language_of(accepted: str) -> str:
    """Return the language that an Accept-Language header names first, like `en`; empty if none."""
    return _language_of(accepted[:LANGUAGE_MAX])


@lru_cache(maxsize=LANGUAGES_CACHED)
def _language_of(accepted: str) -> str:
    found = LANGUAGE.match(accepted)
    return found[1].lower() if found else ""


def network_of(address: str) -> str:
    """Return the address's network, /24 or /48: enough to see a pattern, too little for a person.

    Empty when the text is no address.
    """
    if IPV4.fullmatch(address):  # A tenth of the time that reading it properly takes.
        return f"{address[: address.rindex('.')]}.0/24"
    return _network_of(address)


@lru_cache(maxsize=ADDRESSES_CACHED)
def _network_of(address: str) -> str:
    try:
        ip = ip_address(address)
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return str(ip_network(f"{ip}/{24 if ip.version == 4 else 48}", strict=False))
    except ValueError:
        return ""
