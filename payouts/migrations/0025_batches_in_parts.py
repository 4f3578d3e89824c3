"""Prepare and reserve large batches in parts, by several workers at once."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import common.ids
import merchants.tenancy
from merchants.tenancy import EnableTenancy

# A batch that had progress was a large one. No UPDATE: policies show the owner no row.
LARGE = """
ALTER TABLE payouts_batch ALTER COLUMN progress TYPE boolean USING progress <> '{}';
ALTER TABLE payouts_batch RENAME COLUMN progress TO is_large;
"""
PROGRESS = """
ALTER TABLE payouts_batch RENAME COLUMN is_large TO progress;
ALTER TABLE payouts_batch ALTER COLUMN progress TYPE jsonb
    USING CASE WHEN progress THEN '{"done": 0, "total": 0}' ELSE '{}' END::jsonb;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("merchants", "0011_event_origin"),
        ("payouts", "0015_lines_by_statement"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(LARGE, PROGRESS)],
            state_operations=[
                migrations.RemoveField(model_name="batch", name="progress"),
                migrations.AddField(
                    model_name="batch",
                    name="is_large",
                    field=models.BooleanField(default=False),
                ),
            ],
        ),
        migrations.AddField(
            model_name="batch",
            name="step_size",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="BatchPart",
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
                ("after_position", models.PositiveIntegerField()),
                ("affiliates", models.PositiveIntegerField()),
                ("first_id", models.UUIDField()),
                ("until_id", models.UUIDField(blank=True, null=True)),
                (
                    "batch",
                    merchants.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="payouts.batch",
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="merchants.merchant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "batch", "after_position"), name="batch_part_once"
                    )
                ],
            },
        ),
        EnableTenancy("BatchPart"),
    ]
