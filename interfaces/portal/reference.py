"""The page for whom an affiliate named: do they vouch?"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from affiliates.directory import reference_of
from affiliates.reach import answer_reference
from common.clock import now
from tracking.services.enrollments import review_all_again


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reference(request: HttpRequest, key: str) -> HttpResponse:
    """Ask, and take the answer; opening the link alone says nothing, as mail scanners do that."""
    found = reference_of(key)
    if found is None:
        raise Http404
    if request.method == "POST":
        at = now()
        vouches = request.POST.get("answer") == "yes"
        if answer_reference(reference=found, vouches=vouches, at=at) and vouches:
            review_all_again(affiliate_id=found.affiliate_id, at=at)
        return redirect("public:reference", key)
    response = render(request, "public/reference.html", {"reference": found})
    response["Referrer-Policy"] = "no-referrer"  # The address is the key.
    return response
