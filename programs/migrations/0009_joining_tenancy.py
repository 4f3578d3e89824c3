"""Bind forms, review rules and ladders to their merchant; affiliates read what concerns them."""

from django.db import migrations

from merchants.tenancy import AddPairKeys, AffiliateReads, EnableTenancy

MINE = "(SELECT program_id FROM affiliates_enrollment WHERE affiliate_id = app_affiliate_id())"
TIERS = f"(SELECT id FROM programs_tier WHERE program_id IN {MINE})"

# A contract is one affiliate's own: others of the program do not read it.
CONTRACTS = f"""
ALTER POLICY affiliate ON programs_terms USING (
    program_id IN {MINE} AND NOT is_contract
    OR id IN (SELECT contract_id FROM affiliates_enrollment
              WHERE affiliate_id = app_affiliate_id()));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0008_joining_and_ladders"),
        ("affiliates", "0008_joining_and_care"),
    ]

    operations = [
        EnableTenancy("FormField", "ReviewRule", "Ladder", "TierTarget"),
        AddPairKeys("Terms", "tier"),
        AffiliateReads("programs_formfield", f"program_id IN {MINE}"),
        AffiliateReads("programs_ladder", f"program_id IN {MINE}"),
        AffiliateReads("programs_tiertarget", f"tier_id IN {TIERS}"),
        migrations.RunSQL(CONTRACTS, migrations.RunSQL.noop),
    ]
