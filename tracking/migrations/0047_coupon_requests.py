"""Codes that affiliates ask for; what a code gives, and how often each customer may use it."""

import common.ids
import django.db.models.deletion
import django.utils.timezone
import merchants.tenancy
from django.db import migrations, models
from merchants.tenancy import EnableTenancy


class Migration(migrations.Migration):

    dependencies = [
        ('affiliates', '0045_codes_in_bulk'),
        ('merchants', '0011_event_origin'),
        ('programs', '0041_coupon_requests'),
        ('tracking', '0017_customer_news'),
    ]

    operations = [
        migrations.CreateModel(
            name='CouponRequest',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('code', models.CharField(max_length=40, verbose_name='code')),
                ('status', models.CharField(choices=[('OPEN', 'Waits for an answer'), ('GIVEN', 'Given'), ('REFUSED', 'Refused')], default='OPEN', max_length=7)),
                ('asked_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.CharField(blank=True, max_length=500, verbose_name='reason')),
            ],
        ),
        migrations.AddField(
            model_name='coupon',
            name='customer_uses_max',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='uses at most per customer'),
        ),
        migrations.AddField(
            model_name='coupon',
            name='offer',
            field=models.CharField(blank=True, max_length=120, verbose_name='what it gives the buyer'),
        ),
        migrations.AddConstraint(
            model_name='coupon',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('uses_max', None), ('uses_max__gte', 1), _connector='OR'), models.Q(('customer_uses_max', None), ('customer_uses_max__gte', 1), _connector='OR')), name='coupon_uses_positive'),
        ),
        migrations.AddField(
            model_name='couponrequest',
            name='affiliate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate'),
        ),
        migrations.AddField(
            model_name='couponrequest',
            name='coupon',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tracking.coupon'),
        ),
        migrations.AddField(
            model_name='couponrequest',
            name='enrollment',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.enrollment'),
        ),
        migrations.AddField(
            model_name='couponrequest',
            name='merchant',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='couponrequest',
            name='program',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.program'),
        ),
        migrations.AddIndex(
            model_name='couponrequest',
            index=models.Index(fields=['affiliate'], name='coupon_request_by_affiliate'),
        ),
        migrations.AddConstraint(
            model_name='couponrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'OPEN')), fields=('merchant', 'enrollment'), name='coupon_request_one_open'),
        ),
        migrations.AddConstraint(
            model_name='couponrequest',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['OPEN', 'GIVEN', 'REFUSED'])), name='coupon_request_status_known'),
        ),
        migrations.AddConstraint(
            model_name='couponrequest',
            constraint=models.CheckConstraint(condition=models.Q(('code__regex', '^[A-Z0-9_-]{3,40}$')), name='coupon_request_code_upper_case'),
        ),
        EnableTenancy("CouponRequest", affiliate_reads=("CouponRequest",)),
    ]
