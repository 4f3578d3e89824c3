"""What payouts post to the ledger: a journal per payout and enrollment, written by PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from common.rows import hashing
from ledger.models import AccountKind
from ledger.services import post_transfers
from payouts.models import Provider

# What a payout pays for each enrollment; the one with most `bears` what is on top.
SHARES = f"""
WITH share AS MATERIALIZED (
    SELECT payout.id AS payout_id, commission.enrollment_id, payout.currency,
           CASE batch.provider WHEN '{Provider.BALANCE}' THEN '{AccountKind.CREDIT_BALANCE}'
                ELSE '{AccountKind.PAID}' END AS received,
           sum(line.amount_minor)::bigint AS amount_minor,
           payout.vat_minor, payout.withheld_minor, payout.fee_minor,
           row_number() OVER (
               PARTITION BY payout.id
               ORDER BY sum(line.amount_minor) DESC, commission.enrollment_id
           ) = 1 AS bears
    FROM payouts_payout AS payout
    JOIN payouts_batch AS batch
      ON batch.merchant_id = payout.merchant_id AND batch.id = payout.batch_id
    JOIN payouts_payoutline AS line
      ON line.merchant_id = payout.merchant_id AND line.payout_id = payout.id
     AND line.released_at IS NULL
    JOIN commissions_commission AS commission
      ON commission.merchant_id = line.merchant_id AND commission.id = line.commission_id
    WHERE payout.merchant_id = %(merchant)s AND payout.id = ANY(%(payouts)s::uuid[])
    GROUP BY payout.id, commission.enrollment_id, batch.provider
)
"""  # noqa: S608
RECEIVED = "received"  # The account kind where what the affiliate received is booked.


def post_reserved(merchant_id: UUID, payout_ids: Sequence[UUID], at: datetime) -> None:
    """Post that the commissions of the payouts are in a payout."""
    move = _lines("reserved", _kind(AccountKind.PAYABLE), _kind(AccountKind.PAYOUT_CLEARING))
    _post(merchant_id, payout_ids, [move], at)


def post_given_back(merchant_id: UUID, payout_ids: Sequence[UUID], verb: str, at: datetime) -> None:
    """Post that they are payable again: the payouts were `failed` or `cancelled`."""
    move = _lines(verb, _kind(AccountKind.PAYOUT_CLEARING), _kind(AccountKind.PAYABLE))
    _post(merchant_id, payout_ids, [move], at)


def post_paid(merchant_id: UUID, payout_ids: Sequence[UUID], at: datetime) -> None:
    """Post that money, or balance, was received, with VAT, withheld tax and fees.

    These make the sum of the lines the amount that was sent.
    """
    moves = [
        _lines("paid", _kind(AccountKind.PAYOUT_CLEARING), RECEIVED),
        _extra("vat", "vat_minor", _kind(AccountKind.VAT), RECEIVED),
        _extra("withheld", "withheld_minor", RECEIVED, _kind(AccountKind.WITHHELD_TAX)),
        _extra("fee", "fee_minor", RECEIVED, _kind(AccountKind.PAYOUT_FEE)),
    ]
    _post(merchant_id, payout_ids, moves, at)


def post_returned(merchant_id: UUID, payout_ids: Sequence[UUID], at: datetime) -> None:
    """Post the opposite of `post_paid`: the commissions are payable again."""
    moves = [
        _lines("returned", RECEIVED, _kind(AccountKind.PAYABLE)),
        _extra("returned_vat", "vat_minor", RECEIVED, _kind(AccountKind.VAT)),
        _extra("returned_withheld", "withheld_minor", _kind(AccountKind.WITHHELD_TAX), RECEIVED),
        _extra("returned_fee", "fee_minor", _kind(AccountKind.PAYOUT_FEE), RECEIVED),
    ]
    _post(merchant_id, payout_ids, moves, at)


def _kind(kind: AccountKind) -> str:
    return f"'{kind}'"


def _lines(verb: str, out_of: str, into: str) -> str:
    """Return the SELECT that moves the sum of the lines."""
    return f"""
        SELECT 'payout:' || payout_id || ':' || enrollment_id || ':{verb}', enrollment_id,
               currency, amount_minor, {out_of}, {into}
        FROM share
    """  # noqa: S608


def _extra(verb: str, amount: str, out_of: str, into: str) -> str:
    """Return the SELECT that moves what a payout has besides its lines, if it has it."""
    return f"""
        SELECT 'payout:' || payout_id || ':' || enrollment_id || ':{verb}', enrollment_id,
               currency, {amount}, {out_of}, {into}
        FROM share WHERE bears AND {amount} > 0
    """  # noqa: S608


def _post(
    merchant_id: UUID, payout_ids: Sequence[UUID], moves: Sequence[str], at: datetime
) -> None:
    facts: dict[str, Any] = {"merchant": merchant_id, "payouts": list(payout_ids)}
    with hashing(len(payout_ids)):
        post_transfers(
            merchant_id=merchant_id, rows=SHARES + " UNION ALL ".join(moves), facts=facts, at=at
        )
