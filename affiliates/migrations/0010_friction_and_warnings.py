"""What affiliates say of policies, who was warned, and accepted terms that stay readable."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import common.ids
import merchants.tenancy
from merchants.tenancy import EnableTenancy

# A contract that was replaced stays readable to whoever accepted it.
ACCEPTED = """
ALTER POLICY affiliate ON programs_terms USING (
    program_id IN (SELECT program_id FROM affiliates_enrollment
                   WHERE affiliate_id = app_affiliate_id()) AND NOT is_contract
    OR id IN (SELECT contract_id FROM affiliates_enrollment
              WHERE affiliate_id = app_affiliate_id())
    OR id IN (SELECT terms_id FROM affiliates_termsacceptance
              WHERE affiliate_id = app_affiliate_id()));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("affiliates", "0009_joining_tenancy"),
        ("merchants", "0009_fewer_indexes"),
        ("programs", "0010_ladders_judged_and_policies"),
    ]

    operations = [
        migrations.CreateModel(
            name="FrictionReport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=common.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("body", models.TextField(max_length=2000, verbose_name="what is in the way")),
                ("at", models.DateTimeField()),
                ("answer", models.CharField(blank=True, max_length=1000, verbose_name="answer")),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="enrollment",
            name="tier_missed_told_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="enrollment",
            index=models.Index(
                condition=models.Q(
                    ("tier_missed_since__isnull", False), ("tier_missed_told_at", None)
                ),
                fields=["tier_missed_since"],
                name="enrollment_to_warn",
            ),
        ),
        migrations.AddField(
            model_name="frictionreport",
            name="affiliate",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="affiliates.affiliate",
            ),
        ),
        migrations.AddField(
            model_name="frictionreport",
            name="enrollment",
            field=merchants.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="affiliates.enrollment",
            ),
        ),
        migrations.AddField(
            model_name="frictionreport",
            name="merchant",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="merchants.merchant",
            ),
        ),
        migrations.AddField(
            model_name="frictionreport",
            name="policy",
            field=merchants.tenancy.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="friction_reports",
                to="programs.policy",
            ),
        ),
        EnableTenancy("FrictionReport", affiliate_reads=("FrictionReport",)),
        migrations.RunSQL(ACCEPTED, migrations.RunSQL.noop),
    ]
