"""Pages of programs, rules of promoting, a change log, targets, and the directory."""

import common.ids
import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import merchants.tenancy
from merchants.tenancy import AffiliateReads, EnableTenancy
from django.db import migrations, models


MINE = "(SELECT program_id FROM affiliates_enrollment WHERE affiliate_id = app_affiliate_id())"


class Migration(migrations.Migration):

    dependencies = [
        ('merchants', '0010_portal_hosts'),
        ('programs', '0010_ladders_judged_and_policies'),
    ]

    operations = [
        migrations.CreateModel(
            name='Conduct',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('methods', models.JSONField(blank=True, default=dict)),
                ('keywords', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None)),
                ('note', models.TextField(blank=True, max_length=5000, verbose_name='and besides')),
                ('disclosures', models.JSONField(blank=True, default=dict)),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='conducts', to='programs.program')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('merchant', 'program'), name='conduct_one_per_program')],
            },
        ),
        migrations.CreateModel(
            name='CustomerProfile',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('summary', models.TextField(blank=True, max_length=2000, verbose_name='who buys')),
                ('industries', models.CharField(blank=True, max_length=300, verbose_name='industries')),
                ('company_size', models.CharField(blank=True, max_length=120, verbose_name='size')),
                ('roles', models.CharField(blank=True, max_length=300, verbose_name='who decides')),
                ('countries', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), blank=True, default=list, size=None)),
                ('needs', models.TextField(blank=True, max_length=2000, verbose_name='what they need')),
                ('not_for', models.TextField(blank=True, max_length=2000, verbose_name='for whom it is not')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='customer_profiles', to='programs.program')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('merchant', 'program'), name='customer_profile_one_per_program')],
            },
        ),
        migrations.CreateModel(
            name='Listing',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('category', models.CharField(choices=[('SOFTWARE', 'Software and apps'), ('RETAIL', 'Shops'), ('FINANCE', 'Money and insurance'), ('TRAVEL', 'Travel'), ('EDUCATION', 'Courses and books'), ('HEALTH', 'Health and beauty'), ('HOME', 'Home and garden'), ('SPORT', 'Sport and outdoors'), ('SERVICES', 'Services and agencies'), ('OTHER', 'Other')], max_length=9, verbose_name='category')),
                ('countries', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), blank=True, default=list, size=None)),
                ('listed_at', models.DateTimeField()),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='listings', to='programs.program')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('merchant', 'program'), name='listing_one_per_program'), models.CheckConstraint(condition=models.Q(('category__in', ['SOFTWARE', 'RETAIL', 'FINANCE', 'TRAVEL', 'EDUCATION', 'HEALTH', 'HOME', 'SPORT', 'SERVICES', 'OTHER'])), name='listing_category_known')],
            },
        ),
        migrations.CreateModel(
            name='PageBlock',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('kind', models.CharField(choices=[('TEXT', 'Text'), ('BENEFITS', 'Benefits'), ('STEPS', 'Steps'), ('FAQ', 'Questions and answers'), ('QUOTE', 'Quote'), ('IMAGE', 'Picture')], max_length=8, verbose_name='kind')),
                ('title', models.CharField(blank=True, max_length=200, verbose_name='title')),
                ('body', models.TextField(blank=True, max_length=5000, verbose_name='text')),
                ('image_url', models.URLField(blank=True, max_length=500, verbose_name='address of the picture')),
                ('position', models.PositiveSmallIntegerField(default=100)),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='page_blocks', to='programs.program')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['TEXT', 'BENEFITS', 'STEPS', 'FAQ', 'QUOTE', 'IMAGE'])), name='page_block_kind_known'), models.CheckConstraint(condition=models.Q(('image_url', ''), ('image_url__startswith', 'https://'), _connector='OR'), name='page_block_picture_is_https')],
            },
        ),
        migrations.CreateModel(
            name='ProgramChange',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('kind', models.CharField(choices=[('TERMS', 'Terms'), ('CONDUCT', 'How to promote'), ('GOALS', 'What counts'), ('NEWS', 'News')], max_length=7)),
                ('title', models.CharField(blank=True, max_length=200, verbose_name='in one line')),
                ('body', models.TextField(blank=True, max_length=5000, verbose_name='text')),
                ('version', models.PositiveIntegerField(blank=True, null=True)),
                ('at', models.DateTimeField()),
                ('mail_due_at', models.DateTimeField(blank=True, null=True)),
                ('mailed_until', models.UUIDField(blank=True, null=True)),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='programs.program')),
            ],
            options={
                'indexes': [models.Index(fields=['merchant', 'program', '-at'], name='program_change_by_time'), models.Index(condition=models.Q(('mail_due_at__isnull', False)), fields=['mail_due_at'], name='program_change_to_mail')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['TERMS', 'CONDUCT', 'GOALS', 'NEWS'])), name='program_change_kind_known')],
            },
        ),
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('metric', models.CharField(choices=[('CLICKS', 'Clicks'), ('CONVERSIONS', 'Conversions'), ('REVENUE', 'Revenue')], max_length=11, verbose_name='what counts')),
                ('amount', models.PositiveBigIntegerField(verbose_name='how much')),
                ('first_on', models.DateField(verbose_name='from')),
                ('last_on', models.DateField(verbose_name='until')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='targets', to='programs.program')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('metric__in', ['CLICKS', 'CONVERSIONS', 'REVENUE'])), name='target_metric_known'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='target_positive'), models.CheckConstraint(condition=models.Q(('first_on__lte', models.F('last_on'))), name='target_days_sane')],
            },
        ),
        EnableTenancy(
            "Conduct", "CustomerProfile", "Listing", "PageBlock", "ProgramChange", "Target"
        ),
        AffiliateReads("programs_conduct", f"program_id IN {MINE}"),
        AffiliateReads("programs_customerprofile", f"program_id IN {MINE}"),
        AffiliateReads("programs_programchange", f"program_id IN {MINE}"),
    ]
