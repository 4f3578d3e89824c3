"""What programs ask of applicants, and how affiliates climb from tier to tier."""

import common.ids
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import merchants.tenancy
from django.db import migrations, models
from common.migrating import in_runs


class Migration(migrations.Migration):

    dependencies = [
        ('merchants', '0009_fewer_indexes'),
        ('programs', '0007_fewer_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='program',
            name='reapply_days',
            field=models.PositiveSmallIntegerField(blank=True, default=0, null=True, verbose_name='may apply again after days'),
        ),
        migrations.AddField(
            model_name='terms',
            name='is_contract',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='terms',
            name='tier',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='terms', to='programs.tier'),
        ),
        migrations.AddField(
            model_name='tier',
            name='benefits',
            field=models.TextField(blank=True, max_length=2000, verbose_name='what it offers'),
        ),
        migrations.CreateModel(
            name='FormField',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('stage', models.CharField(choices=[('APPLICATION', 'When applying'), ('QUESTIONNAIRE', 'After approval')], default='APPLICATION', max_length=13, verbose_name='asked')),
                ('code', models.CharField(max_length=40, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_]*$', 'Use a-z, 0-9 and _ only.')], verbose_name='code')),
                ('kind', models.CharField(choices=[('TEXT', 'One line'), ('LONG_TEXT', 'Several lines'), ('EMAIL', 'E-mail address'), ('PHONE', 'Phone number'), ('URL', 'Web address'), ('NUMBER', 'Number'), ('DATE', 'Date'), ('COUNTRY', 'Country'), ('CHOICE', 'One of several'), ('CHOICES', 'Some of several'), ('CHECKBOX', 'Yes or no')], default='TEXT', max_length=9, verbose_name='kind')),
                ('label', models.CharField(max_length=200, verbose_name='question')),
                ('help', models.CharField(blank=True, max_length=300, verbose_name='help')),
                ('options', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), blank=True, default=list, size=None)),
                ('is_required', models.BooleanField(default=False, verbose_name='must be answered')),
                ('shown_if_code', models.CharField(blank=True, max_length=40, verbose_name='asked only if')),
                ('shown_if_values', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), blank=True, default=list, size=None)),
                ('position', models.PositiveSmallIntegerField(default=100, verbose_name='order')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='form_fields', to='programs.program')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('merchant', 'program', 'code'), name='form_field_code_unique'), models.CheckConstraint(condition=models.Q(('code__regex', '^[a-z][a-z0-9_]*$')), name='form_field_code_plain'), models.CheckConstraint(condition=models.Q(('kind__in', ['TEXT', 'LONG_TEXT', 'EMAIL', 'PHONE', 'URL', 'NUMBER', 'DATE', 'COUNTRY', 'CHOICE', 'CHOICES', 'CHECKBOX'])), name='form_field_kind_known'), models.CheckConstraint(condition=models.Q(('stage__in', ['APPLICATION', 'QUESTIONNAIRE'])), name='form_field_stage_known')],
            },
        ),
        migrations.CreateModel(
            name='Ladder',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('period', models.CharField(choices=[('MONTH', 'Calendar month'), ('QUARTER', 'Calendar quarter'), ('DAYS_30', 'Last 30 days'), ('DAYS_90', 'Last 90 days'), ('DAYS_365', 'Last 365 days'), ('LIFETIME', 'Since joining')], default='DAYS_90', max_length=8, verbose_name='counted over')),
                ('is_automatic', models.BooleanField(default=False, verbose_name='move affiliates automatically')),
                ('demotes', models.BooleanField(default=True, verbose_name='also move down')),
                ('grace_days', models.PositiveSmallIntegerField(default=14, validators=[django.core.validators.MaxValueValidator(365)], verbose_name='grace in days')),
                ('lock_days', models.PositiveSmallIntegerField(default=30, validators=[django.core.validators.MaxValueValidator(365)], verbose_name='kept at least, in days')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='ladders', to='programs.program')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('merchant', 'program'), name='ladder_one_per_program'), models.CheckConstraint(condition=models.Q(('period__in', ['MONTH', 'QUARTER', 'DAYS_30', 'DAYS_90', 'DAYS_365', 'LIFETIME'])), name='ladder_period_known'), models.CheckConstraint(condition=models.Q(('grace_days__lte', 365), ('lock_days__lte', 365)), name='ladder_days_sane')],
            },
        ),
        migrations.CreateModel(
            name='ReviewRule',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('position', models.PositiveSmallIntegerField(default=100, verbose_name='order')),
                ('looks_at', models.CharField(choices=[('COUNTRY', 'Country is one of'), ('TYPE', 'Type is one of'), ('EMAIL_DOMAIN', 'E-mail address ends with one of'), ('EMAIL_DISPOSABLE', 'E-mail address is a throw-away one'), ('EMAIL_VERIFIED', 'E-mail address is verified'), ('WEBSITE_VERIFIED', 'Website is proven to be theirs'), ('REFERENCES_VERIFIED', 'References are verified, at least'), ('AUDIENCE', 'Followers over all channels, at least'), ('ANSWER', 'Answer is one of'), ('NUMBER', 'Answer is a number of at least')], max_length=19, verbose_name='if')),
                ('is_negated', models.BooleanField(default=False, verbose_name='not')),
                ('field_code', models.CharField(blank=True, max_length=40, verbose_name='question')),
                ('values', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), blank=True, default=list, size=None)),
                ('minimum', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='at least')),
                ('verdict', models.CharField(choices=[('APPROVE', 'Approve'), ('REJECT', 'Reject'), ('REVIEW', 'A person decides')], max_length=7, verbose_name='then')),
                ('reason', models.CharField(max_length=300, verbose_name='reason, as the applicant reads it')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='review_rules', to='programs.program')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('looks_at__in', ['COUNTRY', 'TYPE', 'EMAIL_DOMAIN', 'EMAIL_DISPOSABLE', 'EMAIL_VERIFIED', 'WEBSITE_VERIFIED', 'REFERENCES_VERIFIED', 'AUDIENCE', 'ANSWER', 'NUMBER'])), name='review_rule_check_known'), models.CheckConstraint(condition=models.Q(('verdict__in', ['APPROVE', 'REJECT', 'REVIEW'])), name='review_rule_verdict_known')],
            },
        ),
        migrations.CreateModel(
            name='TierTarget',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('metric', models.CharField(choices=[('CONVERSIONS', 'Conversions'), ('REVENUE', 'Revenue'), ('COMMISSION', 'Commission earned'), ('NEW_CUSTOMERS', 'New customers')], max_length=13, verbose_name='what counts')),
                ('minimum', models.PositiveBigIntegerField(verbose_name='at least')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('tier', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='targets', to='programs.tier')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('merchant', 'tier', 'metric'), name='tier_target_once_per_metric'), models.CheckConstraint(condition=models.Q(('metric__in', ['CONVERSIONS', 'REVENUE', 'COMMISSION', 'NEW_CUSTOMERS'])), name='tier_target_metric_known'), models.CheckConstraint(condition=models.Q(('minimum__gt', 0)), name='tier_target_positive')],
            },
        ),
    ]
    operations = in_runs(operations)
