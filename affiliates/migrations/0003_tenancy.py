"""Who reads affiliates and enrollments, and what an affiliate reads of merchants and programs."""

from django.db import migrations

from merchants.tenancy import AffiliateReads, EnableTenancy

# Affiliates are of the installation. Their own users read and write them; a merchant reads those
# it has an enrollment of. The sub-select does not depend on the row, so it is hashed once.
AFFILIATES = """
ALTER TABLE affiliates_affiliate ENABLE ROW LEVEL SECURITY;
ALTER TABLE affiliates_affiliate FORCE ROW LEVEL SECURITY;
CREATE POLICY affiliate ON affiliates_affiliate
    USING (id = app_affiliate_id()) WITH CHECK (id = app_affiliate_id());
CREATE POLICY merchant ON affiliates_affiliate FOR SELECT USING (
    id IN (SELECT affiliate_id FROM affiliates_enrollment WHERE merchant_id = app_merchant_id()));

ALTER TABLE affiliates_affiliateuser ENABLE ROW LEVEL SECURITY;
ALTER TABLE affiliates_affiliateuser FORCE ROW LEVEL SECURITY;
CREATE POLICY affiliate ON affiliates_affiliateuser
    USING (affiliate_id = app_affiliate_id()) WITH CHECK (affiliate_id = app_affiliate_id());

ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_enrollment_id_same_merchant
    FOREIGN KEY (merchant_id, enrollment_id) REFERENCES affiliates_enrollment (merchant_id, id)
    DEFERRABLE INITIALLY IMMEDIATE;
"""

MINE = "(SELECT {} FROM affiliates_enrollment WHERE affiliate_id = app_affiliate_id())"


class Migration(migrations.Migration):
    dependencies = [
        ("affiliates", "0002_initial"),
        ("ledger", "0003_tenancy"),
        ("programs", "0002_tenancy"),
    ]

    operations = [
        EnableTenancy(
            "Enrollment",
            "Application",
            "TermsAcceptance",
            affiliate_reads=("Enrollment", "Application", "TermsAcceptance"),
        ),
        migrations.RunSQL(AFFILIATES, migrations.RunSQL.noop),
        AffiliateReads("merchants_merchant", f"id IN {MINE.format('merchant_id')}"),
        AffiliateReads("programs_program", f"id IN {MINE.format('program_id')}"),
        AffiliateReads("programs_goal", f"program_id IN {MINE.format('program_id')}"),
        AffiliateReads("programs_terms", f"program_id IN {MINE.format('program_id')}"),
    ]
