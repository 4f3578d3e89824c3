"""Prospects, contacts with them, letters, files; and who may recruit, which affiliates read."""

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
    ]

    operations = [
        migrations.CreateModel(
            name='LetterTemplate',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('subject', models.CharField(max_length=150, verbose_name='subject')),
                ('body', models.TextField(max_length=5000, verbose_name='text')),
                ('archived_at', models.DateTimeField(blank=True, null=True)),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='Prospect',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('website', models.URLField(blank=True, max_length=500, verbose_name='website')),
                ('channels', models.CharField(blank=True, max_length=500, verbose_name='channels')),
                ('audience', models.CharField(blank=True, max_length=500, verbose_name='audience')),
                ('country', models.CharField(blank=True, max_length=2, verbose_name='country')),
                ('source', models.CharField(choices=[('SEARCH', 'Own search'), ('WARM', 'Warm introduction'), ('EVENT', 'Event'), ('INBOUND', 'Wrote by themselves'), ('PARTNER', 'Recruited by an affiliate'), ('OTHER', 'Other')], max_length=7, verbose_name='source')),
                ('introduced_by', models.CharField(blank=True, max_length=120, verbose_name='introduced by')),
                ('notes', models.TextField(blank=True, max_length=5000, verbose_name='notes')),
                ('stage', models.CharField(choices=[('FOUND', 'Found'), ('CONTACTED', 'Contacted'), ('ANSWERED', 'Answered'), ('INVITED', 'Invited'), ('APPLIED', 'Applied'), ('JOINED', 'Joined'), ('DECLINED', 'Declined')], default='FOUND', max_length=9)),
                ('stage_changed_at', models.DateTimeField()),
                ('unsubscribed_at', models.DateTimeField(blank=True, null=True)),
                ('found_at', models.DateTimeField()),
                ('enrollment', merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='prospects', to='affiliates.enrollment')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('owner', merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='prospects', to='merchants.member')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='prospects', to='programs.program')),
                ('recruiter', merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='prospects_brought', to='affiliates.enrollment')),
            ],
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('subject', models.CharField(max_length=150)),
                ('body', models.TextField(max_length=8000)),
                ('key_hash', models.CharField(blank=True, max_length=64)),
                ('expires_at', models.DateTimeField()),
                ('written_at', models.DateTimeField()),
                ('mail_due_at', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('visits', models.PositiveIntegerField(default=0)),
                ('first_visited_at', models.DateTimeField(blank=True, null=True)),
                ('member', merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.member')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('template', merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='recruiting.lettertemplate')),
                ('prospect', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='letters', to='recruiting.prospect')),
            ],
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('kind', models.CharField(choices=[('MAIL', 'E-mail'), ('CALL', 'Call'), ('MEETING', 'Meeting'), ('MESSAGE', 'Message elsewhere'), ('ANSWER', 'They answered'), ('NOTE', 'Note')], max_length=7, verbose_name='what it was')),
                ('text', models.TextField(max_length=5000, verbose_name='what was said')),
                ('at', models.DateTimeField()),
                ('member', merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.member')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('prospect', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='recruiting.prospect')),
            ],
        ),
        migrations.CreateModel(
            name='ProspectImport',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('file_name', models.CharField(max_length=120)),
                ('content', models.TextField(blank=True)),
                ('source', models.CharField(choices=[('SEARCH', 'Own search'), ('WARM', 'Warm introduction'), ('EVENT', 'Event'), ('INBOUND', 'Wrote by themselves'), ('PARTNER', 'Recruited by an affiliate'), ('OTHER', 'Other')], max_length=7)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('added_count', models.PositiveIntegerField(default=0)),
                ('known_count', models.PositiveIntegerField(default=0)),
                ('wrong_count', models.PositiveIntegerField(default=0)),
                ('member', merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.member')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='prospect_imports', to='programs.program')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RecruitingOffer',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('is_open', models.BooleanField(default=False, verbose_name='affiliates may recruit')),
                ('bounty_minor', models.PositiveBigIntegerField(blank=True, null=True)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='recruiting_offers', to='programs.program')),
            ],
        ),
        migrations.AddConstraint(
            model_name='lettertemplate',
            constraint=models.UniqueConstraint(condition=models.Q(('archived_at', None)), fields=('merchant', 'name'), name='letter_template_name_once'),
        ),
        migrations.AddIndex(
            model_name='prospect',
            index=models.Index(fields=['merchant', '-found_at'], name='prospect_by_time'),
        ),
        migrations.AddConstraint(
            model_name='prospect',
            constraint=models.CheckConstraint(condition=models.Q(('stage__in', ('FOUND', 'CONTACTED', 'ANSWERED', 'INVITED', 'DECLINED'))), name='prospect_stage_is_said_by_people'),
        ),
        migrations.AddConstraint(
            model_name='prospect',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['SEARCH', 'WARM', 'EVENT', 'INBOUND', 'PARTNER', 'OTHER'])), name='prospect_source_known'),
        ),
        migrations.AddConstraint(
            model_name='prospect',
            constraint=models.CheckConstraint(condition=models.Q(('country__regex', '^([A-Z]{2})?$')), name='prospect_country_is_iso_3166'),
        ),
        migrations.AddConstraint(
            model_name='prospect',
            constraint=models.UniqueConstraint(condition=models.Q(('email', ''), _negated=True), fields=('merchant', 'program', 'email'), name='prospect_once_per_address'),
        ),
        migrations.AddConstraint(
            model_name='prospect',
            constraint=models.UniqueConstraint(condition=models.Q(('enrollment__isnull', False)), fields=('merchant', 'enrollment'), name='prospect_once_per_enrollment'),
        ),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(condition=models.Q(('mail_due_at__isnull', False)), fields=['mail_due_at'], name='letter_to_mail'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.UniqueConstraint(condition=models.Q(('key_hash', ''), _negated=True), fields=('key_hash',), name='letter_key_once'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['MAIL', 'CALL', 'MEETING', 'MESSAGE', 'ANSWER', 'NOTE'])), name='contact_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='recruitingoffer',
            constraint=models.UniqueConstraint(fields=('merchant', 'program'), name='recruiting_offer_once_per_program'),
        ),
        migrations.AddConstraint(
            model_name='recruitingoffer',
            constraint=models.CheckConstraint(condition=models.Q(('bounty_minor', None), ('bounty_minor__gt', 0), _connector='OR'), name='recruiting_bounty_positive'),
        ),
        EnableTenancy(
            "Prospect",
            "Contact",
            "LetterTemplate",
            "Letter",
            "ProspectImport",
            "RecruitingOffer",
        ),
        AffiliateReads(
            "recruiting_recruitingoffer",
            "program_id IN (SELECT program_id FROM affiliates_enrollment"
            " WHERE affiliate_id = app_affiliate_id() AND status = 'APPROVED')",
        ),
    ]
