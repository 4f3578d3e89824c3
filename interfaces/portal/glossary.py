"""The words of affiliate marketing as the portal uses them, explained to who is new to them."""

from typing import Final, NamedTuple

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from interfaces.portal.door import Newcomer, Visit, open_page


class Term(NamedTuple):
    """A word, where in the page it stands, and what it means."""

    anchor: str
    word: str | Promise
    meaning: str | Promise


GROUPS: Final[tuple[tuple[str | Promise, tuple[Term, ...]], ...]] = (
    (
        _("Bringing people"),
        (
            Term(
                "program",
                _("Program"),
                _("What a merchant pays for, how much, and under which terms."),
            ),
            Term(
                "link",
                _("Link"),
                _(
                    "Your own address. Whoever follows it is led to the merchant, and known to be "
                    "sent by you."
                ),
            ),
            Term(
                "coupon",
                _("Coupon"),
                _(
                    "A discount code that is yours: an order that uses it counts as sent by you, "
                    "without any click."
                ),
            ),
            Term(
                "click",
                _("Click"),
                _(
                    "A visit through a link. Robots, previews and quick repeats are told apart and "
                    "earn nothing."
                ),
            ),
            Term(
                "sub-id",
                _("Sub id"),
                _(
                    "A word of your own in a link, such as the post it stands in, to see what "
                    "worked."
                ),
            ),
            Term(
                "tier",
                _("Tier"),
                _("A level within a program with rates of its own, reached by what you bring."),
            ),
        ),
    ),
    (
        _("What counts"),
        (
            Term(
                "goal",
                _("Goal"),
                _(
                    "What has to happen for you to earn: a sale, a sign-up, or something of the "
                    "merchant's own."
                ),
            ),
            Term("conversion", _("Conversion"), _("Somebody reached a goal.")),
            Term(
                "attribution",
                _("Attribution"),
                _(
                    "How it is decided who sent a buyer if several did: by the last link, the "
                    "first, or a share for each."
                ),
            ),
            Term(
                "window",
                _("Attribution window"),
                _("How many days after a click a purchase still counts as brought by it."),
            ),
            Term(
                "lock-in",
                _("Lock-in"),
                _("For how long a customer stays yours: later orders count without another click."),
            ),
            Term(
                "claim",
                _("Claim"),
                _(
                    "What you send if a sale of yours is missing. The merchant answers by a set "
                    "day."
                ),
            ),
        ),
    ),
    (
        _("From commission to money"),
        (
            Term("commission", _("Commission"), _("What you earn by one conversion.")),
            Term(
                "hold",
                _("Hold period"),
                _(
                    "The days a commission waits, because goods may be sent back. Then it is "
                    "approved."
                ),
            ),
            Term(
                "refund",
                _("Refund"),
                _(
                    "Money given back to a buyer. The commission for it is taken back in the same "
                    "proportion."
                ),
            ),
            Term(
                "negative-balance",
                _("Negative balance"),
                _(
                    "A refund after you were paid: it is taken from what you earn next, never from "
                    "your account."
                ),
            ),
            Term(
                "threshold",
                _("Threshold"),
                _("The smallest amount that is paid out. What is below it waits and adds up."),
            ),
            Term(
                "payout",
                _("Payout"),
                _("Approved commissions of a merchant, sent to you in one sum."),
            ),
            Term(
                "self-billing",
                _("Self-billing"),
                _("The merchant writes your invoice for you, once you have agreed to that."),
            ),
        ),
    ),
    (
        _("Figures"),
        (
            Term(
                "epc",
                _("Earnings per click"),
                _("Your commissions divided by your clicks: what a visit is worth on average."),
            ),
            Term(
                "conversion-rate",
                _("Conversion rate"),
                _("How many of a hundred clicks became conversions."),
            ),
        ),
    ),
)


@require_safe
@open_page
def glossary(visit: Visit | Newcomer) -> HttpResponse:
    """Explain the words."""
    return visit.show("portal/glossary.html", {"groups": GROUPS}, nav="glossary")
