"""What lists are filtered by: all of it in the URL, and none of it wider than the affiliate."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from interfaces.portal.charts import month_label
from interfaces.portal.door import Visit
from reports.affiliate_money import Period, State
from reports.affiliate_traffic import links_of
from tracking.models import ConversionStatus, Link

STATES = [
    (State.EARNED, _("All")),
    (State.ON_ITS_WAY, _("On its way")),
    (State.PENDING, _("Pending")),
    (State.APPROVED, _("Approved")),
    (State.IN_PAYOUT, _("In payout")),
    (State.PAID, _("Paid")),
    (State.DECLINED, _("Declined")),
]


class ListFilter(forms.Form):
    """A filter bar; what it does not understand, it ignores, except for what is not one's own."""

    program = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def is_active(self) -> bool:
        """Whether anything is filtered."""
        return any(self.data.get(name) for name in self.fields)

    def chosen(self, name: str) -> Any:
        """Return the value of a valid field, else its first choice."""
        self.is_valid()
        return self.cleaned_data.get(name) or ""


class EarningsFilter(ListFilter):
    """Lines by state, month and currency."""

    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)
    month = forms.ChoiceField(label=_("Month"), required=False)
    currency = forms.ChoiceField(label=_("Currency"), required=False)

    def __init__(
        self, *args: Any, months: Iterable[date], currencies: Iterable[str], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        named = [(f"{month:%Y-%m}", month_label(month)) for month in months]
        self.fields["month"].choices = [("", _("All")), *named]  # type: ignore[attr-defined]
        kinds = sorted(currencies)
        self.fields["currency"].choices = [  # type: ignore[attr-defined]
            ("", _("All")),
            *((currency, currency) for currency in kinds),
        ]
        if len(kinds) < 2:
            self.fields["currency"].widget = forms.HiddenInput()

    @property
    def chosen_state(self) -> State:
        """The chosen state; everything that was earned by default."""
        return State(self.chosen("state") or State.EARNED)

    @property
    def chosen_period(self) -> Period | None:
        """The chosen month, if there is one."""
        month = self.chosen("month")
        return Period.month_of(datetime.fromisoformat(f"{month}-01T00:00+00:00")) if month else None


class ConversionFilter(ListFilter):
    """Conversions by status and link."""

    status = forms.ChoiceField(
        label=_("Status"), choices=[("", _("All")), *ConversionStatus.choices[1:]], required=False
    )
    link = forms.CharField(required=False, widget=forms.HiddenInput)


class ClickFilter(ListFilter):
    """Clicks by who made them, and link."""

    show = forms.ChoiceField(
        label=_("Show"),
        choices=[
            ("", pgettext_lazy("clicks", "People")),
            ("counted", _("Counted")),
            ("all", _("Everything")),
        ],
        required=False,
    )
    link = forms.CharField(required=False, widget=forms.HiddenInput)
    days = forms.CharField(required=False, widget=forms.HiddenInput)


def link_chosen(visit: Visit) -> Link | None:
    """Return the link of `?link=`, if one is asked for.

    :raises Http404: if it is none of the affiliate's.
    """
    wanted = visit.request.GET.get("link", "")
    if not wanted:
        return None
    found = (link for link in links_of(visit.affiliate.id) if str(link.id) == wanted)
    link = next(found, None)
    if link is None:
        raise Http404
    return link
