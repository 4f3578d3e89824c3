"""The arithmetic of a trace as people read it: amounts with their currency, rates in percent.

A trace keeps plain numbers, so that it says the same in ten years; each of its lines has one of
these forms. What has none of them is shown as it is.
"""

import re
from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext, ngettext, override

from commissions.words.speaking import Speaker

Found = re.Match[str]


def describe_arithmetic(text: str, *, currency: str, language: str) -> str:
    """Return one line of a trace's arithmetic in words and money."""
    speaker = Speaker(language, currency)
    with override(language):
        for form, say in FORMS:
            if found := form.fullmatch(text):
                return say(found, speaker)
    return text


def _net(text: str, speaker: Speaker) -> str:
    """Say "10000 paid − 0 tax = 10000 net", leaving out what is nothing."""
    words = {
        "paid": gettext("%s paid"),
        "tax": gettext("%s tax"),
        "shipping": gettext("%s shipping"),
        "discount": gettext("%s discount"),
        "net": gettext("%s net"),
    }

    def say(found: Found) -> str:
        return words[found[2]] % speaker.money(int(found[1]))

    without_nothing = re.sub(r" [−+] 0 (tax|shipping|discount)", "", text)
    said = re.sub(r"(\d+) (paid|tax|shipping|discount|net)", say, without_nothing)
    return "" if re.fullmatch(r"(\d+) paid = \1 net", without_nothing) else said


def _percent(found: Found, speaker: Speaker) -> str:
    words = {
        "percent": speaker.rate(int(found[3])),
        "net": speaker.money(int(found[2])),
        "earned": speaker.money(int(found[4])),
    }
    said = gettext("%(percent)s of %(net)s = %(earned)s") % words
    net = _net(found[1], speaker)
    return f"{net}; {said}" if net else said


def _fixed(found: Found, speaker: Speaker) -> str:
    return gettext("Fixed: %(earned)s") % {"earned": speaker.money(int(found[1]))}


def _fixed_and_percent(found: Found, speaker: Speaker) -> str:
    fixed, percent, total = (speaker.money(int(found[number])) for number in (1, 2, 3))
    return f"{fixed} + {percent} = {total}"


def _each(found: Found, speaker: Speaker) -> str:
    one, total = speaker.money(int(found[3])), speaker.money(int(found[4]))
    return f"{found[1]}: {speaker.number(int(found[2]))} × {one} = {total}"


def _of_item(found: Found, speaker: Speaker) -> str:
    words = {
        "percent": speaker.rate(int(found[3])),
        "net": speaker.money(int(found[2])),
        "earned": speaker.money(int(found[4])),
    }
    return f"{found[1]}: " + gettext("%(percent)s of %(net)s = %(earned)s") % words


def _no_item(found: Found, _speaker: Speaker) -> str:
    return gettext("%(item)s: nothing is paid") % {"item": found[1]}


def _sum(found: Found, speaker: Speaker) -> str:
    return gettext("Together: %(sum)s") % {"sum": speaker.money(int(found[1]))}


def _conversions(found: Found, speaker: Speaker) -> str:
    count = int(found[1])
    said = ngettext(
        "%(count)s conversion in the period: the step from %(step)s",
        "%(count)s conversions in the period: the step from %(step)s",
        count,
    )
    return said % {"count": speaker.number(count), "step": speaker.number(int(found[3]))}


def _amounts(found: Found, speaker: Speaker) -> str:
    words = {"sum": speaker.money(int(found[1])), "step": speaker.money(int(found[3]))}
    return gettext("%(sum)s in the period: the step from %(step)s") % words


def _grant(found: Found, speaker: Speaker) -> str:
    return speaker.grant(found[1], int(found[2]))


def _override(found: Found, speaker: Speaker) -> str:
    words = {
        "depth": found[1],
        "percent": speaker.rate(int(found[3])),
        "earned": speaker.money(int(found[2])),
        "due": speaker.money(int(found[4])),
    }
    return (
        gettext("Recruited at depth %(depth)s: %(percent)s of %(earned)s earned = %(due)s") % words
    )


FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[Found, Speaker], str]], ...]] = (
    (re.compile(r"(\d+ paid.* = (\d+) net); × (\d+) bps = (\d+)"), _percent),
    (re.compile(r"fixed (\d+)"), _fixed),
    (re.compile(r"fixed (\d+) \+ (\d+) = (\d+)"), _fixed_and_percent),
    (re.compile(r"depth (\d+): (\d+) earned × (\d+) bps = (\d+)"), _override),
    (re.compile(r"(.+): (\d+) × (\d+) bps = (\d+)"), _of_item),
    (re.compile(r"(.+): (\d+) × (\d+) = (\d+)"), _each),
    (re.compile(r"(.+): nothing"), _no_item),
    (re.compile(r"sum (\d+)"), _sum),
    (
        re.compile(r"(\d+) conversions in the period \((\w+)\): the step from (\d+)"),
        _conversions,
    ),
    (re.compile(r"(\d+) of amounts in the period \((\w+)\): the step from (\d+)"), _amounts),
    (re.compile(r"(CREDIT|FREE_MONTHS|DISCOUNT|GIFT) (\d+)"), _grant),
)
