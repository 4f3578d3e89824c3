"""Hosts for portals, a logo and a language; affiliates are shown one merchant on its host."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('merchants', '0009_fewer_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='domain',
            name='purpose',
            field=models.CharField(choices=[('TRACKING', 'Links'), ('PORTAL', 'Portal and program pages')], default='TRACKING', max_length=8, verbose_name='what it is for'),
        ),
        migrations.AddField(
            model_name='merchant',
            name='language',
            field=models.CharField(blank=True, max_length=10, verbose_name='language'),
        ),
        migrations.AddField(
            model_name='merchant',
            name='logo_url',
            field=models.URLField(blank=True, max_length=500, verbose_name='logo'),
        ),
        migrations.AddConstraint(
            model_name='domain',
            constraint=models.CheckConstraint(condition=models.Q(('purpose__in', ['TRACKING', 'PORTAL'])), name='domain_purpose_known'),
        ),
        migrations.AddConstraint(
            model_name='merchant',
            constraint=models.CheckConstraint(condition=models.Q(('logo_url', ''), ('logo_url__startswith', 'https://'), _connector='OR'), name='merchant_logo_is_https'),
        ),
    ]
