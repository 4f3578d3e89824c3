"""The public page of a program, and how a visitor becomes its affiliate there."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.utils import has_verified_email
from allauth.account.views import SignupView
from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from affiliates.applications import reapply_at
from affiliates.directory import affiliate_of, invitations_to
from affiliates.funnel import count_step
from affiliates.models import Affiliate, Enrollment, FunnelStep, Status
from affiliates.services import (
    AlreadyEnrolled,
    Consent,
    ProgramClosed,
    ReapplyTooEarly,
    TermsNotAccepted,
    adopt_invitation,
    enlist_affiliate,
)
from affiliates.terms import contract_in_force
from common.clock import now
from common.pictures import allow_pictures
from interfaces.languages import language_for
from interfaces.portal.calculator import VISITORS, CalculatorForm
from interfaces.portal.invited import forget_lead, lead_of
from interfaces.portal.join_forms import JoinForm, JoinSignupForm
from interfaces.portal.offer import Offer, load_offer
from interfaces.portal.questions import typed_answers
from interfaces.portal.wish import Typed, forget_wish, keep_wish, typed_for
from merchants.tenancy import merchant_context
from programs.directory import find_program
from programs.models import JoinMode
from programs.models import Status as ProgramStatus
from recruiting.joining import NO_LEAD, join_program
from tracking.visits import AGENT_SIGNS, HUMAN, Visit, classify
from users.models import User

SETTLED = {  # Standings with which the page has nothing to ask.
    Status.APPLIED,
    Status.APPROVED,
    Status.SUSPENDED,
    Status.DECLINED,
    Status.LEFT,
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at the page, and what they are to the program."""

    user: User | None = None
    affiliate: Affiliate | None = None
    enrollment: Enrollment | None = None
    # Of who was rejected: whether, and from when on, they may apply again.
    may_reapply: bool = False
    reapply_at: datetime | None = None

    @property
    def standing(self) -> str:
        """The status of the enrollment; empty without one."""
        return self.enrollment.status if self.enrollment else ""

    def may_ask(self, offer: Offer) -> bool:
        """Whether there is a form for this visitor."""
        if offer.program.status != ProgramStatus.ACTIVE or self.standing in SETTLED:
            return False
        if self.standing == Status.REJECTED:
            return self.may_reapply
        return offer.is_open or self.standing == Status.INVITED

    def must_apply(self, offer: Offer) -> bool:
        """Whether the merchant looks at what this visitor writes before they are in."""
        if self.standing == Status.REJECTED:
            return True
        return offer.program.join_mode == JoinMode.APPLICATION and self.standing != Status.INVITED


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, merchant_slug: str, program_slug: str) -> HttpResponse:
    """Show a program to anybody; take whoever wants to join."""
    program = find_program(merchant_slug=merchant_slug, program_slug=program_slug)
    if program is None:
        raise Http404
    offer = load_offer(program, at=now())
    visitor = read_visitor(request, offer)
    offer = offer_to(offer, visitor)
    if request.method != "POST":
        form = first_form(request, offer, visitor)
        calculates = VISITORS in request.GET  # Who is here already.
        if form is not None and not calculates and is_person(request):
            count_step(program=program, step=FunnelStep.VISITED, at=now())
        return show_offer(request, offer, visitor, form)
    if not visitor.may_ask(offer):
        return redirect(address_of(offer))
    if visitor.user is None:
        return sign_up(request, offer)
    return take_in(request, offer, visitor)


@csrf_exempt  # It acts for nobody, and tells nothing.
@require_POST
def started(request: HttpRequest, merchant_slug: str, program_slug: str) -> HttpResponse:
    """Count a visitor who began to fill the form in; the page says so once."""
    program = find_program(merchant_slug=merchant_slug, program_slug=program_slug)
    if program is None:
        raise Http404
    if program.status == ProgramStatus.ACTIVE and is_person(request):
        count_step(program=program, step=FunnelStep.STARTED, at=now())
    return HttpResponse(status=204)


def is_person(request: HttpRequest) -> bool:
    """Whether the user agent is no crawler, preview or program; a HEAD is never a person's."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    visit = Visit(request.method or "", headers, [], "")
    return request.method != "HEAD" and classify(visit, AGENT_SIGNS) == HUMAN


def address_of(offer: Offer) -> str:
    """Return the path of the offer's page."""
    program = offer.program
    return reverse("public:join", args=[program.merchant.slug, program.slug])


def read_visitor(request: HttpRequest, offer: Offer) -> Visitor:
    """Return who asks; an invitation counts for the verified address it was sent to."""
    if not isinstance(request.user, User):
        return Visitor()
    user, program = request.user, offer.program
    affiliate = affiliate_of(user)
    enrollment = None
    if affiliate is not None:
        with merchant_context(program.merchant_id):
            rows = Enrollment.objects.filter(merchant_id=program.merchant_id, program=program)
            enrollment = rows.filter(affiliate_id=affiliate.id).select_related("program").first()
    if enrollment is None and has_verified_email(user, user.email):
        invitations = invitations_to(user.email)
        enrollment = next((row for row in invitations if row.program_id == program.id), None)
    if enrollment is None or enrollment.status != Status.REJECTED:
        return Visitor(user, affiliate, enrollment)
    again = reapply_at(enrollment)
    return Visitor(user, affiliate, enrollment, again is not None and again <= now(), again)


def offer_to(offer: Offer, visitor: Visitor) -> Offer:
    """Return the offer with the terms that hold for this visitor.

    An invitation may come with a tier or a contract of its own.
    """
    if visitor.enrollment is None:
        return offer
    with merchant_context(offer.program.merchant_id):
        return replace(offer, terms=contract_in_force(visitor.enrollment))


def first_form(request: HttpRequest, offer: Offer, visitor: Visitor) -> forms.Form | None:
    """Return the form as it is met first: with what was typed before signing in."""
    if not visitor.may_ask(offer):
        return None
    initial: dict[str, Any] = dict(typed_for(request, offer.program))
    seen = initial.pop("terms_version", "")
    if offer.terms is not None:
        initial["terms"] = "on" if seen == str(offer.terms.version) else ""
    if visitor.user is None:
        return JoinSignupForm(offer=offer, initial=initial)
    initial.setdefault("name", visitor.user.name)
    if visitor.affiliate is not None:
        initial.setdefault("website", visitor.affiliate.website)
    return join_form(offer, visitor, initial=initial)


def join_form(offer: Offer, visitor: Visitor, **options: Any) -> JoinForm:
    """Return the form for who is signed in: an affiliate has said its name already."""
    invited = visitor.standing == Status.INVITED
    return JoinForm(
        offer=offer,
        with_name=visitor.affiliate is None and not invited,
        asks=visitor.must_apply(offer),
        **options,
    )


def show_offer(
    request: HttpRequest,
    offer: Offer,
    visitor: Visitor,
    form: forms.Form | None,
    *,
    status: int = 200,
    came_from_outside: bool = False,
) -> HttpResponse:
    """Return the page."""
    was_invited = lead_of(request, offer.program) != NO_LEAD
    context: dict[str, Any] = {
        "offer": offer,
        "program": offer.program,
        "merchant": offer.program.merchant,
        "brand": True,
        "visitor": visitor,
        "form": form,
        "came_from_outside": came_from_outside,
        "resumes": bool(visitor.user and typed_for(request, offer.program)) and not was_invited,
        "was_invited": was_invited,
        "applies": visitor.must_apply(offer),
        "page_url": request.build_absolute_uri(address_of(offer)),
        "next": address_of(offer),
        "portal_url": reverse("portal:home"),
    }
    merchant = offer.program.merchant
    with override(language_for(request, merchant)):
        if offer.calculable and offer.program.status == ProgramStatus.ACTIVE:
            context["calculator"] = CalculatorForm(offer, request.GET)
        response = render(request, "public/join.html", context, status=status)
    pictures = [merchant.logo_url, *(block.image_url for block in offer.blocks)]
    return allow_pictures(response, pictures)


# A visitor without an account ---------------------------------------------------------------------


def sign_up(request: HttpRequest, offer: Offer) -> HttpResponse:
    """Keep what was typed, then sign up or in; both lead back to this page."""
    typed: Typed = {name: request.POST.get(name, "") for name in ("name", "email")}
    typed |= typed_answers(offer.questions, request.POST)
    if request.POST.get("terms"):
        typed["terms_version"] = request.POST.get("terms_version", "")
    keep_wish(request, offer.program, typed)
    if "sign_in" in request.POST:
        return redirect_to_login(address_of(offer))
    return JoinBySigningUp.as_view(offer=offer)(request)


class JoinBySigningUp(SignupView):
    """allauth's sign-up with its limits and checks, on the join page and with its fields."""

    offer: Offer | None = None

    def get_form_class(self) -> type[JoinSignupForm]:
        """Return the form that makes an account and keeps the wish."""
        return JoinSignupForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form what it is about."""
        return super().get_form_kwargs() | {"offer": self.offer}

    def get_success_url(self) -> str:
        """Lead back to the page, once the address is verified."""
        assert self.offer is not None
        return address_of(self.offer)

    def render_to_response(self, context: dict[str, Any], **_options: Any) -> HttpResponse:
        """Show the page with what is wrong beside its field."""
        assert self.offer is not None
        return show_offer(self.request, self.offer, Visitor(), context["form"], status=422)


# A visitor who is signed in -----------------------------------------------------------------------


def take_in(request: HttpRequest, offer: Offer, visitor: Visitor) -> HttpResponse:
    """Join or apply, then lead to the portal, or to what happens next."""
    form = join_form(offer, visitor, data=request.POST)
    if not form.is_valid():
        return show_offer(request, offer, visitor, form, status=422)
    try:
        enrollment = join_as(request, offer, visitor, form)
    except TermsNotAccepted:
        form.add_error("terms", _("The terms changed a moment ago. Load this page again."))
    except ProgramClosed:
        form.add_error(None, _("This program takes nobody in at the moment."))
    except (AlreadyEnrolled, ReapplyTooEarly):
        return redirect(address_of(offer))
    except AddressNotVerified:
        form.add_error(None, _("Verify your e-mail address first, under “Account”."))
    else:
        forget_wish(request)
        forget_lead(request)
        if enrollment.status != Status.APPROVED:
            return redirect(address_of(offer))
        messages.success(request, _("You are in. Your link is ready."))
        return redirect("portal:home")
    return show_offer(request, offer, visitor, form, status=422)


class AddressNotVerified(Exception):
    """Nobody joins with an address that might be another person's."""


def join_as(request: HttpRequest, offer: Offer, visitor: Visitor, form: JoinForm) -> Enrollment:
    """Make the user an affiliate if they are none, and join; return the enrollment."""
    user, said = visitor.user, form.cleaned_data
    assert user is not None
    if not has_verified_email(user, user.email):
        raise AddressNotVerified(user.email)
    affiliate = enlist_affiliate(
        user=user,
        email_verified=True,
        name=said.get("name") or user.get_full_name(),
    )
    adopt_invitation(program=offer.program, affiliate=affiliate, email=user.email)
    consent = Consent(
        user=user,
        terms_version=offer.terms.version if said.get("terms") and offer.terms else None,
        ip=get_adapter().get_client_ip(request),
        user_agent=request.META.get("HTTP_USER_AGENT", ""),
    )
    return join_program(
        program=offer.program,
        affiliate=affiliate,
        consent=consent,
        application=form.application,
        lead=lead_of(request, offer.program),
        at=now(),
    )
