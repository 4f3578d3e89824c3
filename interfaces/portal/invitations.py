"""The links that bring affiliates: of a letter to a prospect, and of an affiliate who recruits."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from common.clock import now
from interfaces.portal.invited import keep_lead
from interfaces.portal.join import is_person
from interfaces.portal.wish import keep_wish
from merchants.tenancy import merchant_context
from programs.directory import find_program
from recruiting.joining import Lead, find_recruiter
from recruiting.letters import BadToken, follow, unsubscribe


@never_cache
@require_safe
def prospect_invitation(request: HttpRequest, key: str) -> HttpResponse:
    """Lead to the program's page, its form filled with what is known; crawlers do not count."""
    found = follow(key, at=now(), counts=is_person(request))
    if found is None:
        return render(request, "public/invitation_over.html", status=404)
    program = found.program
    keep_lead(request, program, Lead(prospect_id=found.prospect_id))
    keep_wish(request, program, {name: text for name, text in found.known.items() if text})
    response = redirect("public:join", program.merchant.slug, program.slug)
    response["Referrer-Policy"] = "no-referrer"  # The address is the key.
    return response


@never_cache
@require_safe
def recruited(
    request: HttpRequest, merchant_slug: str, program_slug: str, code: str
) -> HttpResponse:
    """Lead to the program's page, remembering who recruits; an unknown code leads there, too."""
    program = find_program(merchant_slug=merchant_slug, program_slug=program_slug)
    if program is None:
        raise Http404
    with merchant_context(program.merchant_id):
        recruiter = find_recruiter(program, code)
    if recruiter is not None:
        keep_lead(request, program, Lead(recruiter_code=code))
    return redirect("public:join", merchant_slug, program_slug)


# A mail program posts here by itself (RFC 8058), without a cookie; the token is what counts.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def no_letters(request: HttpRequest) -> HttpResponse:
    """Ask, and write to them no more; opening it alone does nothing, as scanners do that."""
    if request.method == "POST":
        try:
            unsubscribe(request.GET.get("token", ""), at=now())
        except BadToken as error:
            raise Http404 from error
    response = render(request, "public/no_letters.html", {"is_done": request.method == "POST"})
    response["Referrer-Policy"] = "no-referrer"
    return response
