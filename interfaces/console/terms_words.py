"""Payout terms in words, with an example worked out by the function that decides."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from babel import Locale
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.sentences import sentence
from interfaces.console.wording import locale_now, money
from payouts.models import PayoutTerms, Schedule
from payouts.services import TermsDraft
from payouts.terms import clears_at, due_at
from programs.models import Program, Tier

EARNED_ON = (3, 3)  # Of the example: 3 March of the year.


def words_of(terms: TermsDraft | PayoutTerms, program: Program) -> list[str]:
    """Return the terms as sentences."""
    return list(_sentences(terms, program))


def _sentences(terms: TermsDraft | PayoutTerms, program: Program) -> Iterator[str]:
    yield _schedule(terms)
    least = program.payout_minor_min if terms.minor_min is None else terms.minor_min
    if least:
        said = _("Less than %(amount)s is not paid yet: it carries over.")
        yield said % {"amount": money(least, program.currency)}
    if terms.schedule == Schedule.ON_REQUEST:
        yield _review(terms, program)
        if terms.request_fee_minor:
            said = _("Each request costs them %(amount)s.")
            yield said % {"amount": money(terms.request_fee_minor, program.currency)}
    if terms.ends_on:
        said = _("Until %(day)s; the wider terms count from the day after on.")
        yield said % {"day": date_format(terms.ends_on, "SHORT_DATE_FORMAT")}


def _schedule(terms: TermsDraft | PayoutTerms) -> str:
    after = {
        Schedule.AT_ONCE: _at_once,
        Schedule.WEEKLY: _weekly,
        Schedule.MONTHLY: _monthly,
        Schedule.ON_REQUEST: _on_request,
    }
    return after[Schedule(terms.schedule)](terms)


def _at_once(terms: TermsDraft | PayoutTerms) -> str:
    if not terms.net_days:
        return _("Payable as soon as it is approved.")
    said = ngettext(
        "Payable %(days)s day after it is approved.",
        "Payable %(days)s days after it is approved.",
        terms.net_days,
    )
    return said % {"days": terms.net_days}


def _weekly(terms: TermsDraft | PayoutTerms) -> str:
    said = ngettext(
        "Weekly: what is approved in a week is payable %(days)s day after its end",
        "Weekly: what is approved in a week is payable %(days)s days after its end",
        terms.net_days,
    )
    if not terms.net_days:
        said = _("Weekly: what is approved in a week is payable when it has ended")
    if terms.pay_day is None:
        return sentence(said % {"days": terms.net_days})
    names = Locale.parse(locale_now()).days["stand-alone"]["wide"]
    return _("%(said)s, on the next %(weekday)s.") % {
        "said": said % {"days": terms.net_days},
        "weekday": names[terms.pay_day - 1],
    }


def _monthly(terms: TermsDraft | PayoutTerms) -> str:
    said = ngettext(
        "Monthly: what is approved in a month is payable %(days)s day after its end",
        "Monthly: what is approved in a month is payable %(days)s days after its end",
        terms.net_days,
    )
    if not terms.net_days:
        said = _("Monthly: what is approved in a month is payable when it has ended")
    if terms.pay_day is None:
        return sentence(said % {"days": terms.net_days})
    return _("%(said)s, on day %(day)s of a month.") % {
        "said": said % {"days": terms.net_days},
        "day": terms.pay_day,
    }


def _on_request(terms: TermsDraft | PayoutTerms) -> str:
    if not terms.net_days:
        return _("Payable when the affiliate asks for it, as soon as it is approved.")
    said = ngettext(
        "Payable when the affiliate asks for it, from %(days)s day after its approval on.",
        "Payable when the affiliate asks for it, from %(days)s days after its approval on.",
        terms.net_days,
    )
    return said % {"days": terms.net_days}


def _review(terms: TermsDraft | PayoutTerms, program: Program) -> str:
    if not terms.automatic_minor_max:
        return _("Somebody of yours looks at every request.")
    said = _("Requests up to %(amount)s go into the next batch without review.")
    return said % {"amount": money(terms.automatic_minor_max, program.currency)}


# The example -------------------------------------------------------------------------------------


def example_of(
    terms: TermsDraft | PayoutTerms, program: Program, tier: Tier | None, at: datetime
) -> dict[str, Any]:
    """Return when something earned on 3 March is approved and payable, in words."""
    earned_at = datetime(at.year, *EARNED_ON, 12, tzinfo=UTC)
    own_hold = tier.hold_days if tier else None
    hold_days = program.hold_days if own_hold is None else own_hold
    approved_at = earned_at + timedelta(days=hold_days)
    row = PayoutTerms(
        schedule=terms.schedule, net_days=terms.net_days, pay_day=terms.pay_day or None
    )
    payable_at = due_at(row, approved_at)
    cleared_at = clears_at(row, approved_at)
    return {
        "earned": _day(earned_at),
        "hold_days": hold_days,
        "approved": _day(approved_at),
        "payable": _day(payable_at) if payable_at else "",
        "may_ask": _day(cleared_at),
    }


def _day(moment: datetime) -> str:
    return date_format(moment, "MONTH_DAY_FORMAT")
