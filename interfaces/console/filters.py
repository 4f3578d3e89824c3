"""What lists can be filtered by; the address carries every filter."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from commissions.models import PHASES
from commissions.models import Kind as CommissionKind
from commissions.models import Status as CommissionStatus
from commissions.selectors import commissions_to_review
from commissions.selectors import counted as counted_commissions
from common.clock import now
from common.ids import id_floor
from interfaces.console.intake_words import INTAKE_REASONS, INTAKES
from interfaces.console.wording import EVENT_NOUNS
from merchants.models import ActorKind
from payouts.models import BatchStatus, DocumentKind
from programs.models import Program
from tracking.models import (
    ClickClass,
    ConversionStatus,
    ImportProfile,
    ImportStatus,
    Outcome,
    Reason,
    Source,
    Touch,
)
from tracking.selectors import calls_holding, uncredited
from tracking.selectors import counted as counted_conversions

COUNTED = "counted"
REVIEW = "review"
UNCREDITED = "uncredited"
UNCONFIRMED = "unconfirmed"
CREDITED, REFUSED, UNIQUE = "credited", "refused", "unique"
ONLY_TESTS = "only"
ALL_TOGETHER = "all"
Rows = QuerySet[Any, Any]


def day_starts(day: date) -> datetime:
    """Return the first moment of a day in UTC, the zone of all figures."""
    return datetime.combine(day, time.min, tzinfo=UTC)


def day_ends(day: date) -> datetime:
    """Return the first moment after a day."""
    return day_starts(day + timedelta(days=1))


def search_field(help_text: Any, method: str = "search") -> django_filters.CharFilter:
    """Return the filter of the search box."""
    return django_filters.CharFilter(method=method, label=_("Search"), help_text=help_text)


def day_field(label: Any, method: str) -> django_filters.DateFilter:
    """Return the filter of one end of a range of days."""
    widget = forms.DateInput(attrs={"type": "date"})
    return django_filters.DateFilter(method=method, label=label, widget=widget)


class ListFilter(django_filters.FilterSet):
    """The base of all filters; `programs` are those the merchant can choose from."""

    more: ClassVar[tuple[str, ...]] = ()  # Fields that wait behind a button.

    def __init__(
        self, data: QueryDict, queryset: Rows, *, programs: Sequence[Program] = ()
    ) -> None:
        super().__init__(data, queryset)
        self.programs = programs
        if "program" in self.filters:
            self.filters["program"].extra["choices"] = [
                (str(program.id), program.name) for program in programs
            ]
        currencies = sorted({program.currency for program in programs})
        if "currency" in self.filters:
            self.filters["currency"].extra["choices"] = [(code, code) for code in currencies]
            if len(currencies) < 2:
                self.filters["currency"].extra["widget"] = forms.HiddenInput

    @property
    def rows(self) -> Rows:
        """The rows that match; a filter that cannot be read matches nothing, not everything."""
        rows: Rows = self.qs if self.form.is_valid() else self.queryset.none()
        return rows

    @property
    def is_active(self) -> bool:
        """Whether anything is filtered."""
        return not self.form.is_valid() or any(self.form.cleaned_data.values())

    @property
    def more_used(self) -> int:
        """How many of those behind the button are set."""
        return sum(bool(self.form[name].value()) for name in self.more)


class ConversionFilter(ListFilter):
    """Conversions by program, goal, standing, days; found by the merchant's own id."""

    more = ("reason", "source", "tests")

    q = search_field(_("Order id, exactly"), method="find")
    program = django_filters.ChoiceFilter(
        field_name="program_id", label=_("Program"), empty_label=_("All programs")
    )
    goal = django_filters.ChoiceFilter(
        field_name="goal__code", label=_("Goal"), empty_label=_("All goals")
    )
    show = django_filters.ChoiceFilter(
        method="standing",
        label=_("Show"),
        empty_label=_("Everything"),
        choices=[
            (COUNTED, _("Credited, not declined")),
            (UNCREDITED, _("Nobody credited")),
            (UNCONFIRMED, _("Not confirmed yet")),
            *ConversionStatus.choices,
        ],
    )
    reason = django_filters.ChoiceFilter(
        label=_("Reason"),
        choices=[(reason.value, reason.label) for reason in Reason if reason],
        empty_label=_("Every reason"),
    )
    source = django_filters.ChoiceFilter(
        label=_("Reported by"), choices=Source.choices, empty_label=_("Every source")
    )
    tests = django_filters.ChoiceFilter(
        method="with_tests",
        label=_("Tests"),
        empty_label=_("Tests hidden"),
        choices=[(ONLY_TESTS, _("Tests only")), (ALL_TOGETHER, _("With tests"))],
    )
    since = day_field(_("From"), "from_day")
    until = day_field(_("To"), "to_day")
    currency = django_filters.ChoiceFilter(label=_("Currency"), empty_label=_("All currencies"))
    enrollment = django_filters.UUIDFilter(
        field_name="credits__enrollment_id", widget=forms.HiddenInput
    )

    def __init__(
        self,
        data: QueryDict,
        queryset: Rows,
        *,
        programs: Sequence[Program] = (),
        goals: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(data, queryset, programs=programs)
        self.filters["goal"].extra["choices"] = list(goals)

    def filter_queryset(self, queryset: Rows) -> Rows:
        """Filter, and hide tests unless they are asked for: no figure counts them."""
        rows: Rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data["tests"] else rows.filter(is_test=False)

    def find(self, rows: Rows, _name: str, text: str) -> Rows:
        """Find one order by the id that the shop gave it."""
        return rows.filter(external_id=text.strip())

    def with_tests(self, rows: Rows, _name: str, wanted: str) -> Rows:
        """Keep tests alone, or with all others."""
        return rows.filter(is_test=True) if wanted == ONLY_TESTS else rows

    def standing(self, rows: Rows, _name: str, wanted: str) -> Rows:
        """Keep a status, or what reports count."""
        if wanted == COUNTED:
            return counted_conversions(rows)
        if wanted == UNCONFIRMED:
            return rows.filter(source=Source.PIXEL, confirmed_at=None)
        return uncredited(rows) if wanted == UNCREDITED else rows.filter(status=wanted)

    def from_day(self, rows: Rows, _name: str, day: date) -> Rows:
        """Keep what happened on the day or later."""
        return rows.filter(occurred_at__gte=day_starts(day))

    def to_day(self, rows: Rows, _name: str, day: date) -> Rows:
        """Keep what happened on the day or earlier."""
        return rows.filter(occurred_at__lt=day_ends(day))


class CustomerFilter(ListFilter):
    """Customers by the merchant's own id."""

    q = search_field(_("Customer id, exactly"))
    bound = django_filters.ChoiceFilter(
        method="by_binding",
        label=_("Came through"),
        empty_label=_("Everybody"),
        choices=[("yes", _("An affiliate")), ("no", _("Nobody"))],
    )

    def search(self, rows: Rows, _name: str, text: str) -> Rows:
        """Find one by the id that the shop gave them."""
        return rows.filter(external_id=text.strip())

    def by_binding(self, rows: Rows, _name: str, wanted: str) -> Rows:
        """Keep those whom something bound to an affiliate, or the others."""
        touches = Touch.objects.filter(
            merchant_id=OuterRef("merchant_id"), customer_id=OuterRef("id")
        )
        return rows.filter(Exists(touches) if wanted == "yes" else ~Exists(touches))


class IntakeCallFilter(ListFilter):
    """Calls of the public intakes by what they were and what became of them."""

    q = search_field(_("Order, click or anything that was said"))
    program = django_filters.ChoiceFilter(
        field_name="program_id", label=_("Program"), empty_label=_("All programs")
    )
    intake = django_filters.ChoiceFilter(
        label=_("Intake"), choices=list(INTAKES.items()), empty_label=_("All intakes")
    )
    outcome = django_filters.ChoiceFilter(
        label=_("Outcome"), choices=Outcome.choices, empty_label=_("Every outcome")
    )
    reason = django_filters.ChoiceFilter(
        label=_("Reason"),
        choices=lambda: [(code, told.title) for code, told in INTAKE_REASONS.items()],
        empty_label=_("Every reason"),
    )
    since = day_field(_("From"), "from_day")
    until = day_field(_("To"), "to_day")

    def search(self, rows: Rows, _name: str, text: str) -> Rows:
        """Find a part of whatever was said."""
        return calls_holding(rows, text.strip())

    def from_day(self, rows: Rows, _name: str, day: date) -> Rows:
        """Keep what was said on the day or later; the id tells the time."""
        return rows.filter(id__gte=id_floor(day_starts(day)))

    def to_day(self, rows: Rows, _name: str, day: date) -> Rows:
        """Keep what was said on the day or earlier."""
        return rows.filter(id__lt=id_floor(day_ends(day)))


class ImportFilter(ListFilter):
    """Imports by program, kind and outcome."""

    q = search_field(_("Name of the file"))
    program = django_filters.ChoiceFilter(
        field_name="program_id", label=_("Program"), empty_label=_("All programs")
    )
    profile = django_filters.ChoiceFilter(
        label=_("What is in it"), choices=ImportProfile.choices, empty_label=_("Every kind")
    )
    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=ImportStatus.choices, empty_label=_("Every status")
    )

    def search(self, rows: Rows, _name: str, text: str) -> Rows:
        """Find a part of the file's name."""
        return rows.filter(file_name__icontains=text.strip())


class CommissionFilter(ListFilter):
    """Commissions by program, affiliate, standing and days."""

    q = search_field(_("Affiliate or order id"))
    program = django_filters.ChoiceFilter(
        field_name="program_id", label=_("Program"), empty_label=_("All programs")
    )
    show = django_filters.ChoiceFilter(
        method="standing",
        label=_("Show"),
        empty_label=_("Everything"),
        choices=[
            (COUNTED, _("All but declined")),
            (REVIEW, _("Hold over, to be reviewed")),
            *CommissionStatus.choices,
        ],
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=CommissionKind.choices, empty_label=_("Every kind")
    )
    since = day_field(_("From"), "from_day")
    until = day_field(_("To"), "to_day")
    currency = django_filters.ChoiceFilter(label=_("Currency"), empty_label=_("All currencies"))
    enrollment = django_filters.UUIDFilter(field_name="enrollment_id", widget=forms.HiddenInput)

    def search(self, rows: Rows, _name: str, text: str) -> Rows:
        """Find a part of the affiliate's name or address, or the whole order id."""
        return rows.filter(
            Q(affiliate__name__icontains=text)
            | Q(affiliate__email__icontains=text)
            | Q(conversion__external_id=text.strip())
        )

    def standing(self, rows: Rows, _name: str, wanted: str) -> Rows:
        """Keep a status, or what reports count."""
        if wanted == REVIEW:
            return commissions_to_review(rows, at=now())
        if wanted == COUNTED:
            return counted_commissions(rows)
        return rows.filter(status=wanted, phase=PHASES[CommissionStatus(wanted)])

    def from_day(self, rows: Rows, _name: str, day: date) -> Rows:
        """Keep what was earned on the day or later."""
        return rows.filter(earned_at__gte=day_starts(day))

    def to_day(self, rows: Rows, _name: str, day: date) -> Rows:
        """Keep what was earned on the day or earlier."""
        return rows.filter(earned_at__lt=day_ends(day))


class BatchFilter(ListFilter):
    """Payout batches by status."""

    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=BatchStatus.choices, empty_label=_("Every status")
    )


class DocumentFilter(ListFilter):
    """Papers by kind, number and whose."""

    q = search_field(_("Number or affiliate"))
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=DocumentKind.choices, empty_label=_("Every kind")
    )

    def search(self, rows: Rows, _name: str, text: str) -> Rows:
        """Find a part of the number or the affiliate's name."""
        return rows.filter(
            Q(number__icontains=text.strip()) | Q(affiliate__name__icontains=text.strip())
        )


class EventFilter(ListFilter):
    """History by what happened, to what, who did it, and when."""

    NOBODY = "fairlead"

    q = search_field(_("Type as in “payout”, or an id"))
    person = django_filters.ChoiceFilter(
        method="by_person", label=_("Who"), empty_label=_("Anybody")
    )
    kind = django_filters.ChoiceFilter(
        method="of_kind",
        label=_("What"),
        empty_label=_("Anything"),
        choices=list(EVENT_NOUNS.items()),
    )
    subject = django_filters.UUIDFilter(field_name="subject_id", widget=forms.HiddenInput)
    since = day_field(_("From"), "from_day")
    until = day_field(_("To"), "to_day")

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.filters["person"].extra["choices"] = people

    def by_person(self, rows: Rows, _name: str, wanted: str) -> Rows:
        """Keep what one member or key did, or Fairlead by itself."""
        if wanted == self.NOBODY:
            return rows.filter(actor_kind=ActorKind.SYSTEM)
        return rows.filter(actor_id=wanted)

    def of_kind(self, rows: Rows, _name: str, noun: str) -> Rows:
        """Keep what happened to one kind of thing."""
        return rows.filter(type__startswith=f"{noun}.")

    def search(self, rows: Rows, _name: str, text: str) -> Rows:
        """Find a subject by its id, or a part of the type."""
        try:
            return rows.filter(subject_id=UUID(text.strip()))
        except ValueError:
            return rows.filter(type__icontains=text.strip().lower().replace(" ", "_"))

    def from_day(self, rows: Rows, _name: str, day: date) -> Rows:
        """Keep what happened on the day or later."""
        return rows.filter(at__gte=day_starts(day))

    def to_day(self, rows: Rows, _name: str, day: date) -> Rows:
        """Keep what happened on the day or earlier."""
        return rows.filter(at__lt=day_ends(day))


class ClickFilter(ListFilter):
    """Clicks by program and by what made them; the days are read before the rows are."""

    program = django_filters.ChoiceFilter(
        field_name="program_id", label=_("Program"), empty_label=_("All programs")
    )
    kind = django_filters.ChoiceFilter(
        label=_("Made by"), choices=ClickClass.choices, empty_label=_("Anything")
    )
    show = django_filters.ChoiceFilter(
        method="standing",
        label=_("Show"),
        empty_label=_("Everything"),
        choices=[
            (CREDITED, _("Credited only")),
            (REFUSED, _("Refused only")),
            (UNIQUE, _("Unique only")),
        ],
    )
    since = day_field(_("From"), "unchanged")
    until = day_field(_("To"), "unchanged")
    enrollment = django_filters.UUIDFilter(field_name="enrollment_id", widget=forms.HiddenInput)
    link = django_filters.UUIDFilter(field_name="link_id", widget=forms.HiddenInput)
    destination = django_filters.UUIDFilter(field_name="destination_id", widget=forms.HiddenInput)

    def standing(self, rows: Rows, _name: str, wanted: str) -> Rows:
        """Keep what is credited, what is not, or each visitor's first."""
        if wanted == UNIQUE:
            return rows.filter(is_unique=True)
        return rows.filter(refusal="") if wanted == CREDITED else rows.exclude(refusal="")

    def unchanged(self, rows: Rows, _name: str, _day: date) -> Rows:
        """Leave the rows: the view chose the partitions by the days already."""
        return rows
