"""Mails about budgets: rows that are due, marked first and sent after the commit.

A mail server that is away takes the marks back, so that the next round tries again.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from commissions.models import Budget, BudgetUse
from commissions.services.budgets import give_alerts, uses_to_tell_of
from common.money import format_money
from mailing.delivery import Mail, deliver, in_each_language
from mailing.kinds import Kind
from merchants.tenancy import merchant_context

log = structlog.get_logger()

BATCH = 100
NAMED_MAX = 20  # Uses that a mail lists; the rest it counts.


def tell_of_budgets(*, merchant_id: UUID, at: datetime) -> int:
    """Record and mail which alerts a merchant's budgets have passed; return how many.

    Safe to run twice at once. Members who may change programs hear of all of them together.
    """
    with merchant_context(merchant_id):
        due = uses_to_tell_of(BudgetUse.objects.filter(merchant_id=merchant_id))
        in_order = due.order_by("budget_id", "counted", "period_start")
        uses = list(in_order.select_for_update(skip_locked=True)[:BATCH])
        give_alerts(merchant_id, uses, at=at)
        mails = [_mail(merchant_id, uses)] if uses else []
        told = [(use.pk, use.mailed_bps) for use in uses]
        for use in uses:
            BudgetUse.objects.filter(pk=use.pk).update(mailed_bps=use.reached_bps)
    return len(uses) if _sent(mails, merchant_id, told, at) else 0


@in_each_language
def _mail(merchant_id: UUID, uses: Sequence[BudgetUse]) -> Mail:
    budgets = Budget.objects.select_related("program").in_bulk([use.budget_id for use in uses])
    names = _names(merchant_id, {use.counted for use in uses} - {""})
    lines = [_line(use, budgets[use.budget_id], names) for use in uses[:NAMED_MAX]]
    first = budgets[uses[0].budget_id]
    facts = {
        "lines": lines,
        "more": max(len(uses) - NAMED_MAX, 0),
        "url": settings.APP_URL + reverse("console:program-budgets", args=[first.program_id]),
    }
    subject = _("Budget: %(percent)s %% used in %(program)s") % {
        "percent": max(use.reached_bps for use in uses) // 100,
        "program": first.program.name,
    }
    text = render_to_string("commissions/mail/budgets_reached.txt", facts)
    return Mail(Kind.BUDGETS, subject, text)


def _line(use: BudgetUse, budget: Budget, names: dict[str, str]) -> dict[str, object]:
    currency = budget.program.currency
    return {
        "program": budget.program.name,
        "whose": names.get(use.counted, ""),
        "period": budget.get_period_display(),
        "percent": use.reached_bps // 100,
        "used": format_money(use.used_minor, currency=currency),
        "limit": format_money(budget.limit_minor, currency=currency),
        "is_hard": budget.is_hard,
    }


def _names(merchant_id: UUID, enrollment_ids: set[str]) -> dict[str, str]:
    rows = Enrollment.objects.filter(merchant_id=merchant_id, id__in=enrollment_ids)
    return {str(id): name for id, name in rows.values_list("id", "affiliate__name")}


def _sent(
    mails: Sequence[Mail], merchant_id: UUID, told: Sequence[tuple[object, int]], at: datetime
) -> bool:
    """Send the mails; return whether they went out, and if not, forget that they did."""
    try:
        deliver(mails, merchant_id=merchant_id, at=at)
    except OSError as error:  # Of the network, and smtplib's own.
        log.warning("budgets.mail_failed", merchant=str(merchant_id), error=str(error))
        with merchant_context(merchant_id):
            for pk, mailed_bps in told:
                BudgetUse.objects.filter(pk=pk).update(mailed_bps=mailed_bps)
        return False
    return True
