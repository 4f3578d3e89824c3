"""Draws the visitors of a day: when they come, on what device, from where. Pure."""

import math
from datetime import datetime, timedelta
from random import Random

from demo.cast import PAST_DAYS
from demo.characters import Promoter
from tracking.visits import Visit

# How many of a thousand visitors come in each hour of the day (UTC).
HOURS = (8, 5, 4, 4, 6, 12, 24, 38, 48, 55, 58, 56, 54, 52, 50, 50, 52, 58, 66, 78, 84, 70, 44, 24)
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
PHONES = (
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {SAFARI} Version/18.5 Mobile/15E148"
    " Safari/604.1",
    f"Mozilla/5.0 (Linux; Android 15; Pixel 9) {WEBKIT} Chrome/141.0.0.0 Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 14; SM-S921B) {WEBKIT} Chrome/140.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Android 14; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0",
)
COMPUTERS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/141.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {SAFARI} Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/141.0.0.0 Safari/537.36"
    " Edg/141.0.0.0",
)
TABLET = f"Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) {SAFARI} Version/17.6 Safari/604.1"
MACHINES = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "TelegramBot (like TwitterBot)",
)
MACHINE_SHARE = 0.07


def count_clicks(random: Random, promoter: Promoter, day: datetime, *, days_ago: int) -> int:
    """Return how many clicks a promoter's links get on a day."""
    if not promoter.joined_days_ago > days_ago >= promoter.silent_from_days_ago:
        return 0
    progress = 1 - days_ago / PAST_DAYS
    mean = promoter.clicks_per_day * (1 + (promoter.growth - 1) * progress)
    mean *= promoter.weekend if day.weekday() >= 5 else 1.0
    if promoter.busy_weekday is not None:
        mean *= 3.4 if day.weekday() == promoter.busy_weekday else 0.6
    return max(round(random.gauss(mean, math.sqrt(mean))), 0)


def draw_moment(random: Random, day: datetime) -> datetime:
    """Return a moment of the day, to the millisecond, in the hours when people are about."""
    hour = random.choices(range(24), HOURS)[0]
    return day + timedelta(hours=hour, milliseconds=random.randrange(3_600_000))


def draw_visit(random: Random, promoter: Promoter) -> Visit:
    """Return one request for a promoter's link: a person's, sometimes a machine's."""
    machine = random.random() < MACHINE_SHARE
    headers = {"user-agent": random.choice(MACHINES) if machine else _browser(random, promoter)}
    if not machine:
        headers |= {"sec-fetch-dest": "document", "sec-fetch-mode": "navigate"}
        referrer = random.choice(promoter.referrers)
        headers |= {"referer": f"https://{referrer}/"} if referrer else {}
    campaign = random.choice(promoter.campaigns) if promoter.campaigns else ""
    query = [("sub1", campaign)] if campaign and random.random() < 0.8 else []
    # 198.18.0.0/15 and 2001:db8::/32 belong to nobody.
    address = f"198.{random.randint(18, 19)}.{random.randrange(256)}.{random.randrange(1, 255)}"
    if random.random() < 0.3:
        address = f"2001:db8:{random.randrange(65_536):x}::{random.randrange(1, 65_536):x}"
    return Visit("GET", headers, query, address)


def _browser(random: Random, promoter: Promoter) -> str:
    if random.random() < 0.05:
        return TABLET
    return random.choice(PHONES if random.random() < promoter.phone_share else COMPUTERS)
