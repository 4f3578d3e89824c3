"""Calls to providers: made outside every transaction, several at a time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import structlog
from django.db import connection, connections

from merchants.tenancy import merchant_context
from payouts.models import Attempt, Payout
from payouts.providers import api_provider
from payouts.providers.base import ApiProvider, Call
from payouts.sending import faults

log = structlog.get_logger()

THREADS = 8

Answer = TypeVar("Answer")


class InsideTransaction(Exception):
    """A provider is never called while rows are locked or a change may still be undone."""


@dataclass(frozen=True, slots=True)
class Errand:
    """An attempt on its way to its provider."""

    attempt: Attempt  # With its rail.
    provider: ApiProvider
    call: Call


def errands_of(attempts: Sequence[Attempt], *, at: datetime) -> list[Errand]:
    """Return what there is to say or to ask for each attempt; `rail` and `payouts` are read."""
    by_attempt: dict[UUID, list[tuple[UUID, str]]] = {attempt.id: [] for attempt in attempts}
    payouts = Payout.objects.filter(attempt_id__in=list(by_attempt)).order_by("id")
    for payout_id, attempt_id, currency in payouts.values_list("id", "attempt_id", "currency"):
        by_attempt[attempt_id].append((payout_id, currency))
    return [_errand(attempt, by_attempt[attempt.id], at) for attempt in attempts]


def _errand(attempt: Attempt, payouts: Sequence[tuple[UUID, str]], at: datetime) -> Errand:
    call = Call(
        key=attempt.idempotency_key,
        body=attempt.reveal(),
        payout_ids=tuple(payout_id for payout_id, _currency in payouts),
        currency=payouts[0][1] if payouts else "",
        started_at=attempt.started_at,
        at=at,
        provider_ref=attempt.provider_ref,
        progress=attempt.progress,
        keep=_keeper(attempt),
    )
    return Errand(attempt, api_provider(attempt.rail.provider), call)


def _keeper(attempt: Attempt) -> Callable[[Mapping[str, Any]], None]:
    def keep(progress: Mapping[str, Any]) -> None:
        with merchant_context(attempt.merchant_id):
            Attempt.objects.filter(id=attempt.id).update(progress=dict(progress))
        faults.point("progress_kept")

    return keep


def make_calls(
    errands: Sequence[Errand],
    ask: Callable[[Errand], Answer],
    *,
    otherwise: Callable[[str], Answer],
) -> list[tuple[Errand, Answer]]:
    """Run each errand; return it with its answer, or with `otherwise` if that broke off.

    :raises InsideTransaction: if the caller is in one.
    """
    if connection.in_atomic_block:
        raise InsideTransaction

    def run(errand: Errand) -> Answer:
        try:
            return ask(errand)
        except Exception as error:  # Whatever it was, the call may have been carried out.
            log.exception("payout.call_broke_off", attempt=str(errand.attempt.id))
            return otherwise(f"{type(error).__name__} here, in the middle of the call")

    return list(zip(errands, _several(run, errands), strict=True))


def _several(run: Callable[[Errand], Answer], errands: Sequence[Errand]) -> Iterable[Answer]:
    if len(errands) == 1:
        return [run(errands[0])]

    def run_and_leave(errand: Errand) -> Answer:
        try:
            return run(errand)
        finally:
            connections.close_all()  # Those of this thread.

    with ThreadPoolExecutor(min(THREADS, len(errands) or 1)) as threads:
        return list(threads.map(run_and_leave, errands))
