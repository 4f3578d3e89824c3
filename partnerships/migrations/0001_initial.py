"""Partnerships, goals, plan, reviews and sheets; both sides read, the merchant's context writes."""

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
        ('affiliates', '0015_names_in_order'),
        ('merchants', '0011_event_origin'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('kind', models.CharField(choices=[('PLAN', 'Plan'), ('COMMITMENT', 'Commitment'), ('ACTION', 'Action of a review')], max_length=10)),
                ('title', models.CharField(max_length=200, verbose_name='what is to be done')),
                ('details', models.TextField(blank=True, max_length=2000, verbose_name='details')),
                ('side', models.CharField(choices=[('MERCHANT', 'Merchant'), ('AFFILIATE', 'Affiliate')], max_length=9)),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='until')),
                ('status', models.CharField(choices=[('OPEN', 'Open'), ('DONE', 'Done'), ('NOT_DONE', 'Not done')], default='OPEN', max_length=8)),
                ('status_changed_at', models.DateTimeField()),
                ('reminded_at', models.DateTimeField(blank=True, null=True)),
                ('overdue_told_at', models.DateTimeField(blank=True, null=True)),
                ('affiliate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='Partnership',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('review_months', models.PositiveSmallIntegerField(default=3, verbose_name='months between reviews')),
                ('agenda', models.TextField(blank=True, max_length=5000, verbose_name='agenda of reviews')),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('affiliate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
                ('enrollment', merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='partnerships', to='affiliates.enrollment')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='ItemMove',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('status', models.CharField(choices=[('OPEN', 'Open'), ('DONE', 'Done'), ('NOT_DONE', 'Not done')], max_length=8)),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('side', models.CharField(choices=[('MERCHANT', 'Merchant'), ('AFFILIATE', 'Affiliate')], max_length=9)),
                ('writer', models.CharField(max_length=150)),
                ('at', models.DateTimeField()),
                ('affiliate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
                ('item', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='partnerships.item')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('partnership', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partnerships.partnership')),
            ],
        ),
        migrations.AddField(
            model_name='item',
            name='partnership',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partnerships.partnership'),
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('side', models.CharField(choices=[('MERCHANT', 'Merchant'), ('AFFILIATE', 'Affiliate')], max_length=9)),
                ('name', models.CharField(max_length=150, verbose_name='name')),
                ('duty', models.CharField(blank=True, max_length=80, verbose_name='what they do')),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('affiliate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('partnership', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partnerships.partnership')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddField(
            model_name='item',
            name='owner',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='partnerships.person'),
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('planned_on', models.DateField(verbose_name='on')),
                ('first_on', models.DateField()),
                ('last_on', models.DateField()),
                ('agenda', models.TextField(blank=True, max_length=5000, verbose_name='agenda')),
                ('notes', models.TextField(blank=True, max_length=10000, verbose_name='notes')),
                ('status', models.CharField(choices=[('PLANNED', 'Planned'), ('HELD', 'Held'), ('CANCELLED', 'Cancelled')], default='PLANNED', max_length=9)),
                ('status_changed_at', models.DateTimeField()),
                ('snapshot', models.JSONField(blank=True, null=True)),
                ('snapshot_at', models.DateTimeField(blank=True, null=True)),
                ('reminded_at', models.DateTimeField(blank=True, null=True)),
                ('affiliate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('partnership', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partnerships.partnership')),
            ],
        ),
        migrations.AddField(
            model_name='item',
            name='review',
            field=merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='partnerships.review'),
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('sheet', models.CharField(blank=True, choices=[('CUSTOMER', 'Ideal customer'), ('DISCOVERY', 'Discovery')], max_length=9)),
                ('side', models.CharField(choices=[('MERCHANT', 'Merchant'), ('AFFILIATE', 'Affiliate')], max_length=9)),
                ('writer', models.CharField(max_length=150)),
                ('body', models.TextField(max_length=2000, verbose_name='comment')),
                ('at', models.DateTimeField()),
                ('affiliate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('item', merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='partnerships.item')),
                ('partnership', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partnerships.partnership')),
                ('review', merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='partnerships.review')),
            ],
        ),
        migrations.CreateModel(
            name='SharedGoal',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('title', models.CharField(max_length=120, verbose_name='what is to be reached')),
                ('metric', models.CharField(choices=[('CLICKS', 'Clicks'), ('CONVERSIONS', 'Conversions'), ('REVENUE', 'Revenue'), ('COMMISSION', 'Commission'), ('BY_HAND', 'Something else, noted by hand')], max_length=11, verbose_name='what counts')),
                ('amount', models.PositiveBigIntegerField(verbose_name='how much')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('due_on', models.DateField(verbose_name='until')),
                ('reached_at', models.DateTimeField(blank=True, null=True)),
                ('archived_at', models.DateTimeField(blank=True, null=True)),
                ('affiliate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('partnership', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partnerships.partnership')),
            ],
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('day', models.DateField(verbose_name='day')),
                ('amount', models.PositiveBigIntegerField(verbose_name='how much so far')),
                ('writer', models.CharField(max_length=150)),
                ('affiliate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('partnership', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partnerships.partnership')),
                ('goal', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='partnerships.sharedgoal')),
            ],
        ),
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('due_on', models.DateField(verbose_name='by')),
                ('amount', models.PositiveBigIntegerField(verbose_name='how much')),
                ('affiliate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('partnership', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partnerships.partnership')),
                ('goal', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='checkpoints', to='partnerships.sharedgoal')),
            ],
        ),
        migrations.CreateModel(
            name='Sheet',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('kind', models.CharField(choices=[('CUSTOMER', 'Ideal customer'), ('DISCOVERY', 'Discovery')], max_length=9)),
                ('quarter', models.DateField()),
                ('answers', models.JSONField()),
                ('side', models.CharField(choices=[('MERCHANT', 'Merchant'), ('AFFILIATE', 'Affiliate')], max_length=9)),
                ('writer', models.CharField(max_length=150)),
                ('at', models.DateTimeField()),
                ('affiliate', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('partnership', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partnerships.partnership')),
            ],
        ),
        migrations.AddIndex(
            model_name='partnership',
            index=models.Index(fields=['affiliate'], name='partnership_by_affiliate'),
        ),
        migrations.AddConstraint(
            model_name='partnership',
            constraint=models.UniqueConstraint(fields=('merchant', 'enrollment'), name='partnership_once_per_enrollment'),
        ),
        migrations.AddConstraint(
            model_name='partnership',
            constraint=models.CheckConstraint(condition=models.Q(('review_months__range', (1, 12))), name='partnership_review_months_sane'),
        ),
        migrations.AddConstraint(
            model_name='itemmove',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['OPEN', 'DONE', 'NOT_DONE'])), name='item_move_status_known'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.UniqueConstraint(fields=('merchant', 'partnership', 'side', 'user'), name='partner_person_once'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(('side__in', ['MERCHANT', 'AFFILIATE'])), name='partner_person_side_known'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['PLANNED', 'HELD', 'CANCELLED'])), name='review_status_known'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('first_on__lte', models.F('last_on'))), name='review_days_sane'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('snapshot__isnull', True), ('snapshot_at', None)), models.Q(('snapshot__isnull', False), ('snapshot_at__isnull', False)), _connector='OR'), name='review_snapshot_has_its_time'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'HELD'), _negated=True), ('snapshot__isnull', False), _connector='OR'), name='review_held_has_a_snapshot'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'PLANNED')), fields=('merchant', 'partnership'), name='review_planned_once'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('status', 'OPEN')), fields=['due_on'], name='item_due'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['PLAN', 'COMMITMENT', 'ACTION'])), name='item_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['OPEN', 'DONE', 'NOT_DONE'])), name='item_status_known'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(('side__in', ['MERCHANT', 'AFFILIATE'])), name='item_side_known'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'ACTION'), ('review__isnull', False)), models.Q(models.Q(('kind', 'ACTION'), _negated=True), ('review', None)), _connector='OR'), name='item_action_has_a_review'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.CheckConstraint(condition=models.Q(('side__in', ['MERCHANT', 'AFFILIATE'])), name='comment_side_known'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('item__isnull', False), ('review', None), ('sheet', '')), models.Q(('item', None), ('review__isnull', False), ('sheet', '')), models.Q(('item', None), ('review', None), ('sheet__in', ['CUSTOMER', 'DISCOVERY'])), _connector='OR'), name='comment_about_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='sharedgoal',
            constraint=models.CheckConstraint(condition=models.Q(('metric__in', ['CLICKS', 'CONVERSIONS', 'REVENUE', 'COMMISSION', 'BY_HAND'])), name='shared_goal_metric_known'),
        ),
        migrations.AddConstraint(
            model_name='sharedgoal',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='shared_goal_positive'),
        ),
        migrations.AddConstraint(
            model_name='sharedgoal',
            constraint=models.CheckConstraint(condition=models.Q(('starts_on__lte', models.F('due_on'))), name='shared_goal_days_sane'),
        ),
        migrations.AddConstraint(
            model_name='reading',
            constraint=models.UniqueConstraint(fields=('merchant', 'goal', 'day'), name='reading_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='checkpoint',
            constraint=models.UniqueConstraint(fields=('merchant', 'goal', 'due_on'), name='checkpoint_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='sheet',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['CUSTOMER', 'DISCOVERY'])), name='sheet_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='sheet',
            constraint=models.CheckConstraint(condition=models.Q(('side__in', ['MERCHANT', 'AFFILIATE'])), name='sheet_side_known'),
        ),
        EnableTenancy(
            "Partnership", "Person", "Sheet", "Comment", "SharedGoal", "Checkpoint", "Reading", "Review", "Item", "ItemMove",
            affiliate_reads=(
                "Partnership", "Person", "Sheet", "Comment", "SharedGoal", "Checkpoint", "Reading", "Review", "Item", "ItemMove",
            ),
        ),
    ]
