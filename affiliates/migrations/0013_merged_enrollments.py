"""Enrollments that were merged into another of the same person."""

import django.db.models.deletion
from django.db import migrations, models

import merchants.tenancy
from merchants.tenancy import AddPairKeys


class Migration(migrations.Migration):
    dependencies = [("affiliates", "0012_account_people")]

    operations = [
        migrations.AddField(
            model_name="enrollment",
            name="merged_into",
            field=merchants.tenancy.TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="affiliates.enrollment",
            ),
        ),
        migrations.AddConstraint(
            model_name="enrollment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into", None),
                    models.Q(
                        ("status", "LEFT"),
                        models.Q(("merged_into", models.F("id")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="enrollment_merged_has_left_and_not_into_itself",
            ),
        ),
        AddPairKeys("Enrollment", "merged_into"),
    ]
