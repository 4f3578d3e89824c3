"""The command palette: everything of the merchant, every page and what one often does, by name."""

from typing import Any, Final, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from interfaces.console.access import reads
from interfaces.console.pages import ConsoleRequest
from merchants.rights import Right
from reports.finder import Hit, Thing, find_anything

PLACES_MAX = 8


class Place(NamedTuple):
    """A page, or something to do, by its route; `also` is what people type for it as well."""

    name: str
    label: Promise
    icon: str
    right: Right | None = None
    also: Promise | str = ""


ACTIONS: Final = (
    Place("affiliate-invite", _("Invite an affiliate"), "plus", Right.REVIEW_AFFILIATES),
    Place("prospect-create", _("Add a prospect"), "plus", Right.REVIEW_AFFILIATES),
    Place("program-create", _("Create a program"), "plus", Right.EDIT_PROGRAMS),
    Place("link-create", _("Create a link"), "plus", Right.REVIEW_AFFILIATES),
    Place("coupons-create", _("Make coupons"), "plus", Right.REVIEW_AFFILIATES),
    Place("prepare", _("Prepare payouts"), "plus", Right.PREPARE_PAYOUTS, _("batch pay")),
    Place("import-create", _("Import a file"), "upload", Right.REVIEW_CONVERSIONS, "csv"),
    Place("member-invite", _("Invite a member"), "plus", Right.MANAGE_MEMBERS, _("colleague")),
    Place("key-create", _("Create an API key"), "key", Right.MANAGE_KEYS),
)
PAGES: Final = (
    Place("home", _("Home"), "home", also=_("dashboard overview")),
    Place("programs", _("Programs"), "programs"),
    Place("affiliates", _("Affiliates"), "affiliates", also=_("partners")),
    Place("applications", _("Applications"), "affiliates", also=_("review")),
    Place("duplicates", _("Duplicates"), "affiliates", also=_("merge")),
    Place("prospects", _("Recruiting"), "target", also=_("prospects outreach")),
    Place("prospects-board", _("Board"), "target", also=_("prospects stages")),
    Place("tasks", _("My tasks"), "check"),
    Place("links", _("Links"), "link"),
    Place("coupons", _("Coupons"), "link", also=_("discount codes")),
    Place("clicks", _("Clicks"), "click"),
    Place("conversions", _("Conversions"), "conversions", also=_("sales orders")),
    Place("customers", _("Customers"), "user"),
    Place("imports", _("Imports"), "upload"),
    Place("intake-calls", _("Calls of the intakes"), "code", also=_("postbacks pixel")),
    Place("deals", _("Deals"), "building", also=_("deal registration companies")),
    Place("claims", _("Claims"), "flag"),
    Place("messages", _("Messages"), "inbox", also=_("inbox threads mail")),
    Place("partnerships", _("Partnerships"), "affiliates", also=_("strategic partners reviews")),
    Place("broadcasts", _("Broadcasts"), "send", also=_("newsletter message everybody")),
    Place("commissions", _("Commissions"), "commissions"),
    Place("grants", _("Rewards"), "gift"),
    Place("payouts", _("Payouts"), "payouts", also=_("batches")),
    Place("payout-terms", _("Payout terms"), "payouts"),
    Place("rails", _("Payout rails"), "wallet", also="PayPal Wise Stripe SEPA"),
    Place("statements", _("Bank statements"), "file"),
    Place("liabilities", _("What is owed"), "wallet", also=_("balance")),
    Place("documents", _("Documents"), "file", also=_("invoices")),
    Place("settings", _("Company"), "settings", also=_("settings")),
    Place("members", _("Members"), "user", also=_("roles rights team")),
    Place("keys", _("API keys"), "key"),
    Place("notifications", _("Notifications"), "settings", also=_("mails unsubscribe digest")),
    Place("domains", _("Tracking domains"), "settings"),
    Place("fx-rates", _("Currency rates"), "settings"),
    Place("tax", _("Tax"), "shield"),
    Place("audit", _("Audit log"), "list", Right.READ_AUDIT, _("history changes")),
)
THINGS: Final[dict[Thing, tuple[Promise, str, str]]] = {  # The word, the page, the icon.
    Thing.PROGRAM: (_("Program"), "program", "programs"),
    Thing.AFFILIATE: (_("Affiliate"), "affiliate", "affiliates"),
    Thing.CONVERSION: (_("Conversion"), "conversion", "conversions"),
    Thing.LINK: (_("Link"), "link", "link"),
    Thing.COUPON: (_("Coupon"), "affiliate", "link"),
    Thing.CUSTOMER: (_("Customer"), "customer", "user"),
    Thing.BATCH: (_("Payout batch"), "batch", "payouts"),
}


@reads
def palette(request: ConsoleRequest) -> HttpResponse:
    """Return the options that fit what is typed; with nothing typed, what one may do and where."""
    text = request.GET.get("q", "").strip()
    hits = find_anything(request.merchant.id, text) if text else []
    options = [_hit(hit) for hit in hits]
    options += _places(request, ACTIONS, text, _("Do")) + _places(request, PAGES, text, _("Go to"))
    return render(request, "console/palette_options.html", {"options": options, "text": text})


def _hit(hit: Hit) -> dict[str, Any]:
    word, page, icon = THINGS[hit.thing]
    return {
        "label": hit.name,
        "about": hit.about,
        "word": word,
        "icon": icon,
        "url": reverse(f"console:{page}", args=[hit.id]),
    }


def _places(
    request: ConsoleRequest, places: tuple[Place, ...], text: str, word: Promise
) -> list[dict[str, Any]]:
    """Return those of the places that the member may go to and that have all words of the text."""
    words = text.casefold().split()
    allowed = [place for place in places if place.right is None or request.member.may(place.right)]
    fitting = [
        place
        for place in allowed
        if all(part in f"{place.label} {place.also}".casefold() for part in words)
    ]
    return [
        {
            "label": place.label,
            "word": word,
            "icon": place.icon,
            "url": reverse(f"console:{place.name}"),
        }
        for place in fitting[:PLACES_MAX]
    ]
