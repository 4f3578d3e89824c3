"""Rewards that are no money, as the affiliate reads them."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, to_locale

from commissions.grant_words import describe_grant
from commissions.grants import grants_of_affiliate
from commissions.models import Grant, GrantStatus
from interfaces.portal.door import Visit
from interfaces.portal.text import Said, language

SHOWN_MAX = 50

GRANTS: dict[str, Said] = {
    GrantStatus.PENDING: Said(gettext_lazy("On hold"), "wait"),
    GrantStatus.DUE: Said(gettext_lazy("On its way"), "info"),
    GrantStatus.GIVEN: Said(gettext_lazy("Given"), "good"),
    GrantStatus.FAILED: Said(
        gettext_lazy("On its way"), "wait", gettext_lazy("the merchant is looking at it")
    ),
    GrantStatus.TAKEN_BACK: Said(gettext_lazy("Taken back"), "bad"),
}


def rewards_of(visit: Visit) -> list[dict[str, Any]]:
    """Return the newest rewards of the affiliate, and of the customers it brought."""
    grants = grants_of_affiliate(visit.affiliate.id)
    if visit.program_id:
        grants = grants.filter(program_id=visit.program_id)
    return [_row(grant) for grant in grants[:SHOWN_MAX]]


def _row(grant: Grant) -> dict[str, Any]:
    is_on_hold = grant.status == GrantStatus.PENDING
    return {
        "what": describe_grant(grant, locale=to_locale(language())),
        "whose": _("for your customer") if grant.customer_id else _("for you"),
        "program": grant.program.name,
        "status": GRANTS[grant.status]._asdict(),
        "until": grant.hold_until if is_on_hold else None,
        "at": grant.conversion.occurred_at,
    }
