"""Tax in words, as merchants read them."""

from datetime import datetime
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from interfaces.console.wording import LEFT_OUT
from payouts.models import TaxFault, TaxProfile, VatStatus
from payouts.tax.annual import Verdict
from payouts.tax.standing import TaxStanding

VERDICTS: Final[dict[Verdict, tuple[str, str | Promise]]] = {  # Tone and word.
    Verdict.DUE: ("info", lazy("1099-NEC is due")),
    Verdict.BELOW: ("", lazy("Below the threshold")),
    Verdict.NO_FORM: ("bad", lazy("No W-9: ask for it")),
    Verdict.CORPORATION: ("", lazy("A corporation: none")),
    Verdict.FOREIGN: ("", lazy("Foreign: none")),
    Verdict.FOREIGN_WITHHELD: ("info", lazy("1042-S is due")),
    Verdict.CURRENCY: ("wait", lazy("Convert to USD first")),
    Verdict.NONE: ("", "–"),
}


def standing_words(standing: TaxStanding) -> dict[str, Any]:
    """Return what tax says of paying an affiliate."""
    if standing.missing is not None:
        return {"tone": "wait", "title": _("Not paid now"), "text": LEFT_OUT[standing.missing]}
    if standing.withholding_bps:
        text = _("%(rate)s of each payout is kept for the tax office.")
        rate = f"{standing.withholding_bps / 100:g} %"
        return {"tone": "wait", "title": _("Tax is withheld"), "text": text % {"rate": rate}}
    if standing.vat_bps:
        text = _("Their invoices charge %(rate)s of VAT.")
        rate = f"{standing.vat_bps / 100:g} %"
        return {"tone": "good", "title": _("Can be paid"), "text": text % {"rate": rate}}
    return {"tone": "good", "title": _("Can be paid"), "text": ""}


def form_status(form: TaxProfile, fault: TaxFault | None, *, at: datetime) -> dict[str, Any]:
    """Return whether a form counts with this merchant."""
    if fault is not None:
        return {"word": _("Doubted"), "tone": "bad", "reason": fault.reason}
    if form.expires_on is not None and form.expires_on < at.date():
        return {"word": _("Expired"), "tone": "bad", "reason": ""}
    return {"word": _("In force"), "tone": "good", "reason": ""}


def form_facts(form: TaxProfile) -> list[dict[str, Any]]:
    """Return what a merchant may see of a form: no number in full."""
    number = f"…{form.tax_id_last_four}" if form.tax_id_last_four else _("none given")
    facts = [
        {"label": _("Tax residence"), "value": form.country},
        {"label": _("Number"), "value": number},
        {"label": _("Signed"), "value": f"{date_format(form.signed_at)}, {form.signed_name}"},
    ]
    if form.vat_status != VatStatus.NONE:
        facts.append({"label": _("VAT id"), "value": vat_words(form)})
    if form.expires_on:
        facts.append({"label": _("Valid until"), "value": date_format(form.expires_on)})
    return facts


def vat_words(form: TaxProfile) -> str:
    """Return what the register has said, with the proof."""
    if form.vat_checked_at is None:
        waits = form.vat_next_check_at is not None
        return _("Being checked") if waits else _("Its form is right; no register can be asked")
    known = form.vat_name or _("name not told")
    words = f"{form.get_vat_status_display()}, {date_format(form.vat_checked_at)}, {known}"
    return f"{words}, {form.vat_consultation}" if form.vat_consultation else words
