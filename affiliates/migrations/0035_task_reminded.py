"""Members are told of tasks that are due."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('affiliates', '0015_names_in_order'),
    ]

    operations = [
        migrations.AddField(
            model_name='task',
            name='reminded_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('done_at', None), ('reminded_at', None)), fields=['due_on'], name='task_to_remind'),
        ),
    ]
