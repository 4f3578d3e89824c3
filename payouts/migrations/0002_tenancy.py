"""Bind payouts to their merchant; payout methods are the affiliate's own."""

from django.db import migrations

from merchants.tenancy import EnableTenancy

METHODS = """
ALTER TABLE payouts_payoutmethod ENABLE ROW LEVEL SECURITY;
ALTER TABLE payouts_payoutmethod FORCE ROW LEVEL SECURITY;
CREATE POLICY affiliate ON payouts_payoutmethod
    USING (affiliate_id = app_affiliate_id()) WITH CHECK (affiliate_id = app_affiliate_id());
CREATE POLICY merchant ON payouts_payoutmethod FOR SELECT USING (affiliate_id IN (
    SELECT affiliate_id FROM affiliates_enrollment WHERE merchant_id = app_merchant_id()));
"""


class Migration(migrations.Migration):
    dependencies = [("payouts", "0001_initial"), ("commissions", "0003_tenancy")]

    operations = [
        EnableTenancy(
            "Batch", "BatchFile", "Payout", "PayoutLine", affiliate_reads=("Payout", "PayoutLine")
        ),
        migrations.RunSQL(METHODS, migrations.RunSQL.noop),
    ]
