"""Changes of rates wait in rows until all whom they concern have a notice."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import common.ids
import merchants.tenancy
from merchants.tenancy import EnableTenancy

CHANGES = [("BEGINS", "It begins"), ("ENDS", "It ends")]


class Migration(migrations.Migration):
    dependencies = [
        ("commissions", "0011_decisions"),
        ("merchants", "0008_fx_rate_tenancy"),
    ]

    operations = [
        migrations.CreateModel(
            name="RateChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=common.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("change", models.CharField(choices=CHANGES, max_length=6)),
                ("effective_at", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
                ("noted_until", models.UUIDField(blank=True, null=True)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="merchants.merchant",
                    ),
                ),
                (
                    "rule_version",
                    merchants.tenancy.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="commissions.ruleversion",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at", None)),
                        fields=["created_at"],
                        name="rate_change_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "rule_version", "change", "effective_at"),
                        name="rate_change_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("change__in", ["BEGINS", "ENDS"])),
                        name="rate_change_known",
                    ),
                ],
            },
        ),
        EnableTenancy("RateChange"),
        migrations.RemoveConstraint(model_name="ratenotice", name="rate_notice_once"),
        migrations.AddField(
            model_name="ratenotice",
            name="change",
            field=models.CharField(choices=CHANGES, default="BEGINS", max_length=6),
        ),
        migrations.AddConstraint(
            model_name="ratenotice",
            constraint=models.UniqueConstraint(
                fields=("merchant", "enrollment", "rule_version", "change", "effective_at"),
                name="rate_notice_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="ratenotice",
            constraint=models.CheckConstraint(
                condition=models.Q(("change__in", ["BEGINS", "ENDS"])),
                name="rate_notice_change_known",
            ),
        ),
    ]
