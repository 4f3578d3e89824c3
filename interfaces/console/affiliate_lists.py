"""The list of affiliates: what it is filtered by, and its columns."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Exists, F, OrderBy, OuterRef
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from affiliates.care.search import search_enrollments
from affiliates.care.selectors import tags_of, tiers_by_program
from affiliates.health import Band
from affiliates.models import NAME_IN_ORDER, Status, Tagging, Type
from interfaces.console.audience import country_choices
from interfaces.console.filters import ListFilter, Rows, search_field
from interfaces.console.tables import NUMBER, cell, page_of
from merchants.selectors import members_of
from programs.models import Program

NOBODY = "nobody"


class EnrollmentFilter(ListFilter):
    """Affiliates by what they are, how they stand, and part of what they are called.

    `merchant_id` says whose tags, tiers and members there are to choose from.
    """

    more = ("tier", "tag", "owner", "type", "country", "health")

    program = django_filters.ChoiceFilter(
        field_name="program_id", label=_("Program"), empty_label=_("All programs")
    )
    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=Status.choices, empty_label=_("Every status")
    )
    tier = django_filters.ChoiceFilter(
        field_name="tier_id", label=_("Tier"), empty_label=_("All tiers")
    )
    tag = django_filters.ChoiceFilter(
        method="tagged", label=_("Tag"), empty_label=_("With any tag or none")
    )
    owner = django_filters.ChoiceFilter(
        method="owned", label=_("Looked after by"), empty_label=_("Anybody or nobody")
    )
    type = django_filters.ChoiceFilter(
        field_name="affiliate__type",
        label=_("Type"),
        choices=Type.choices,
        empty_label=_("Every type"),
    )
    country = django_filters.ChoiceFilter(
        field_name="affiliate__country",
        label=_("Country"),
        choices=country_choices,
        empty_label=_("All countries"),
    )
    health = django_filters.ChoiceFilter(
        method="healthy", label=_("Health"), choices=Band.choices, empty_label=_("Any health")
    )
    # The last: what is alike is looked for among the rows that match all others.
    q = search_field(_("Name, e-mail, code or website"))

    def __init__(
        self,
        data: QueryDict,
        queryset: Rows,
        *,
        programs: Sequence[Program] = (),
        merchant_id: UUID,
    ) -> None:
        super().__init__(data, queryset, programs=programs)
        members = members_of(merchant_id).filter(disabled_at=None)
        self._offer("tier", [(str(id), name) for id, name in tiers_by_program(merchant_id)])
        self._offer("tag", [(str(tag.id), tag.name) for tag in tags_of(merchant_id)])
        self._offer(
            "owner",
            [(NOBODY, _("Nobody"))]
            + [(str(member.id), member.user.get_full_name()) for member in members],
        )

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        extra = self.filters[name].extra
        extra["choices"] = choices
        if not choices:
            extra["widget"] = forms.HiddenInput

    def search(self, rows: Rows, _name: str, text: str) -> Rows:
        """Find a part of the name, the address, the referral code or the website."""
        return search_enrollments(rows, text)

    def tagged(self, rows: Rows, _name: str, tag_id: str) -> Rows:
        """Keep those with the tag."""
        taggings = Tagging.objects.filter(
            merchant_id=OuterRef("merchant_id"), enrollment_id=OuterRef("id"), tag_id=tag_id
        )
        return rows.filter(Exists(taggings))

    def owned(self, rows: Rows, _name: str, member_id: str) -> Rows:
        """Keep those whom the member looks after."""
        return rows.filter(owner=None) if member_id == NOBODY else rows.filter(owner_id=member_id)

    def healthy(self, rows: Rows, _name: str, band: str) -> Rows:
        """Keep those of one band of health."""
        return rows.filter(health__range=Band(band).limits)


class EnrollmentTable(tables.Table):
    """Affiliates in programs."""

    select = tables.CheckBoxColumn(
        accessor="id",
        orderable=False,
        attrs={
            "td__input": {"name": "selected", "form": "bulk", "aria-label": _("Select")},
            "th__input": {"data-select-page": "bulk", "aria-label": _("Select all on this page")},
        },
    )
    affiliate = cell("affiliate", _("Affiliate"))
    program = tables.Column(accessor="program__name", verbose_name=_("Program"))
    status = cell("status", _("Status"))
    health = cell("enrollment_health", _("Health"))
    created_at = cell("day", _("Since"))
    clicks = cell("enrollment_clicks", _("Clicks"), orderable=False, attrs=NUMBER)
    conversions = cell("enrollment_conversions", _("Conversions"), orderable=False, attrs=NUMBER)
    commission = cell("enrollment_commission", _("Commission"), orderable=False, attrs=NUMBER)

    def order_affiliate(self, rows: Rows, is_descending: bool) -> tuple[Rows, bool]:
        """Sort by name as an index does, which joins no other table."""
        order = [OrderBy(one, descending=is_descending) for one in (NAME_IN_ORDER, F("id"))]
        return rows.order_by(*order), True

    class Meta:
        template_name = "components/table.html"
        row_attrs = {"data-href": page_of("affiliate")}
        attrs = {"caption": _("Affiliates"), "id": "results"}
        empty_text = _("No affiliate matches. Take a filter away to see more.")
