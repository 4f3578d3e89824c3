"""Who applied a replay, how far that is and what was booked; experiments can be archived."""

from django.db import migrations, models
from django.db.models.deletion import PROTECT

from merchants.tenancy import AddPairKeys, TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("commissions", "0006_claims_told"),
        ("merchants", "0008_fx_rate_tenancy"),
    ]

    operations = [
        migrations.AddField(
            "experiment", "archived_at", models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField("replay", "replaces_all", models.BooleanField(default=False)),
        migrations.AddField("replay", "started_by_key_id", models.UUIDField(blank=True, null=True)),
        migrations.AddField("replay", "differing", models.PositiveIntegerField(default=0)),
        migrations.AddField(
            "replay",
            "applied_by",
            TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=PROTECT,
                related_name="+",
                to="merchants.member",
            ),
        ),
        migrations.AddField("replay", "applied_by_key_id", models.UUIDField(blank=True, null=True)),
        migrations.AddField("replay", "applied_count", models.PositiveIntegerField(default=0)),
        migrations.AddField("replay", "booked_minor", models.BigIntegerField(default=0)),
        migrations.AddField(
            "replaydifference", "booked_minor", models.BigIntegerField(blank=True, null=True)
        ),
        AddPairKeys("Replay", "applied_by"),
    ]
