"""What is paid next, in words: about how much, when, and where to."""

from datetime import UTC
from typing import Any

from django.utils.translation import gettext as _

from interfaces.portal.charts import day_label
from interfaces.portal.door import Visit
from interfaces.portal.text import money
from payouts.models import PayoutMethod
from payouts.next_payouts import NextPayout, next_payouts


def expected_told(visit: Visit, method: PayoutMethod | None) -> list[dict[str, Any]]:
    """Return what each merchant is expected to pay next, the soonest first."""
    names = {row.merchant_id: row.program.merchant.name for row in visit.enrollments}
    return [
        {
            "currency": row.currency,
            "merchant": names.get(row.merchant_id, ""),
            "text": _text(visit, row, method),
            "note": _("refunds, taxes and fees may change it") if row.day else "",
        }
        for row in next_payouts(visit.affiliate.id, at=visit.at)
    ]


def _text(visit: Visit, row: NextPayout, method: PayoutMethod | None) -> str:
    amount = money(row.amount_minor, row.currency)
    if row.day is None:
        said = {"amount": amount, "missing": money(row.missing_minor, row.currency)}
        return _("%(amount)s so far, %(missing)s below the smallest payout") % said
    if row.day <= visit.at.astimezone(UTC).date():
        when = _("About %(amount)s as soon as the merchant pays") % {"amount": amount}
    else:
        said = {"amount": amount, "day": day_label(row.day)}
        when = _("About %(amount)s on %(day)s") % said
    if method is None:
        return when
    where = f"{method.get_kind_display()} {method.masked}"
    return _("%(when)s, to %(method)s") % {"when": when, "method": where}
