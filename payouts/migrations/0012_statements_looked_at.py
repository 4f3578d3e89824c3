"""Keep a statement until somebody has looked at what it would do."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("merchants", "0008_fx_rate_tenancy"),
        ("payouts", "0011_payout_mails"),
    ]

    operations = [
        migrations.AddField(
            model_name="statement",
            name="applied_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="statement",
            name="content",
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="statement",
            name="repeated",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="statementline",
            name="detail",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("applied_at", None), ("content__isnull", False)),
                    models.Q(("applied_at__isnull", False), ("content", None)),
                    _connector="OR",
                ),
                name="statement_kept_until_applied",
            ),
        ),
    ]
