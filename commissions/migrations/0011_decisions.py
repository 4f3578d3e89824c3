"""Decisions about many lines, carried out by a worker."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import common.ids
from merchants.tenancy import EnableTenancy

STATUSES = ["PENDING", "HELD", "APPROVED", "RESERVED", "PAID", "DECLINED"]


class Migration(migrations.Migration):
    dependencies = [
        ("commissions", "0010_traffic_days"),
        ("merchants", "0008_fx_rate_tenancy"),
    ]

    operations = [
        migrations.CreateModel(
            name="Decision",
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
                (
                    "to",
                    models.CharField(
                        max_length=10,
                        choices=[
                            ("PENDING", "Pending"),
                            ("HELD", "Held"),
                            ("APPROVED", "Approved"),
                            ("RESERVED", "In payout"),
                            ("PAID", "Paid"),
                            ("DECLINED", "Declined"),
                        ],
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500)),
                (
                    "line_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None
                    ),
                ),
                ("line_count", models.PositiveIntegerField()),
                ("done_count", models.PositiveIntegerField(default=0)),
                ("moved_count", models.PositiveIntegerField(default=0)),
                (
                    "status",
                    models.CharField(
                        choices=[("WAITING", "Waiting"), ("RUNNING", "Running"), ("DONE", "Done")],
                        default="WAITING",
                        max_length=8,
                    ),
                ),
                (
                    "actor_kind",
                    models.CharField(
                        choices=[("USER", "User"), ("KEY", "API key"), ("SYSTEM", "Fairlead")],
                        max_length=6,
                    ),
                ),
                ("actor_id", models.UUIDField(blank=True, null=True)),
                ("asked_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="merchants.merchant",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("finished_at", None)),
                        fields=["asked_at"],
                        name="decision_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["WAITING", "RUNNING", "DONE"]), ("to__in", STATUSES)
                        ),
                        name="decision_known",
                    )
                ],
            },
        ),
        EnableTenancy("Decision"),
    ]
