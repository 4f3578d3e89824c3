"""Many links of an affiliate at once, from lines that are pasted or a file."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from affiliates.models import Enrollment
from interfaces.console.access import edits
from interfaces.console.forms.links import ManyLinksForm
from interfaces.console.forms.refusals import where_links_lead
from interfaces.console.links import asked_affiliate
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.snippets import link_url
from merchants.rights import Right
from programs.services import HostNotAllowed
from tracking.bulk import LinkDraft, create_links
from tracking.models import Link
from tracking.pasted import PastedLink
from tracking.services import CodeTaken, NotEnrolled


@edits(Right.REVIEW_AFFILIATES)
def links_create(request: ConsoleRequest) -> HttpResponse:
    """Create the links that can be, and say of the others what is wrong with them."""
    merchant_id = request.merchant.id
    initial = {"affiliate": asked_affiliate(request)}
    form = ManyLinksForm(
        request.POST or None, request.FILES or None, merchant_id=merchant_id, initial=initial
    )
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        enrollment, pasted = form.cleaned_data["affiliate"], form.links
        drafts = [LinkDraft(enrollment, row.code, row.name, row.url) for row in pasted]
        outcomes = create_links(merchant_id=merchant_id, drafts=drafts)
        context = _results(enrollment, pasted, outcomes)
        left = "\n".join(row["text"] for row in context["refused"])
        again = {"affiliate": enrollment.code, "lines": left}
        form = ManyLinksForm(merchant_id=merchant_id, initial=again)
    status = 422 if form.errors else 200
    return show_page(
        request, "console/links/bulk.html", {"form": form, **context}, nav="links", status=status
    )


def _results(
    enrollment: Enrollment, pasted: Sequence[PastedLink], outcomes: Sequence[Any]
) -> dict[str, Any]:
    pairs = list(zip(pasted, outcomes, strict=True))
    made = [(row, link) for row, link in pairs if isinstance(link, Link)]
    count = len(made)
    return {
        "made_words": ngettext("%(count)s link is ready.", "%(count)s links are ready.", count)
        % {"count": count},
        "made": [{"url": row.url, "name": row.name, "link": link} for row, link in made],
        "addresses": "\n".join(link_url(link.code) for _row, link in made),
        "refused": [
            {
                "line": row.line,
                "text": ", ".join(filter(None, (row.url, row.name, row.code))),
                "reason": _reason(error, enrollment),
            }
            for row, error in pairs
            if not isinstance(error, Link)
        ],
        "enrollment": enrollment,
    }


def _reason(error: Exception, enrollment: Enrollment) -> str:
    if isinstance(error, HostNotAllowed):
        return where_links_lead(enrollment.program)
    if isinstance(error, CodeTaken):
        return _("This code is taken.")
    if isinstance(error, NotEnrolled):
        return _("Only approved affiliates get links and coupons.")
    return str(error)
