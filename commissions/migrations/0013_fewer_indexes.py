"""Drop indexes that begin others: each change of a row writes all of them."""

import django.db.models.deletion
from django.db import migrations, models

import merchants.tenancy
from common.migrating import AlterFields


class Migration(migrations.Migration):
    dependencies = [
        ("affiliates", "0007_fewer_indexes"),
        ("commissions", "0012_rate_changes"),
        ("merchants", "0009_fewer_indexes"),
        ("programs", "0007_fewer_indexes"),
        ("tracking", "0016_fewer_indexes"),
    ]

    operations = [
        AlterFields(
            [
                *(
                    (
                        name,
                        "merchant",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="merchants.merchant",
                        ),
                    )
                    for name in (
                        "budget",
                        "claim",
                        "decision",
                        "experiment",
                        "experimentassignment",
                        "experimentvariant",
                        "grant",
                        "promotion",
                        "ratechange",
                        "ratenotice",
                        "replay",
                        "replaydifference",
                        "replaytotal",
                        "rule",
                        "ruleversion",
                    )
                ),
                (
                    "commission",
                    "affiliate",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="affiliates.affiliate",
                    ),
                ),
                (
                    "commission",
                    "conversion",
                    merchants.tenancy.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commissions",
                        to="tracking.conversion",
                    ),
                ),
                (
                    "commission",
                    "merchant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="merchants.merchant",
                    ),
                ),
                (
                    "commission",
                    "program",
                    merchants.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commissions",
                        to="programs.program",
                    ),
                ),
            ]
        )
    ]
