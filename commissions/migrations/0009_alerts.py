"""Alerts of budgets as rows that are due."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commissions", "0008_sweeps_and_mails"),
    ]

    operations = [
        migrations.AddField(
            model_name="budgetuse",
            name="reached_bps",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name="budgetuse",
            index=models.Index(
                condition=models.Q(("mailed_bps__lt", models.F("reached_bps"))),
                fields=["merchant_id"],
                name="budget_use_to_tell_of",
            ),
        ),
    ]
