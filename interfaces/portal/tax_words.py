"""Tax in words: what a form is worth, what a merchant still needs."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from interfaces.portal.text import Said
from payouts.left_out import LeftOut
from payouts.models import TaxProfile, VatStatus
from payouts.tax.needs import Need


def form_card(form: TaxProfile | None, *, is_us: bool, at: datetime) -> dict[str, Any]:
    """Return one of the two forms as its card shows it; numbers masked."""
    payer = "us" if is_us else "other"
    card: dict[str, Any] = {
        "title": _("For merchants in the United States") if is_us else _("For all other merchants"),
        "url": f"{reverse('portal:tax-form')}?payer={payer}",
        "form": form,
    }
    if form is None:
        return card
    facts = [{"label": _("Signed"), "value": date_format(form.signed_at)}]
    if form.tax_id_last_four:
        facts.append({"label": _("Number"), "value": f"…{form.tax_id_last_four}"})
    if form.vat_status != VatStatus.NONE:
        facts.append({"label": _("VAT id"), "value": vat_words(form)})
    if form.expires_on:
        facts.append({"label": _("Valid until"), "value": date_format(form.expires_on)})
    return {**card, "facts": facts, "status": form_status(form, at)}


def form_status(form: TaxProfile, at: datetime) -> Said:
    """Return whether a form is in force."""
    if form.expires_on is not None and form.expires_on < at.date():
        return Said(_("Expired"), "bad", _("sign it anew"))
    if form.vat_status == VatStatus.INVALID:
        return Said(_("VAT id not valid"), "bad", _("its register does not know it"))
    return Said(_("In force"), "good")


def vat_words(form: TaxProfile) -> str:
    """Return what the register has said."""
    if form.vat_status == VatStatus.VALID and form.vat_checked_at:
        return _("Valid, checked on %(day)s") % {"day": date_format(form.vat_checked_at)}
    if form.vat_status == VatStatus.INVALID:
        return _("Not valid")
    if form.vat_next_check_at is None:
        return _("Its form is right")
    return _("Being checked")


def need_words(need: Need) -> dict[str, Any]:
    """Return what a merchant needs, with the way to give it."""
    said = {"merchant": need.merchant, "need": need, "agreement_url": "", "end_url": ""}
    if need.issues_invoices:
        page = "portal:self-billing-end" if need.agreement else "portal:self-billing"
        key = "end_url" if need.agreement else "agreement_url"
        said[key] = reverse(page, args=[need.merchant.id])
    return {**said, "status": _status(need), "text": _text(need)}


def _status(need: Need) -> Said:
    if need.fault is not None:
        return Said(_("Form doubted"), "bad", need.fault.reason)
    missing = need.standing.missing
    if missing is None and need.standing.withholding_bps:
        kept = f"{need.standing.withholding_bps / 100:g} %"
        return Said(_("Tax is withheld"), "wait", kept)
    return Said(_("Complete"), "good") if missing is None else Said(_MISSING[missing](), "wait")


_MISSING = {
    LeftOut.NO_TAX_FORM: lambda: _("A tax form is needed"),
    LeftOut.TAX_FORM_EXPIRED: lambda: _("Your tax form has expired"),
    LeftOut.NO_AGREEMENT: lambda: _("Your agreement is needed"),
    LeftOut.VAT_ID_UNCHECKED: lambda: _("Your VAT id is being checked"),
}


def _text(need: Need) -> str:
    if need.fault is not None:
        return _("The tax office says that name and number differ. Please sign the form anew.")
    if need.standing.missing is not None:
        return _("Until then you are left out of its payouts.")
    if need.standing.withholding_bps:
        return _("It goes to the tax office in your name. A valid form may end that.")
    return ""
