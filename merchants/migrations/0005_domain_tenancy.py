"""Bind domains to their merchant."""

from django.db import migrations

from merchants.tenancy import EnableTenancy


class Migration(migrations.Migration):
    dependencies = [("merchants", "0004_own_domains")]

    operations = [EnableTenancy("Domain")]
