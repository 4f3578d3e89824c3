"""What people chose to hear of, and what waits for their daily mail."""

import common.ids
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from merchants.tenancy import EnableTenancy

# A choice is a member's or an affiliate's user's: either side reads and writes its own.
CHOICES = """
ALTER TABLE mailing_mailchoice ENABLE ROW LEVEL SECURITY;
ALTER TABLE mailing_mailchoice FORCE ROW LEVEL SECURITY;
CREATE POLICY merchant ON mailing_mailchoice
    USING (merchant_id = app_merchant_id()) WITH CHECK (merchant_id = app_merchant_id());
CREATE POLICY affiliate ON mailing_mailchoice
    USING (affiliate_id = app_affiliate_id()) WITH CHECK (affiliate_id = app_affiliate_id());
"""
# One mail tells an affiliate of all its merchants: it is claimed and deleted in its own name.
HELD = """
CREATE POLICY affiliate ON mailing_heldmail
    USING (affiliate_id = app_affiliate_id()) WITH CHECK (affiliate_id = app_affiliate_id());
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('affiliates', '0014_saved_lists'),
        ('merchants', '0011_event_origin'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HeldMail',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('kind', models.CharField(max_length=16)),
                ('subject', models.CharField(max_length=300)),
                ('text', models.TextField()),
                ('fingerprint', models.CharField(max_length=64)),
                ('due_at', models.DateTimeField()),
                ('claimed_at', models.DateTimeField(blank=True, null=True)),
                ('affiliate', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='affiliates.affiliate')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['due_at'], name='held_mail_due')],
                'constraints': [models.UniqueConstraint(fields=('merchant', 'affiliate', 'user', 'kind', 'fingerprint'), name='held_mail_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('kind__in', ['APPLICATIONS', 'CLAIMS', 'OFFERS', 'BUDGETS', 'REQUESTS', 'APPLICATION', 'NEWS', 'TIERS', 'PROPOSALS', 'CLAIM_ANSWERS'])), name='held_mail_kind_may_be_chosen')],
            },
        ),
        migrations.CreateModel(
            name='MailChoice',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('kind', models.CharField(max_length=16)),
                ('when', models.CharField(choices=[('NOW', 'At once'), ('DIGEST', 'In one mail a day'), ('NEVER', 'Never')], max_length=6)),
                ('affiliate', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='affiliates.affiliate')),
                ('merchant', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='merchants.merchant')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('merchant', 'affiliate', 'user', 'kind'), name='mail_choice_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('affiliate__isnull', False), ('merchant', None)), models.Q(('affiliate', None), ('merchant__isnull', False)), _connector='OR'), name='mail_choice_of_one_side'), models.CheckConstraint(condition=models.Q(('kind__in', ['APPLICATIONS', 'CLAIMS', 'OFFERS', 'BUDGETS', 'REQUESTS', 'APPLICATION', 'NEWS', 'TIERS', 'PROPOSALS', 'CLAIM_ANSWERS'])), name='mail_choice_kind_may_be_chosen'), models.CheckConstraint(condition=models.Q(('when__in', ['NOW', 'DIGEST', 'NEVER'])), name='mail_choice_when_known')],
            },
        ),
        EnableTenancy("HeldMail"),
        migrations.RunSQL(HELD, migrations.RunSQL.noop),
        migrations.RunSQL(CHOICES, migrations.RunSQL.noop),
    ]
