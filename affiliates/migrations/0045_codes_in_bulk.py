"""Discount codes are given in bulk."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('affiliates', '0036_policy_waivers'),
        ('merchants', '0011_event_origin'),
        ('programs', '0041_coupon_requests'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='bulkjob',
            name='bulk_job_action_known',
        ),
        migrations.AlterField(
            model_name='bulkjob',
            name='action',
            field=models.CharField(choices=[('APPROVE', 'Approve'), ('REJECT', 'Reject'), ('SUSPEND', 'Suspend'), ('REINSTATE', 'Reinstate'), ('TAG', 'Add a tag'), ('UNTAG', 'Remove a tag'), ('MOVE_TIER', 'Move to a tier'), ('ASSIGN_OWNER', 'Assign an owner'), ('GIVE_CODE', 'Give a discount code')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='bulkjob',
            constraint=models.CheckConstraint(condition=models.Q(('action__in', ['APPROVE', 'REJECT', 'SUSPEND', 'REINSTATE', 'TAG', 'UNTAG', 'MOVE_TIER', 'ASSIGN_OWNER', 'GIVE_CODE'])), name='bulk_job_action_known'),
        ),
    ]
