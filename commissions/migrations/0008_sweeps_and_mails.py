"""Until when rules were swept, which alerts were mailed, and corrections of traffic."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commissions", "0007_replays_applied")]

    operations = [
        migrations.RemoveConstraint(
            model_name="commission",
            name="commission_earns_or_takes_back",
        ),
        migrations.AddField(
            model_name="budgetuse",
            name="mailed_bps",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="rule",
            name="swept_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="commission",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("amount_minor__gt", 0), ("event_ref", "earning"), ("kind", "EARNING")
                    ),
                    models.Q(("amount_minor__lt", 0), ("kind", "REVERSAL")),
                    models.Q(("amount_minor__gt", 0), ("kind__in", ["BONUS", "FLAT", "OVERRIDE"])),
                    models.Q(("amount_minor__gt", 0), ("kind", "WRITE_OFF")),
                    models.Q(
                        ("kind__in", ["ADJUSTMENT", "MANUAL", "TRAFFIC"]),
                        models.Q(("amount_minor", 0), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="commission_earns_or_takes_back",
            ),
        ),
    ]
