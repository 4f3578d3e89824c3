"""Each day's comparison of a provider's list with what we know, in both directions.

A payment belongs to the day in which its provider made it, or in which we began the call for it;
both lists reach a day further, so that midnight divides nobody from himself.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import SYSTEM, Member, acting_user
from merchants.rights import Right
from merchants.services import require
from merchants.tenancy import merchant_context
from payouts.comparison import Comparison, Ours, compare
from payouts.models import (
    Attempt,
    Finding,
    Payout,
    Provider,
    Rail,
    Reconciliation,
)
from payouts.providers import PROVIDERS, api_provider
from payouts.providers.base import ApiProvider, Listed, News, NoAnswer
from payouts.sending.news import apply_news

log = structlog.get_logger()

DAYS_BACK = 7  # Days that could not be compared are compared later.
ARCHIVED_FOR = timedelta(days=60)  # So long an archived rail is compared: money may come back.
DAY = timedelta(days=1)


# Reconcile ----------------------------------------------------------------------------------------


def listing_providers() -> list[Provider]:
    """Return the providers that can be asked what they paid."""
    return [
        provider
        for provider, each in PROVIDERS.items()
        if isinstance(each, ApiProvider) and each.has_list
    ]


def reconcile_rails(*, merchant_id: UUID, at: datetime) -> int:
    """Compare the merchant's rails for each of the last days that was not; return how many days."""
    with merchant_context(merchant_id):
        due = _days_due(merchant_id, at)
    for rail, day in due:
        reconcile(rail=rail, day=day, at=at)
    return 0  # One round: what could not be compared is tried again an hour later.


def _days_due(merchant_id: UUID, at: datetime) -> list[tuple[Rail, date]]:
    rails = Rail.objects.filter(
        Q(archived_at=None) | Q(archived_at__gt=at - ARCHIVED_FOR),
        merchant_id=merchant_id,
        provider__in=listing_providers(),
    )
    done = set(
        Reconciliation.objects.filter(merchant_id=merchant_id, error="").values_list(
            "rail_id", "day"
        )
    )
    today = at.astimezone(UTC).date()
    days = [today - DAY * back for back in range(DAYS_BACK, 0, -1)]
    return [
        (rail, day)
        for rail in rails.order_by("id")
        for day in days
        if rail.created_at.astimezone(UTC).date() <= day and (rail.id, day) not in done
    ]


def reconcile(*, rail: Rail, day: date, at: datetime) -> Reconciliation:
    """Ask the provider for its list, compare, and keep what does not agree. Outside transactions.

    What the list says became of payouts is applied first: news that nobody told are no difference.
    """
    since = datetime.combine(day, time(), tzinfo=UTC) - DAY
    until = min(since + 3 * DAY, at + timedelta(hours=1))
    with merchant_context(rail.merchant_id):
        attempts = Attempt.objects.filter(
            merchant_id=rail.merchant_id, rail=rail, started_at__range=(since, until)
        )
        known = list(attempts.exclude(provider_ref="").values_list("provider_ref", flat=True))
    try:
        provider = api_provider(rail.provider)
        listed = list(provider.listing(rail, since=since, until=until, known=known))
    except NoAnswer as problem:
        return _keep_error(rail, day, str(problem), at)
    except Exception as error:  # One provider's trouble is not the other rails'.
        log.exception("reconciliation.failed", rail=str(rail.id), day=day.isoformat())
        return _keep_error(rail, day, type(error).__name__, at)
    with merchant_context(rail.merchant_id):
        apply_news(rail, [_news_of(each) for each in listed], at=at)
        ours = _ours(rail, listed, day)
        return _keep(rail, day, compare(ours, listed, day=day), at)


def _news_of(each: Listed) -> News:
    return News(
        fate=each.fate, payout_id=each.payout_id, provider_ref=each.provider_ref, at=each.at
    )


def _ours(rail: Rail, listed: Sequence[Listed], day: date) -> list[Ours]:
    """Return the payouts of the day, and all that their list names."""
    begin = datetime.combine(day, time(), tzinfo=UTC)
    of_rail = Payout.objects.filter(merchant_id=rail.merchant_id, attempt__rail=rail)
    rows = of_rail.filter(
        Q(attempt__started_at__gte=begin, attempt__started_at__lt=begin + DAY)
        | Q(id__in=[each.payout_id for each in listed if each.payout_id])
        | Q(provider_ref__in=[each.provider_ref for each in listed])
    )
    return [
        Ours(
            id=row.id,
            provider_ref=row.provider_ref,
            reference=row.reference,
            status=row.status,
            amount_minor=row.amount_minor,
            currency=row.currency,
            is_of_day=row.attempt is not None and begin <= row.attempt.started_at < begin + DAY,
        )
        for row in rows.select_related("attempt").defer("attempt__request", "attempt__progress")
    ]


def _keep_error(rail: Rail, day: date, error: str, at: datetime) -> Reconciliation:
    with merchant_context(rail.merchant_id):
        row, _created = Reconciliation.objects.update_or_create(
            merchant_id=rail.merchant_id,
            rail=rail,
            day=day,
            defaults={"checked_at": at, "error": error[:500] or "No answer."},
        )
    return row


def _keep(rail: Rail, day: date, found: Comparison, at: datetime) -> Reconciliation:
    row, _created = Reconciliation.objects.update_or_create(
        merchant_id=rail.merchant_id,
        rail=rail,
        day=day,
        defaults={"checked_at": at, "error": "", "totals": found.totals},
    )
    known = set(  # What somebody has resolved does not come back when a day is compared again.
        Finding.objects.filter(merchant_id=rail.merchant_id, rail=rail).values_list(
            "kind", "reference"
        )
    )
    new = [each for each in found.differences if (each.kind, each.reference) not in known]
    Finding.objects.bulk_create(
        [
            Finding(
                merchant_id=rail.merchant_id,
                rail=rail,
                reconciliation=row,
                kind=each.kind,
                reference=each.reference,
                payout_id=each.payout_id,
                currency=each.currency,
                ours_minor=each.ours_minor,
                theirs_minor=each.theirs_minor,
            )
            for each in new
        ],
        ignore_conflicts=True,
    )
    if new:
        record_event(
            merchant_id=rail.merchant_id,
            type="rail.differed",
            subject_id=rail.id,
            by=SYSTEM,
            at=at,
            data={"provider": rail.provider, "day": day.isoformat(), "findings": len(new)},
        )
    return row


# Resolve ------------------------------------------------------------------------------------------


def resolve_finding(*, member: Member, finding: Finding, reason: str, at: datetime) -> Finding:
    """Note why a difference stands in nobody's way any more; return the finding.

    :raises NotAllowed: if the member may not approve payouts.
    :raises BadValue: without a reason.
    :raises IllegalMove: if somebody has resolved it.
    """
    require(member, Right.APPROVE_PAYOUTS)
    reason = cleaned(Finding, "resolution", reason.strip())
    if not reason:
        raise BadValue("reason", "required", _("Say what you found out."))
    with transaction.atomic():
        is_open = Finding.objects.filter(id=finding.id, resolved_at=None)
        if not is_open.update(resolved_at=at, resolved_by=member, resolution=reason):
            raise IllegalMove("The finding", to="RESOLVED", status="RESOLVED")
        record_event(
            merchant_id=finding.merchant_id,
            type="finding.resolved",
            subject_id=finding.id,
            by=acting_user(member.user),
            at=at,
            data={"kind": finding.kind, "reference": finding.reference, "reason": reason},
        )
    finding.refresh_from_db()
    return finding
