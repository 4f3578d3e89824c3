"""Rails, terms, withdrawals, attempts, statements and papers; batches know their sums."""

import common.ids
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import merchants.tenancy
from django.conf import settings
from django.db import migrations, models
from common.migrating import in_runs


# The owner is bound by policies as well, unless its tables say otherwise for a moment.
COPY_AMOUNTS = """
ALTER TABLE payouts_batch NO FORCE ROW LEVEL SECURITY;
ALTER TABLE payouts_payout NO FORCE ROW LEVEL SECURITY;
UPDATE payouts_payout SET earned_minor = amount_minor;
UPDATE payouts_batch SET (items, amount_minor) = (
    SELECT count(*), COALESCE(sum(amount_minor), 0) FROM payouts_payout
    WHERE payouts_payout.batch_id = payouts_batch.id
);
ALTER TABLE payouts_batch FORCE ROW LEVEL SECURITY;
ALTER TABLE payouts_payout FORCE ROW LEVEL SECURITY;
"""
COPY_EXCLUSIONS = """
ALTER TABLE payouts_batch NO FORCE ROW LEVEL SECURITY;
INSERT INTO payouts_exclusion
    (id, created_at, merchant_id, batch_id, affiliate_id, amount_minor, reason, detail)
SELECT gen_random_uuid(), batch.created_at, batch.merchant_id, batch.id,
       (left_out ->> 'affiliate')::uuid, (left_out ->> 'amount_minor')::bigint,
       left_out ->> 'reason', ''
FROM payouts_batch AS batch, jsonb_array_elements(batch.left_out) AS left_out;
ALTER TABLE payouts_batch FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('affiliates', '0006_pair_keys'),
        ('merchants', '0008_fx_rate_tenancy'),
        ('payouts', '0002_tenancy'),
        ('programs', '0006_tier_tenancy'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ApprovalLimit',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('currency', models.CharField(max_length=3)),
                ('amount_minor', models.PositiveBigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('idempotency_key', models.UUIDField(unique=True)),
                ('request', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('status', models.CharField(choices=[('SENDING', 'Being sent'), ('ACCEPTED', 'Accepted'), ('REJECTED', 'Rejected'), ('UNKNOWN', 'Unknown, being looked into')], default='SENDING', max_length=10)),
                ('started_at', models.DateTimeField()),
                ('leased_until', models.DateTimeField()),
                ('next_check_at', models.DateTimeField(blank=True, null=True)),
                ('not_found_at', models.DateTimeField(blank=True, null=True)),
                ('sends', models.PositiveSmallIntegerField(default=1)),
                ('provider_ref', models.CharField(blank=True, max_length=140)),
                ('progress', models.JSONField(default=dict)),
                ('answer', models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('kind', models.CharField(choices=[('INVOICE', 'Self-billing invoice'), ('CREDIT_NOTE', 'Credit note'), ('STATEMENT', 'Commission statement')], max_length=12)),
                ('number', models.CharField(max_length=40)),
                ('issued_on', models.DateField()),
                ('currency', models.CharField(max_length=3)),
                ('net_minor', models.BigIntegerField()),
                ('vat_minor', models.BigIntegerField(default=0)),
                ('facts', models.BinaryField()),
                ('content', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='DocumentSeries',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('next_number', models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='Exclusion',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('amount_minor', models.BigIntegerField()),
                ('reason', models.CharField(max_length=40)),
                ('detail', models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('kind', models.CharField(choices=[('UNKNOWN_TO_US', 'They paid what we do not know'), ('UNKNOWN_TO_THEM', 'They do not know what we hold for paid'), ('AMOUNT', 'The amounts differ'), ('STATUS', 'They say otherwise'), ('TWICE', 'They paid it more than once')], max_length=16)),
                ('reference', models.CharField(max_length=140)),
                ('payout_id', models.UUIDField(blank=True, null=True)),
                ('currency', models.CharField(max_length=3)),
                ('ours_minor', models.BigIntegerField(blank=True, null=True)),
                ('theirs_minor', models.BigIntegerField(blank=True, null=True)),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('resolution', models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name='MerchantTax',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('legal_name', models.CharField(max_length=120, verbose_name='legal name')),
                ('street', models.CharField(max_length=120, verbose_name='street')),
                ('postcode', models.CharField(blank=True, max_length=20, verbose_name='postcode')),
                ('town', models.CharField(max_length=80, verbose_name='town')),
                ('country', models.CharField(max_length=2, verbose_name='country')),
                ('vat_id', models.CharField(blank=True, max_length=20, verbose_name='VAT id')),
                ('tax_id', models.CharField(blank=True, max_length=30, verbose_name='tax number')),
                ('vat_bps', models.PositiveSmallIntegerField(default=0, verbose_name='VAT rate')),
                ('invoice_prefix', models.CharField(blank=True, max_length=12, verbose_name='prefix of invoice numbers')),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('external_id', models.CharField(max_length=140)),
                ('body', models.BinaryField()),
                ('received_at', models.DateTimeField()),
                ('processed_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='PayoutPolicy',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('prepares_itself', models.BooleanField(default=False, verbose_name='prepare batches on pay days')),
                ('requires_tax_form', models.BooleanField(default=False, verbose_name='no tax form, no payout')),
                ('withholding_bps', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(10000)], verbose_name='withholding')),
                ('adds_vat', models.BooleanField(default=True, verbose_name='VAT comes on top')),
                ('issues_invoices', models.BooleanField(default=False, verbose_name='issue self-billing invoices')),
            ],
        ),
        migrations.CreateModel(
            name='PayoutTerms',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('schedule', models.CharField(choices=[('AT_ONCE', 'As soon as it is approved'), ('WEEKLY', 'Weekly'), ('MONTHLY', 'Monthly'), ('ON_REQUEST', 'When the affiliate asks for it')], default='AT_ONCE', max_length=10, verbose_name='schedule')),
                ('net_days', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(180)], verbose_name='days until it clears')),
                ('pay_day', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='pay day')),
                ('minor_min', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='smallest payout')),
                ('automatic_minor_max', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='paid without review up to')),
                ('request_fee_minor', models.PositiveBigIntegerField(default=0, verbose_name='fee of a request')),
            ],
        ),
        migrations.CreateModel(
            name='Rail',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('provider', models.CharField(choices=[('CSV', 'CSV file, paid by hand'), ('SEPA', 'SEPA credit transfers (pain.001 file)'), ('NACHA', 'ACH credits in the United States (NACHA file)'), ('PAYPAL', 'PayPal Payouts'), ('WISE', 'Wise'), ('STRIPE', 'Stripe Connect'), ('BALANCE', 'Balance in your product')], max_length=10)),
                ('mode', models.CharField(choices=[('SANDBOX', 'Sandbox'), ('LIVE', 'Live')], default='SANDBOX', max_length=8, verbose_name='mode')),
                ('credentials', models.BinaryField()),
                ('masked', models.CharField(max_length=120)),
                ('notice_token', models.CharField(max_length=64, unique=True)),
                ('archived_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Reconciliation',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('day', models.DateField()),
                ('checked_at', models.DateTimeField()),
                ('totals', models.JSONField(default=list)),
                ('error', models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name='SelfBillingAgreement',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('version', models.CharField(max_length=20)),
                ('accepted_at', models.DateTimeField()),
                ('ip', models.GenericIPAddressField(null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('format', models.CharField(choices=[('CAMT053', 'camt.053'), ('CSV', 'CSV')], max_length=8)),
                ('name', models.CharField(max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('imported_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='StatementLine',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('bank_ref', models.CharField(max_length=140)),
                ('reference', models.CharField(blank=True, max_length=140)),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('booked_on', models.DateField()),
                ('text', models.CharField(blank=True, max_length=300)),
                ('outcome', models.CharField(choices=[('PAID', 'A payout was marked paid'), ('RETURNED', 'A payout came back'), ('KNOWN', 'Said before'), ('NOT_OURS', 'Nothing of ours'), ('DIFFERS', 'The amount or the status differs')], max_length=8)),
            ],
        ),
        migrations.CreateModel(
            name='TaxProfile',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('kind', models.CharField(choices=[('W9', 'W-9 (United States)'), ('W8BEN', 'W-8BEN (person outside the United States)'), ('W8BENE', 'W-8BEN-E (company outside the United States)'), ('BUSINESS', 'Business in the EU or the United Kingdom'), ('PRIVATE', 'Private person elsewhere')], max_length=10, verbose_name='form')),
                ('country', models.CharField(max_length=2, verbose_name='tax residence')),
                ('details', models.BinaryField()),
                ('tax_id_last_four', models.CharField(blank=True, max_length=4)),
                ('fingerprint', models.CharField(blank=True, max_length=64)),
                ('vat_status', models.CharField(choices=[('NONE', 'No VAT id'), ('UNCHECKED', 'Not checked yet'), ('VALID', 'Valid'), ('INVALID', 'Not valid')], default='NONE', max_length=10)),
                ('vat_checked_at', models.DateTimeField(blank=True, null=True)),
                ('vat_consultation', models.CharField(blank=True, max_length=80)),
                ('is_faulty', models.BooleanField(default=False)),
                ('signed_name', models.CharField(max_length=120)),
                ('signed_at', models.DateTimeField()),
                ('signed_ip', models.GenericIPAddressField(null=True)),
                ('expires_on', models.DateField(blank=True, null=True)),
                ('replaced_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Withdrawal',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('currency', models.CharField(max_length=3)),
                ('destination', models.CharField(choices=[('MONEY', 'To the payout method'), ('BALANCE', 'To the balance in the product')], default='MONEY', max_length=8)),
                ('expected_minor', models.PositiveBigIntegerField()),
                ('fee_minor', models.PositiveBigIntegerField(default=0)),
                ('status', models.CharField(choices=[('REQUESTED', 'Waits for review'), ('APPROVED', 'Approved'), ('DECLINED', 'Declined'), ('CANCELLED', 'Taken back'), ('IN_PAYOUT', 'In a payout'), ('PAID', 'Paid')], default='REQUESTED', max_length=10)),
                ('status_changed_at', models.DateTimeField()),
                ('status_reason', models.CharField(blank=True, max_length=500)),
                ('requested_at', models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='batch',
            name='batch_status_known',
        ),
        migrations.RemoveConstraint(
            model_name='batch',
            name='batch_approved_by_a_second_member',
        ),
        migrations.RemoveConstraint(
            model_name='batch',
            name='batch_approval_is_signed',
        ),
        migrations.RemoveConstraint(
            model_name='payout',
            name='payout_once_per_batch',
        ),
        migrations.RemoveConstraint(
            model_name='payoutmethod',
            name='payout_method_kind_known',
        ),
        migrations.AddField(
            model_name='batch',
            name='amount_minor',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='batch',
            name='items',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='batch',
            name='problem',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='batch',
            name='progress',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='batch',
            name='self_approval_minor_max',
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='payout',
            name='earned_minor',
            field=models.PositiveBigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.RunSQL(COPY_AMOUNTS, migrations.RunSQL.noop),
        migrations.AddField(
            model_name='payout',
            name='fee_minor',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='payout',
            name='retry_of',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='retries', to='payouts.payout'),
        ),
        migrations.AddField(
            model_name='payout',
            name='returned_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='payout',
            name='vat_minor',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='payout',
            name='withheld_minor',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='payoutmethod',
            name='fingerprint',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='payoutmethod',
            name='returns',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='batch',
            name='prepared_by',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.member'),
        ),
        migrations.AlterField(
            model_name='batch',
            name='provider',
            field=models.CharField(choices=[('CSV', 'CSV file, paid by hand'), ('SEPA', 'SEPA credit transfers (pain.001 file)'), ('NACHA', 'ACH credits in the United States (NACHA file)'), ('PAYPAL', 'PayPal Payouts'), ('WISE', 'Wise'), ('STRIPE', 'Stripe Connect'), ('BALANCE', 'Balance in your product')], default='CSV', max_length=10),
        ),
        migrations.AlterField(
            model_name='batch',
            name='status',
            field=models.CharField(choices=[('PREPARING', 'Being prepared'), ('DRAFT', 'Waiting for approval'), ('APPROVING', 'Being reserved'), ('APPROVED', 'Approved'), ('SENT', 'Handed over'), ('DONE', 'Done'), ('CANCELLED', 'Cancelled')], default='DRAFT', max_length=10),
        ),
        migrations.AlterField(
            model_name='payoutmethod',
            name='kind',
            field=models.CharField(choices=[('BANK', 'Bank account (IBAN)'), ('US_BANK', 'Bank account in the United States'), ('PAYPAL', 'PayPal'), ('WISE', 'Wise'), ('STRIPE', 'Stripe'), ('MANUAL', 'Another way, by agreement')], max_length=10, verbose_name='kind'),
        ),
        migrations.AddIndex(
            model_name='payoutmethod',
            index=models.Index(condition=models.Q(('replaced_at', None)), fields=['fingerprint'], name='payout_method_by_fingerprint'),
        ),
        migrations.AddConstraint(
            model_name='payoutmethod',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['BANK', 'US_BANK', 'PAYPAL', 'WISE', 'STRIPE', 'MANUAL'])), name='payout_method_kind_known'),
        ),
        migrations.AddField(
            model_name='approvallimit',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='attempt',
            name='batch',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='payouts.batch'),
        ),
        migrations.AddField(
            model_name='attempt',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='payout',
            name='attempt',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='payouts.attempt'),
        ),
        migrations.AddIndex(
            model_name='payout',
            index=models.Index(condition=models.Q(('status', 'RESERVED')), fields=['merchant', 'batch'], name='payout_to_submit'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['FAILED', 'RETURNED', 'CANCELLED']), _negated=True), fields=('merchant', 'batch', 'affiliate'), name='payout_once_per_batch'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.UniqueConstraint(condition=models.Q(('retry_of__isnull', False)), fields=('merchant', 'retry_of'), name='payout_retried_once'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('earned_minor'), '+', models.F('vat_minor')), '-', models.F('withheld_minor')), '-', models.F('fee_minor')))), name='payout_adds_up'),
        ),
        migrations.AddField(
            model_name='document',
            name='affiliate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='affiliates.affiliate'),
        ),
        migrations.AddField(
            model_name='document',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='document',
            name='payout',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='payouts.payout'),
        ),
        migrations.AddField(
            model_name='documentseries',
            name='affiliate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate'),
        ),
        migrations.AddField(
            model_name='documentseries',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='exclusion',
            name='affiliate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate'),
        ),
        migrations.AddField(
            model_name='exclusion',
            name='batch',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='exclusions', to='payouts.batch'),
        ),
        migrations.AddField(
            model_name='exclusion',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='finding',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='finding',
            name='resolved_by',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.member'),
        ),
        migrations.AddField(
            model_name='merchanttax',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='notice',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='payoutpolicy',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='payoutterms',
            name='enrollment',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payout_terms', to='affiliates.enrollment'),
        ),
        migrations.AddField(
            model_name='payoutterms',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='payoutterms',
            name='program',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='payout_terms', to='programs.program'),
        ),
        migrations.AddField(
            model_name='payoutterms',
            name='tier',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payout_terms', to='programs.tier'),
        ),
        migrations.AddField(
            model_name='rail',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='notice',
            name='rail',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='payouts.rail'),
        ),
        migrations.AddField(
            model_name='finding',
            name='rail',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='payouts.rail'),
        ),
        migrations.AddField(
            model_name='attempt',
            name='rail',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='payouts.rail'),
        ),
        migrations.AddField(
            model_name='batch',
            name='rail',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='payouts.rail'),
        ),
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(condition=models.Q(('status__in', ['PREPARING', 'APPROVING'])), fields=['status_changed_at'], name='batch_at_work'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['PREPARING', 'DRAFT', 'APPROVING', 'APPROVED', 'SENT', 'DONE', 'CANCELLED'])), name='batch_status_known'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by', None), ('prepared_by', None), models.Q(('approved_by', models.F('prepared_by')), _negated=True), ('self_approval_minor_max__gte', models.F('amount_minor')), _connector='OR'), name='batch_approved_by_a_second_member'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['PREPARING', 'DRAFT', 'CANCELLED']), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False)), _connector='OR'), name='batch_approval_is_signed'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('provider__in', ['CSV', 'SEPA', 'NACHA', 'PAYPAL', 'WISE', 'STRIPE', 'BALANCE'])), name='batch_provider_known'),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='rail',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='reconciliations', to='payouts.rail'),
        ),
        migrations.AddField(
            model_name='finding',
            name='reconciliation',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='payouts.reconciliation'),
        ),
        migrations.AddField(
            model_name='selfbillingagreement',
            name='accepted_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='selfbillingagreement',
            name='affiliate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate'),
        ),
        migrations.AddField(
            model_name='selfbillingagreement',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='statement',
            name='imported_by',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.member'),
        ),
        migrations.AddField(
            model_name='statement',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='statementline',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='statementline',
            name='payout',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='statement_lines', to='payouts.payout'),
        ),
        migrations.AddField(
            model_name='statementline',
            name='statement',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='payouts.statement'),
        ),
        migrations.AddField(
            model_name='taxprofile',
            name='affiliate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tax_profiles', to='affiliates.affiliate'),
        ),
        migrations.AddField(
            model_name='taxprofile',
            name='signed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='affiliate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='withdrawals', to='affiliates.affiliate'),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='decided_by',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.member'),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='payout',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawals', to='payouts.payout'),
        ),
        migrations.AddConstraint(
            model_name='approvallimit',
            constraint=models.UniqueConstraint(fields=('merchant', 'currency'), name='approval_limit_once'),
        ),
        migrations.AddConstraint(
            model_name='approvallimit',
            constraint=models.CheckConstraint(condition=models.Q(('currency__in', ['AED', 'AFN', 'ALL', 'AMD', 'AOA', 'ARS', 'AUD', 'AWG', 'AZN', 'BAM', 'BBD', 'BDT', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BZD', 'CAD', 'CDF', 'CHF', 'CLP', 'CNY', 'COP', 'CRC', 'CUP', 'CVE', 'CZK', 'DJF', 'DKK', 'DOP', 'DZD', 'EGP', 'ERN', 'ETB', 'EUR', 'FJD', 'FKP', 'GBP', 'GEL', 'GHS', 'GIP', 'GMD', 'GNF', 'GTQ', 'GYD', 'HKD', 'HNL', 'HTG', 'HUF', 'IDR', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRU', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZN', 'NAD', 'NGN', 'NIO', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PYG', 'QAR', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDG', 'SEK', 'SGD', 'SHP', 'SLE', 'SOS', 'SRD', 'SSP', 'STN', 'SVC', 'SYP', 'SZL', 'THB', 'TJS', 'TMT', 'TND', 'TOP', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYI', 'UYU', 'UZS', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMW'])), name='approval_limit_currency_known'),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(fields=['affiliate', 'issued_on'], name='document_by_affiliate'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.UniqueConstraint(fields=('merchant', 'affiliate', 'number'), name='document_number_unique'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.UniqueConstraint(fields=('merchant', 'payout', 'kind'), name='document_once'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['INVOICE', 'CREDIT_NOTE', 'STATEMENT'])), name='document_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('currency__in', ['AED', 'AFN', 'ALL', 'AMD', 'AOA', 'ARS', 'AUD', 'AWG', 'AZN', 'BAM', 'BBD', 'BDT', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BZD', 'CAD', 'CDF', 'CHF', 'CLP', 'CNY', 'COP', 'CRC', 'CUP', 'CVE', 'CZK', 'DJF', 'DKK', 'DOP', 'DZD', 'EGP', 'ERN', 'ETB', 'EUR', 'FJD', 'FKP', 'GBP', 'GEL', 'GHS', 'GIP', 'GMD', 'GNF', 'GTQ', 'GYD', 'HKD', 'HNL', 'HTG', 'HUF', 'IDR', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRU', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZN', 'NAD', 'NGN', 'NIO', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PYG', 'QAR', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDG', 'SEK', 'SGD', 'SHP', 'SLE', 'SOS', 'SRD', 'SSP', 'STN', 'SVC', 'SYP', 'SZL', 'THB', 'TJS', 'TMT', 'TND', 'TOP', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYI', 'UYU', 'UZS', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMW'])), name='document_currency_known'),
        ),
        migrations.AddConstraint(
            model_name='documentseries',
            constraint=models.UniqueConstraint(fields=('merchant', 'affiliate'), name='document_series_once'),
        ),
        migrations.RunSQL(COPY_EXCLUSIONS, migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name='batch',
            name='left_out',
        ),
        migrations.AddConstraint(
            model_name='exclusion',
            constraint=models.UniqueConstraint(fields=('merchant', 'batch', 'affiliate'), name='exclusion_once_per_batch'),
        ),
        migrations.AddConstraint(
            model_name='merchanttax',
            constraint=models.UniqueConstraint(fields=('merchant',), name='merchant_tax_once'),
        ),
        migrations.AddConstraint(
            model_name='merchanttax',
            constraint=models.CheckConstraint(condition=models.Q(('country__regex', '^[A-Z]{2}$')), name='merchant_tax_country_is_iso_3166'),
        ),
        migrations.AddConstraint(
            model_name='merchanttax',
            constraint=models.CheckConstraint(condition=models.Q(('vat_bps__lte', 10000)), name='merchant_tax_vat_sane'),
        ),
        migrations.AddConstraint(
            model_name='payoutpolicy',
            constraint=models.UniqueConstraint(fields=('merchant',), name='payout_policy_once'),
        ),
        migrations.AddConstraint(
            model_name='payoutpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('withholding_bps__lte', 10000)), name='payout_policy_withholding_sane'),
        ),
        migrations.AddConstraint(
            model_name='payoutterms',
            constraint=models.UniqueConstraint(fields=('merchant', 'program', 'tier', 'enrollment'), name='payout_terms_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='payoutterms',
            constraint=models.CheckConstraint(condition=models.Q(('tier', None), ('enrollment', None), _connector='OR'), name='payout_terms_of_a_tier_or_an_enrollment'),
        ),
        migrations.AddConstraint(
            model_name='payoutterms',
            constraint=models.CheckConstraint(condition=models.Q(('schedule__in', ['AT_ONCE', 'WEEKLY', 'MONTHLY', 'ON_REQUEST'])), name='payout_terms_schedule_known'),
        ),
        migrations.AddConstraint(
            model_name='payoutterms',
            constraint=models.CheckConstraint(condition=models.Q(('net_days__lte', 180)), name='payout_terms_net_days_sane'),
        ),
        migrations.AddConstraint(
            model_name='payoutterms',
            constraint=models.CheckConstraint(condition=models.Q(('pay_day', None), models.Q(('pay_day__range', (1, 7)), ('schedule', 'WEEKLY')), models.Q(('pay_day__range', (1, 28)), ('schedule', 'MONTHLY')), _connector='OR'), name='payout_terms_pay_day_sane'),
        ),
        migrations.AddConstraint(
            model_name='rail',
            constraint=models.UniqueConstraint(condition=models.Q(('archived_at', None)), fields=('merchant', 'provider'), name='rail_one_in_force'),
        ),
        migrations.AddConstraint(
            model_name='rail',
            constraint=models.CheckConstraint(condition=models.Q(('provider__in', ['CSV', 'SEPA', 'NACHA', 'PAYPAL', 'WISE', 'STRIPE', 'BALANCE'])), name='rail_provider_known'),
        ),
        migrations.AddConstraint(
            model_name='rail',
            constraint=models.CheckConstraint(condition=models.Q(('mode__in', ['SANDBOX', 'LIVE'])), name='rail_mode_known'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('processed_at', None)), fields=['received_at'], name='notice_due'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('merchant', 'rail', 'external_id'), name='notice_once'),
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(condition=models.Q(('next_check_at__isnull', False)), fields=['next_check_at'], name='attempt_to_check'),
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(condition=models.Q(('status', 'SENDING')), fields=['leased_until'], name='attempt_leased'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['SENDING', 'ACCEPTED', 'REJECTED', 'UNKNOWN'])), name='attempt_status_known'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.UniqueConstraint(condition=models.Q(('provider_ref', ''), _negated=True), fields=('merchant', 'rail', 'provider_ref'), name='attempt_provider_ref_unique'),
        ),
        migrations.AddConstraint(
            model_name='reconciliation',
            constraint=models.UniqueConstraint(fields=('rail', 'day'), name='reconciliation_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.UniqueConstraint(condition=models.Q(('resolved_at', None)), fields=('merchant', 'rail', 'kind', 'reference'), name='finding_one_open'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['UNKNOWN_TO_US', 'UNKNOWN_TO_THEM', 'AMOUNT', 'STATUS', 'TWICE'])), name='finding_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(('ours_minor', None), ('theirs_minor', None), models.Q(('ours_minor', models.F('theirs_minor')), _negated=True), ('kind__in', ['STATUS', 'TWICE']), _connector='OR'), name='finding_differs'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(('resolved_at', None), models.Q(('resolution', ''), _negated=True), _connector='OR'), name='finding_resolved_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='selfbillingagreement',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('merchant', 'affiliate'), name='self_billing_one_in_force'),
        ),
        migrations.AddConstraint(
            model_name='statement',
            constraint=models.UniqueConstraint(fields=('merchant', 'sha256'), name='statement_once'),
        ),
        migrations.AddConstraint(
            model_name='statementline',
            constraint=models.UniqueConstraint(fields=('merchant', 'bank_ref', 'amount_minor'), name='statement_line_once'),
        ),
        migrations.AddConstraint(
            model_name='statementline',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['PAID', 'RETURNED', 'KNOWN', 'NOT_OURS', 'DIFFERS'])), name='statement_line_outcome_known'),
        ),
        migrations.AddConstraint(
            model_name='taxprofile',
            constraint=models.UniqueConstraint(condition=models.Q(('replaced_at', None)), fields=('affiliate',), name='tax_profile_one_in_force'),
        ),
        migrations.AddConstraint(
            model_name='taxprofile',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['W9', 'W8BEN', 'W8BENE', 'BUSINESS', 'PRIVATE'])), name='tax_profile_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='taxprofile',
            constraint=models.CheckConstraint(condition=models.Q(('vat_status__in', ['NONE', 'UNCHECKED', 'VALID', 'INVALID'])), name='tax_profile_vat_known'),
        ),
        migrations.AddConstraint(
            model_name='taxprofile',
            constraint=models.CheckConstraint(condition=models.Q(('country__regex', '^[A-Z]{2}$')), name='tax_profile_country_is_iso_3166'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ('REQUESTED', 'APPROVED', 'IN_PAYOUT'))), fields=('merchant', 'affiliate', 'currency'), name='withdrawal_one_open'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['REQUESTED', 'APPROVED', 'DECLINED', 'CANCELLED', 'IN_PAYOUT', 'PAID'])), name='withdrawal_status_known'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(('destination__in', ['MONEY', 'BALANCE'])), name='withdrawal_destination_known'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(('expected_minor__gt', 0)), name='withdrawal_positive'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(('currency__in', ['AED', 'AFN', 'ALL', 'AMD', 'AOA', 'ARS', 'AUD', 'AWG', 'AZN', 'BAM', 'BBD', 'BDT', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BZD', 'CAD', 'CDF', 'CHF', 'CLP', 'CNY', 'COP', 'CRC', 'CUP', 'CVE', 'CZK', 'DJF', 'DKK', 'DOP', 'DZD', 'EGP', 'ERN', 'ETB', 'EUR', 'FJD', 'FKP', 'GBP', 'GEL', 'GHS', 'GIP', 'GMD', 'GNF', 'GTQ', 'GYD', 'HKD', 'HNL', 'HTG', 'HUF', 'IDR', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRU', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZN', 'NAD', 'NGN', 'NIO', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PYG', 'QAR', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDG', 'SEK', 'SGD', 'SHP', 'SLE', 'SOS', 'SRD', 'SSP', 'STN', 'SVC', 'SYP', 'SZL', 'THB', 'TJS', 'TMT', 'TND', 'TOP', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYI', 'UYU', 'UZS', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMW'])), name='withdrawal_currency_known'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['IN_PAYOUT', 'PAID']), _negated=True), ('payout__isnull', False), _connector='OR'), name='withdrawal_in_payout_has_it'),
        ),
    ]
    operations = in_runs(operations)
