"""Drop indexes that begin others: each change of a row writes all of them."""

import django.db.models.deletion
from django.db import migrations, models

import merchants.tenancy
from common.migrating import AlterFields


class Migration(migrations.Migration):
    dependencies = [
        ("affiliates", "0007_fewer_indexes"),
        ("merchants", "0009_fewer_indexes"),
        ("programs", "0007_fewer_indexes"),
        ("tracking", "0015_refunds_in_other_currencies"),
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
                        "branch",
                        "cap",
                        "coupon",
                        "couponuse",
                        "customer",
                        "import",
                        "link",
                        "refund",
                        "statusreport",
                        "stepreport",
                    )
                ),
                (
                    "conversion",
                    "assigned_enrollment",
                    merchants.tenancy.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="affiliates.enrollment",
                    ),
                ),
                (
                    "conversion",
                    "customer",
                    merchants.tenancy.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversions",
                        to="tracking.customer",
                    ),
                ),
                (
                    "conversion",
                    "fx_rate",
                    merchants.tenancy.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="merchants.fxrate",
                    ),
                ),
                (
                    "conversion",
                    "goal",
                    merchants.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversions",
                        to="programs.goal",
                    ),
                ),
                (
                    "conversion",
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
                    "conversion",
                    "program",
                    merchants.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversions",
                        to="programs.program",
                    ),
                ),
                (
                    "credit",
                    "affiliate",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="affiliates.affiliate",
                    ),
                ),
                (
                    "credit",
                    "conversion",
                    merchants.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits",
                        to="tracking.conversion",
                    ),
                ),
                (
                    "credit",
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
                    "touch",
                    "affiliate",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="affiliates.affiliate",
                    ),
                ),
                (
                    "touch",
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
                    "touch",
                    "program",
                    merchants.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="touches",
                        to="programs.program",
                    ),
                ),
            ]
        )
    ]
