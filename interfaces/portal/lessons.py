"""What there is to learn, and what the affiliate is through with."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from interfaces.portal.door import Visit, affiliate_page
from interfaces.portal.materials import material_tabs
from materials.lessons import complete_lesson, done_by, lessons_for
from merchants.tenancy import merchant_context


@require_safe
@affiliate_page
def lessons(visit: Visit) -> HttpResponse:
    """List the lessons by folder, with what is done of each."""
    on = visit.at.date()
    active = [row for row in visit.enrollments if row.is_active]
    chosen = [row for row in active if visit.program_id in (None, row.program_id)]
    found = list(lessons_for(chosen, on=on))
    done = done_by(visit.affiliate.id, found)
    context = {
        "rows": [{"lesson": row, "done": row.id in done} for row in found],
        "done": len(done),
        "total": len(found),
        "several": len(chosen) > 1,
        **material_tabs(active, on=on),
    }
    return visit.show("portal/lessons.html", context, nav="materials", by_program=True)


@require_POST
@affiliate_page
def lesson_done(visit: Visit, material_id: UUID) -> HttpResponse:
    """Note that the affiliate is through with a lesson."""
    found = lessons_for(visit.enrollments, on=visit.at.date()).filter(id=material_id).first()
    own = (row for row in visit.enrollments if found and row.program_id == found.program_id)
    enrollment = next(own, None)
    if found is None or enrollment is None:
        raise Http404
    with merchant_context(found.merchant_id):
        complete_lesson(lesson=found, enrollment=enrollment, at=visit.at)
    messages.success(visit.request, _("Well done."))
    return redirect("portal:lessons")
