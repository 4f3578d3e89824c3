"""Who would be paid now, and who would not and why: what a dry run shows and a batch stores.

It is worked out by PostgreSQL, in temporary tables that live as long as the transaction, so that a
million commissions never come to Python.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from common.money import share_of
from common.rows import json_text
from payouts.left_out import LeftOut
from payouts.methods import shared_methods
from payouts.models import MethodKind, PayoutPolicy, Provider
from payouts.providers import PROVIDERS
from payouts.tax.standing import standings
from payouts.terms import CLEARS_AT, DUE_AT, TERMS_OF_ENROLLMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is to be worked out, and for whom: everybody, or `only` some.

    `as_if_asked`: as if they all had an approved request.
    """

    merchant_id: UUID
    currency: str
    provider: Provider
    cutoff_at: datetime
    at: datetime
    only: Sequence[UUID] | None = None
    as_if_asked: bool = False


class Payee(NamedTuple):
    """An affiliate, as lists show it."""

    id: UUID
    name: str
    email: str


class Method(NamedTuple):
    """A payout method, as lists show it."""

    kind: str
    masked: str


class Item(NamedTuple):
    """What one affiliate would be paid."""

    affiliate: Payee
    method: Method | None
    lines: int  # Commissions.
    amount_minor: int
    earned_minor: int
    vat_minor: int
    withheld_minor: int
    fee_minor: int


class NotPaid(NamedTuple):
    """What one affiliate would not be paid, and why."""

    affiliate: Payee
    amount_minor: int
    reason: LeftOut


@dataclass(frozen=True, slots=True)
class Proposal:
    """A batch before it exists."""

    currency: str
    items: tuple[Item, ...]
    left_out: tuple[NotPaid, ...]

    @property
    def amount_minor(self) -> int:
        """What the batch would cost."""
        return sum(item.amount_minor for item in self.items)


def propose(scope: Scope) -> Proposal:
    """Sum what is due per affiliate, and sort the affiliates into paid and left out."""
    work_out(scope)
    with connection.cursor() as cursor:
        cursor.execute(READ)
        rows = cursor.fetchall()
    items, left_out = [], []
    for affiliate_id, name, email, kind, masked, reason, unpaid_minor, *figures in rows:
        payee = Payee(affiliate_id, name, email)
        if reason is None:
            items.append(Item(payee, Method(kind, masked) if kind else None, *figures))
        else:
            left_out.append(NotPaid(payee, unpaid_minor, LeftOut(reason)))
    return Proposal(scope.currency, tuple(items), tuple(left_out))


class Payable(NamedTuple):
    """What an affiliate may ask for now, and on which terms."""

    reason: LeftOut | None  # Why it could not be paid, if so.
    earned_minor: int
    fee_minor: int
    automatic_minor_max: int  # Up to this nobody reviews it; -1: always.
    minor_min: int = 0  # The smallest payout.
    unpaid_minor: int = 0  # What stands there, though nothing of it may be due.


def payable(scope: Scope) -> Payable | None:
    """Return what the one affiliate of the scope may ask for; None, if nothing is approved."""
    work_out(scope)
    with connection.cursor() as cursor:
        cursor.execute(READ_PAYABLE)
        row = cursor.fetchone()
    if row is None:
        return None
    reason, *figures = row
    return Payable(LeftOut(reason) if reason else None, *figures)


def work_out(scope: Scope) -> None:
    """Leave in `proposal_line` what is due, and in `proposal_payee` each affiliate's verdict."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET)
        cursor.execute(LINES, _lines_of(scope))
        cursor.execute(PAYEES, {"merchant": scope.merchant_id})
        cursor.execute(LOOK_CLOSER)
        earned = dict(cursor.fetchall())
        cursor.execute(TELL, {"told": json_text(_tax_and_doubts(scope, earned))})
        cursor.execute(JUDGE, _rules_of(scope))


# Statements --------------------------------------------------------------------------------------

FORGET = "DROP TABLE IF EXISTS pg_temp.proposal_line, pg_temp.proposal_payee"

# What is owed back counts at once; what was in a payout before was due then.
LINES = f"""
CREATE TEMPORARY TABLE proposal_line ON COMMIT DROP AS
WITH asked AS MATERIALIZED (
    SELECT affiliate_id, fee_minor, destination FROM payouts_withdrawal
    WHERE merchant_id = %(merchant)s AND currency = %(currency)s AND status = 'APPROVED'
), standing AS MATERIALIZED (
    SELECT enrollment.id AS enrollment_id, enrollment.affiliate_id, terms.schedule,
           terms.net_days, terms.pay_day,
           COALESCE(terms.minor_min, program.payout_minor_min) AS minor_min,
           COALESCE(terms.request_fee_minor, 0) AS request_fee_minor,
           COALESCE(terms.automatic_minor_max, -1) AS automatic_minor_max,
           asked.affiliate_id IS NOT NULL OR %(as_if_asked)s AS is_asked_for
    FROM affiliates_enrollment AS enrollment
    JOIN programs_program AS program
      ON program.merchant_id = enrollment.merchant_id AND program.id = enrollment.program_id
     AND program.currency = %(currency)s
    LEFT JOIN asked ON asked.affiliate_id = enrollment.affiliate_id
    {TERMS_OF_ENROLLMENT.format(on="%(on)s::date")}
    WHERE enrollment.merchant_id = %(merchant)s
      AND (%(only)s::uuid[] IS NULL OR enrollment.affiliate_id = ANY(%(only)s::uuid[]))
)
SELECT commission.id AS commission_id, terms.affiliate_id, commission.amount_minor,
       terms.minor_min, terms.request_fee_minor, terms.automatic_minor_max,
       terms.schedule IS NOT DISTINCT FROM 'ON_REQUEST' AS is_on_request,
       CASE
           WHEN commission.amount_minor < 0 THEN true
           WHEN terms.is_asked_for THEN
               {CLEARS_AT.format(approved_at="commission.status_changed_at")} <= %(cutoff)s
           ELSE
               COALESCE(
                   {DUE_AT.format(approved_at="commission.status_changed_at")} <= %(cutoff)s, false
               )
       END
       OR terms.schedule IS DISTINCT FROM 'ON_REQUEST' AND EXISTS (
           SELECT FROM payouts_payoutline AS line
           WHERE line.merchant_id = %(merchant)s AND line.commission_id = commission.id
       ) AS is_due
FROM commissions_commission AS commission
JOIN standing AS terms ON terms.enrollment_id = commission.enrollment_id
WHERE commission.merchant_id = %(merchant)s AND commission.status = 'APPROVED'
  AND commission.phase = 'PAYABLE' AND commission.currency = %(currency)s
  AND commission.status_changed_at <= %(cutoff)s
  AND NOT EXISTS (  -- In a batch that waits for approval.
      SELECT FROM payouts_payoutline AS line
      WHERE line.merchant_id = %(merchant)s AND line.commission_id = commission.id
        AND line.released_at IS NULL
  )
"""  # noqa: S608

PAYEES = """
ANALYZE proposal_line;
CREATE TEMPORARY TABLE proposal_payee ON COMMIT DROP AS
WITH summed AS (
    SELECT affiliate_id,
           count(*) FILTER (WHERE is_due) AS lines,
           COALESCE(sum(amount_minor) FILTER (WHERE is_due), 0)::bigint AS earned_minor,
           COALESCE(sum(amount_minor) FILTER (WHERE NOT is_due), 0)::bigint AS waiting_minor,
           COALESCE(max(minor_min) FILTER (WHERE is_due), 0)::bigint AS minor_min,
           COALESCE(max(request_fee_minor) FILTER (WHERE is_due), 0) AS request_fee_minor,
           COALESCE(min(automatic_minor_max) FILTER (WHERE is_due), -1) AS automatic_minor_max,
           COALESCE(bool_or(is_due AND amount_minor > 0), false) AS has_due,
           bool_or(NOT is_due AND NOT is_on_request) AS has_later,
           bool_or(NOT is_due) AS has_waiting
    FROM proposal_line GROUP BY affiliate_id
), suspended AS (
    SELECT DISTINCT affiliate_id FROM affiliates_enrollment
    WHERE merchant_id = %(merchant)s AND status = 'SUSPENDED'
)
SELECT summed.*, suspended.affiliate_id IS NOT NULL AS is_suspended,
       0::bigint AS vat_minor, 0::bigint AS withheld_minor, 0::bigint AS fee_minor,
       0::bigint AS amount_minor, NULL::uuid AS method_id, NULL::text AS kind,
       NULL::text AS masked, NULL::text AS reason, NULL::text AS tax_lacks, false AS is_shared,
       NULL::bigint AS position
FROM summed LEFT JOIN suspended USING (affiliate_id);
ANALYZE proposal_payee
"""

LOOK_CLOSER = """
SELECT affiliate_id, earned_minor FROM proposal_payee
WHERE has_due AND earned_minor > 0 AND NOT is_suspended
"""

TELL = """
UPDATE proposal_payee AS payee
SET vat_minor = told.vat, withheld_minor = told.withheld, tax_lacks = told.lacks,
    is_shared = told.shared
FROM json_to_recordset(%(told)s::json) AS told (
    affiliate uuid, vat bigint, withheld bigint, lacks text, shared boolean
)
WHERE payee.affiliate_id = told.affiliate
"""

# The first reason that holds.
JUDGE = f"""
WITH asked AS (
    SELECT affiliate_id, fee_minor, destination = 'BALANCE' AS is_balance FROM payouts_withdrawal
    WHERE merchant_id = %(merchant)s AND currency = %(currency)s AND status = 'APPROVED'
), priced AS (
    SELECT payee.affiliate_id, method.id AS method_id, method.kind, method.masked,
           method.usable_from, COALESCE(asked.fee_minor, 0) AS fee_minor,
           COALESCE(asked.is_balance, false) AS is_balance,
           earned_minor + vat_minor - withheld_minor - COALESCE(asked.fee_minor, 0) AS amount_minor
    FROM proposal_payee AS payee
    LEFT JOIN payouts_payoutmethod AS method
      ON method.affiliate_id = payee.affiliate_id AND method.replaced_at IS NULL
     AND NOT %(to_balance)s
    LEFT JOIN asked ON asked.affiliate_id = payee.affiliate_id
), judged AS (
    SELECT priced.*, CASE
        WHEN NOT payee.has_due AND payee.has_later THEN '{LeftOut.NOT_DUE}'
        WHEN NOT payee.has_due AND payee.has_waiting THEN '{LeftOut.NOT_REQUESTED}'
        WHEN payee.earned_minor <= 0 OR priced.amount_minor <= 0 THEN '{LeftOut.NOTHING_DUE}'
        WHEN payee.is_suspended THEN '{LeftOut.SUSPENDED}'
        WHEN payee.earned_minor < payee.minor_min THEN '{LeftOut.BELOW_MINIMUM}'
        WHEN priced.is_balance <> %(to_balance)s THEN '{LeftOut.OTHER_RAIL}'
        WHEN payee.tax_lacks IS NOT NULL THEN payee.tax_lacks
        WHEN %(to_balance)s THEN NULL
        WHEN priced.method_id IS NULL THEN '{LeftOut.NO_METHOD}'
        WHEN priced.usable_from > %(at)s THEN '{LeftOut.METHOD_COOLING_OFF}'
        WHEN NOT priced.kind = ANY(%(kinds)s) THEN '{LeftOut.OTHER_RAIL}'
        WHEN payee.is_shared THEN '{LeftOut.METHOD_SHARED}'
    END AS reason
    FROM priced JOIN proposal_payee AS payee USING (affiliate_id)
), placed AS (
    SELECT judged.*,
           row_number() OVER (PARTITION BY reason IS NULL ORDER BY affiliate_id) AS position
    FROM judged
)
UPDATE proposal_payee AS payee
SET method_id = placed.method_id, kind = placed.kind, masked = placed.masked,
    fee_minor = placed.fee_minor, amount_minor = placed.amount_minor, reason = placed.reason,
    position = placed.position
FROM placed WHERE placed.affiliate_id = payee.affiliate_id
"""  # noqa: S608

READ = """
SELECT payee.affiliate_id, affiliate.name, affiliate.email, payee.kind, payee.masked, payee.reason,
       CASE WHEN has_due THEN earned_minor ELSE waiting_minor + earned_minor END,
       lines, amount_minor, earned_minor, vat_minor, withheld_minor, fee_minor
FROM proposal_payee AS payee
JOIN affiliates_affiliate AS affiliate ON affiliate.id = payee.affiliate_id
ORDER BY payee.affiliate_id
"""

READ_PAYABLE = """
SELECT reason, earned_minor, request_fee_minor, automatic_minor_max, minor_min,
       CASE WHEN has_due THEN earned_minor ELSE waiting_minor + earned_minor END
FROM proposal_payee
"""


def _lines_of(scope: Scope) -> dict[str, Any]:
    return {
        "merchant": scope.merchant_id,
        "currency": scope.currency,
        "cutoff": scope.cutoff_at,
        "on": scope.at.astimezone(UTC).date(),
        "only": None if scope.only is None else list(scope.only),
        "as_if_asked": scope.as_if_asked,
    }


def _rules_of(scope: Scope) -> dict[str, Any]:
    return {
        "merchant": scope.merchant_id,
        "currency": scope.currency,
        "at": scope.at,
        "to_balance": scope.provider == Provider.BALANCE,
        "kinds": kinds_paid(scope.provider, scope.currency),
    }


def kinds_paid(provider: Provider, currency: str) -> list[str]:
    """Return the kinds of methods that the provider pays in the currency."""
    declared = PROVIDERS[provider]
    return [str(kind) for kind in MethodKind if declared.pays(kind=kind, currency=currency)]


def _tax_and_doubts(scope: Scope, earned: dict[UUID, int]) -> list[dict[str, Any]]:
    """Return what tax and shared accounts change for affiliates, for those whom they concern."""
    shared: Iterable[UUID] = ()
    if scope.provider != Provider.BALANCE:
        shared = shared_methods(scope.merchant_id, earned)
    doubtful = set(shared)
    adds_vat = not PayoutPolicy.objects.filter(
        merchant_id=scope.merchant_id, adds_vat=False
    ).exists()
    told = []
    for affiliate_id, tax in standings(scope.merchant_id, earned, scope.at).items():
        vat_bps = tax.vat_bps if adds_vat else 0
        if tax.missing or vat_bps or tax.withholding_bps or affiliate_id in doubtful:
            told.append(
                {
                    "affiliate": affiliate_id,
                    "vat": share_of(earned[affiliate_id], rate_bps=vat_bps),
                    "withheld": share_of(earned[affiliate_id], rate_bps=tax.withholding_bps),
                    "lacks": tax.missing,
                    "shared": affiliate_id in doubtful,
                }
            )
    return told
