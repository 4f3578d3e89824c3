"""The directory of programs, of all merchants that opted in: search, rates in words, and apply."""

from typing import Any

from babel import Locale
from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import to_locale
from django.views.decorators.http import require_safe

from interfaces.portal.door import Newcomer, Visit, open_page
from interfaces.portal.host import host_merchant
from interfaces.portal.offer import load_offer
from interfaces.portal.text import language
from programs.directory import Wanted, listed_programs
from programs.models import Category, Listing
from programs.services import countries

PAGE = 10


def _countries() -> list[tuple[str, str]]:
    names = Locale.parse(to_locale(language())).territories
    known = sorted((names.get(code, code), code) for code in countries())
    return [("", _("Any country")), *((code, name) for name, code in known)]


class DirectoryForm(forms.Form):
    """What somebody looks for."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    category = forms.ChoiceField(
        label=_("Category"),
        required=False,
        choices=[("", _("Any category")), *Category.choices],
    )
    country = forms.ChoiceField(label=_("Country"), required=False, choices=_countries)


@require_safe
@open_page
def directory(visit: Visit | Newcomer) -> HttpResponse:
    """List the programs that fit; a merchant's own host knows no others'."""
    if host_merchant(visit.request) is not None:
        raise Http404
    form = DirectoryForm(visit.request.GET)
    said = form.cleaned_data if form.is_valid() else {}
    wanted = Wanted(said.get("q", ""), said.get("category", ""), said.get("country", ""))
    page = Paginator(listed_programs(wanted), PAGE).get_page(visit.request.GET.get("page"))
    mine = {row.program_id: row for row in visit.enrollments}
    context = {
        "form": form,
        "page": page,
        "rows": [_row(visit, listing, mine) for listing in page],
        "is_filtered": wanted != Wanted(),
    }
    return visit.show("portal/directory.html", context, nav="programs")


def _row(visit: Visit | Newcomer, listing: Listing, mine: dict[Any, Any]) -> dict[str, Any]:
    program = listing.program
    names = Locale.parse(to_locale(language())).territories
    return {
        "offer": load_offer(program, at=visit.at),
        "program": program,
        "merchant": program.merchant,
        "category": listing.get_category_display(),
        "countries": ", ".join(names.get(code, code) for code in listing.countries),
        "enrollment": mine.get(program.id),
        "join_url": reverse("public:join", args=[program.merchant.slug, program.slug]),
    }
