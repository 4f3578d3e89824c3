"""Bind currency rates to their merchant."""

from django.db import migrations

from merchants.tenancy import EnableTenancy


class Migration(migrations.Migration):
    dependencies = [("merchants", "0007_fx_rates")]

    operations = [EnableTenancy("FxRate")]
