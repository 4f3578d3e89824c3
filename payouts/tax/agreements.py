"""Self-billing: affiliates agree that merchants write invoices in their name (Art. 224)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from affiliates.models import Affiliate, Enrollment
from merchants.events import record_event
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from payouts.models import SelfBillingAgreement
from users.models import User

VERSION: Final = "2026-11"  # Of templates/portal/parts/self_billing.html.


class NotTheirs(Exception):
    """The affiliate is in no program of this merchant."""


def accept_self_billing(
    *, affiliate: Affiliate, merchant_id: UUID, user: User, ip: str | None, at: datetime
) -> SelfBillingAgreement:
    """Store that the affiliate agreed; return the agreement in force. Agreed twice is agreed once.

    :raises NotTheirs: if the affiliate is in no program of the merchant.
    """
    with merchant_context(merchant_id):
        if not Enrollment.objects.filter(merchant_id=merchant_id, affiliate=affiliate).exists():
            raise NotTheirs(str(merchant_id))
        in_force = SelfBillingAgreement.objects.filter(
            merchant_id=merchant_id, affiliate=affiliate, ended_at=None
        )
        try:
            with transaction.atomic():
                agreement = SelfBillingAgreement.objects.create(
                    merchant_id=merchant_id,
                    affiliate=affiliate,
                    version=VERSION,
                    accepted_by=user,
                    accepted_at=at,
                    ip=ip,
                )
                _record(agreement, "self_billing.accepted", user, at)
        except IntegrityError:
            return in_force.get()
        return agreement


def end_self_billing(*, affiliate: Affiliate, merchant_id: UUID, user: User, at: datetime) -> bool:
    """End the affiliate's agreement from now on; return whether there was one.

    Papers of payouts that were made before are still issued under it.
    """
    with merchant_context(merchant_id):
        agreement = SelfBillingAgreement.objects.filter(
            merchant_id=merchant_id, affiliate=affiliate, ended_at=None
        ).first()
        if agreement is None:
            return False
        ended = SelfBillingAgreement.objects.filter(id=agreement.id, ended_at=None)
        if not ended.update(ended_at=at):
            return False
        _record(agreement, "self_billing.ended", user, at)
    return True


def _record(agreement: SelfBillingAgreement, type: str, user: User, at: datetime) -> None:
    record_event(
        merchant_id=agreement.merchant_id,
        type=type,
        subject_id=agreement.id,
        by=acting_user(user),
        at=at,
        data={"affiliate": str(agreement.affiliate_id), "version": agreement.version},
    )
