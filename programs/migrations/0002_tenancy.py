"""Bind programs to their merchant."""

from django.db import migrations

from merchants.tenancy import EnableTenancy


class Migration(migrations.Migration):
    dependencies = [("programs", "0001_initial"), ("merchants", "0003_tenancy")]

    operations = [EnableTenancy("Program", "Goal", "Terms")]
