"""Encrypt the files that were handed over: they name accounts in clear."""

from typing import Any

from django.db import migrations

from common.secrets import encrypt_bytes


def encrypt(apps: Any, schema_editor: Any) -> None:
    """Encrypt every file's bytes; the owner is bound by policies unless its table says otherwise."""
    schema_editor.execute("ALTER TABLE payouts_batchfile NO FORCE ROW LEVEL SECURITY")
    files = apps.get_model("payouts", "BatchFile").objects.using(schema_editor.connection.alias)
    ids = list(files.values_list("id", flat=True))
    for file_id in ids:
        content = files.values_list("content", flat=True).get(id=file_id)
        assert files.filter(id=file_id).update(content=encrypt_bytes(bytes(content))) == 1
    schema_editor.execute("ALTER TABLE payouts_batchfile FORCE ROW LEVEL SECURITY")


class Migration(migrations.Migration):
    dependencies = [("payouts", "0004_rails_tenancy")]

    operations = [migrations.RunPython(encrypt, migrations.RunPython.noop)]
