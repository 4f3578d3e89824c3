"""Messages and broadcasts may be chosen about."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('affiliates', '0014_saved_lists'),
        ('mailing', '0001_initial'),
        ('merchants', '0011_event_origin'),
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
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['APPLICATIONS', 'CLAIMS', 'OFFERS', 'BUDGETS', 'MESSAGES', 'REQUESTS', 'APPLICATION', 'INBOX', 'BROADCASTS', 'NEWS', 'TIERS', 'PROPOSALS', 'CLAIM_ANSWERS'])), name='held_mail_kind_may_be_chosen'),
        ),
        migrations.AddConstraint(
            model_name='mailchoice',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['APPLICATIONS', 'CLAIMS', 'OFFERS', 'BUDGETS', 'MESSAGES', 'REQUESTS', 'APPLICATION', 'INBOX', 'BROADCASTS', 'NEWS', 'TIERS', 'PROPOSALS', 'CLAIM_ANSWERS'])), name='mail_choice_kind_may_be_chosen'),
        ),
    ]
