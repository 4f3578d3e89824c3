"""Products of a program, from its feed."""

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


class Migration(migrations.Migration):

    dependencies = [
        ('materials', '0001_materials'),
        ('merchants', '0011_event_origin'),
        ('programs', '0011_pages_and_plans'),
    ]

    operations = [
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('external_id', models.CharField(max_length=80, verbose_name='id')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('url', models.URLField(max_length=2000, verbose_name='address')),
                ('price_minor', models.BigIntegerField(blank=True, null=True, verbose_name='price')),
                ('image_url', models.URLField(blank=True, max_length=500, verbose_name='address of the picture')),
                ('category', models.CharField(blank=True, max_length=120, verbose_name='category')),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.tenancy.TenantForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='products', to='programs.program')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('merchant', 'program', 'external_id'), name='product_once_per_program'), models.CheckConstraint(condition=models.Q(('price_minor', None), ('price_minor__gte', 0), _connector='OR'), name='product_price_sane'), models.CheckConstraint(condition=models.Q(('image_url', ''), ('image_url__startswith', 'https://'), _connector='OR'), name='product_picture_is_https')],
            },
        ),
        EnableTenancy("Product"),
        AffiliateReads("materials_product", f"program_id IN {MINE}"),
    ]
