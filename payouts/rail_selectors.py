"""What pages show of rails: the accounts, the days that were compared, and what did not agree."""

from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from payouts.models import Finding, Provider, Rail, Reconciliation
from payouts.providers import PROVIDERS


def rails_in_force(merchant_id: UUID) -> dict[Provider, Rail]:
    """Return the merchant's accounts by provider."""
    rails = Rail.objects.filter(merchant_id=merchant_id, archived_at=None)
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
