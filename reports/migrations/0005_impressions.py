"""Impressions of links by day, bound to their merchant; the edge counts them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from merchants.tenancy import add_affiliate_policy, enable_policies

TABLE = "reports_dailyimpressions"


def guard(apps, schema_editor):
    """Volume tables have no `id`, so no pair key: policies alone."""
    enable_policies(schema_editor, TABLE, merchant="merchant_id = app_merchant_id()")
    add_affiliate_policy(schema_editor, TABLE, "affiliate_id = app_affiliate_id()")
    ops = schema_editor.quote_name(settings.DATABASES["ops"]["USER"])
    schema_editor.execute(f"GRANT INSERT, UPDATE ON {TABLE} TO {ops}")


class Migration(migrations.Migration):
    dependencies = [
        ("merchants", "0004_own_domains"),
        ("reports", "0004_destination_clicks_tenancy"),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyImpressions",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "merchant_id",
                        "day",
                        "link_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.DateField()),
                ("link_id", models.UUIDField()),
                ("program_id", models.UUIDField()),
                ("enrollment_id", models.UUIDField()),
                ("affiliate_id", models.UUIDField()),
                ("impressions", models.PositiveBigIntegerField()),
                (
                    "merchant",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="merchants.merchant",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["affiliate_id", "day"], name="daily_impressions_by_affiliate"
                    )
                ],
            },
        ),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
