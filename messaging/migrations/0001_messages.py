"""Threads, their messages and files, who read them, and broadcasts; affiliates read their own."""

import common.ids
import django.db.models.deletion
import django.utils.timezone
import merchants.tenancy
from django.conf import settings
from django.db import migrations, models

from merchants.tenancy import EnableTenancy


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('affiliates', '0014_saved_lists'),
        ('merchants', '0011_event_origin'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Broadcast',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('subject', models.CharField(max_length=150, verbose_name='subject')),
                ('body', models.TextField(max_length=5000, verbose_name='message')),
                ('query', models.CharField(blank=True, max_length=2000)),
                ('status', models.CharField(choices=[('DRAFT', 'Draft'), ('SCHEDULED', 'Scheduled'), ('RUNNING', 'Running'), ('DONE', 'Sent'), ('CANCELLED', 'Cancelled')], default='DRAFT', max_length=9)),
                ('status_changed_at', models.DateTimeField()),
                ('starts_at', models.DateTimeField(blank=True, null=True)),
                ('total', models.PositiveIntegerField(default=0)),
                ('member', merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.member')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='BroadcastRecipient',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('affiliate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
                ('broadcast', merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='recipients', to='messaging.broadcast')),
                ('enrollment', merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.enrollment')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('side', models.CharField(choices=[('MERCHANT', 'Merchant'), ('AFFILIATE', 'Affiliate')], max_length=9)),
                ('writer', models.CharField(max_length=150)),
                ('body', models.TextField(max_length=5000, verbose_name='message')),
                ('at', models.DateTimeField()),
                ('is_broadcast', models.BooleanField(default=False)),
                ('mail_due_at', models.DateTimeField(blank=True, null=True)),
                ('affiliate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
                ('member', merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.member')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('user', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('name', models.CharField(max_length=100)),
                ('kind', models.CharField(choices=[('PNG', 'PNG picture'), ('JPEG', 'JPEG picture'), ('PDF', 'PDF document')], max_length=4)),
                ('size', models.PositiveIntegerField()),
                ('content', models.BinaryField()),
                ('affiliate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('message', merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='messaging.message')),
            ],
        ),
        migrations.CreateModel(
            name='Thread',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('subject', models.CharField(max_length=150, verbose_name='subject')),
                ('status', models.CharField(choices=[('OPEN', 'Open'), ('CLOSED', 'Closed')], default='OPEN', max_length=6)),
                ('status_changed_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('merchant_wrote_at', models.DateTimeField(blank=True, null=True)),
                ('affiliate_wrote_at', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('affiliate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
                ('broadcast', merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='threads', to='messaging.broadcast')),
                ('enrollment', merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='threads', to='affiliates.enrollment')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
            ],
        ),
        migrations.AddField(
            model_name='message',
            name='thread',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='messaging.thread'),
        ),
        migrations.CreateModel(
            name='ThreadRead',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('side', models.CharField(choices=[('MERCHANT', 'Merchant'), ('AFFILIATE', 'Affiliate')], max_length=9)),
                ('read_at', models.DateTimeField()),
                ('affiliate', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='affiliates.affiliate')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('thread', merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reads', to='messaging.thread')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddIndex(
            model_name='broadcast',
            index=models.Index(condition=models.Q(('status__in', ['SCHEDULED', 'RUNNING'])), fields=['starts_at'], name='broadcast_due'),
        ),
        migrations.AddConstraint(
            model_name='broadcast',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['DRAFT', 'SCHEDULED', 'RUNNING', 'DONE', 'CANCELLED'])), name='broadcast_status_known'),
        ),
        migrations.AddConstraint(
            model_name='broadcast',
            constraint=models.CheckConstraint(condition=models.Q(('starts_at__isnull', False), ('status__in', ['DRAFT', 'CANCELLED']), _connector='OR'), name='broadcast_starts_some_time'),
        ),
        migrations.AddIndex(
            model_name='broadcastrecipient',
            index=models.Index(condition=models.Q(('sent_at', None)), fields=['merchant', 'broadcast', 'id'], name='broadcast_to_send'),
        ),
        migrations.AddConstraint(
            model_name='broadcastrecipient',
            constraint=models.UniqueConstraint(fields=('merchant', 'broadcast', 'affiliate'), name='broadcast_once_per_affiliate'),
        ),
        migrations.AddConstraint(
            model_name='broadcastrecipient',
            constraint=models.UniqueConstraint(fields=('merchant', 'broadcast', 'enrollment'), name='broadcast_once_per_enrollment'),
        ),
        migrations.AddIndex(
            model_name='attachment',
            index=models.Index(fields=['merchant', 'message'], name='attachment_of_message'),
        ),
        migrations.AddConstraint(
            model_name='attachment',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['PNG', 'JPEG', 'PDF'])), name='attachment_kind_known'),
        ),
        migrations.AddIndex(
            model_name='thread',
            index=models.Index(fields=['merchant', 'enrollment', '-last_at'], name='thread_of_one'),
        ),
        migrations.AddIndex(
            model_name='thread',
            index=models.Index(fields=['affiliate', '-last_at'], name='thread_by_affiliate'),
        ),
        migrations.AddIndex(
            model_name='thread',
            index=models.Index(condition=models.Q(('broadcast', None), ('affiliate_wrote_at__isnull', False), _connector='OR'), fields=['merchant', '-last_at'], name='thread_in_inbox'),
        ),
        migrations.AddConstraint(
            model_name='thread',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['OPEN', 'CLOSED'])), name='thread_status_known'),
        ),
        migrations.AddConstraint(
            model_name='thread',
            constraint=models.UniqueConstraint(condition=models.Q(('broadcast__isnull', False)), fields=('merchant', 'broadcast', 'affiliate'), name='thread_once_per_broadcast'),
        ),
        migrations.AddConstraint(
            model_name='thread',
            constraint=models.CheckConstraint(condition=models.Q(('last_at', models.F('merchant_wrote_at')), ('last_at', models.F('affiliate_wrote_at')), _connector='OR'), name='thread_has_a_message'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['merchant', 'thread', 'id'], name='message_by_thread'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('side', 'AFFILIATE')), fields=['affiliate', 'merchant', 'at'], name='message_of_affiliate'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('mail_due_at__isnull', False)), fields=['mail_due_at'], name='message_to_mail'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('side__in', ['MERCHANT', 'AFFILIATE'])), name='message_side_known'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('body', ''), _negated=True), name='message_says_something'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('member', None), ('side', 'MERCHANT'), _connector='OR'), name='message_by_a_member_is_the_merchants'),
        ),
        migrations.AddConstraint(
            model_name='threadread',
            constraint=models.UniqueConstraint(fields=('merchant', 'thread', 'user', 'side'), name='thread_read_once'),
        ),
        migrations.AddConstraint(
            model_name='threadread',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('affiliate', None), ('side', 'MERCHANT')), models.Q(('affiliate__isnull', False), ('side', 'AFFILIATE')), _connector='OR'), name='thread_read_side_known'),
        ),
        EnableTenancy(
            "Broadcast",
            "BroadcastRecipient",
            "Thread",
            "Message",
            "Attachment",
            "ThreadRead",
            affiliate_reads=("Thread", "Message", "Attachment", "ThreadRead"),
        ),
    ]
