"""Answers to affiliates' Idempotency-Keys, and who reads them: their affiliate alone."""

import common.ids
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


ANSWERS = """
ALTER TABLE api_affiliateanswer ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_affiliateanswer FORCE ROW LEVEL SECURITY;
CREATE POLICY affiliate ON api_affiliateanswer
    USING (affiliate_id = app_affiliate_id()) WITH CHECK (affiliate_id = app_affiliate_id());
"""


class Migration(migrations.Migration):

    dependencies = [
        ('affiliates', '0004_affiliate_keys'),
        ('api', '0003_tenancy'),
    ]

    operations = [
        migrations.CreateModel(
            name='AffiliateAnswer',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('key', models.CharField(max_length=255)),
                ('request_hash', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('body', models.BinaryField(null=True)),
                ('affiliate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
            ],
            options={
                'indexes': [models.Index(fields=['created_at'], name='affiliate_answer_by_age')],
                'constraints': [models.UniqueConstraint(fields=('affiliate', 'key'), name='affiliate_idempotency_key_once')],
            },
        ),
        migrations.RunSQL(ANSWERS, migrations.RunSQL.noop),
    ]
