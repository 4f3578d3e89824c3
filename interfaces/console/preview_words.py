"""What would become of a conversion, step by step, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from interfaces.console.intake_words import intake_name
from interfaces.console.wording import money
from programs.models import Program
from tracking.intake import Tried
from tracking.postbacks import PostbackReport, Word

if TYPE_CHECKING:
    from commissions.preview_conversion import PreviewStep

MEANINGS: Final[dict[Word, Promise]] = {
    Word.TOKEN: lazy("Token"),
    Word.CLICK: lazy("Click"),
    Word.EXTERNAL_ID: lazy("Order id"),
    Word.GOAL: lazy("Goal"),
    Word.AMOUNT: lazy("Amount"),
    Word.CURRENCY: lazy("Currency"),
    Word.STATUS: lazy("Status"),
    Word.COUPON: lazy("Coupon"),
    Word.REFERRAL: lazy("Referral code"),
    Word.CUSTOMER: lazy("Customer"),
    Word.COUNTRY: lazy("Country"),
    Word.IS_NEW: lazy("Whether the customer is new"),
    Word.TAX: lazy("Tax"),
    Word.SHIPPING: lazy("Shipping"),
    Word.DISCOUNT: lazy("Discount"),
    Word.ITEMS: lazy("Items"),
    Word.QUANTITY: lazy("How often"),
    Word.METADATA: lazy("Notes"),
    Word.REFUND_ID: lazy("Refund id"),
    Word.REFUND_AMOUNT: lazy("Amount of the refund"),
    Word.REASON: lazy("Reason"),
    Word.TIME: lazy("Time"),
    Word.TEST: lazy("Whether it is a test"),
    Word.NOTE: lazy("Kept as a note"),
    Word.PERSONAL: lazy("About a person: not kept"),
    Word.IGNORED: lazy("Known, and of no use here"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step as the page shows it: done, failed, or merely something to know."""

    title: str
    text: str = ""
    ok: bool | None = True
    lines: Sequence[str] = field(default_factory=list)


def steps_of_call(tried: Tried) -> list[Step]:
    """Return how an address is read: whose words it speaks, its token, its parameters."""
    return [_address(tried), _token(tried), _parameters(tried)]


def _address(tried: Tried) -> Step:
    name = intake_name(tried.vocabulary.name)
    if tried.is_path_known:
        return Step(_("It speaks %(system)s") % {"system": name})
    right = f"{settings.EDGE_URL}{tried.vocabulary.path}"
    return Step(
        _("It looks like %(system)s") % {"system": name},
        _("No intake of ours has this path. Let it call %(address)s.") % {"address": right},
        ok=None,
    )


def _token(tried: Tried) -> Step:
    if tried.token_missing:
        text = _("It would be refused. The rest shows what would happen with the right one.")
        return Step(_("The token is missing"), text, ok=False)
    if tried.token_wrong:
        text = _("It would be refused. The rest shows what would happen with the right one.")
        return Step(_("The token is not this program's"), text, ok=False)
    return Step(_("The token is this program's"))


def _parameters(tried: Tried) -> Step:
    if tried.refusal is not None:
        at = f"{tried.refusal.parameter}: " if tried.refusal.parameter else ""
        return Step(_("The parameters would be refused"), f"{at}{tried.refusal.message}", ok=False)
    assert tried.report is not None
    strange = [name for name, word in tried.meanings.items() if word is None]
    text = ""
    if strange:
        text = _("Not understood, so passed over: %(names)s.") % {"names": ", ".join(strange)}
    return Step(_("The parameters are understood"), _said(tried.report) + text)


def _said(report: PostbackReport) -> str:
    """Return what is reported, where a preview says no more of it; else nothing."""
    if report.refund:
        amount = money(report.refund.amount_minor, report.currency)
        return _("A refund of %(amount)s of the order %(order)s. ") % {
            "amount": amount,
            "order": report.external_id,
        }
    if not report.goal:
        return _("A customer is made known: %(customer)s. ") % {"customer": report.customer_id}
    if report.is_step:
        return _("The step “%(step)s” is done. ") % {"step": report.goal}
    return ""


def meaning_of(word: Word | None) -> str:
    """Return what a parameter means."""
    return str(MEANINGS[word]) if word is not None else _("Not understood")


def steps_of_preview(found: Sequence["PreviewStep"], *, program: Program) -> list[Step]:
    """Return what would become of the conversion itself."""
    return [_told(step, program) for step in found]


def _told(step: "PreviewStep", program: Program) -> Step:
    facts: Mapping[str, Any] = step.facts
    return Step(step.name, " ".join(f"{k}: {v}" for k, v in facts.items()), ok=step.ok)
