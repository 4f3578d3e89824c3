"""VAT ids are asked about until their register has said yes or no, and again from time to time."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from merchants.tenancy import affiliate_context
from payouts.models import TaxProfile, VatStatus
from payouts.tax import vies

log = structlog.get_logger()

SOONEST: Final = timedelta(minutes=5)
LATEST: Final = timedelta(hours=6)
AGAIN_AFTER: Final = timedelta(days=90)  # An id that was in force may be withdrawn.
CONSULTATION_MAX = 80


def check_vat_id(*, affiliate_id: UUID, profile_id: UUID, at: datetime) -> bool:
    """Ask about the VAT id of a form, if that is due; return whether it was asked.

    The question is claimed before it is put, so that two workers ask once; the call is made outside
    of any transaction, and its answer is dropped if the form was replaced meanwhile.
    """
    vat_id = _claim(affiliate_id, profile_id, at)
    if vat_id is None:
        return False
    try:
        answer = vies.ask(vat_id)
    except vies.Unclear as problem:
        log.warning("vat_check.unclear", profile=str(profile_id), reason=str(problem))
        return True
    with affiliate_context(affiliate_id):
        in_force = TaxProfile.objects.filter(id=profile_id, replaced_at=None)
        in_force.update(
            vat_status=VatStatus.VALID if answer.is_valid else VatStatus.INVALID,
            vat_checked_at=at,
            vat_consultation=answer.consultation[:CONSULTATION_MAX],
            vat_name=answer.name,
            vat_next_check_at=at + AGAIN_AFTER if answer.is_valid else None,
        )
    return True


def _claim(affiliate_id: UUID, profile_id: UUID, at: datetime) -> str | None:
    """Return the id to ask about and put the next question off, or None if it is not due."""
    with affiliate_context(affiliate_id):
        due = TaxProfile.objects.select_for_update(of=("self",), no_key=True).filter(
            id=profile_id, replaced_at=None, vat_next_check_at__lte=at
        )
        profile = due.first()
        if profile is None:
            return None
        TaxProfile.objects.filter(id=profile.id).update(
            vat_next_check_at=next_check_at(profile.vat_checked_at or profile.signed_at, at)
        )
        return str(profile.reveal()["vat_id"])


def next_check_at(since: datetime, at: datetime) -> datetime:
    """Return when to ask again if there is no answer: ever later, six hours at the most."""
    return at + min(max((at - since) / 2, SOONEST), LATEST)
