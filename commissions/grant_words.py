"""Grants in words: what is given, and to whom."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commissions.models import Grant, GrantKind
from common.money import format_money


def describe_grant(grant: Grant, *, locale: str = "en") -> str:
    """Return what is given: “2 free months”, “10% off”. Its program is at hand."""
    quantity: int = grant.quantity
    if grant.kind == GrantKind.CREDIT:
        amount = format_money(quantity, currency=grant.program.currency, locale=locale)
        return _("%(amount)s credit") % {"amount": amount}
    if grant.kind == GrantKind.FREE_MONTHS:
        said = ngettext("%(count)s free month", "%(count)s free months", quantity)
        return said % {"count": quantity}
    if grant.kind == GrantKind.DISCOUNT:
        return _("%(percent)s%% off") % {"percent": f"{(Decimal(quantity) / 100).normalize():f}"}
    said = ngettext("%(count)s gift", "%(count)s gifts", quantity) % {"count": quantity}
    return f"{said}: {grant.description}" if grant.description else said
