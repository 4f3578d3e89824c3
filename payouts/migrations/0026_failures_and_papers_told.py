"""Whom to tell of payouts that failed, of what lacks before they are paid, of forms that expire."""

from django.db import migrations, models
from django.db.models import Q


def moment():
    return models.DateTimeField(blank=True, null=True)


def due(name):
    return models.Index(
        condition=Q(("mail_due_at__isnull", False)), fields=["mail_due_at"], name=name
    )


class Migration(migrations.Migration):
    dependencies = [("payouts", "0025_batches_in_parts")]

    operations = [
        migrations.AddField("exclusion", "asked_at", moment()),
        migrations.AddField("exclusion", "mail_due_at", moment()),
        migrations.AddField("payout", "mail_due_at", moment()),
        migrations.AddField("taxprofile", "expiry_told_at", moment()),
        migrations.AddIndex(
            "exclusion",
            models.Index(
                condition=Q(("asked_at__isnull", False)),
                fields=["merchant", "affiliate", "asked_at"],
                name="exclusion_asked",
            ),
        ),
        migrations.AddIndex("exclusion", due("exclusion_mail_due")),
        migrations.AddIndex("payout", due("payout_mail_due")),
        migrations.AddIndex(
            "taxprofile",
            models.Index(
                condition=Q(("expiry_told_at", None), ("replaced_at", None)),
                fields=["expires_on"],
                name="tax_profile_expiry_to_tell",
            ),
        ),
    ]
