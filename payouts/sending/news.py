"""What a provider says of payouts, whoever asked: applied in any order, and harmless twice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Q

from common.rows import json_text
from merchants.models import SYSTEM
from payouts.models import Payout, PayoutStatus, Rail
from payouts.providers.base import Fate, News
from payouts.services.settle import (
    Failed,
    Paid,
    ProofUsed,
    Returned,
    mark_submitted,
    settle_failed,
    settle_paid,
    settle_returned,
)

log = structlog.get_logger()

UNDER_WAY = (PayoutStatus.SUBMITTING, PayoutStatus.SUBMITTED, PayoutStatus.UNKNOWN)
UNSENT = (PayoutStatus.DRAFT, PayoutStatus.RESERVED, PayoutStatus.CANCELLED)


@dataclass(slots=True)
class Applied:
    """What came of news."""

    changed: int = 0
    strangers: list[News] = field(default_factory=list)  # Of no payout that went over the rail.
    contradictions: list[News] = field(default_factory=list)  # They paid what we hold for failed.


@dataclass(slots=True)
class _Row:
    payout_id: UUID
    provider_ref: str
    status: str


def apply_news(rail: Rail, news: Sequence[News], *, at: datetime) -> Applied:
    """Move each payout to where the news say that it is, if it may go there; return what came.

    The caller is in the merchant's context. A payout that failed after it was paid has come back.
    """
    applied = Applied()
    with transaction.atomic():
        matched = _match(rail, news, applied)
        _note_refs(rail.merchant_id, matched)
        applied.changed += len(_note_pending(rail, matched, at))
        applied.changed += len(_note_paid(rail, matched, at))
        matched = _match(rail, [each for each, _row in matched], Applied())  # Some are paid now.
        applied.changed += len(_note_failed(rail, matched, at))
        applied.changed += len(_note_returned(rail, matched, at))
    for each in applied.contradictions:
        log.error("payout.paid_after_failing", payout=str(each.payout_id), rail=str(rail.id))
    return applied


def _match(rail: Rail, news: Sequence[News], applied: Applied) -> list[tuple[News, _Row]]:
    """Return the news with the payouts that they are about."""
    if not news:
        return []
    sent = Payout.objects.filter(merchant_id=rail.merchant_id, attempt__rail=rail).filter(
        Q(id__in=[each.payout_id for each in news if each.payout_id])
        | Q(provider_ref__in=[each.provider_ref for each in news if each.provider_ref])
    )
    rows = [_Row(*row) for row in sent.values_list("id", "provider_ref", "status")]
    by_id = {row.payout_id: row for row in rows}
    by_ref = {row.provider_ref: row for row in rows if row.provider_ref}
    matched = []
    for each in news:
        row = by_id.get(each.payout_id) if each.payout_id else by_ref.get(each.provider_ref)
        if row is None or row.status in UNSENT:
            applied.strangers.append(each)
        elif row.status == PayoutStatus.FAILED and each.fate is Fate.PAID:
            applied.contradictions.append(each)
        else:
            matched.append((each, row))
    return matched


# Notices of some name nothing but their own reference: it is kept from when it is first heard.
NOTE_REFS = """
UPDATE payouts_payout AS payout SET provider_ref = new.provider_ref
FROM json_to_recordset(%(refs)s::json) AS new (id uuid, provider_ref text)
WHERE payout.id = new.id AND payout.merchant_id = %(merchant)s AND payout.provider_ref = ''
"""


def _note_refs(merchant_id: UUID, matched: Iterable[tuple[News, _Row]]) -> None:
    refs = [
        {"id": row.payout_id, "provider_ref": each.provider_ref}
        for each, row in matched
        if each.fate is Fate.PENDING and each.provider_ref and not row.provider_ref
    ]
    if refs:
        with connection.cursor() as cursor:
            cursor.execute(NOTE_REFS, {"merchant": merchant_id, "refs": json_text(refs)})


def _note_pending(rail: Rail, matched: Iterable[tuple[News, _Row]], at: datetime) -> set[UUID]:
    ids = [
        row.payout_id
        for each, row in matched
        if each.fate is Fate.PENDING
        and row.status in (PayoutStatus.SUBMITTING, PayoutStatus.UNKNOWN)
    ]
    return mark_submitted(merchant_id=rail.merchant_id, payout_ids=ids, by=SYSTEM, at=at)


def _note_paid(rail: Rail, matched: Iterable[tuple[News, _Row]], at: datetime) -> set[UUID]:
    paid = [
        Paid(row.payout_id, each.provider_ref or row.provider_ref, each.at or at)
        for each, row in matched
        if each.fate is Fate.PAID and row.status in UNDER_WAY
    ]
    try:
        return settle_paid(merchant_id=rail.merchant_id, news=paid, by=SYSTEM, at=at)
    except ProofUsed:  # One of them; it shall not hold the others up.
        return set().union(*(_pay_one(rail, each, at) for each in paid))


def _pay_one(rail: Rail, paid: Paid, at: datetime) -> set[UUID]:
    try:
        return settle_paid(merchant_id=rail.merchant_id, news=[paid], by=SYSTEM, at=at)
    except ProofUsed:
        log.exception("payout.proof_used", payout=str(paid.payout_id), rail=str(rail.id))
        return set()


def _note_failed(rail: Rail, matched: Iterable[tuple[News, _Row]], at: datetime) -> set[UUID]:
    failed = [
        Failed(row.payout_id, each.reason)
        for each, row in matched
        if each.fate in (Fate.FAILED, Fate.RETURNED) and row.status in UNDER_WAY
    ]
    return settle_failed(merchant_id=rail.merchant_id, news=failed, by=SYSTEM, at=at)


def _note_returned(rail: Rail, matched: Iterable[tuple[News, _Row]], at: datetime) -> set[UUID]:
    returned = [
        Returned(row.payout_id, each.reason, each.at or at)
        for each, row in matched
        if each.fate in (Fate.FAILED, Fate.RETURNED) and row.status == PayoutStatus.PAID
    ]
    return settle_returned(merchant_id=rail.merchant_id, news=returned, by=SYSTEM, at=at)
