import django.utils.timezone
from django.db import migrations, models
from django.db.models import Q
from common.migrating import in_runs


class Migration(migrations.Migration):
    dependencies = [
        ("payouts", "0008_tax_details"),
    ]

    operations = [
        migrations.AddField(
            model_name="rail",
            name="account",
            field=models.CharField(blank=True, max_length=140),
        ),
        migrations.AddField(
            model_name="rail",
            name="check_due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="rail",
            name="checked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="rail",
            name="problem",
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddIndex(
            model_name="rail",
            index=models.Index(
                condition=Q(check_due_at__isnull=False),
                fields=["check_due_at"],
                name="rail_to_check",
            ),
        ),
        migrations.RemoveIndex(model_name="notice", name="notice_due"),
        migrations.AddField(
            model_name="notice",
            name="due_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=Q(processed_at=None), fields=["due_at"], name="notice_due"
            ),
        ),
    ]
    operations = in_runs(operations)
