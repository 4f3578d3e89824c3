"""Let affiliates read one merchant's rows alone on that merchant's own host, in every table."""

from django.db import migrations

from merchants.tenancy import bind_to_host


def bind_older_policies(apps, schema_editor):
    """Policies that were written before merchants had hosts know nothing of them."""
    bind_to_host(schema_editor)


class Migration(migrations.Migration):
    dependencies = [
        ("affiliates", "0014_saved_lists"),
        ("commissions", "0014_proposals"),
        ("merchants", "0010_portal_hosts"),
        ("programs", "0011_pages_and_plans"),
        ("tracking", "0017_customer_news"),
    ]

    operations = [migrations.RunPython(bind_older_policies, migrations.RunPython.noop)]
