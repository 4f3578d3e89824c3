"""A program's postback addresses in the words of each system, ready to be copied."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from programs.models import PostbackProfile, Program
from tracking.postbacks import BY_PROFILE

MASKED = "••••••••"
# What their affiliate postbacks put in place of ours. Our click id travels there as `sub1`.
MACROS: dict[PostbackProfile, dict[str, str]] = {
    PostbackProfile.AFFISE: {
        "{click_id}": "{sub1}",
        "{order_id}": "{transactionid}",
        "{amount}": "{order_sum}",
        "status=1": "status={status}",
    },
    PostbackProfile.TUNE: {
        "{click_id}": "{aff_sub}",
        "{order_id}": "{transaction_id}",
        "{amount}": "{sale_amount}",
    },
    PostbackProfile.EVERFLOW: {
        "{click_id}": "{sub1}",
        "{order_id}": "{transaction_id}",
        "{amount}": "{sale_amount}",
    },
}
CARRIERS = {PostbackProfile.TUNE: "aff_sub"}  # The parameter that carries our click id to them.


@dataclass(frozen=True, slots=True)
class PostbackAddress:
    """One address, for whom it is, and what is to be filled in."""

    label: str
    address: str
    note: str


def postback_addresses(
    program: Program, profile: PostbackProfile, *, goal: str, token: str
) -> list[PostbackAddress]:
    """Return the addresses of one system: from one's own server, and from the system itself."""
    vocabulary = BY_PROFILE[profile]
    known = {"{goal}": goal, "{currency}": program.currency, "{token}": token}
    query = _replaced(vocabulary.example, known)
    base = f"{settings.EDGE_URL}{vocabulary.path}?"
    own = PostbackAddress(
        _("From your own server"), base + query, _("Your server fills in what stands in braces.")
    )
    if profile not in MACROS:
        return [own]
    carrier = CARRIERS.get(profile, "sub1")
    note = _(
        "%(system)s fills in its own macros. In your links there, hand our click id on to it as"
        " %(carrier)s={click_id}."
    ) % {"system": profile.label, "carrier": carrier}
    theirs = base + _replaced(query, MACROS[profile])
    return [own, PostbackAddress(_("From %s itself") % profile.label, theirs, note)]


def fillings(profile: PostbackProfile) -> list[tuple[str, str]]:
    """Return what stands in braces in the address of a system, and what it is."""
    meanings = {
        "{click_id}": _("what the visitor's address carried as fl_click"),
        "{order_id}": _("your own number of the order; a repeat of it changes nothing"),
        "{amount}": _("what was paid, as in 49.90, without tax and shipping"),
        "{customer_id}": _("your own number of the customer"),
    }
    example = BY_PROFILE[profile].example
    return [(name, meaning) for name, meaning in meanings.items() if name in example]


def pixel_tag(program: Program, *, goal: str) -> str:
    """Return the picture that a “thank you” page shows where no server can call."""
    query = (
        f"program={program.id}&goal={goal}&click_id=CLICK_ID&order_id=ORDER_ID"
        f"&amount=49.90&currency={program.currency}"
    )
    address = f"{settings.EDGE_URL}/px.gif?{query}".replace("&", "&amp;")
    return f'<img src="{address}" width="1" height="1" alt="">'


def _replaced(text: str, values: dict[str, str]) -> str:
    for old, new in values.items():
        text = text.replace(old, new)
    return text
