"""What pages show of rails: the accounts, the days that were compared, and what did not agree."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Min, QuerySet

from payouts.models import (
    Attempt,
    AttemptStatus,
    Batch,
    Finding,
    MethodKind,
    Payout,
    PayoutMethod,
    PayoutStatus,
    Provider,
    Rail,
    Reconciliation,
)
from payouts.providers import PROVIDERS
from payouts.providers.base import ApiProvider


def rails_of(merchant_id: UUID) -> QuerySet[Rail]:
    """Return every account that the merchant has, or had."""
    return Rail.objects.filter(merchant_id=merchant_id).order_by("id")


def rails_in_force(merchant_id: UUID) -> dict[Provider, Rail]:
    """Return the merchant's accounts by provider."""
    rails = rails_of(merchant_id).filter(archived_at=None)
    return {Provider(rail.provider): rail for rail in rails}


def usable_providers(merchant_id: UUID) -> list[Provider]:
    """Return what the merchant can pay by now: what needs no account, and what has one."""
    connected = rails_in_force(merchant_id)
    return [
        provider
        for provider, declared in PROVIDERS.items()
        if not declared.credentials or provider in connected
    ]


def open_credentials(rail: Rail) -> dict[str, str]:
    """Return what may be shown of an account's credentials: everything that is not secret."""
    known = rail.reveal()
    declared = PROVIDERS[Provider(rail.provider)].credentials
    return {each.name: known.get(each.name, "") for each in declared if not each.is_secret}


def findings_of(merchant_id: UUID) -> QuerySet[Finding]:
    """Return what did not agree, with rail and day, the newest first."""
    findings = Finding.objects.filter(merchant_id=merchant_id)
    return findings.select_related("rail", "reconciliation", "resolved_by__user").order_by("-id")


def blocking_findings(merchant_id: UUID, rail: Rail) -> QuerySet[Finding]:
    """Return what keeps batches from the rail; another account of the provider settles nothing."""
    return findings_of(merchant_id).filter(
        rail__provider=rail.provider, rail__mode=rail.mode, resolved_at=None
    )


def days_compared(merchant_id: UUID, since: date) -> QuerySet[Reconciliation]:
    """Return the comparisons of a merchant's rails from that day on."""
    return Reconciliation.objects.filter(merchant_id=merchant_id, day__gte=since).order_by("day")


def kinds_in_force(affiliate_ids: Sequence[UUID]) -> dict[UUID, MethodKind]:
    """Return the kinds of the methods in force, by affiliate."""
    methods = PayoutMethod.objects.filter(affiliate_id__in=affiliate_ids, replaced_at=None)
    return {
        affiliate_id: MethodKind(kind)
        for affiliate_id, kind in methods.values_list("affiliate_id", "kind")
    }


def next_question_at(batch: Batch) -> datetime | None:
    """Return when the provider is asked again what became of the batch's unknown payouts."""
    unknown = Attempt.objects.filter(
        merchant_id=batch.merchant_id, batch=batch, status=AttemptStatus.UNKNOWN
    )
    return unknown.aggregate(at=Min("next_check_at"))["at"]


def is_retriable(payout: Payout) -> bool:
    """Return whether it failed over a provider that can be called once more for it."""
    return (
        payout.status in (PayoutStatus.FAILED, PayoutStatus.RETURNED)
        and isinstance(PROVIDERS[Provider(payout.batch.provider)], ApiProvider)
        and not Payout.objects.filter(merchant_id=payout.merchant_id, retry_of=payout).exists()
    )
