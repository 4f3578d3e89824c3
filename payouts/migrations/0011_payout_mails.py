"""Who is still to be told of batches and withdrawals; the day on which batches were prepared."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("payouts", "0010_to_the_balance")]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="mail_due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="payoutpolicy",
            name="prepared_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="withdrawal",
            name="mail_due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(
                condition=Q(mail_due_at__isnull=False),
                fields=["mail_due_at"],
                name="batch_mail_due",
            ),
        ),
        migrations.AddIndex(
            model_name="withdrawal",
            index=models.Index(
                condition=Q(mail_due_at__isnull=False),
                fields=["mail_due_at"],
                name="withdrawal_mail_due",
            ),
        ),
    ]
