"""Letting go of days and salts is for the role of operations alone."""

from django.conf import settings
from django.db import migrations

FUNCTIONS = ("drop_click_partitions(date, date)", "forget_visitor_salts(date)")


def narrow_grants(apps, schema_editor):
    """Take the functions from everybody, the role that serves pages included."""
    app, ops = (
        schema_editor.quote_name(settings.DATABASES[alias]["USER"]) for alias in ("default", "ops")
    )
    for function in FUNCTIONS:
        schema_editor.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC, {app}")
        schema_editor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {ops}")


class Migration(migrations.Migration):
    dependencies = [("tracking", "0009_affiliates_see_uses")]

    operations = [migrations.RunPython(narrow_grants, migrations.RunPython.noop)]
