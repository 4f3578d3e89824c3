"""Drop indexes that begin others: each change of a row writes all of them."""

import django.db.models.deletion
from django.db import migrations, models

import merchants.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("affiliates", "0007_fewer_indexes"),
        ("merchants", "0009_fewer_indexes"),
        ("programs", "0007_fewer_indexes"),
        ("tracking", "0015_refunds_in_other_currencies"),
    ]

    operations = [
        *(
            migrations.AlterField(
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
        migrations.AlterField(
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
        migrations.AlterField(
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
        migrations.AlterField(
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
        migrations.AlterField(
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
        migrations.AlterField(
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
        migrations.AlterField(
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
        migrations.AlterField(
            "credit",
            "affiliate",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="affiliates.affiliate",
            ),
        ),
        migrations.AlterField(
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
        migrations.AlterField(
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
        migrations.AlterField(
            "touch",
            "affiliate",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="affiliates.affiliate",
            ),
        ),
        migrations.AlterField(
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
        migrations.AlterField(
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
