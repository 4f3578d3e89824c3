"""Policies that do not hold for one affiliate."""

import common.ids
import django.db.models.deletion
import django.utils.timezone
import merchants.tenancy
from django.db import migrations, models
from merchants.tenancy import EnableTenancy


class Migration(migrations.Migration):

    dependencies = [
        ('affiliates', '0035_task_reminded'),
        ('merchants', '0031_domain_told'),
        ('programs', '0011_pages_and_plans'),
    ]

    operations = [
        migrations.CreateModel(
            name='PolicyWaiver',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('reason', models.CharField(max_length=300, verbose_name='why')),
                ('last_on', models.DateField(verbose_name='last day')),
                ('granted_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('affiliate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
                ('enrollment', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.enrollment')),
                ('granted_by', merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.member')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('policy', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='waivers', to='programs.policy')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('merchant', 'policy', 'enrollment'), name='policy_waiver_once')],
            },
        ),
        EnableTenancy("PolicyWaiver", affiliate_reads=("PolicyWaiver",)),
    ]
