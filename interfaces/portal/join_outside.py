"""A merchant's own page sends its form here: the visitor goes on where an account is made.

Nothing is stored and nobody is acted for, so the form needs no token of ours and works from any
site. Neither session nor sign-in is touched: a foreign page could otherwise sign people out.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from common.clock import now
from interfaces.portal.join import Visitor, address_of, show_offer
from interfaces.portal.join_forms import JoinSignupForm
from interfaces.portal.offer import load_offer
from interfaces.portal.questions import typed_answers
from programs.directory import find_program
from programs.models import JoinMode


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join_outside(request: HttpRequest, merchant_slug: str, program_slug: str) -> HttpResponse:
    """Show the program's page with what was typed elsewhere; a GET leads to the page itself."""
    program = find_program(merchant_slug=merchant_slug, program_slug=program_slug)
    if program is None:
        raise Http404
    offer = load_offer(program, at=now())
    if request.method != "POST" or not Visitor().may_ask(offer):
        return redirect(address_of(offer))
    applies = offer.program.join_mode == JoinMode.APPLICATION
    typed = typed_answers(offer.questions if applies else (), request.POST)
    initial = typed | {name: request.POST.get(name, "")[:254] for name in ("name", "email")}
    form = JoinSignupForm(offer=offer, initial=initial)
    return show_offer(request, offer, Visitor(), form, came_from_outside=True)
