"""The lists of the portal. On a phone each row is a block."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commissions.line_words import describe_line
from commissions.models import Commission, Kind, Status
from common.ids import time_of
from interfaces.portal.charts import day_label, number
from interfaces.portal.text import (
    PAYOUTS,
    Said,
    click_verdict,
    commission_status,
    conversion_status,
    link_status,
    mask_order,
    money,
)
from payouts.models import Document, Payout, PayoutLine
from reports.affiliate_traffic import LinkReport
from tracking.models import Click, Conversion, Credit, Link

NUMBER = {"th": {"class": "ui-num"}, "td": {"class": "ui-num"}}


def show_status(said: Said) -> SafeString:
    """Return a status as dot, word and reason."""
    return render_to_string("components/status.html", said._asdict())


def show_date(at: object) -> SafeString:
    """Return a day in words."""
    return render_to_string("components/date.html", {"at": at})


def show_time(at: object) -> SafeString:
    """Return how long ago, the exact time on hover."""
    return render_to_string("components/time.html", {"at": at})


def two_lines(first: object, second: object) -> SafeString:
    """Return a cell with a second, quieter line."""
    return format_html('{}<span class="ui-sub whitespace-nowrap">{}</span>', first, second)


def number_link(url: str, count: int) -> SafeString:
    """Return a count as the way to what it counts."""
    return format_html('<a href="{}">{}</a>', url, number(count))


class ConversionTable(tables.Table):
    """What reached a goal through the affiliate: rows are credits with `commission_minor`."""

    occurred_at = tables.Column(
        _("Date"), accessor="conversion__occurred_at", order_by="conversion__occurred_at"
    )
    goal = tables.Column(_("Goal"), accessor="conversion__goal__name", orderable=False)
    program = tables.Column(_("Program"), accessor="conversion__program__name", orderable=False)
    status = tables.Column(_("Status"), accessor="conversion", orderable=False)
    amount_minor = tables.Column(_("Amount"), attrs=NUMBER)
    commission_minor = tables.Column(_("You earn"), attrs=NUMBER, empty_values=())

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": _("Conversions"), "id": "rows"}
        row_attrs = {"data-href": lambda record: conversion_url(record.conversion_id)}
        empty_text = _("Nothing matches. Take a filter away to see more.")

    def render_occurred_at(self, value: object) -> SafeString:
        return show_date(value)

    def render_goal(self, record: Credit) -> SafeString:
        return two_lines(goal_link(record.conversion), masked_order(record.conversion))

    def render_program(self, record: Credit, value: str) -> SafeString:
        return two_lines(value, record.conversion.program.merchant.name)

    def render_status(self, value: Conversion) -> SafeString:
        return show_status(conversion_status(value))

    def render_amount_minor(self, record: Credit, value: int) -> str:
        return money(value, record.conversion.currency)

    def render_commission_minor(self, record: Any) -> str:
        return money(record.commission_minor or 0, record.conversion.currency)


def goal_link(conversion: Conversion) -> SafeString:
    """Return the goal's name as the way to the conversion."""
    return format_html('<a href="{}">{}</a>', conversion_url(conversion.id), conversion.goal.name)


def masked_order(conversion: Conversion) -> str:
    """Return the merchant's order number, all but its end hidden."""
    return gettext("Order %(number)s") % {"number": mask_order(conversion.external_id)}


KINDS = {  # What a line is called that no conversion of the affiliate's names.
    Kind.EARNING: _("A conversion that is no longer credited to you"),
    Kind.REVERSAL: _("Taken back: a customer was refunded"),
    Kind.ADJUSTMENT: _("Corrected by the merchant"),
    Kind.OVERRIDE: _("An affiliate you recruited earned"),
}


def show_line(line: Commission) -> SafeString:
    """Return what a line is for; a take-back says why.

    The line comes with its conversion, which is None when it is none of the affiliate's.
    """
    if line.conversion is None:
        return two_lines(KINDS.get(Kind(line.kind), line.get_kind_display()), describe_line(line))
    reasons = {
        Kind.REVERSAL: gettext("Taken back: the customer was refunded"),
        Kind.ADJUSTMENT: gettext("Corrected by the merchant"),
    }
    second = reasons.get(Kind(line.kind)) or masked_order(line.conversion)
    return two_lines(goal_link(line.conversion), second)


def _page_of_line(line: Commission) -> str | None:
    return conversion_url(line.conversion.id) if line.conversion else None


def conversion_url(conversion_id: UUID) -> str:
    """Return the address of a conversion's page."""
    return reverse("portal:conversion", args=[conversion_id])


class CommissionTable(tables.Table):
    """Lines of money, earned and taken back, each with `expected_on`."""

    earned_at = tables.Column(_("Date"))
    kind = tables.Column(_("For"), orderable=False)
    program = tables.Column(_("Program"), accessor="program__name", orderable=False)
    status = tables.Column(_("Status"), orderable=False)
    amount_minor = tables.Column(_("Amount"), attrs=NUMBER)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": _("Earnings"), "id": "rows"}
        row_attrs = {"data-href": _page_of_line}
        empty_text = _("Nothing matches. Take a filter away to see more.")

    def render_earned_at(self, value: object) -> SafeString:
        return show_date(value)

    def render_kind(self, record: Commission) -> SafeString:
        return show_line(record)

    def render_program(self, record: Commission, value: str) -> SafeString:
        return two_lines(value, record.program.merchant.name)

    def render_status(self, record: Commission) -> SafeString:
        said = commission_status(record)
        if record.expected_on is not None:  # type: ignore[attr-defined]
            day = day_label(record.expected_on)  # type: ignore[attr-defined]
            said = said._replace(reason=gettext("expected on %(day)s") % {"day": day})
        elif record.status == Status.PENDING:
            payable = gettext("payable from %(day)s") % {"day": day_label(record.hold_until)}
            said = said._replace(reason=payable)
        return show_status(said)

    def render_amount_minor(self, record: Commission, value: int) -> str:
        return money(value, record.currency)


class LinkTable(tables.Table):
    """Links with what they brought; statuses are of the moment `at`."""

    name = tables.Column(_("Link"), accessor="link", orderable=False)
    program = tables.Column(_("Program"), accessor="link__program__name", orderable=False)
    status = tables.Column(_("Status"), accessor="link", orderable=False)
    clicks = tables.Column(_("Clicks"), accessor="traffic__human", attrs=NUMBER, orderable=False)
    conversions = tables.Column(_("Conversions"), attrs=NUMBER, orderable=False)
    earned_minor = tables.Column(_("You earned"), attrs=NUMBER, orderable=False)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": _("Links"), "id": "rows"}
        row_attrs = {"data-href": lambda record: link_url(record.link)}

    def __init__(self, *args: Any, at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.at = at

    def render_status(self, value: Link) -> SafeString:
        return show_status(link_status(value, self.at))

    def render_name(self, value: Link) -> SafeString:
        archived = gettext("%(code)s, archived") if value.archived_at else "%(code)s"
        link = format_html('<a href="{}">{}</a>', link_url(value), value.name or value.code)
        return two_lines(link, archived % {"code": f"/c/{value.code}"})

    def render_program(self, record: LinkReport, value: str) -> SafeString:
        return two_lines(value, record.link.program.merchant.name)

    def render_clicks(self, record: LinkReport, value: int) -> SafeString:
        return number_link(rows_of("portal:clicks", record.link), value)

    def render_conversions(self, record: LinkReport, value: int) -> SafeString:
        return number_link(rows_of("portal:conversions", record.link), value)

    def render_earned_minor(self, record: LinkReport, value: int) -> str:
        return money(value, record.link.program.currency)


def link_url(link: Link) -> str:
    """Return the address of a link's page."""
    return reverse("portal:link", args=[link.id])


def rows_of(name: str, link: Link) -> str:
    """Return the address of all clicks or conversions that came through a link."""
    query = {"link": str(link.id)} | ({"days": "all"} if name == "portal:clicks" else {})
    return f"{reverse(name)}?{urlencode(query)}"


class ClickTable(tables.Table):
    """Single clicks. `names` maps the ids of links to what they are called."""

    at = tables.Column(_("Time"), orderable=False)
    link_id = tables.Column(_("Link"), orderable=False)
    device = tables.Column(_("Device"), orderable=False, empty_values=())
    referrer_host = tables.Column(_("From"), orderable=False, empty_values=())
    refusal = tables.Column(_("Counted"), orderable=False, empty_values=())

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": _("Clicks"), "id": "rows"}
        empty_text = _("Nothing matches. Take a filter away to see more.")

    def __init__(self, *args: Any, names: dict[UUID, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.names = names

    def render_at(self, record: Click) -> SafeString:
        return show_time(time_of(record.id))

    def render_link_id(self, record: Click, value: UUID) -> SafeString:
        subs = " · ".join(f"{name}={value}" for name, value in sorted(record.subs.items()) if value)
        return two_lines(self.names.get(value, "–"), subs)

    def render_device(self, record: Click) -> SafeString:
        system = " · ".join(part for part in (record.os, record.browser) if part)
        return two_lines(record.device.capitalize() or "–", system)

    def render_referrer_host(self, record: Click) -> str:
        return record.referrer_host or gettext("Opened directly")

    def render_refusal(self, record: Click) -> SafeString:
        return show_status(click_verdict(record.refusal, record.kind))


class PayoutTable(tables.Table):
    """Money that was sent, or is about to be."""

    created_at = tables.Column(_("Date"))
    reference = tables.Column(_("Reference"), orderable=False)
    merchant = tables.Column(_("From"), accessor="merchant__name", orderable=False)
    method_masked = tables.Column(_("To"), orderable=False)
    status = tables.Column(_("Status"), orderable=False)
    amount_minor = tables.Column(_("Amount"), attrs=NUMBER)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": _("Payouts"), "id": "rows"}
        row_attrs = {"data-href": lambda record: payout_url(record.id)}

    def render_created_at(self, record: Payout) -> SafeString:
        return show_date(record.paid_at or record.created_at)

    def render_reference(self, record: Payout, value: str) -> SafeString:
        return format_html('<a href="{}">{}</a>', payout_url(record.id), value)

    def render_status(self, record: Payout) -> SafeString:
        return show_status(PAYOUTS[record.status])

    def render_amount_minor(self, record: Payout, value: int) -> str:
        return money(value, record.currency)


class DocumentTable(tables.Table):
    """Papers about payouts."""

    issued_on = tables.Column(_("Date"))
    number = tables.Column(_("Number"), orderable=False)
    kind = tables.Column(_("Document"), orderable=False)
    merchant = tables.Column(_("From"), accessor="merchant__name", orderable=False)
    net_minor = tables.Column(_("Amount"), attrs=NUMBER)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": _("Documents"), "id": "rows"}

    def render_number(self, record: Document, value: str) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("portal:document", args=[record.id]), value
        )

    def render_kind(self, record: Document) -> str:
        return record.get_kind_display()

    def render_net_minor(self, record: Document) -> str:
        return money(record.net_minor + record.vat_minor, record.currency)


def payout_url(payout_id: UUID) -> str:
    """Return the address of a payout's statement."""
    return reverse("portal:payout", args=[payout_id])


class StatementTable(tables.Table):
    """The lines of one payout; they sum to its amount."""

    earned_at = tables.Column(_("Date"), orderable=False)
    commission = tables.Column(_("For"), orderable=False)
    program = tables.Column(_("Program"), accessor="commission__program__name", orderable=False)
    amount_minor = tables.Column(_("Amount"), attrs=NUMBER, orderable=False)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": _("Statement"), "id": "rows"}

    def render_earned_at(self, value: object) -> SafeString:
        return show_date(value)

    def render_commission(self, value: Commission) -> SafeString:
        return show_line(value)

    def render_amount_minor(self, record: PayoutLine, value: int) -> str:
        return money(value, record.commission.currency)
