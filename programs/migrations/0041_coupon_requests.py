"""Whether affiliates may ask for a code of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programs", "0011_pages_and_plans")]

    operations = [
        migrations.AddField(
            model_name="program",
            name="takes_coupon_requests",
            field=models.BooleanField(
                default=False, verbose_name="affiliates may ask for a code of their own"
            ),
        ),
    ]
