"""Clear shared accounts, mail what changed, and count the files of a day."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import common.ids
import merchants.tenancy
from merchants.tenancy import EnableTenancy
from common.migrating import in_runs


class Migration(migrations.Migration):
    dependencies = [
        ("affiliates", "0006_pair_keys"),
        ("merchants", "0008_fx_rate_tenancy"),
        ("payouts", "0006_tax_faults_and_due_papers"),
    ]

    operations = [
        migrations.CreateModel(
            name="MethodClearance",
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
                ("fingerprint", models.CharField(max_length=64)),
                ("reason", models.CharField(max_length=500)),
                ("cleared_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="batchfile",
            name="made_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="batchfile",
            name="media_type",
            field=models.CharField(default="text/csv", max_length=60),
        ),
        migrations.AddField(
            model_name="batchfile",
            name="of_day",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="batchfile",
            name="provider",
            field=models.CharField(
                choices=[
                    ("CSV", "CSV file, paid by hand"),
                    ("SEPA", "SEPA credit transfers (pain.001 file)"),
                    ("NACHA", "ACH credits in the United States (NACHA file)"),
                    ("PAYPAL", "PayPal Payouts"),
                    ("WISE", "Wise"),
                    ("STRIPE", "Stripe Connect"),
                    ("BALANCE", "Balance in your product"),
                ],
                default="CSV",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="payoutmethod",
            name="mail_due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="payoutmethod",
            index=models.Index(
                condition=models.Q(("mail_due_at__isnull", False)),
                fields=["mail_due_at"],
                name="payout_method_mail_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="batchfile",
            constraint=models.UniqueConstraint(
                fields=("merchant", "provider", "made_on", "of_day"),
                name="batch_file_number_of_the_day",
            ),
        ),
        migrations.AddField(
            model_name="methodclearance",
            name="affiliate",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="affiliates.affiliate",
            ),
        ),
        migrations.AddField(
            model_name="methodclearance",
            name="cleared_by",
            field=merchants.tenancy.TenantForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="merchants.member",
            ),
        ),
        migrations.AddField(
            model_name="methodclearance",
            name="merchant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="merchants.merchant",
            ),
        ),
        migrations.AddConstraint(
            model_name="methodclearance",
            constraint=models.UniqueConstraint(
                fields=("merchant", "affiliate", "fingerprint"), name="method_clearance_once"
            ),
        ),
        EnableTenancy("MethodClearance"),
    ]
    operations = in_runs(operations)
