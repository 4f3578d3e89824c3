"""Bind destinations and steps to their merchant; affiliates read the steps of their goals."""

from django.db import migrations

from merchants.tenancy import AffiliateReads, EnableTenancy

MINE = "(SELECT program_id FROM affiliates_enrollment WHERE affiliate_id = app_affiliate_id())"


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0003_destinations_and_steps"),
        ("affiliates", "0003_tenancy"),
    ]

    operations = [
        EnableTenancy("Destination", "GoalStep"),
        AffiliateReads("programs_goalstep", f"program_id IN {MINE}"),
    ]
