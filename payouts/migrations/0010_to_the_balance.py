"""Payouts to a balance have no method; affiliates read when they are paid."""

import django.db.models.deletion
from django.db import migrations, models

from merchants.tenancy import AffiliateReads

MINE = "affiliates_enrollment WHERE affiliate_id = app_affiliate_id()"


class Migration(migrations.Migration):
    dependencies = [("payouts", "0009_rail_checks")]

    operations = [
        migrations.AlterField(
            model_name="payout",
            name="method",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="payouts.payoutmethod",
            ),
        ),
        AffiliateReads(
            "payouts_payoutterms",
            f"program_id IN (SELECT program_id FROM {MINE})"
            f" AND (enrollment_id IS NULL OR enrollment_id IN (SELECT id FROM {MINE}))",
        ),
    ]
