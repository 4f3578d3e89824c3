"""Bind rollups to their merchant."""

from django.conf import settings
from django.db import migrations

from merchants.tenancy import add_affiliate_policy, enable_policies


def guard(apps, schema_editor):
    """Volume tables have no `id`, so no pair key: policies alone."""
    enable_policies(schema_editor, "reports_dailyclicks", merchant="merchant_id = app_merchant_id()")
    add_affiliate_policy(schema_editor, "reports_dailyclicks", "affiliate_id = app_affiliate_id()")
    ops = schema_editor.quote_name(settings.DATABASES["ops"]["USER"])  # The edge counts clicks.
    schema_editor.execute(f"GRANT INSERT, UPDATE ON reports_dailyclicks TO {ops}")


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial"), ("merchants", "0003_tenancy")]

    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
