"""From where a change came, and an index to find all that one person did."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("merchants", "0010_portal_hosts")]

    operations = [
        migrations.AddField(
            model_name="event",
            name="ip",
            field=models.GenericIPAddressField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["merchant", "actor_id", "-at"], name="event_by_actor"),
        ),
    ]
