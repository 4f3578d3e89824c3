"""Partnerships may be chosen about."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('affiliates', '0035_task_reminded'),
        ('mailing', '0022_reminder_kinds'),
        ('merchants', '0031_domain_told'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='heldmail',
            name='held_mail_kind_may_be_chosen',
        ),
        migrations.RemoveConstraint(
            model_name='mailchoice',
            name='mail_choice_kind_may_be_chosen',
        ),
        migrations.AddConstraint(
            model_name='heldmail',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['APPLICATIONS', 'CLAIMS', 'OFFERS', 'BUDGETS', 'MESSAGES', 'PARTNERS', 'REQUESTS', 'TASKS', 'DOMAINS', 'APPLICATION', 'INBOX', 'BROADCASTS', 'PARTNERSHIP', 'NEWS', 'TIERS', 'PROPOSALS', 'CLAIM_ANSWERS'])), name='held_mail_kind_may_be_chosen'),
        ),
        migrations.AddConstraint(
            model_name='mailchoice',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['APPLICATIONS', 'CLAIMS', 'OFFERS', 'BUDGETS', 'MESSAGES', 'PARTNERS', 'REQUESTS', 'TASKS', 'DOMAINS', 'APPLICATION', 'INBOX', 'BROADCASTS', 'PARTNERSHIP', 'NEWS', 'TIERS', 'PROPOSALS', 'CLAIM_ANSWERS'])), name='mail_choice_kind_may_be_chosen'),
        ),
    ]
