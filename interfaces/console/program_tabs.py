"""The tabs of a program, in groups: one bar of groups, and under it the pages of the one in use."""

from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from interfaces.console.pages import ConsoleRequest
from merchants.rights import Right
from programs.models import Program

EDIT_TABS: Final = (  # Forms alone.
    "program-attribution",
    "program-page",
    "program-settings",
    "program-listing",
)


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that belong together: the name of each page's address, with its label."""

    label: Promise | str
    pages: dict[str, Promise | str]


GROUPS: Final = (
    Group(
        _("Overview"),
        {
            "program": _("Overview"),
            "program-targets": _("Targets"),
            "program-customers": _("Who buys"),
        },
    ),
    Group(
        _("Goals"),
        {
            "program-goals": _("Goals"),
            "program-attribution": _("Who is credited"),
        },
    ),
    Group(
        _("Rates"),
        {
            "program-rates": _("Rates"),
            "program-tiers": _("Tiers"),
            "program-promotions": _("Promotions"),
            "program-budgets": _("Budgets"),
            "program-simulator": _("What would this pay?"),
            "program-backtests": _("Backtest"),
            "program-recomputes": _("Recompute"),
            "program-experiments": _("Experiments"),
        },
    ),
    Group(
        _("Traffic"),
        {
            "program-tracking": _("Tracking"),
            "program-destinations": _("Destinations"),
            "program-caps": _("Caps"),
        },
    ),
    Group(
        _("Materials"),
        {
            "program-materials": _("Materials"),
            "program-products": _("Products"),
            "program-automations": _("Automations"),
            "program-cobranding": _("Co-branding"),
            "program-collaborations": _("Together"),
        },
    ),
    Group(
        _("Terms"),
        {
            "program-terms": _("Terms"),
            "program-conduct": _("How to promote"),
            "program-policies": _("Policies"),
            "program-changes": _("Change log"),
            "program-acceptances": _("Who accepted"),
            "program-proposals": _("Proposals"),
        },
    ),
    Group(
        _("Page and joining"),
        {
            "program-page": _("Page and joining"),
            "program-blocks": _("What the page says"),
            "program-form": _("Questions"),
            "program-review": _("Review rules"),
            "program-funnel": _("Way in"),
            "program-embed": _("On your site"),
            "program-listing": _("Directory"),
        },
    ),
    Group(_("Settings"), {"program-settings": _("Settings")}),
)


def tabs_of(request: ConsoleRequest, program: Program, here: str) -> dict[str, Any]:
    """Return `tabs`, one for each group, and `pages`, of the group that `here` is in.

    A group of one page shows no second bar. Forms are left out for those who may not edit.
    """
    tabs, pages = [], []
    for group in GROUPS:
        shown = {name: label for name, label in group.pages.items() if _may_see(request, name)}
        if not shown:
            continue
        is_current = here in shown
        tabs.append(_tab(program, next(iter(shown)), group.label, is_current))
        if is_current and len(shown) > 1:
            pages = [_tab(program, name, label, name == here) for name, label in shown.items()]
    return {"tabs": tabs, "pages": pages}


def _may_see(request: ConsoleRequest, name: str) -> bool:
    return name not in EDIT_TABS or request.member.may(Right.EDIT_PROGRAMS)


def _tab(program: Program, name: str, label: Promise | str, is_current: bool) -> dict[str, Any]:
    url = reverse(f"console:{name}", args=[program.id])
    return {"label": label, "url": url, "current": is_current}
