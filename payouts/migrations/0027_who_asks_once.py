"""Ask once for each statement who is asking, where a batch reads and writes rows by the million.

The setting that names the merchant was read, and made a UUID of, for each row: a fifth of what a
batch costs. As a subquery it is evaluated once, and means the same.
"""

from django.db import migrations

TABLES = (
    "affiliates_enrollment",
    "commissions_commission",
    "ledger_account",
    "ledger_journal",
    "ledger_posting",
    "payouts_payout",
    "payouts_payoutline",
)


def policies(merchant):
    """Return the statements that give each table's policy this expression."""
    condition = f"(merchant_id = {merchant})"
    return [
        f"ALTER POLICY merchant ON {table} USING {condition} WITH CHECK {condition}"
        for table in TABLES
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("affiliates", "0003_tenancy"),
        ("ledger", "0007_checks_by_statement"),
        ("payouts", "0026_failures_and_papers_told"),
    ]

    operations = [
        migrations.RunSQL(policies("(SELECT app_merchant_id())"), policies("app_merchant_id()"))
    ]
