"""How VAT is split over the lines of an invoice, and what the law wants said about it. Pure."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from common.money import WHOLE_BPS, divide_half_even
from payouts.tax.places import EU, UK

SELF_BILLING = "Self-billing"  # The very words that Art. 226 (10a) asks for, in any language.
REVERSE_CHARGE = "Reverse charge"  # Art. 226 (11a).


def spread(total_minor: int, amounts: Sequence[int], *, rate_bps: int) -> list[int]:
    """Return the VAT of each net amount such that the parts sum to exactly the total.

    Each line is rounded half to even; what is over or short goes to the largest line.
    """
    parts = [divide_half_even(amount * rate_bps, WHOLE_BPS) for amount in amounts]
    return settle(total_minor, parts, amounts)


def settle(total_minor: int, parts: Sequence[int], amounts: Sequence[int]) -> list[int]:
    """Return the parts so that they sum to the total: the largest line bears the difference."""
    settled = list(parts)
    if settled:
        largest = max(range(len(settled)), key=lambda index: (abs(amounts[index]), -index))
        settled[largest] += total_minor - sum(settled)
    return settled


def contained(gross_minor: int, *, rate_bps: int) -> int:
    """Return the VAT inside a gross amount, half to even: 119.00 at 19 % contain 19.00."""
    return divide_half_even(gross_minor * rate_bps, WHOLE_BPS + rate_bps)


def note_on_vat(*, payer_country: str, payee_country: str, has_vat_id: bool, is_small: bool) -> str:
    """Return why an invoice between businesses charges no VAT, in the words of Art. 226."""
    if payer_country == payee_country:
        return _small() if is_small else ""
    if payer_country in EU and payee_country in EU and not has_vat_id:
        return _small() if is_small else ""
    if payer_country in EU or payer_country == UK:
        return REVERSE_CHARGE + ". " + _("The recipient accounts for the VAT.")
    return _("Not subject to VAT at the seat of the supplier.")


def _small() -> str:
    return _("No VAT is charged: small business (exemption of Art. 284 of Directive 2006/112/EC).")
