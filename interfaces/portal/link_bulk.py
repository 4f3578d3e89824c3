"""Many links at once, from lines that are pasted."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from affiliates.models import Enrollment
from interfaces.portal.door import Visit, form_page
from interfaces.portal.link_forms import ManyLinksForm, wrong_host
from interfaces.portal.links import hosts_of
from interfaces.portal.text import link_address
from merchants.tenancy import merchant_context
from programs.services import HostNotAllowed
from tracking.bulk import LinkDraft, create_links
from tracking.models import Link
from tracking.pasted import PastedLink
from tracking.services import CodeTaken, NotEnrolled


@require_http_methods(["GET", "HEAD", "POST"])
@form_page
def create_many(visit: Visit) -> HttpResponse:
    """Create the links that can be, and say of the others what is wrong with them."""
    active = [row for row in visit.enrollments if row.is_active]
    if not active:
        return redirect("portal:links")
    form = ManyLinksForm(visit.request.POST or None, enrollments=active)
    context: dict[str, Any] = {}
    status = 200
    if form.is_valid():
        enrollment = visit.enrollment(UUID(form.cleaned_data["enrollment"]))
        pasted = form.cleaned_data["lines"]
        context = _results(enrollment, pasted, _create(enrollment, pasted))
        left = "\n".join(row["text"] for row in context["refused"])
        again = {"enrollment": str(enrollment.id), "lines": left}
        form = ManyLinksForm(enrollments=active, initial=again)
    elif form.is_bound:
        status = 422
    context |= {"form": form, "hosts": hosts_of(active)}
    return visit.show("portal/link_bulk.html", context, nav="links", status=status)


def _create(enrollment: Enrollment, pasted: Sequence[PastedLink]) -> Sequence[Link | Exception]:
    drafts = [LinkDraft(enrollment, row.code, row.name, row.url) for row in pasted]
    with merchant_context(enrollment.merchant_id):
        return create_links(merchant_id=enrollment.merchant_id, drafts=drafts)


def _results(
    enrollment: Enrollment, pasted: Sequence[PastedLink], outcomes: Sequence[Link | Exception]
) -> dict[str, Any]:
    pairs = list(zip(pasted, outcomes, strict=True))
    made = [link for _row, link in pairs if isinstance(link, Link)]
    words = ngettext("%(count)s link is ready.", "%(count)s links are ready.", len(made))
    return {
        "made_words": words % {"count": len(made)},
        "made": made,
        "addresses": "\n".join(link_address(link.code) for link in made),
        "refused": [
            {
                "line": row.line,
                "text": ", ".join(filter(None, (row.url, row.name, row.code))),
                "reason": _reason(error, enrollment),
            }
            for row, error in pairs
            if isinstance(error, Exception)
        ],
    }


def _reason(error: Exception, enrollment: Enrollment) -> str:
    if isinstance(error, HostNotAllowed):
        return wrong_host(enrollment.program)
    if isinstance(error, CodeTaken):
        return _("This code is taken. Choose another one.")
    if isinstance(error, NotEnrolled):
        return _("You are not approved in this program at the moment.")
    return str(error)
