"""Co-branded pages and flyers."""

import common.ids
import django.db.models.deletion
import django.utils.timezone
import merchants.tenancy
from django.db import migrations, models
from merchants.tenancy import AffiliateReads, EnableTenancy

MINE = (
    "(SELECT program_id FROM affiliates_enrollment"
    " WHERE affiliate_id = app_affiliate_id() AND status = 'APPROVED')"
)
# Each seen through its own policy: files of what the affiliate may use, and of what they made.
MATERIALS = "(SELECT file_id FROM materials_material)"
COBRANDED = (
    "(SELECT picture_id FROM cobranding_cobrandtemplate"
    " UNION SELECT logo_id FROM cobranding_cobrandpiece)"
)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('affiliates', '0045_codes_in_bulk'),
        ('materials', '0002_products'),
        ('merchants', '0011_event_origin'),
        ('programs', '0041_coupon_requests'),
        ('tracking', '0047_coupon_requests'),
    ]

    operations = [
        migrations.CreateModel(
            name='CobrandTemplate',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('kind', models.CharField(choices=[('PAGE', 'Landing page'), ('FLYER', 'Flyer (PDF)')], max_length=5, verbose_name='kind')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('headline', models.CharField(max_length=120, verbose_name='headline')),
                ('body', models.TextField(max_length=2000, verbose_name='text')),
                ('button', models.CharField(max_length=40, verbose_name='words of the button')),
                ('target_url', models.URLField(blank=True, max_length=2000, verbose_name='leads to')),
                ('needs_review', models.BooleanField(default=True, verbose_name='look at each before it is used')),
                ('archived_at', models.DateTimeField(blank=True, null=True)),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('picture', merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='materials.storedfile')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='cobrand_templates', to='programs.program')),
            ],
        ),
        migrations.CreateModel(
            name='CobrandPiece',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('code', models.CharField(max_length=16, unique=True)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('text', models.TextField(blank=True, max_length=600, verbose_name='your words')),
                ('status', models.CharField(choices=[('DRAFT', 'Draft'), ('WAITING', 'Waits for review'), ('LIVE', 'In use'), ('REFUSED', 'Refused')], default='DRAFT', max_length=7)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('saved_at', models.DateTimeField()),
                ('affiliate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate')),
                ('enrollment', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.enrollment')),
                ('link', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tracking.link')),
                ('logo', merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='materials.storedfile')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.program')),
                ('template', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='pieces', to='cobranding.cobrandtemplate')),
            ],
        ),
        migrations.AddIndex(
            model_name='cobrandtemplate',
            index=models.Index(fields=['merchant', 'program'], name='cobrand_by_program'),
        ),
        migrations.AddConstraint(
            model_name='cobrandtemplate',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['PAGE', 'FLYER'])), name='cobrand_kind_known'),
        ),
        migrations.AddIndex(
            model_name='cobrandpiece',
            index=models.Index(fields=['affiliate'], name='cobrand_by_affiliate'),
        ),
        migrations.AddConstraint(
            model_name='cobrandpiece',
            constraint=models.UniqueConstraint(fields=('merchant', 'template', 'enrollment'), name='cobrand_piece_once'),
        ),
        migrations.AddConstraint(
            model_name='cobrandpiece',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['DRAFT', 'WAITING', 'LIVE', 'REFUSED'])), name='cobrand_piece_status_known'),
        ),
        EnableTenancy(
            "CobrandTemplate", "CobrandPiece", affiliate_reads=("CobrandPiece",)
        ),
        AffiliateReads("cobranding_cobrandtemplate", f"program_id IN {MINE}"),
        migrations.RunSQL(
            'DROP POLICY affiliate ON "materials_storedfile"', migrations.RunSQL.noop
        ),
        AffiliateReads("materials_storedfile", f"id IN {MATERIALS} OR id IN {COBRANDED}"),
    ]
