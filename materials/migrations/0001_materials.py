"""Materials, their files, whom they are for and how they are used."""

import common.ids
import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import merchants.tenancy
from django.db import migrations, models
from merchants.tenancy import AffiliateReads, EnableTenancy

MINE = (
    "(SELECT program_id FROM affiliates_enrollment"
    " WHERE affiliate_id = app_affiliate_id() AND status = 'APPROVED')"
)
READABLE = "(SELECT {column} FROM materials_material)"  # Itself seen through its own policy.


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('affiliates', '0014_saved_lists'),
        ('merchants', '0011_event_origin'),
        ('programs', '0011_pages_and_plans'),
    ]

    operations = [
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('name', models.CharField(max_length=120)),
                ('content_type', models.CharField(max_length=40)),
                ('sha256', models.CharField(max_length=64)),
                ('size_bytes', models.PositiveIntegerField()),
                ('width', models.PositiveIntegerField(blank=True, null=True)),
                ('height', models.PositiveIntegerField(blank=True, null=True)),
                ('content', models.BinaryField()),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='Material',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('kind', models.CharField(choices=[('BANNER', 'Banner'), ('TEXT_LINK', 'Text link'), ('EMAIL', 'E-mail'), ('COPY', 'Text to use'), ('KEYWORDS', 'Keywords'), ('VIDEO', 'Video'), ('FILE', 'PDF')], max_length=9, verbose_name='kind')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('description', models.TextField(blank=True, max_length=1000, verbose_name='what it is for')),
                ('category', models.CharField(blank=True, max_length=60, verbose_name='folder')),
                ('language', models.CharField(blank=True, max_length=8, verbose_name='language')),
                ('subject', models.CharField(blank=True, max_length=200, verbose_name='subject')),
                ('body', models.TextField(blank=True, max_length=20000, verbose_name='text')),
                ('allowed', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None, verbose_name='allowed')),
                ('negative', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None, verbose_name='negative')),
                ('protected', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None, verbose_name='protected')),
                ('video_url', models.URLField(blank=True, max_length=500, verbose_name='address of the video')),
                ('target_url', models.URLField(blank=True, max_length=2000, verbose_name='leads to')),
                ('visible_from', models.DateField(blank=True, null=True, verbose_name='visible from')),
                ('visible_until', models.DateField(blank=True, null=True, verbose_name='visible until')),
                ('archived_at', models.DateTimeField(blank=True, null=True)),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='materials', to='programs.program')),
                ('file', merchants.tenancy.TenantForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='materials.storedfile')),
            ],
        ),
        migrations.CreateModel(
            name='MaterialTier',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('material', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='audience', to='materials.material')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('tier', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.tier')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('merchant', 'material', 'tier'), name='material_tier_once')],
            },
        ),
        migrations.CreateModel(
            name='MaterialUse',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('day', models.DateField()),
                ('views', models.PositiveBigIntegerField(default=0)),
                ('copies', models.PositiveIntegerField(default=0)),
                ('downloads', models.PositiveIntegerField(default=0)),
                ('enrollment', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.enrollment')),
                ('material', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='materials.material')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('merchant', 'material', 'enrollment', 'day'), name='material_use_once_a_day')],
            },
        ),
        migrations.AddConstraint(
            model_name='storedfile',
            constraint=models.UniqueConstraint(fields=('merchant', 'sha256'), name='stored_file_once'),
        ),
        migrations.AddConstraint(
            model_name='storedfile',
            constraint=models.CheckConstraint(condition=models.Q(('content_type__in', ['application/pdf', 'image/jpeg', 'image/png', 'image/webp'])), name='stored_file_type_known'),
        ),
        migrations.AddConstraint(
            model_name='storedfile',
            constraint=models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='stored_file_hash_is_hex'),
        ),
        migrations.AddConstraint(
            model_name='storedfile',
            constraint=models.CheckConstraint(condition=models.Q(('size_bytes__gt', 0)), name='stored_file_not_empty'),
        ),
        migrations.AddIndex(
            model_name='material',
            index=models.Index(fields=['merchant', 'program'], name='material_by_program'),
        ),
        migrations.AddConstraint(
            model_name='material',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['BANNER', 'TEXT_LINK', 'EMAIL', 'COPY', 'KEYWORDS', 'VIDEO', 'FILE'])), name='material_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='material',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('file__isnull', False), ('kind__in', ['BANNER', 'FILE'])), models.Q(models.Q(('kind__in', ['BANNER', 'FILE']), _negated=True), ('file', None)), _connector='OR'), name='material_has_a_file_if_its_kind_is_made_of_one'),
        ),
        migrations.AddConstraint(
            model_name='material',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'VIDEO'), ('video_url__startswith', 'https://')), models.Q(models.Q(('kind', 'VIDEO'), _negated=True), ('video_url', '')), _connector='OR'), name='material_video_is_https'),
        ),
        migrations.AddConstraint(
            model_name='material',
            constraint=models.CheckConstraint(condition=models.Q(('visible_from', None), ('visible_until', None), ('visible_from__lte', models.F('visible_until')), _connector='OR'), name='material_visible_from_before_until'),
        ),
        EnableTenancy("StoredFile", "Material", "MaterialTier", "MaterialUse"),
        AffiliateReads("materials_material", f"program_id IN {MINE}"),
        AffiliateReads("materials_materialtier", f"material_id IN {READABLE.format(column='id')}"),
        AffiliateReads("materials_storedfile", f"id IN {READABLE.format(column='file_id')}"),
    ]
