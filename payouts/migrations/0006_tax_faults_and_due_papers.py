"""Faults of tax forms are each merchant's own; payouts remember which papers they have."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import common.ids
import merchants.tenancy
from merchants.tenancy import EnableTenancy
from common.migrating import in_runs

# Money that moved before there were papers gets none.
PAPERED = """
ALTER TABLE payouts_payout NO FORCE ROW LEVEL SECURITY;
UPDATE payouts_payout SET papered_status = status WHERE status IN ('PAID', 'RETURNED');
ALTER TABLE payouts_payout FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("affiliates", "0006_pair_keys"),
        ("merchants", "0008_fx_rate_tenancy"),
        ("payouts", "0005_encrypt_files"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TaxFault",
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
                ("reason", models.CharField(max_length=500, verbose_name="what the office said")),
                ("noted_at", models.DateTimeField()),
                ("cleared_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="taxprofile",
            name="tax_profile_one_in_force",
        ),
        migrations.RemoveField(
            model_name="taxprofile",
            name="is_faulty",
        ),
        migrations.AddField(
            model_name="payout",
            name="papered_status",
            field=models.CharField(
                blank=True,
                choices=[
                    ("DRAFT", "Waiting for approval"),
                    ("RESERVED", "Reserved"),
                    ("SUBMITTING", "Being sent"),
                    ("SUBMITTED", "On its way"),
                    ("UNKNOWN", "Unknown, being looked into"),
                    ("PAID", "Paid"),
                    ("FAILED", "Failed"),
                    ("RETURNED", "Returned"),
                    ("CANCELLED", "Cancelled"),
                ],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="taxprofile",
            name="is_small_business",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="taxprofile",
            name="vat_name",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="taxprofile",
            name="vat_next_check_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="payout",
            index=models.Index(
                condition=models.Q(
                    ("status__in", ["PAID", "RETURNED"]),
                    models.Q(("papered_status", models.F("status")), _negated=True),
                ),
                fields=["status_changed_at"],
                name="payout_papers_due",
            ),
        ),
        migrations.AddIndex(
            model_name="taxprofile",
            index=models.Index(
                condition=models.Q(("vat_next_check_at__isnull", False)),
                fields=["vat_next_check_at"],
                name="tax_profile_vat_to_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxprofile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ("W9", "W8BEN", "W8BENE")), ("replaced_at", None)),
                fields=("affiliate",),
                name="tax_profile_one_us_form_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxprofile",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("replaced_at", None),
                    models.Q(("kind__in", ("W9", "W8BEN", "W8BENE")), _negated=True),
                ),
                fields=("affiliate",),
                name="tax_profile_one_other_form_in_force",
            ),
        ),
        migrations.AddField(
            model_name="taxfault",
            name="affiliate",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="affiliates.affiliate",
            ),
        ),
        migrations.AddField(
            model_name="taxfault",
            name="merchant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="merchants.merchant",
            ),
        ),
        migrations.AddField(
            model_name="taxfault",
            name="noted_by",
            field=merchants.tenancy.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="merchants.member",
            ),
        ),
        migrations.AddField(
            model_name="taxfault",
            name="profile",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="faults",
                to="payouts.taxprofile",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxfault",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cleared_at", None)),
                fields=("merchant", "profile"),
                name="tax_fault_one_open",
            ),
        ),
        EnableTenancy("TaxFault", affiliate_reads=("TaxFault",)),
        migrations.RunSQL(PAPERED, migrations.RunSQL.noop),
    ]
    operations = in_runs(operations)
