"""What affiliates say of themselves, and how members keep them in order."""

import affiliates.models.accounts
import common.ids
import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import merchants.tenancy
from django.db import migrations, models
from common.migrating import in_runs


class Migration(migrations.Migration):

    dependencies = [
        ('affiliates', '0007_fewer_indexes'),
        ('merchants', '0009_fewer_indexes'),
        ('programs', '0007_fewer_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkItem',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('problem', models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name='BulkJob',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('action', models.CharField(choices=[('APPROVE', 'Approve'), ('REJECT', 'Reject'), ('SUSPEND', 'Suspend'), ('REINSTATE', 'Reinstate'), ('TAG', 'Add a tag'), ('UNTAG', 'Remove a tag'), ('MOVE_TIER', 'Move to a tier'), ('ASSIGN_OWNER', 'Assign an owner')], max_length=12)),
                ('query', models.CharField(max_length=2000)),
                ('details', models.JSONField(default=dict)),
                ('status', models.CharField(choices=[('RUNNING', 'Running'), ('DONE', 'Done'), ('CANCELLED', 'Cancelled')], default='RUNNING', max_length=9)),
                ('total', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('skipped', models.PositiveIntegerField(default=0)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Channel',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('network', models.CharField(choices=[('WEBSITE', 'Website'), ('NEWSLETTER', 'Newsletter'), ('YOUTUBE', 'YouTube'), ('INSTAGRAM', 'Instagram'), ('TIKTOK', 'TikTok'), ('X', 'X'), ('LINKEDIN', 'LinkedIn'), ('FACEBOOK', 'Facebook'), ('WECHAT', 'WeChat'), ('XIAOHONGSHU', 'Xiaohongshu'), ('BILIBILI', 'Bilibili'), ('PODCAST', 'Podcast'), ('OTHER', 'Other')], max_length=11, verbose_name='network')),
                ('url', models.URLField(max_length=500, verbose_name='address')),
                ('followers', models.PositiveIntegerField(blank=True, null=True, verbose_name='followers')),
                ('proof', models.CharField(default=affiliates.models.accounts.new_channel_proof, max_length=60)),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='FunnelCount',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('day', models.DateField()),
                ('step', models.CharField(choices=[('VISITED', 'Saw the page'), ('STARTED', 'Began the form')], max_length=7)),
                ('count', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('body', models.TextField(max_length=5000, verbose_name='note')),
                ('at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Reference',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('relation', models.CharField(blank=True, max_length=200, verbose_name='how you know each other')),
                ('key_hash', models.CharField(max_length=64, unique=True)),
                ('asked_at', models.DateTimeField(blank=True, null=True)),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
                ('refused_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Segment',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('query', models.CharField(max_length=2000)),
            ],
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('name', models.CharField(max_length=40, verbose_name='name')),
            ],
        ),
        migrations.CreateModel(
            name='Tagging',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('title', models.CharField(max_length=200, verbose_name='what is to be done')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='until')),
                ('done_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TierMove',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('cause', models.CharField(choices=[('REACHED', 'Reached the targets'), ('MISSED', 'Missed the targets'), ('BY_HAND', 'Moved by hand')], max_length=7)),
                ('figures', models.JSONField(default=dict)),
                ('at', models.DateTimeField()),
                ('told_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Violation',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('severity', models.CharField(choices=[('WARN', 'Warning'), ('HOLD', 'Commissions on hold'), ('SUSPEND', 'Suspended'), ('CLAW_BACK', 'Commissions taken back')], max_length=9, verbose_name='severity')),
                ('rule', models.CharField(max_length=300, verbose_name='rule that was broken')),
                ('evidence', models.TextField(max_length=5000, verbose_name='evidence')),
                ('at', models.DateTimeField()),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('resolution', models.CharField(blank=True, max_length=500, verbose_name='how it ended')),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='affiliate',
            name='affiliate_type_known',
        ),
        migrations.AddField(
            model_name='affiliate',
            name='about',
            field=models.TextField(blank=True, max_length=2000, verbose_name='about'),
        ),
        migrations.AddField(
            model_name='affiliate',
            name='audience_countries',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), blank=True, default=list, size=None),
        ),
        migrations.AddField(
            model_name='affiliate',
            name='audience_topics',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None),
        ),
        migrations.AddField(
            model_name='affiliate',
            name='checklist_hidden_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='affiliate',
            name='phone',
            field=models.CharField(blank=True, max_length=16, verbose_name='phone number'),
        ),
        migrations.AddField(
            model_name='affiliateuser',
            name='role',
            field=models.CharField(choices=[('OWNER', 'Owner'), ('MANAGER', 'Manager'), ('VIEWER', 'Viewer')], default='OWNER', max_length=7, verbose_name='role'),
        ),
        migrations.AddField(
            model_name='application',
            name='checks',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='application',
            name='decided_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='application',
            name='decided_by',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.member'),
        ),
        migrations.AddField(
            model_name='application',
            name='message',
            field=models.TextField(blank=True, max_length=2000, verbose_name='message to the applicant'),
        ),
        migrations.AddField(
            model_name='application',
            name='questions',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='application',
            name='stage',
            field=models.CharField(choices=[('APPLICATION', 'When applying'), ('QUESTIONNAIRE', 'After approval')], default='APPLICATION', max_length=13),
        ),
        migrations.AddField(
            model_name='enrollment',
            name='contract',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='enrollments', to='programs.terms'),
        ),
        migrations.AddField(
            model_name='enrollment',
            name='health',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='enrollment',
            name='owner',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='enrollments', to='merchants.member'),
        ),
        migrations.AddField(
            model_name='enrollment',
            name='search_text',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='enrollment',
            name='tier_locked_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='enrollment',
            name='tier_missed_since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='enrollment',
            name='tier_since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='affiliate',
            name='type',
            field=models.CharField(choices=[('CREATOR', 'Creator'), ('PUBLISHER', 'Publisher'), ('CUSTOMER', 'Customer'), ('AGENCY', 'Agency'), ('RESELLER', 'Reseller'), ('COUPON', 'Coupon or cashback site'), ('REVIEW', 'Review site'), ('NEWSLETTER', 'Newsletter'), ('CONSULTANT', 'Consultant'), ('INTEGRATION', 'Integration partner'), ('COMMUNITY', 'Community'), ('RESEARCH', 'Research or media'), ('OTHER', 'Other')], default='OTHER', max_length=11, verbose_name='type'),
        ),
        migrations.AddConstraint(
            model_name='affiliate',
            constraint=models.CheckConstraint(condition=models.Q(('type__in', ['CREATOR', 'PUBLISHER', 'CUSTOMER', 'AGENCY', 'RESELLER', 'COUPON', 'REVIEW', 'NEWSLETTER', 'CONSULTANT', 'INTEGRATION', 'COMMUNITY', 'RESEARCH', 'OTHER'])), name='affiliate_type_known'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('stage__in', ['APPLICATION', 'QUESTIONNAIRE'])), name='application_stage_known'),
        ),
        migrations.AddField(
            model_name='bulkitem',
            name='enrollment',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.enrollment'),
        ),
        migrations.AddField(
            model_name='bulkitem',
            name='merchant',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='bulkjob',
            name='member',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.member'),
        ),
        migrations.AddField(
            model_name='bulkjob',
            name='merchant',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='bulkjob',
            name='program',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.program'),
        ),
        migrations.AddField(
            model_name='bulkitem',
            name='job',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='affiliates.bulkjob'),
        ),
        migrations.AddField(
            model_name='channel',
            name='affiliate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='channels', to='affiliates.affiliate'),
        ),
        migrations.AddField(
            model_name='funnelcount',
            name='merchant',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='funnelcount',
            name='program',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='funnel_counts', to='programs.program'),
        ),
        migrations.AddField(
            model_name='note',
            name='enrollment',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='affiliates.enrollment'),
        ),
        migrations.AddField(
            model_name='note',
            name='member',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.member'),
        ),
        migrations.AddField(
            model_name='note',
            name='merchant',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='reference',
            name='affiliate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='references', to='affiliates.affiliate'),
        ),
        migrations.AddField(
            model_name='segment',
            name='made_by',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.member'),
        ),
        migrations.AddField(
            model_name='segment',
            name='merchant',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='tag',
            name='merchant',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='tagging',
            name='enrollment',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='taggings', to='affiliates.enrollment'),
        ),
        migrations.AddField(
            model_name='tagging',
            name='merchant',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='tagging',
            name='tag',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='taggings', to='affiliates.tag'),
        ),
        migrations.AddField(
            model_name='task',
            name='assignee',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='merchants.member'),
        ),
        migrations.AddField(
            model_name='task',
            name='enrollment',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='affiliates.enrollment'),
        ),
        migrations.AddField(
            model_name='task',
            name='made_by',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.member'),
        ),
        migrations.AddField(
            model_name='task',
            name='merchant',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='tiermove',
            name='affiliate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate'),
        ),
        migrations.AddField(
            model_name='tiermove',
            name='after',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.tier'),
        ),
        migrations.AddField(
            model_name='tiermove',
            name='before',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.tier'),
        ),
        migrations.AddField(
            model_name='tiermove',
            name='enrollment',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='tier_moves', to='affiliates.enrollment'),
        ),
        migrations.AddField(
            model_name='tiermove',
            name='merchant',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='violation',
            name='enrollment',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='violations', to='affiliates.enrollment'),
        ),
        migrations.AddField(
            model_name='violation',
            name='filed_by',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.member'),
        ),
        migrations.AddField(
            model_name='violation',
            name='merchant',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddIndex(
            model_name='bulkjob',
            index=models.Index(condition=models.Q(('status', 'RUNNING')), fields=['created_at'], name='bulk_job_running'),
        ),
        migrations.AddConstraint(
            model_name='bulkjob',
            constraint=models.CheckConstraint(condition=models.Q(('action__in', ['APPROVE', 'REJECT', 'SUSPEND', 'REINSTATE', 'TAG', 'UNTAG', 'MOVE_TIER', 'ASSIGN_OWNER'])), name='bulk_job_action_known'),
        ),
        migrations.AddConstraint(
            model_name='bulkjob',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['RUNNING', 'DONE', 'CANCELLED'])), name='bulk_job_status_known'),
        ),
        migrations.AddIndex(
            model_name='bulkitem',
            index=models.Index(condition=models.Q(('done_at', None)), fields=['job'], name='bulk_item_waiting'),
        ),
        migrations.AddConstraint(
            model_name='bulkitem',
            constraint=models.UniqueConstraint(fields=('merchant', 'job', 'enrollment'), name='bulk_item_once'),
        ),
        migrations.AddConstraint(
            model_name='channel',
            constraint=models.UniqueConstraint(fields=('affiliate', 'url'), name='channel_once'),
        ),
        migrations.AddConstraint(
            model_name='channel',
            constraint=models.CheckConstraint(condition=models.Q(('network__in', ['WEBSITE', 'NEWSLETTER', 'YOUTUBE', 'INSTAGRAM', 'TIKTOK', 'X', 'LINKEDIN', 'FACEBOOK', 'WECHAT', 'XIAOHONGSHU', 'BILIBILI', 'PODCAST', 'OTHER'])), name='channel_network_known'),
        ),
        migrations.AddConstraint(
            model_name='funnelcount',
            constraint=models.UniqueConstraint(fields=('merchant', 'program', 'day', 'step'), name='funnel_count_once'),
        ),
        migrations.AddConstraint(
            model_name='funnelcount',
            constraint=models.CheckConstraint(condition=models.Q(('step__in', ['VISITED', 'STARTED'])), name='funnel_step_known'),
        ),
        migrations.AddConstraint(
            model_name='reference',
            constraint=models.UniqueConstraint(fields=('affiliate', 'email'), name='reference_once'),
        ),
        migrations.AddConstraint(
            model_name='segment',
            constraint=models.UniqueConstraint(fields=('merchant', 'name'), name='segment_name_unique'),
        ),
        migrations.AddConstraint(
            model_name='tag',
            constraint=models.UniqueConstraint(fields=('merchant', 'name'), name='tag_name_unique'),
        ),
        migrations.AddConstraint(
            model_name='tagging',
            constraint=models.UniqueConstraint(fields=('merchant', 'tag', 'enrollment'), name='tagging_once'),
        ),
        migrations.AddIndex(
            model_name='tiermove',
            index=models.Index(condition=models.Q(('told_at', None)), fields=['created_at'], name='tier_move_to_tell'),
        ),
        migrations.AddConstraint(
            model_name='tiermove',
            constraint=models.CheckConstraint(condition=models.Q(('cause__in', ['REACHED', 'MISSED', 'BY_HAND'])), name='tier_move_cause_known'),
        ),
        migrations.AddConstraint(
            model_name='violation',
            constraint=models.CheckConstraint(condition=models.Q(('severity__in', ['WARN', 'HOLD', 'SUSPEND', 'CLAW_BACK'])), name='violation_severity_known'),
        ),
    ]
    operations = in_runs(operations)
