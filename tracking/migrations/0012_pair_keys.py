"""A conversion's rate, and whom it was given to, belong to the same merchant."""

from django.db import migrations

from merchants.tenancy import AddPairKeys


class Migration(migrations.Migration):
    dependencies = [
        ("tracking", "0011_converted_and_assigned"),
        ("merchants", "0008_fx_rate_tenancy"),
    ]

    operations = [AddPairKeys("Conversion", "fx_rate", "assigned_enrollment")]
