"""Where an affiliate speaks and who vouches for them; merchants see what is proven."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from affiliates.models import Affiliate, Channel, Network, Reference
from affiliates.proofs import META_NAME, ProofFinding, dns_record, find_proof
from affiliates.reach import (
    AskedLately,
    ChannelExists,
    ReferenceExists,
    add_channel,
    add_reference,
    ask_again,
    note_proof,
    remove_channel,
    remove_reference,
    set_phone,
)
from common.refusals import BadValue
from common.sentences import sentence
from interfaces.portal.door import Visit, affiliate_page
from interfaces.portal.reach_forms import ChannelForm, PhoneForm, ReferenceForm
from mailing.delivery import Mail, deliver_when_committed
from mailing.kinds import Kind
from tracking.services.enrollments import review_all_again


@require_safe
@affiliate_page
def reach(visit: Visit) -> HttpResponse:
    """Show channels with their proofs, references with their answers, and the phone number."""
    return _show(visit)


def _show(visit: Visit, **bad: forms.Form) -> HttpResponse:
    affiliate = visit.affiliate
    channels = Channel.objects.filter(affiliate=affiliate).order_by("created_at")
    context: dict[str, Any] = {
        "channels": [
            {
                "channel": row,
                "can_prove": row.network == Network.WEBSITE and row.verified_at is None,
                "record": dns_record(row.url),
                "meta": f'<meta name="{META_NAME}" content="{row.proof}">',
            }
            for row in channels
        ],
        "references": Reference.objects.filter(affiliate=affiliate).order_by("created_at"),
        "channel_form": ChannelForm(auto_id="channel_%s"),
        "reference_form": ReferenceForm(auto_id="reference_%s"),
        "phone_form": PhoneForm(initial={"phone": affiliate.phone}),
        **bad,
    }
    status = 422 if bad else 200
    return visit.show("portal/reach.html", context, nav="profile", status=status)


@require_POST
@affiliate_page
def channel_add(visit: Visit) -> HttpResponse:
    """Add a place where the affiliate promotes."""
    form = ChannelForm(visit.request.POST, auto_id="channel_%s")
    if form.is_valid() and _done(form, lambda: _add_channel(visit, form)):
        return redirect("portal:reach")
    return _show(visit, channel_form=form)


def _add_channel(visit: Visit, form: ChannelForm) -> None:
    try:
        add_channel(affiliate=visit.affiliate, **form.cleaned_data)
    except ChannelExists:
        form.add_error("url", _("This address is on your list already."))


def _done(form: forms.Form, act: Callable[[], object]) -> bool:
    """Do it; put what was refused into the form, and return whether nothing was."""
    try:
        act()
    except BadValue as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    return not form.errors


def _own_channel(affiliate: Affiliate, channel_id: UUID) -> Channel:
    found = Channel.objects.filter(affiliate=affiliate, id=channel_id).first()
    if found is None:
        raise Http404
    return found


@require_POST
@affiliate_page
def channel_remove(visit: Visit, channel_id: UUID) -> HttpResponse:
    """Take a channel off the list."""
    remove_channel(_own_channel(visit.affiliate, channel_id))
    return redirect("portal:reach")


# Proving: no transaction is open while the site is asked ------------------------------------------


@require_POST
def channel_check(request: HttpRequest, channel_id: UUID) -> HttpResponse:
    """Look for the proof now: through the door, out to the site, and through it again."""
    answer = _name_channel(request, channel_id)
    if answer.status_code != HttpResponse.status_code:
        return answer
    proof, url = answer.content.decode().split(" ", 1)
    return _tell_finding(request, channel_id, find_proof(url=url, proof=proof))


@affiliate_page
def _name_channel(visit: Visit, channel_id: UUID) -> HttpResponse:
    channel = _own_channel(visit.affiliate, channel_id)
    return HttpResponse(f"{channel.proof} {channel.url}")


@affiliate_page
def _tell_finding(visit: Visit, channel_id: UUID, finding: ProofFinding) -> HttpResponse:
    channel = _own_channel(visit.affiliate, channel_id)
    if note_proof(channel=channel, finding=finding, at=visit.at):
        review_all_again(affiliate_id=visit.affiliate.id, at=visit.at)
    if finding is ProofFinding.FOUND:
        messages.success(visit.request, _("Proven: this site is yours."))
    else:
        messages.warning(visit.request, sentence(str(finding.label)))
    return redirect("portal:reach")


# References ---------------------------------------------------------------------------------------


@require_POST
@affiliate_page
def reference_add(visit: Visit) -> HttpResponse:
    """Name somebody who vouches, and ask them by mail."""
    form = ReferenceForm(visit.request.POST, auto_id="reference_%s")
    if form.is_valid() and _done(form, lambda: _add_reference(visit, form)):
        return redirect("portal:reach")
    return _show(visit, reference_form=form)


def _add_reference(visit: Visit, form: ReferenceForm) -> None:
    try:
        reference, key = add_reference(affiliate=visit.affiliate, at=visit.at, **form.cleaned_data)
    except ReferenceExists:
        form.add_error("email", _("You have named this person already."))
    else:
        _mail(visit, reference, key)


def _mail(visit: Visit, reference: Reference, key: str) -> None:
    """Ask somebody after the commit; a mail server that is away fails no request."""
    facts = {
        "reference": reference,
        "affiliate": visit.affiliate,
        "url": settings.APP_URL + reverse("public:reference", args=[key]),
    }
    text = render_to_string("portal/mail/reference.txt", facts)
    subject = _("Do you vouch for %(name)s?") % {"name": visit.affiliate.name}
    deliver_when_committed([reference.email], Mail(Kind.REFERENCES, subject, text))
    messages.success(visit.request, _("We ask %(name)s by mail.") % {"name": reference.name})


def _own_reference(visit: Visit, reference_id: UUID) -> Reference:
    found = Reference.objects.filter(affiliate=visit.affiliate, id=reference_id).first()
    if found is None:
        raise Http404
    return found


@require_POST
@affiliate_page
def reference_ask(visit: Visit, reference_id: UUID) -> HttpResponse:
    """Ask somebody once more."""
    reference = _own_reference(visit, reference_id)
    try:
        _mail(visit, reference, ask_again(reference=reference, at=visit.at))
    except AskedLately:
        messages.warning(visit.request, _("They were asked lately, or have answered."))
    return redirect("portal:reach")


@require_POST
@affiliate_page
def reference_remove(visit: Visit, reference_id: UUID) -> HttpResponse:
    """Forget somebody who was named."""
    remove_reference(_own_reference(visit, reference_id))
    return redirect("portal:reach")


@require_POST
@affiliate_page
def phone_edit(visit: Visit) -> HttpResponse:
    """Store a phone number."""
    form = PhoneForm(visit.request.POST)
    if form.is_valid() and _done(
        form, lambda: set_phone(affiliate=visit.affiliate, text=form.cleaned_data["phone"])
    ):
        messages.success(visit.request, _("Saved."))
        return redirect("portal:reach")
    return _show(visit, phone_form=form)
