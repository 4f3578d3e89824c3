"""Bind the new tables to their merchant; tax profiles are the affiliate's own."""

from django.db import migrations

from merchants.tenancy import AddPairKeys, EnableTenancy

PROFILES = """
ALTER TABLE payouts_taxprofile ENABLE ROW LEVEL SECURITY;
ALTER TABLE payouts_taxprofile FORCE ROW LEVEL SECURITY;
CREATE POLICY affiliate ON payouts_taxprofile
    USING (affiliate_id = app_affiliate_id()) WITH CHECK (affiliate_id = app_affiliate_id());
CREATE POLICY merchant ON payouts_taxprofile FOR SELECT USING (affiliate_id IN (
    SELECT affiliate_id FROM affiliates_enrollment WHERE merchant_id = app_merchant_id()));
"""


class Migration(migrations.Migration):
    dependencies = [("payouts", "0003_rails_terms_and_papers")]

    operations = [
        EnableTenancy(
            "ApprovalLimit",
            "PayoutPolicy",
            "PayoutTerms",
            "Rail",
            "Notice",
            "Reconciliation",
            "Finding",
            "Attempt",
            "Exclusion",
            "Withdrawal",
            "Statement",
            "StatementLine",
            "MerchantTax",
            "SelfBillingAgreement",
            "DocumentSeries",
            "Document",
            affiliate_reads=("Withdrawal", "SelfBillingAgreement", "Document"),
        ),
        AddPairKeys("Batch", "rail"),
        AddPairKeys("Payout", "retry_of", "attempt"),
        migrations.RunSQL(PROFILES, migrations.RunSQL.noop),
    ]
