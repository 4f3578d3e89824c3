"""Bind the clicks of destinations to their merchant; the edge counts them."""

from django.conf import settings
from django.db import migrations

from merchants.tenancy import enable_policies


def guard(apps, schema_editor):
    """Volume tables have no `id`, so no pair key: policies alone."""
    table = "reports_dailydestinationclicks"
    enable_policies(schema_editor, table, merchant="merchant_id = app_merchant_id()")
    ops = schema_editor.quote_name(settings.DATABASES["ops"]["USER"])
    schema_editor.execute(f"GRANT INSERT, UPDATE ON {table} TO {ops}")


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_uniques")]

    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
