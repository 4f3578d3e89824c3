"""Terms of payouts may have a last day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payouts", "0027_who_asks_once")]

    operations = [
        migrations.AddField(
            "payoutterms",
            "ends_on",
            models.DateField(blank=True, null=True, verbose_name="until"),
        ),
    ]
