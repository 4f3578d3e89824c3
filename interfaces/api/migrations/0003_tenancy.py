"""Bind idempotent answers to their merchant."""

from django.db import migrations

from merchants.tenancy import EnableTenancy


class Migration(migrations.Migration):
    dependencies = [("api", "0002_initial"), ("merchants", "0003_tenancy")]

    operations = [EnableTenancy("IdempotentAnswer")]
