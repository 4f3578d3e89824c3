"""Who was told what of a claim."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('affiliates', '0006_pair_keys'),
        ('commissions', '0005_catalogue_tenancy'),
        ('merchants', '0008_fx_rate_tenancy'),
        ('programs', '0006_tier_tenancy'),
        ('tracking', '0012_pair_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='claim',
            name='answer_told_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='claim',
            name='overdue_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='claim',
            name='told_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(condition=models.Q(('answer_told_at', None)), fields=['due_at'], name='claim_to_tell_of'),
        ),
    ]
