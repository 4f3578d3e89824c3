"""Reversals of statements; what of a tax form decides in bulk stands beside its secrets."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("affiliates", "0006_pair_keys"),
        ("merchants", "0008_fx_rate_tenancy"),
        ("payouts", "0007_methods_and_files"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="document",
            name="document_kind_known",
        ),
        migrations.AddField(
            model_name="taxprofile",
            name="is_corporation",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="taxprofile",
            name="withholding_bps",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="document",
            name="kind",
            field=models.CharField(
                choices=[
                    ("INVOICE", "Self-billing invoice"),
                    ("CREDIT_NOTE", "Credit note"),
                    ("STATEMENT", "Commission statement"),
                    ("REVERSAL", "Reversal of a statement"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="taxprofile",
            name="kind",
            field=models.CharField(
                choices=[
                    ("W9", "W-9 (United States)"),
                    ("W8BEN", "W-8BEN (person outside the United States)"),
                    ("W8BENE", "W-8BEN-E (company outside the United States)"),
                    ("BUSINESS", "Business outside the United States"),
                    ("PRIVATE", "Private person outside the United States"),
                ],
                max_length=10,
                verbose_name="form",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["INVOICE", "CREDIT_NOTE", "STATEMENT", "REVERSAL"])
                ),
                name="document_kind_known",
            ),
        ),
    ]
