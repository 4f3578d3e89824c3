"""Tax: which forms somebody has given, which are asked for, and one question at a time."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.countries import country_codes
from interfaces.portal.door import Visit, affiliate_page, owner_page
from interfaces.portal.tax_forms import CountryForm, TaxForm
from interfaces.portal.tax_words import form_card, need_words
from merchants.models import Merchant
from payouts.models import US_FORMS, TaxFormKind, VatStatus
from payouts.tax.agreements import VERSION, accept_self_billing, end_self_billing
from payouts.tax.forms import form_for
from payouts.tax.needs import Need, needs_of
from payouts.tax.places import US
from payouts.tax.profiles import Signature, forms_in_force, sign_form

PAYERS = ("us", "other")  # Whom a form is for: payers in the United States, or all others.
WHO = ("person", "business")


def merchants_of(visit: Visit) -> list[Merchant]:
    """Return the merchants that the affiliate promotes, once each."""
    return list({row.merchant_id: row.program.merchant for row in visit.enrollments}.values())


def merchants_who_wait(visit: Visit) -> list[str]:
    """Return the names of the merchants that tax keeps from paying the affiliate."""
    needs = needs_of(visit.affiliate.id, merchants_of(visit), visit.at)
    return [need.merchant.name for need in needs if need.standing.missing is not None]


@require_safe
@affiliate_page
def tax(visit: Visit) -> HttpResponse:
    """Show the forms that were given, and what each merchant still needs."""
    needs = needs_of(visit.affiliate.id, merchants_of(visit), visit.at)
    given = {form.kind in US_FORMS: form for form in forms_in_force(visit.affiliate.id)}
    wanted = {need.is_in_us for need in needs} or {False}
    context = {
        "cards": [
            form_card(given.get(is_us), is_us=is_us, at=visit.at)
            for is_us in (False, True)
            if is_us in wanted or is_us in given
        ],
        "needs": [need_words(need) for need in needs],
    }
    return visit.show("portal/tax.html", context, nav="tax")


# One question at a time --------------------------------------------------------------------------


@require_safe
@owner_page
def start_form(visit: Visit) -> HttpResponse:
    """Ask where somebody is at home and who they are, then lead to the form that follows."""
    payer = _one_of(PAYERS, visit.request.GET.get("payer", "other"))
    country = visit.request.GET.get("country", "")
    who = visit.request.GET.get("who", "")
    if country not in country_codes():
        asked = "country" in visit.request.GET
        form = CountryForm(
            visit.request.GET if asked else None, initial={"country": visit.affiliate.country}
        )
        return _ask(visit, "country", {"form": form, "hidden": {"payer": payer}})
    if country == US:
        return redirect(_form_url(payer, country, "person"))
    if who not in WHO:
        choices = [
            {"url": _form_url(payer, country, value), "title": title, "text": text}
            for value, title, text in (
                ("person", _("A private person"), _("You promote in your own name.")),
                ("business", _("A business"), _("A company, or self-employed with a VAT id.")),
            )
        ]
        return _ask(visit, "who", {"choices": choices})
    return redirect(_form_url(payer, country, who))


def _one_of(known: tuple[str, ...], said: str) -> str:
    if said not in known:
        raise Http404
    return said


def _form_url(payer: str, country: str, who: str) -> str:
    query = urlencode({"payer": payer, "country": country, "who": who})
    return f"{reverse('portal:tax-sign')}?{query}"


def _ask(visit: Visit, question: str, context: dict[str, Any]) -> HttpResponse:
    return visit.show("portal/tax_question.html", {"question": question, **context}, nav="tax")


@reauthentication_required
def _require_fresh(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@never_cache
@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest) -> HttpResponse:
    """Fill in and sign a form; only for who has just proved who they are.

    allauth would keep a form posted too late in the session, numbers in clear; so such a form is
    asked for again instead.
    """
    try:
        _require_fresh(request)
    except ReauthenticationRequired:
        if request.method == "POST":
            return redirect(request.get_full_path())
        raise
    return _sign(request)


@owner_page
def _sign(visit: Visit) -> HttpResponse:
    query = visit.request.GET
    payer = _one_of(PAYERS, query.get("payer", ""))
    country = query.get("country", "")
    who = _one_of(WHO, query.get("who", ""))
    if country not in country_codes():
        raise Http404
    kind = form_for(country=country, is_business=who == "business", payer_in_us=payer == "us")
    form = TaxForm(
        visit.request.POST or None,
        kind=kind,
        country=country,
        on=visit.at.date(),
        initial={"legal_name": visit.affiliate.name},
    )
    if form.is_valid():
        return _signed(visit, form, kind)
    context = {"form": form, "kind": kind, "title": kind.label, "back": _back(payer)}
    status = 422 if form.is_bound else 200
    return visit.show("portal/tax_form.html", context, nav="tax", status=status)


def _back(payer: str) -> str:
    return f"{reverse('portal:tax-form')}?{urlencode({'payer': payer})}"


def _signed(visit: Visit, form: TaxForm, kind: TaxFormKind) -> HttpResponse:
    signature = Signature(
        user=visit.user,
        name=form.cleaned_data["signed_name"],
        at=visit.at,
        ip=get_adapter().get_client_ip(visit.request),
    )
    profile = sign_form(
        affiliate=visit.affiliate,
        kind=kind,
        country=form.country,
        details=form.details,
        signature=signature,
    )
    messages.success(visit.request, _("Your form is signed."))
    if profile.vat_status == VatStatus.UNCHECKED:
        messages.info(visit.request, _("We are asking about your VAT id."))
    return redirect("portal:tax")


# Self-billing ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@owner_page
def self_billing(visit: Visit, merchant_id: UUID) -> HttpResponse:
    """Show what self-billing means; on POST agree to it."""
    need = _need_of(visit, merchant_id)
    if need.own is None:
        raise Http404
    if visit.request.method == "POST":
        accept_self_billing(
            affiliate=visit.affiliate,
            merchant_id=merchant_id,
            user=visit.user,
            ip=get_adapter().get_client_ip(visit.request),
            at=visit.at,
        )
        messages.success(visit.request, _("Agreed. Your invoices appear under “Documents”."))
        return redirect("portal:tax")
    context = {"need": need, "version": VERSION}
    return visit.show("portal/self_billing.html", context, nav="tax")


@require_POST
@owner_page
def self_billing_end(visit: Visit, merchant_id: UUID) -> HttpResponse:
    """End the agreement from now on."""
    _need_of(visit, merchant_id)
    end_self_billing(
        affiliate=visit.affiliate, merchant_id=merchant_id, user=visit.user, at=visit.at
    )
    messages.success(visit.request, _("Ended. Without it this merchant cannot pay you."))
    return redirect("portal:tax")


def _need_of(visit: Visit, merchant_id: UUID) -> Need:
    mine = [merchant for merchant in merchants_of(visit) if merchant.id == merchant_id]
    if not mine:
        raise Http404
    return needs_of(visit.affiliate.id, mine, visit.at)[0]
