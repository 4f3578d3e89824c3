"""Bind tiers to their merchant; affiliates read those of their programs."""

from django.db import migrations

from merchants.tenancy import AffiliateReads, EnableTenancy

MINE = "(SELECT program_id FROM affiliates_enrollment WHERE affiliate_id = app_affiliate_id())"


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0005_tiers_and_attribution"),
        ("affiliates", "0003_tenancy"),
    ]

    operations = [
        EnableTenancy("Tier"),
        AffiliateReads("programs_tier", f"program_id IN {MINE}"),
    ]
