"""Accounts for VAT on top of commissions, and for the fees of withdrawals."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0004_refuse_edits'),
        ('merchants', '0008_fx_rate_tenancy'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='account',
            name='account_kind_known',
        ),
        migrations.AlterField(
            model_name='account',
            name='kind',
            field=models.CharField(choices=[('COMMISSION_EXPENSE', 'Commission expense'), ('PENDING', 'Pending'), ('PAYABLE', 'Payable'), ('PAYOUT_CLEARING', 'In payout'), ('PAID', 'Paid'), ('WITHHELD_TAX', 'Withheld tax'), ('VAT', 'VAT on top'), ('PAYOUT_FEE', 'Payout fees'), ('CREDIT_BALANCE', 'Merchant credit'), ('WRITE_OFF', 'Written off')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['COMMISSION_EXPENSE', 'PENDING', 'PAYABLE', 'PAYOUT_CLEARING', 'PAID', 'WITHHELD_TAX', 'VAT', 'PAYOUT_FEE', 'CREDIT_BALANCE', 'WRITE_OFF'])), name='account_kind_known'),
        ),
    ]
