"""The tables of replays: runs, sums by affiliate, differences by conversion."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from interfaces.console.tables import NUMBER, cell


def _page(record: Any) -> str:
    return reverse("console:replay", args=[record.program_id, record.id])


class ReplayTable(tables.Table):
    """Runs over past conversions, newest first."""

    created_at = cell("replay", _("Started"), orderable=False)
    status = cell("status", _("Status"), orderable=False)
    done = cell("replay_done", _("Conversions"), orderable=False, attrs=NUMBER)
    before_minor = cell("replay_before", _("Booked"), orderable=False, attrs=NUMBER)
    after_minor = cell("replay_after", _("Would be"), orderable=False, attrs=NUMBER)
    change = cell("replay_change", _("Difference"), orderable=False, attrs=NUMBER)

    class Meta:
        template_name = "components/table.html"
        row_attrs = {"data-href": _page}
        attrs = {"caption": _("Runs"), "id": "results"}


class TotalTable(tables.Table):
    """What each affiliate has earned, and would have."""

    currency: str
    most: int

    affiliate = cell(
        "replay_affiliate", _("Affiliate"), order_by=("enrollment__affiliate__name", "id")
    )
    conversions = cell("replay_conversions", _("Conversions"), attrs=NUMBER)
    before_minor = cell("replay_total_before", _("Booked"), attrs=NUMBER)
    after_minor = cell("replay_total_after", _("Would be"), attrs=NUMBER)
    change = cell("replay_total_change", _("Difference"), orderable=False, attrs=NUMBER)
    bars = cell("replay_bars", _("Side by side"), orderable=False)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": _("By affiliate"), "id": "totals"}


class DifferenceTable(tables.Table):
    """Conversions of which money would change, and what was booked."""

    currency: str

    conversion = cell("replay_conversion", _("Conversion"), orderable=False)
    affiliate = cell("replay_affiliate", _("Affiliate"), orderable=False)
    before_minor = cell("replay_total_before", _("Booked"), attrs=NUMBER)
    after_minor = cell("replay_total_after", _("Would be"), attrs=NUMBER)
    change = cell("replay_total_change", _("Difference"), orderable=False, attrs=NUMBER)
    booked_minor = cell("replay_booked", _("Corrected by"), orderable=False, attrs=NUMBER)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": _("Differences"), "id": "differences"}
