"""Bind the ledger to its merchant."""

from django.db import migrations

from merchants.tenancy import EnableTenancy


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_initial"), ("merchants", "0003_tenancy")]

    operations = [EnableTenancy("Account", "Journal", "Posting")]
