"""What only a member may decide about a call, with a reason that is kept."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import Actor, Member, acting_user
from merchants.rights import Right
from merchants.services import require
from payouts.models import Attempt, AttemptStatus, Payout
from payouts.providers import PROVIDERS, api_provider
from payouts.providers.base import ApiProvider
from payouts.sending import pace
from payouts.services.settle import Failed, settle_failed


class NoReason(Exception):
    """What was found out at the provider is written down with the decision."""


class StillRemembered(Exception):
    """The provider still knows keys of that time: the resolver settles it without anybody."""


class Choice(models.TextChoices):
    """What a member may decide about a call; about all others nobody needs to."""

    SEND_AGAIN = "SEND_AGAIN", _("Let it be made again")
    GIVE_UP = "GIVE_UP", _("Give it up")


def calls_to_decide(merchant_id: UUID, *, at: datetime) -> QuerySet[Attempt]:
    """Return the calls of unknown fate that nobody but a member can take further."""
    forgotten = Q(pk__in=[])
    for name, provider in PROVIDERS.items():
        if isinstance(provider, ApiProvider):
            started_at = pace.forgotten_until(provider, at=at)
            forgotten |= Q(rail__provider=name, started_at__lte=started_at)
    return Attempt.objects.filter(forgotten, merchant_id=merchant_id, status=AttemptStatus.UNKNOWN)


def calls_not_read(merchant_id: UUID) -> QuerySet[Attempt]:
    """Return the calls that the provider refused unread: made again later, unless given up."""
    return Attempt.objects.filter(
        merchant_id=merchant_id,
        status=AttemptStatus.SENDING,
        next_check_at__isnull=False,
        not_found_at=None,
    )


def calls_of(merchant_id: UUID, *, at: datetime) -> QuerySet[Any]:
    """Return every call, with `choice` (empty: none), and its `payout_count` and `amount_minor`."""
    payouts = Payout.objects.filter(merchant_id=merchant_id, attempt=OuterRef("pk")).order_by()
    sums = payouts.values("attempt").annotate(count=Count("id"), sum=Sum("amount_minor"))
    calls = Attempt.objects.filter(merchant_id=merchant_id).annotate(
        choice=Case(
            When(Exists(_same(calls_to_decide(merchant_id, at=at))), then=Value(Choice.SEND_AGAIN)),
            When(Exists(_same(calls_not_read(merchant_id))), then=Value(Choice.GIVE_UP)),
            default=Value(""),
        ),
        payout_count=Coalesce(Subquery(sums.values("count")), 0),
        amount_minor=Coalesce(Subquery(sums.values("sum")), 0, output_field=BigIntegerField()),
    )
    return calls.select_related("rail", "batch").order_by("started_at", "id")


def _same(calls: QuerySet[Attempt]) -> QuerySet[Attempt]:
    return calls.filter(pk=OuterRef("pk"))


def send_again(*, member: Member, attempt: Attempt, reason: str, at: datetime) -> None:
    """Let a call be made again though the provider may have forgotten its key.

    Whoever decides it has seen at the provider that nothing was paid.

    :raises NotAllowed: if the member may not approve payouts.
    :raises NoReason: if there is none.
    :raises StillRemembered: if the resolver may still do it by itself.
    :raises IllegalMove: if its fate is known, or somebody else was quicker.
    """
    _require(member, reason)
    with transaction.atomic():
        row = (
            Attempt.objects.select_for_update(of=("self",))
            .select_related("rail")
            .get(id=attempt.id)
        )
        if row.status == AttemptStatus.UNKNOWN and _is_remembered(row, at):
            raise StillRemembered(str(row.id))
        moved = Attempt.objects.filter(id=row.id).move(
            to=AttemptStatus.SENDING, next_check_at=at, not_found_at=at
        )
        if not moved or row.status != AttemptStatus.UNKNOWN:
            raise IllegalMove("The call", to=AttemptStatus.SENDING, status=row.status)
        _record(row, "payout_batch.call_made_again", acting_user(member.user), reason, at)


def give_up(*, member: Member, attempt: Attempt, reason: str, at: datetime) -> int:
    """Stop a call that the provider never read; return how many payouts failed by that.

    :raises NotAllowed: if the member may not approve payouts.
    :raises NoReason: if there is none.
    :raises IllegalMove: if they may have read it: then only their word settles it.
    """
    _require(member, reason)
    with transaction.atomic():
        row = Attempt.objects.select_for_update(of=("self",)).get(id=attempt.id)
        is_unread = row.next_check_at is not None and row.not_found_at is None
        if row.status != AttemptStatus.SENDING or not is_unread:
            raise IllegalMove("The call", to=AttemptStatus.REJECTED, status=row.status)
        Attempt.objects.filter(id=row.id).move(to=AttemptStatus.REJECTED, next_check_at=None)
        by = acting_user(member.user)
        ids = Payout.objects.filter(attempt=row).values_list("id", flat=True)
        failed = settle_failed(
            merchant_id=row.merchant_id,
            news=[Failed(payout_id, reason.strip()) for payout_id in ids],
            by=by,
            at=at,
        )
        _record(row, "payout_batch.call_given_up", by, reason, at)
    return len(failed)


def _require(member: Member, reason: str) -> None:
    require(member, Right.APPROVE_PAYOUTS)
    if not reason.strip():
        raise NoReason


def _is_remembered(attempt: Attempt, at: datetime) -> bool:
    provider = api_provider(attempt.rail.provider)
    return pace.is_remembered(provider, started_at=attempt.started_at, at=at)


def _record(attempt: Attempt, type: str, by: Actor, reason: str, at: datetime) -> None:
    record_event(
        merchant_id=attempt.merchant_id,
        type=type,
        subject_id=attempt.batch_id,
        by=by,
        at=at,
        data={"attempt": str(attempt.id), "reason": reason.strip()[:500]},
    )
