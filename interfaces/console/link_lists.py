"""Lists of links, coupons and unknown codes: what they are filtered by, and their columns."""

from datetime import datetime
from typing import Any, NamedTuple

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from affiliates.models import Enrollment
from affiliates.models import Status as EnrollmentStatus
from interfaces.console.filters import ListFilter, Rows, search_field
from interfaces.console.tables import NUMBER, WIDE, cell, page_of
from programs.models import Status as ProgramStatus
from tracking.models import Coupon, Link

NAMED_MAX = 500
LINK_STATES = [
    ("used", gettext_lazy("In use")),
    ("smart", gettext_lazy("Smart links")),
    ("waiting", gettext_lazy("Not started")),
    ("over", gettext_lazy("Over")),
    ("archived", gettext_lazy("Archived")),
]
COUPON_STATES = [
    ("valid", gettext_lazy("Valid")),
    ("waiting", gettext_lazy("Not valid yet")),
    ("over", gettext_lazy("Expired")),
    ("archived", gettext_lazy("Archived")),
]


class Standing(NamedTuple):
    """What a link or coupon does now: for components/status.html."""

    word: str
    tone: str = ""
    reason: str = ""


def link_standing(link: Link, at: datetime) -> Standing:
    """Return whether a link's clicks are credited now, and why not."""
    if link.archived_at:
        return Standing(_("Archived"))
    if link.program.status != ProgramStatus.ACTIVE:
        return Standing(_("Closed"), "bad", _("the program is not active"))
    if link.enrollment.status != EnrollmentStatus.APPROVED:
        return Standing(_("Closed"), "bad", _("the affiliate is not approved"))
    if link.starts_at and at < link.starts_at:
        return Standing(_("Not started"), "wait")
    if link.ends_at and at >= link.ends_at:
        return Standing(_("Over"))
    return Standing(_("Works"), "good")


def coupon_standing(coupon: Coupon, uses: int, at: datetime) -> Standing:
    """Return whether a coupon's use credits its affiliate now, and why not."""
    if coupon.archived_at:
        return Standing(_("Archived"))
    if coupon.enrollment.status != EnrollmentStatus.APPROVED:
        return Standing(_("Closed"), "bad", _("the affiliate is not approved"))
    if coupon.valid_from and at < coupon.valid_from:
        return Standing(_("Not valid yet"), "wait")
    if coupon.valid_until and at >= coupon.valid_until:
        return Standing(_("Expired"))
    if coupon.uses_max is not None and uses >= coupon.uses_max:
        return Standing(_("Used up"))
    return Standing(_("Valid"), "good")


class OwnedFilter(ListFilter):
    """What both links and coupons are found by.

    States are of the moment `at`. An affiliate is looked for among the `enrollments`,
    by themselves, so that counting many rows joins none of them.
    """

    q = search_field(gettext_lazy("Code, name or affiliate"))
    program = django_filters.ChoiceFilter(
        field_name="program_id",
        label=gettext_lazy("Program"),
        empty_label=gettext_lazy("All programs"),
    )
    enrollment = django_filters.UUIDFilter(field_name="enrollment_id", widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, at: datetime, enrollments: QuerySet[Enrollment], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.at = at
        self.enrollments = enrollments

    def owned_by(self, text: str) -> Q:
        """Return the condition that what the affiliate is called has the text in it."""
        named = self.enrollments.filter(search_text__contains=text.lower())
        found = named.order_by().values_list("id", flat=True)
        # Asked once and not with each question of the page, unless they are many.
        few = list(found[: NAMED_MAX + 1])
        return Q(enrollment_id__in=few if len(few) <= NAMED_MAX else found)


class LinkFilter(OwnedFilter):
    """Links by program, state and part of what they are called."""

    state = django_filters.ChoiceFilter(
        method="by_state",
        label=gettext_lazy("Show"),
        choices=LINK_STATES,
        empty_label=gettext_lazy("Everything"),
    )
    field_order = ("q", "program", "state")

    def search(self, rows: Rows, _name: str, text: str) -> Rows:
        """Find a part of the code, the name or the affiliate."""
        named = Q(code__icontains=text) | Q(name__icontains=text)
        return rows.filter(named | self.owned_by(text))

    def by_state(self, rows: Rows, _name: str, wanted: str) -> Rows:
        """Keep the links in one state."""
        if wanted == "archived":
            return rows.filter(archived_at__isnull=False)
        kept = rows.filter(archived_at=None)
        if wanted == "smart":
            return kept.exclude(smart_rule="")
        if wanted == "waiting":
            return kept.filter(starts_at__gt=self.at)
        if wanted == "over":
            return kept.filter(ends_at__lte=self.at)
        open_now = Q(starts_at=None) | Q(starts_at__lte=self.at)
        return kept.filter(open_now, Q(ends_at=None) | Q(ends_at__gt=self.at))


class CouponFilter(OwnedFilter):
    """Coupons by program, state and part of the code; `first` and `last` name a generated batch."""

    state = django_filters.ChoiceFilter(
        method="by_state",
        label=gettext_lazy("Show"),
        choices=COUPON_STATES,
        empty_label=gettext_lazy("Everything"),
    )
    first = django_filters.UUIDFilter(field_name="id", lookup_expr="gte", widget=forms.HiddenInput)
    last = django_filters.UUIDFilter(field_name="id", lookup_expr="lte", widget=forms.HiddenInput)

    def search(self, rows: Rows, _name: str, text: str) -> Rows:
        """Find a part of the code or the affiliate."""
        return rows.filter(Q(code__contains=text.upper()) | self.owned_by(text))

    def by_state(self, rows: Rows, _name: str, wanted: str) -> Rows:
        """Keep the coupons in one state; how often they were used is not asked here."""
        if wanted == "archived":
            return rows.filter(archived_at__isnull=False)
        kept = rows.filter(archived_at=None)
        if wanted == "waiting":
            return kept.filter(valid_from__gt=self.at)
        if wanted == "over":
            return kept.filter(valid_until__lte=self.at)
        begun = Q(valid_from=None) | Q(valid_from__lte=self.at)
        return kept.filter(begun, Q(valid_until=None) | Q(valid_until__gt=self.at))


class LinkTable(tables.Table):
    """Links with what they brought."""

    code = cell("link", gettext_lazy("Link"))
    affiliate = cell(
        "link_affiliate", gettext_lazy("Affiliate"), order_by=("affiliate__name", "id")
    )
    destination_url = cell("link_page", gettext_lazy("Leads to"), orderable=False)
    standing = cell("link_standing", gettext_lazy("State"), orderable=False)
    clicks = cell("link_clicks", gettext_lazy("Clicks"), orderable=False, attrs=NUMBER)
    conversions = cell(
        "link_conversions", gettext_lazy("Conversions"), orderable=False, attrs=NUMBER
    )

    class Meta:
        template_name = "components/table.html"
        row_attrs = {"data-href": page_of("link")}
        attrs = {"caption": gettext_lazy("Links"), "id": "results"}
        empty_text = gettext_lazy("No link matches. Take a filter away to see more.")


class CouponTable(tables.Table):
    """Coupons with their limits and uses."""

    code = cell("coupon", gettext_lazy("Code"))
    affiliate = cell(
        "link_affiliate", gettext_lazy("Affiliate"), order_by=("affiliate__name", "id")
    )
    valid_until = cell("coupon_validity", gettext_lazy("Valid"))
    uses = cell("coupon_uses", gettext_lazy("Uses"), orderable=False, attrs=NUMBER)
    standing = cell("coupon_standing", gettext_lazy("State"), orderable=False)
    end = cell("coupon_end", "", orderable=False, attrs=NUMBER)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": gettext_lazy("Coupons"), "id": "results"}
        empty_text = gettext_lazy("No coupon matches. Take a filter away to see more.")


class MissedTable(tables.Table):
    """Codes that lead nowhere."""

    code = cell("missed", gettext_lazy("Code"), orderable=False)
    reason = cell("missed_reason", gettext_lazy("Why"), orderable=False, attrs=WIDE)
    referrer = cell("missed_from", gettext_lazy("Came from"), orderable=False)
    seen_at = cell("time", gettext_lazy("Last seen"), orderable=False)
    total = cell("missed_hits", gettext_lazy("Visits"), orderable=False, attrs=NUMBER)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": gettext_lazy("Unknown codes"), "id": "results"}
        empty_text = gettext_lazy("No unknown code in these days.")
