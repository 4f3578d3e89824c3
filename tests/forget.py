"""Forget all facts and what followed from them, and keep the cast: for many runs in one test."""

from typing import Any

import psycopg

FACTS = (
    "tracking_couponuse tracking_credit tracking_touch tracking_refund tracking_statusreport"
    " commissions_grant payouts_payoutline payouts_payout payouts_batch commissions_budgetuse"
    " commissions_commission tracking_conversion tracking_customer"
    " ledger_posting ledger_journal ledger_account merchants_event"
).split()


def forget_facts(admin: psycopg.Connection[Any]) -> None:
    """Delete them all, past every trigger."""
    deletes = "".join(f"DELETE FROM {table};" for table in FACTS)
    admin.execute(
        f"SET session_replication_role = replica; {deletes} RESET session_replication_role;"
    )
