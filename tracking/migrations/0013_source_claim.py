"""Conversions may come of a credited claim."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('affiliates', '0006_pair_keys'),
        ('merchants', '0008_fx_rate_tenancy'),
        ('programs', '0006_tier_tenancy'),
        ('tracking', '0012_pair_keys'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='conversion',
            name='conversion_source_known',
        ),
        migrations.AlterField(
            model_name='conversion',
            name='source',
            field=models.CharField(choices=[('API', 'API'), ('POSTBACK', 'Postback'), ('PIXEL', 'Pixel'), ('FILE', 'File'), ('STEPS', 'Completed steps'), ('CLAIM', 'Claim of an affiliate')], default='API', max_length=8),
        ),
        migrations.AddConstraint(
            model_name='conversion',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['API', 'POSTBACK', 'PIXEL', 'FILE', 'STEPS', 'CLAIM'])), name='conversion_source_known'),
        ),
    ]
