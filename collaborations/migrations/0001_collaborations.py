"""What a merchant and an affiliate publish together."""

import common.ids
import django.db.models.deletion
import django.utils.timezone
import merchants.tenancy
from django.db import migrations, models
from merchants.tenancy import EnableTenancy


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('affiliates', '0045_codes_in_bulk'),
        ('merchants', '0011_event_origin'),
        ('programs', '0041_coupon_requests'),
        ('tracking', '0047_coupon_requests'),
    ]

    operations = [
        migrations.CreateModel(
            name='Collaboration',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('kind', models.CharField(choices=[('POST_THERE', 'Guest post of the merchant at the affiliate'), ('POST_HERE', 'Guest post of the affiliate at the merchant'), ('WEBINAR', 'Webinar together'), ('EBOOK', 'E-book together')], max_length=10, verbose_name='kind')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('pitch', models.TextField(max_length=4000, verbose_name='pitch')),
                ('pitched_by', models.CharField(choices=[('MERCHANT', 'The merchant'), ('AFFILIATE', 'The affiliate')], max_length=9)),
                ('pitched_at', models.DateTimeField()),
                ('status', models.CharField(choices=[('PITCHED', 'Pitched'), ('ACCEPTED', 'Accepted'), ('DRAFTED', 'Draft to read'), ('PUBLISHED', 'Published'), ('DECLINED', 'Declined'), ('WITHDRAWN', 'Given up')], default='PITCHED', max_length=9)),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('draft', models.TextField(blank=True, max_length=20000, verbose_name='draft')),
                ('draft_by', models.CharField(blank=True, choices=[('MERCHANT', 'The merchant'), ('AFFILIATE', 'The affiliate')], max_length=9)),
                ('url', models.URLField(blank=True, max_length=2000, verbose_name='published at')),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('finding', models.CharField(blank=True, choices=[('LINKED', 'The link is there'), ('UNLINKED', 'The page does not hold the link'), ('UNREACHABLE', 'The page cannot be read')], max_length=11)),
                ('looked_at', models.DateTimeField(blank=True, null=True)),
                ('affiliate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
                ('enrollment', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.enrollment')),
                ('link', merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tracking.link')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.program')),
            ],
            options={
                'indexes': [models.Index(fields=['merchant', 'program'], name='collaboration_by_program'), models.Index(fields=['affiliate'], name='collaboration_by_affiliate'), models.Index(condition=models.Q(('looked_at', None), ('status', 'PUBLISHED')), fields=['merchant'], name='collaboration_to_look_at')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['POST_THERE', 'POST_HERE', 'WEBINAR', 'EBOOK']), ('status__in', ['PITCHED', 'ACCEPTED', 'DRAFTED', 'PUBLISHED', 'DECLINED', 'WITHDRAWN']), ('pitched_by__in', ['MERCHANT', 'AFFILIATE']), ('draft_by__in', ['', 'MERCHANT', 'AFFILIATE']), ('finding__in', ['', 'LINKED', 'UNLINKED', 'UNREACHABLE'])), name='collaboration_words_known'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'PUBLISHED'), _negated=True), models.Q(models.Q(('url', ''), _negated=True), ('published_at__isnull', False)), _connector='OR'), name='collaboration_published_somewhere')],
            },
        ),
        EnableTenancy("Collaboration", affiliate_reads=("Collaboration",)),
    ]
