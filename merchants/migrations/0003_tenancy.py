"""The walls between merchants: the functions policies ask, and the first tables behind them."""

from django.conf import settings
from django.db import migrations

from merchants.tenancy import EnableTenancy, enable_policies

# A setting that was never set is NULL, one of an ended transaction is ''. Both mean nobody.
FUNCTIONS = """
CREATE FUNCTION app_merchant_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT NULLIF(current_setting('app.merchant_id', true), '')::uuid $$;
CREATE FUNCTION app_affiliate_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT NULLIF(current_setting('app.affiliate_id', true), '')::uuid $$;
"""


def narrow_grants(apps, schema_editor):
    """History is written once: events only get their mark of publication, migrations nothing."""
    app = schema_editor.quote_name(settings.DATABASES["default"]["USER"])
    schema_editor.execute(f"REVOKE UPDATE, DELETE ON merchants_event FROM {app}")
    schema_editor.execute(f"GRANT UPDATE (published_at) ON merchants_event TO {app}")
    schema_editor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {app}")


def guard_merchants(apps, schema_editor):
    """A merchant is its own tenant: its policy is on `id`."""
    enable_policies(schema_editor, "merchants_merchant", merchant="id = app_merchant_id()")


class Migration(migrations.Migration):
    dependencies = [("merchants", "0002_initial")]

    operations = [
        migrations.RunSQL(
            FUNCTIONS, "DROP FUNCTION app_merchant_id(); DROP FUNCTION app_affiliate_id();"
        ),
        migrations.RunPython(guard_merchants, migrations.RunPython.noop),
        migrations.RunPython(narrow_grants, migrations.RunPython.noop),
        EnableTenancy("Member", "MemberInvitation", "ApiKey", "Event"),
    ]
