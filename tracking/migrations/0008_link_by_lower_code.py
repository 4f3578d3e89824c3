"""Find the link that somebody meant who wrote its code in other letters."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tracking", "0007_tests_and_waiting")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX link_by_lower_code ON tracking_link (lower(code))",
            "DROP INDEX link_by_lower_code",
        )
    ]
