"""Deals and the terms for them; affiliates read their own deals, and their programs' terms."""

import common.ids
import django.db.models.deletion
import django.utils.timezone
import merchants.tenancy
from django.db import migrations, models

from merchants.tenancy import AffiliateReads, EnableTenancy


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('affiliates', '0015_names_in_order'),
        ('merchants', '0011_event_origin'),
        ('programs', '0011_pages_and_plans'),
        ('tracking', '0017_customer_news'),
    ]

    operations = [
        migrations.CreateModel(
            name='Deal',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('company', models.CharField(max_length=120, verbose_name='company')),
                ('domain', models.CharField(max_length=253, verbose_name='domain')),
                ('contact_name', models.CharField(blank=True, max_length=120, verbose_name='contact')),
                ('contact_email', models.EmailField(blank=True, max_length=254, verbose_name="contact's e-mail address")),
                ('value_minor', models.PositiveBigIntegerField(blank=True, null=True)),
                ('currency', models.CharField(max_length=3)),
                ('expected_on', models.DateField(blank=True, null=True, verbose_name='expected close')),
                ('notes', models.TextField(blank=True, max_length=2000, verbose_name='notes')),
                ('status', models.CharField(choices=[('SUBMITTED', 'Waits for an answer'), ('APPROVED', 'Approved'), ('REJECTED', 'Rejected'), ('WON', 'Won'), ('LOST', 'Lost'), ('EXPIRED', 'Expired'), ('WITHDRAWN', 'Withdrawn')], default='SUBMITTED', max_length=9)),
                ('status_changed_at', models.DateTimeField()),
                ('submitted_at', models.DateTimeField()),
                ('conflict', models.CharField(blank=True, choices=[('OTHER_AFFILIATE', 'Another affiliate has registered it'), ('CUSTOMER', 'It is a customer already')], max_length=15)),
                ('reason', models.CharField(blank=True, max_length=1000)),
                ('protected_until', models.DateTimeField(blank=True, null=True)),
                ('extensions', models.PositiveSmallIntegerField(default=0)),
                ('extension_asked_at', models.DateTimeField(blank=True, null=True)),
                ('affiliate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
                ('customer', merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deals', to='tracking.customer')),
                ('enrollment', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='deals', to='affiliates.enrollment')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deals', to='programs.program')),
            ],
            options={
                'indexes': [models.Index(fields=['merchant', 'status', '-submitted_at'], name='deal_by_status'), models.Index(fields=['affiliate', '-submitted_at'], name='deal_by_affiliate'), models.Index(condition=models.Q(('status', 'APPROVED')), fields=['protected_until'], name='deal_to_expire')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['SUBMITTED', 'APPROVED', 'REJECTED', 'WON', 'LOST', 'EXPIRED', 'WITHDRAWN'])), name='deal_status_known'), models.CheckConstraint(condition=models.Q(('conflict__in', ['', 'OTHER_AFFILIATE', 'CUSTOMER'])), name='deal_conflict_known'), models.CheckConstraint(condition=models.Q(('currency__in', ['AED', 'AFN', 'ALL', 'AMD', 'AOA', 'ARS', 'AUD', 'AWG', 'AZN', 'BAM', 'BBD', 'BDT', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BZD', 'CAD', 'CDF', 'CHF', 'CLP', 'CNY', 'COP', 'CRC', 'CUP', 'CVE', 'CZK', 'DJF', 'DKK', 'DOP', 'DZD', 'EGP', 'ERN', 'ETB', 'EUR', 'FJD', 'FKP', 'GBP', 'GEL', 'GHS', 'GIP', 'GMD', 'GNF', 'GTQ', 'GYD', 'HKD', 'HNL', 'HTG', 'HUF', 'IDR', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRU', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZN', 'NAD', 'NGN', 'NIO', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PYG', 'QAR', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDG', 'SEK', 'SGD', 'SHP', 'SLE', 'SOS', 'SRD', 'SSP', 'STN', 'SVC', 'SYP', 'SZL', 'THB', 'TJS', 'TMT', 'TND', 'TOP', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYI', 'UYU', 'UZS', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMW'])), name='deal_currency_known'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'APPROVED'), _negated=True), ('protected_until__isnull', False), _connector='OR'), name='deal_approved_is_protected'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'WON'), _negated=True), ('customer__isnull', False), _connector='OR'), name='deal_won_names_its_customer'), models.UniqueConstraint(condition=models.Q(('status', 'APPROVED')), fields=('merchant', 'program', 'domain'), name='deal_one_protected_per_company'), models.UniqueConstraint(condition=models.Q(('status__in', ('SUBMITTED', 'APPROVED'))), fields=('merchant', 'enrollment', 'domain'), name='deal_one_live_per_affiliate_and_company')],
            },
        ),
        migrations.CreateModel(
            name='DealTerms',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('is_open', models.BooleanField(default=False, verbose_name='affiliates may register deals')),
                ('protect_days', models.PositiveSmallIntegerField(default=90, verbose_name='days of exclusivity')),
                ('extend_days', models.PositiveSmallIntegerField(default=30, verbose_name='days of an extension')),
                ('extensions_max', models.PositiveSmallIntegerField(default=1, verbose_name='extensions at the most')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='deal_terms', to='programs.program')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('merchant', 'program'), name='deal_terms_once_per_program'), models.CheckConstraint(condition=models.Q(('extend_days__range', (1, 365)), ('extensions_max__lte', 10), ('protect_days__range', (1, 730))), name='deal_terms_sane')],
            },
        ),
        EnableTenancy("DealTerms", "Deal", affiliate_reads=("Deal",)),
        AffiliateReads(
            "channel_dealterms",
            "program_id IN (SELECT program_id FROM affiliates_enrollment"
            " WHERE affiliate_id = app_affiliate_id() AND status = 'APPROVED')",
        ),
    ]
