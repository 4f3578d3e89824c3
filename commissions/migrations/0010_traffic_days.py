"""Which rule paid for a link's traffic of a day."""

from django.db import migrations, models

from merchants.tenancy import enable_policies


def guard(apps, schema_editor):
    """A volume table has no `id`, so no pair key: policies alone."""
    enable_policies(
        schema_editor, "commissions_trafficday", merchant="merchant_id = app_merchant_id()"
    )


class Migration(migrations.Migration):
    dependencies = [("commissions", "0009_alerts")]

    operations = [
        migrations.CreateModel(
            name="TrafficDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "merchant_id",
                        "reward",
                        "day",
                        "link_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("merchant_id", models.UUIDField()),
                ("reward", models.CharField(max_length=20)),
                ("day", models.DateField()),
                ("link_id", models.UUIDField()),
                ("program_id", models.UUIDField()),
                ("enrollment_id", models.UUIDField()),
                ("rule_id", models.UUIDField()),
                ("rule_version_id", models.UUIDField()),
                ("rate_e5", models.PositiveBigIntegerField()),
                ("units", models.PositiveBigIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reward__in", ["PER_CLICK", "PER_MILLE"])),
                        name="traffic_is_of_clicks_or_impressions",
                    )
                ],
            },
        ),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
