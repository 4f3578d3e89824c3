"""Members are told of hosts that fail."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('merchants', '0011_event_origin'),
    ]

    operations = [
        migrations.AddField(
            model_name='domain',
            name='given_up_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='domain',
            name='told_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
