"""Note which applicants are still to be told where their application stands."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("affiliates", "0011_search_and_jobs")]

    operations = [
        migrations.AddField(
            model_name="application",
            name="mail_due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(
                condition=models.Q(("mail_due_at__isnull", False)),
                fields=["mail_due_at"],
                name="application_to_mail",
            ),
        ),
    ]
