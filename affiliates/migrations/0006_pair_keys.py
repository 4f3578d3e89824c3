"""An enrollment's tier and recruiter belong to the same merchant."""

from django.db import migrations

from merchants.tenancy import AddPairKeys


class Migration(migrations.Migration):
    dependencies = [("affiliates", "0005_tiers_and_types"), ("programs", "0006_tier_tenancy")]

    operations = [AddPairKeys("Enrollment", "tier", "recruited_by")]
