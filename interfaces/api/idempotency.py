"""Idempotency-Key: what a request does, and the answer it gets, are committed as one.

The key's row is inserted first, in the transaction of everything that follows. A second request
with the key waits for the unique index, then finds the first answer. Whatever refuses a request or
kills it takes the row back with the rest, so a key is never stuck and a refusal is never replayed:
once corrected, the request may be sent again with the same key.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection
from django.http import HttpResponse
from psycopg.errors import LockNotAvailable
from rest_framework.request import Request

from interfaces.api.directory import affiliates_with_answers, merchants_with_answers
from interfaces.api.models import AffiliateAnswer, IdempotentAnswer
from interfaces.api.problems import (
    BadIdempotencyKey,
    IdempotencyInProgress,
    IdempotencyKeyReused,
)
from merchants.tenancy import affiliate_context, merchant_context

HEADER = "Idempotency-Key"
PATTERN = re.compile(r"[\x21-\x7e]{1,255}")
WAIT_MS = 2_000  # For the first request with the key; then 409.
AnswerModel = type[IdempotentAnswer] | type[AffiliateAnswer]


def key_of(request: Request) -> str | None:
    """Return the request's key, if it has one.

    :raises BadIdempotencyKey: if it is not 1 to 255 visible ASCII characters.
    """
    key = request.headers.get(HEADER)
    if key is not None and not PATTERN.fullmatch(key):
        raise BadIdempotencyKey
    return key


def fingerprint(request: Request) -> str:
    """Return what two requests have in common only if they are the same."""
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(head + request.body).hexdigest()


def once(
    request: Request,
    *,
    key: str,
    answers: AnswerModel,
    owner: dict[str, Any],
    run: Callable[[], HttpResponse],
) -> HttpResponse:
    """Run the request, or return the answer that the first one with this key got.

    The caller stands in the owner's context: its transaction is what makes this safe.

    :raises IdempotencyKeyReused: if the key belongs to another request.
    :raises IdempotencyInProgress: if the first one has not ended within WAIT_MS.
    """
    request_hash = fingerprint(request)
    with _short_lock_wait():
        row, first = answers.objects.get_or_create(
            **owner, key=key, defaults={"request_hash": request_hash}
        )
    if not first:
        return _again(row, request_hash)
    response = run()
    row.status, row.body = response.status_code, response.content
    row.save(update_fields=["status", "body"])
    return response


def _again(row: IdempotentAnswer | AffiliateAnswer, request_hash: str) -> HttpResponse:
    if row.request_hash != request_hash:
        raise IdempotencyKeyReused
    return HttpResponse(
        bytes(row.body or b""),
        status=row.status,
        content_type="application/json",
        headers={"Idempotency-Replayed": "true"},
    )


@contextmanager
def _short_lock_wait() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{WAIT_MS}ms"])
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise IdempotencyInProgress from error
        raise
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


def forget_answers(*, before: datetime) -> int:
    """Delete the answers that were given before a moment; return how many. Safe to repeat."""
    forgotten = 0
    for merchant_id in merchants_with_answers(before=before):
        with merchant_context(merchant_id):
            old = IdempotentAnswer.objects.filter(merchant_id=merchant_id, created_at__lt=before)
            forgotten += old.delete()[0]
    for affiliate_id in affiliates_with_answers(before=before):
        with affiliate_context(affiliate_id):
            old_ones = AffiliateAnswer.objects.filter(
                affiliate_id=affiliate_id, created_at__lt=before
            )
            forgotten += old_ones.delete()[0]
    return forgotten
