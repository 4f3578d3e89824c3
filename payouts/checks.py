"""Whether the ledger, commissions and payouts agree (`manage.py check_ledger`)."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

# Every row these return is a finding; all of them run in one merchant's context.
CHECKS = {
    "a journal does not sum to zero": """
        SELECT journal_id::text || ' ' || currency, sum(amount_minor) FROM ledger_posting
        WHERE merchant_id = %(merchant)s GROUP BY journal_id, currency HAVING sum(amount_minor) <> 0
    """,
    # VAT, withheld tax, fees and balances are what a paid commission was divided into.
    "an account differs from the commissions in its status": """
        WITH posted AS (
            SELECT account.enrollment_id AS enrollment, posting.currency,
                   CASE WHEN account.kind IN ('PENDING', 'PAYABLE', 'PAYOUT_CLEARING')
                        THEN account.kind ELSE 'PAID' END AS kind,
                   sum(posting.amount_minor) AS total
            FROM ledger_posting AS posting JOIN ledger_account AS account
              ON account.merchant_id = posting.merchant_id AND account.id = posting.account_id
            WHERE posting.merchant_id = %(merchant)s AND account.enrollment_id IS NOT NULL
              AND account.kind IN ('PENDING', 'PAYABLE', 'PAYOUT_CLEARING', 'PAID',
                                   'CREDIT_BALANCE', 'WITHHELD_TAX', 'PAYOUT_FEE', 'VAT')
            GROUP BY 1, 2, 3
        ), standing AS (
            SELECT enrollment_id AS enrollment, currency,
                   CASE status WHEN 'PENDING' THEN 'PENDING' WHEN 'HELD' THEN 'PENDING'
                        WHEN 'APPROVED' THEN 'PAYABLE' WHEN 'RESERVED' THEN 'PAYOUT_CLEARING'
                        ELSE 'PAID' END AS kind,
                   sum(amount_minor) AS total
            FROM commissions_commission
            WHERE merchant_id = %(merchant)s AND status <> 'DECLINED' GROUP BY 1, 2, 3
        )
        SELECT COALESCE(posted.enrollment, standing.enrollment)::text || ' '
               || COALESCE(posted.kind, standing.kind),
               COALESCE(posted.total, 0) - COALESCE(standing.total, 0)
        FROM posted FULL JOIN standing
          ON posted.enrollment = standing.enrollment AND posted.currency = standing.currency
         AND posted.kind = standing.kind
        WHERE COALESCE(posted.total, 0) <> COALESCE(standing.total, 0)
    """,
    "what an affiliate received differs from its paid payouts": """
        WITH posted AS (
            SELECT enrollment.affiliate_id AS affiliate, posting.currency,
                   sum(posting.amount_minor) AS total
            FROM ledger_posting AS posting JOIN ledger_account AS account
              ON account.merchant_id = posting.merchant_id AND account.id = posting.account_id
             AND account.kind IN ('PAID', 'CREDIT_BALANCE')
            JOIN affiliates_enrollment AS enrollment
              ON enrollment.merchant_id = account.merchant_id
             AND enrollment.id = account.enrollment_id
            WHERE posting.merchant_id = %(merchant)s GROUP BY 1, 2
        ), paid AS (
            SELECT affiliate_id AS affiliate, currency, sum(amount_minor) AS total
            FROM payouts_payout WHERE merchant_id = %(merchant)s AND status = 'PAID' GROUP BY 1, 2
        )
        SELECT COALESCE(posted.affiliate, paid.affiliate)::text,
               COALESCE(posted.total, 0) - COALESCE(paid.total, 0)
        FROM posted FULL JOIN paid
          ON posted.affiliate = paid.affiliate AND posted.currency = paid.currency
        WHERE COALESCE(posted.total, 0) <> COALESCE(paid.total, 0)
    """,
    "a payout differs from its lines": """
        SELECT payout.id::text, payout.earned_minor - COALESCE(sum(line.amount_minor), 0)
        FROM payouts_payout AS payout LEFT JOIN payouts_payoutline AS line
          ON line.merchant_id = payout.merchant_id AND line.payout_id = payout.id
        WHERE payout.merchant_id = %(merchant)s
        GROUP BY payout.id HAVING payout.earned_minor <> COALESCE(sum(line.amount_minor), 0)
    """,
    "a batch differs from its payouts": """
        SELECT batch.id::text, batch.amount_minor - COALESCE(sum(payout.amount_minor), 0)
        FROM payouts_batch AS batch LEFT JOIN payouts_payout AS payout
          ON payout.merchant_id = batch.merchant_id AND payout.batch_id = batch.id
         AND payout.retry_of_id IS NULL
        WHERE batch.merchant_id = %(merchant)s
        GROUP BY batch.id HAVING batch.amount_minor <> COALESCE(sum(payout.amount_minor), 0)
    """,
    "a commission's status differs from its payout's": """
        SELECT commission.id::text, commission.amount_minor
        FROM commissions_commission AS commission
        LEFT JOIN payouts_payoutline AS line ON line.merchant_id = commission.merchant_id
              AND line.commission_id = commission.id AND line.released_at IS NULL
        LEFT JOIN payouts_payout AS payout
               ON payout.merchant_id = line.merchant_id AND payout.id = line.payout_id
        WHERE commission.merchant_id = %(merchant)s AND commission.status IN ('RESERVED', 'PAID')
          AND NOT COALESCE(
              CASE commission.status WHEN 'PAID' THEN payout.status = 'PAID'
              ELSE payout.status IN ('RESERVED', 'SUBMITTING', 'SUBMITTED', 'UNKNOWN') END, false)
    """,
    "a payout that ended holds commissions": """
        SELECT payout.id::text, count(*)
        FROM payouts_payout AS payout JOIN payouts_payoutline AS line
          ON line.merchant_id = payout.merchant_id AND line.payout_id = payout.id
         AND line.released_at IS NULL
        WHERE payout.merchant_id = %(merchant)s
          AND payout.status IN ('FAILED', 'RETURNED', 'CANCELLED')
        GROUP BY payout.id
    """,
    # That there is one at all is a constraint of the table.
    "a payout was proved by the bank more than once": """
        SELECT payout_id::text, count(*) FROM payouts_statementline
        WHERE merchant_id = %(merchant)s AND outcome = 'PAID' AND payout_id IS NOT NULL
        GROUP BY payout_id HAVING count(*) > 1
    """,
    "a request waits for a payout that ended": """
        SELECT withdrawal.id::text, withdrawal.expected_minor
        FROM payouts_withdrawal AS withdrawal JOIN payouts_payout AS payout
          ON payout.merchant_id = withdrawal.merchant_id AND payout.id = withdrawal.payout_id
        WHERE withdrawal.merchant_id = %(merchant)s AND withdrawal.status = 'IN_PAYOUT'
          AND payout.status IN ('FAILED', 'RETURNED', 'CANCELLED', 'PAID')
    """,
    "credits do not sum to the whole": """
        SELECT conversion_id::text, sum(share_ppm) FROM tracking_credit
        WHERE merchant_id = %(merchant)s GROUP BY conversion_id HAVING sum(share_ppm) <> 1000000
    """,
    "more was taken back than was earned": """
        SELECT conversion_id::text || ' ' || enrollment_id::text, sum(amount_minor)
        FROM commissions_commission WHERE merchant_id = %(merchant)s AND status <> 'DECLINED'
          AND conversion_id IS NOT NULL
        GROUP BY conversion_id, enrollment_id HAVING sum(amount_minor) < 0
    """,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the books do not hold."""

    rule: str
    where: str
    difference: int


def check_money(merchant_id: UUID) -> list[Finding]:
    """Return every place where ledger, commissions and payouts of a merchant disagree."""
    findings = []
    with connection.cursor() as cursor:
        for rule, sql in CHECKS.items():
            cursor.execute(sql, {"merchant": merchant_id})
            findings += [Finding(rule, where, int(by)) for where, by in cursor.fetchall()]
    return findings
