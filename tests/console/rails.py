"""A rail that a provider's books differed with, as pages show it."""

from datetime import timedelta
from uuid import UUID, uuid4

from common.secrets import encrypt
from payouts.models import (
    Attempt,
    AttemptStatus,
    Batch,
    Finding,
    FindingKind,
    Mode,
    Rail,
    Reconciliation,
)
from payouts.rails import set_rail
from tests.cast import NOON, Company

WISE = {"profile": "12345678", "token": "wise-token-of-fairlead"}


def store_rail(company: Company) -> dict[str, UUID]:
    """Connect Wise, compare a day, and find a payment that nobody sent; return the ids."""
    rail = set_rail(
        member=company.owner, provider="WISE", mode=Mode.SANDBOX, credentials=WISE, at=NOON
    )
    return {"rail_id": rail.id, "finding_id": store_finding(rail).id}


def store_finding(rail: Rail) -> Finding:
    """Return a finding of the rail: they paid 10.00 that we do not know."""
    day = Reconciliation.objects.create(
        merchant_id=rail.merchant_id, rail=rail, day=NOON.date(), checked_at=NOON
    )
    return Finding.objects.create(
        merchant_id=rail.merchant_id,
        rail=rail,
        reconciliation=day,
        kind=FindingKind.UNKNOWN_TO_US,
        reference="T-4711",
        currency="EUR",
        theirs_minor=10_00,
    )


def store_lost_call(rail: Rail, batch: Batch) -> Attempt:
    """Return a call of long ago, of which nobody knows whether it was carried out."""
    return Attempt.objects.create(
        merchant_id=rail.merchant_id,
        batch=batch,
        rail=rail,
        idempotency_key=uuid4(),
        request=encrypt({"body": "{}"}),
        sha256="0" * 64,
        status=AttemptStatus.UNKNOWN,
        started_at=NOON - timedelta(days=400),
        leased_until=NOON - timedelta(days=400),
        next_check_at=NOON,
        answer="timed out",
    )
