"""Filters of lists that members gave a name, shown above the list to all of them."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from affiliates.care import notes
from affiliates.models import SavedList, Segment
from common.refusals import BadValue
from interfaces.console.access import acts, show_denied
from interfaces.console.forms.care import SegmentForm
from interfaces.console.pages import ConsoleRequest
from merchants.rights import Right

# Whoever decides on what a list shows, keeps its filters.
RIGHTS: Final = {
    SavedList.AFFILIATES: Right.REVIEW_AFFILIATES,
    SavedList.CONVERSIONS: Right.REVIEW_CONVERSIONS,
    SavedList.COMMISSIONS: Right.REVIEW_COMMISSIONS,
}


def saved_views(request: ConsoleRequest, shown: SavedList) -> dict[str, Any]:
    """Return what a list needs to show and save its views."""
    return {
        "segments": notes.segments_of(request.member, shown),
        "segment_form": SegmentForm(initial={"list": shown}, auto_id="segment_%s"),
        "may_save": request.member.may(RIGHTS[shown]),
        "save_url": f"{reverse('console:segment-save')}?{request.GET.urlencode()}",
        "query": request.GET.urlencode(),
    }


def _page_of(shown: SavedList) -> str:
    return reverse(f"console:{shown.lower()}")


@acts(None)
def segment_save(request: ConsoleRequest) -> HttpResponse:
    """Give the filter in the address a name."""
    if request.POST.get("list") not in SavedList.values:
        raise Http404
    shown = SavedList(request.POST["list"])
    if not request.member.may(RIGHTS[shown]):
        return show_denied(request, RIGHTS[shown])
    form = SegmentForm(request.POST)
    query = request.GET.urlencode()
    if form.is_valid():
        _save(request, shown, form.cleaned_data["name"], query)
    else:
        messages.error(request, _("A saved view needs a name of up to 80 characters."))
    return redirect(f"{_page_of(shown)}?{query}")


def _save(request: ConsoleRequest, shown: SavedList, name: str, query: str) -> None:
    whose: dict[str, Any] = {"member": request.member, "list": shown, "at": request.at}
    try:
        notes.save_segment(name=name, query=query, **whose)
        messages.success(request, _("Saved."))
    except BadValue as error:
        messages.error(request, str(error))


@acts(None)
def segment_delete(request: ConsoleRequest, segment_id: UUID) -> HttpResponse:
    """Forget a saved filter."""
    segment = Segment.objects.filter(merchant_id=request.merchant.id, id=segment_id).first()
    if segment is None:
        raise Http404
    shown = SavedList(segment.list)
    if not request.member.may(RIGHTS[shown]):
        return show_denied(request, RIGHTS[shown])
    notes.delete_segment(member=request.member, segment=segment, at=request.at)
    return redirect(_page_of(shown))
