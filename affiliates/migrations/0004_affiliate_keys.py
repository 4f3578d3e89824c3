"""Keys of affiliates, and who reads them: their affiliate alone."""

import common.ids
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


KEYS = """
ALTER TABLE affiliates_affiliatekey ENABLE ROW LEVEL SECURITY;
ALTER TABLE affiliates_affiliatekey FORCE ROW LEVEL SECURITY;
CREATE POLICY affiliate ON affiliates_affiliatekey
    USING (affiliate_id = app_affiliate_id()) WITH CHECK (affiliate_id = app_affiliate_id());
"""


class Migration(migrations.Migration):

    dependencies = [
        ('affiliates', '0003_tenancy'),
    ]

    operations = [
        migrations.CreateModel(
            name='AffiliateKey',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('key_hash', models.CharField(max_length=64, unique=True)),
                ('last_four', models.CharField(max_length=4)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('affiliate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='affiliates.affiliate')),
            ],
            options={
                'indexes': [models.Index(fields=['affiliate'], name='affiliate_key_by_affiliate')],
            },
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
    ]
