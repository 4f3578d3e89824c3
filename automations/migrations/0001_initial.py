"""Automations, and what they did. Affiliates read neither."""

import common.ids
import django.db.models.deletion
import django.utils.timezone
import merchants.tenancy
from django.db import migrations, models
from merchants.tenancy import EnableTenancy


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('affiliates', '0035_task_reminded'),
        ('merchants', '0031_domain_told'),
        ('programs', '0011_pages_and_plans'),
    ]

    operations = [
        migrations.CreateModel(
            name='Automation',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('trigger', models.CharField(choices=[('NO_CLICK', 'No click for some days'), ('NEVER_STARTED', 'Approved, and no click since'), ('FIRST_SALE', 'First conversion'), ('TIER_REACHED', 'Came into a tier'), ('HEALTH_BELOW', 'Health fell below a score'), ('GOAL_MET', 'A shared goal was reached')], max_length=13, verbose_name='when')),
                ('trigger_details', models.JSONField(default=dict)),
                ('action', models.CharField(choices=[('MESSAGE', 'Write a message to them'), ('TAG', 'Add a tag'), ('TASK', 'Set a task for whoever looks after them'), ('MOVE_TIER', 'Move to a tier')], max_length=9, verbose_name='then')),
                ('action_details', models.JSONField(default=dict)),
                ('status', models.CharField(choices=[('PAUSED', 'Paused'), ('ACTIVE', 'Active'), ('ARCHIVED', 'Archived')], default='PAUSED', max_length=8)),
                ('status_changed_at', models.DateTimeField()),
                ('looked_at', models.DateTimeField(blank=True, null=True)),
                ('member', merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.member')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='automations', to='programs.program')),
                ('tag', merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.tag')),
                ('tier', merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.tier')),
            ],
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('occasion', models.CharField(max_length=60)),
                ('problem', models.CharField(blank=True, max_length=300)),
                ('at', models.DateTimeField()),
                ('automation', merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='automations.automation')),
                ('enrollment', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.enrollment')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
            ],
        ),
        migrations.AddIndex(
            model_name='automation',
            index=models.Index(condition=models.Q(('status', 'ACTIVE')), fields=['looked_at'], name='automation_active'),
        ),
        migrations.AddConstraint(
            model_name='automation',
            constraint=models.CheckConstraint(condition=models.Q(('trigger__in', ['NO_CLICK', 'NEVER_STARTED', 'FIRST_SALE', 'TIER_REACHED', 'HEALTH_BELOW', 'GOAL_MET'])), name='automation_trigger_known'),
        ),
        migrations.AddConstraint(
            model_name='automation',
            constraint=models.CheckConstraint(condition=models.Q(('action__in', ['MESSAGE', 'TAG', 'TASK', 'MOVE_TIER'])), name='automation_action_known'),
        ),
        migrations.AddConstraint(
            model_name='automation',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['PAUSED', 'ACTIVE', 'ARCHIVED'])), name='automation_status_known'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.UniqueConstraint(fields=('merchant', 'automation', 'enrollment', 'occasion'), name='automation_run_once_per_occasion'),
        ),
        EnableTenancy("Automation", "Run"),
    ]
