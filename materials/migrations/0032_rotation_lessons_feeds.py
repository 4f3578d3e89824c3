"""Rotating banners, lessons and who is through with them, and feeds by address."""

import common.ids
import django.db.models.deletion
import django.utils.timezone
import merchants.tenancy
from django.db import migrations, models
from merchants.tenancy import AffiliateReads, EnableTenancy


class Migration(migrations.Migration):

    dependencies = [
        ('affiliates', '0045_codes_in_bulk'),
        ('materials', '0002_products'),
        ('merchants', '0011_event_origin'),
        ('programs', '0041_coupon_requests'),
    ]

    operations = [
        migrations.CreateModel(
            name='LessonDone',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('done_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='MaterialPart',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='ProductFeed',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('url', models.URLField(max_length=2000, verbose_name='address of the feed')),
                ('due_at', models.DateTimeField()),
                ('tried_at', models.DateTimeField(blank=True, null=True)),
                ('fetched_at', models.DateTimeField(blank=True, null=True)),
                ('problem', models.CharField(blank=True, max_length=1000)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='material',
            name='material_kind_known',
        ),
        migrations.RemoveConstraint(
            model_name='material',
            name='material_video_is_https',
        ),
        migrations.AlterField(
            model_name='material',
            name='kind',
            field=models.CharField(choices=[('BANNER', 'Banner'), ('TEXT_LINK', 'Text link'), ('EMAIL', 'E-mail'), ('COPY', 'Text to use'), ('KEYWORDS', 'Keywords'), ('VIDEO', 'Video'), ('FILE', 'PDF'), ('ROTATION', 'Rotating banners'), ('LESSON', 'Lesson')], max_length=9, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='material',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['BANNER', 'TEXT_LINK', 'EMAIL', 'COPY', 'KEYWORDS', 'VIDEO', 'FILE', 'ROTATION', 'LESSON'])), name='material_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='material',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['VIDEO', 'LESSON']), ('video_url__startswith', 'https://')), models.Q(models.Q(('kind', 'VIDEO'), _negated=True), ('video_url', '')), _connector='OR'), name='material_video_is_https'),
        ),
        migrations.AddField(
            model_name='lessondone',
            name='affiliate',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.affiliate'),
        ),
        migrations.AddField(
            model_name='lessondone',
            name='enrollment',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='affiliates.enrollment'),
        ),
        migrations.AddField(
            model_name='lessondone',
            name='lesson',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='done', to='materials.material'),
        ),
        migrations.AddField(
            model_name='lessondone',
            name='merchant',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='materialpart',
            name='banner',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='materials.material'),
        ),
        migrations.AddField(
            model_name='materialpart',
            name='merchant',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='materialpart',
            name='rotation',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='materials.material'),
        ),
        migrations.AddField(
            model_name='productfeed',
            name='merchant',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
        ),
        migrations.AddField(
            model_name='productfeed',
            name='program',
            field=merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='product_feeds', to='programs.program'),
        ),
        migrations.AddIndex(
            model_name='lessondone',
            index=models.Index(fields=['affiliate'], name='lesson_done_by_affiliate'),
        ),
        migrations.AddConstraint(
            model_name='lessondone',
            constraint=models.UniqueConstraint(fields=('merchant', 'lesson', 'enrollment'), name='lesson_done_once'),
        ),
        migrations.AddConstraint(
            model_name='materialpart',
            constraint=models.UniqueConstraint(fields=('merchant', 'rotation', 'banner'), name='material_part_once'),
        ),
        migrations.AddIndex(
            model_name='productfeed',
            index=models.Index(fields=['due_at'], name='product_feed_due'),
        ),
        migrations.AddConstraint(
            model_name='productfeed',
            constraint=models.UniqueConstraint(fields=('merchant', 'program'), name='product_feed_one_per_program'),
        ),
        EnableTenancy(
            "MaterialPart", "LessonDone", "ProductFeed", affiliate_reads=("LessonDone",)
        ),
        # Itself seen through its own policy.
        AffiliateReads(
            "materials_materialpart", "rotation_id IN (SELECT id FROM materials_material)"
        ),
    ]
