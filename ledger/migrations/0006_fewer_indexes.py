"""Drop indexes that begin others: each change of a row writes all of them."""

import django.db.models.deletion
from django.db import migrations, models

import merchants.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0005_vat_and_fees"),
        ("merchants", "0009_fewer_indexes"),
    ]

    operations = [
        *(
            migrations.AlterField(
                name,
                "merchant",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="merchants.merchant",
                ),
            )
            for name in (
                "account",
                "journal",
            )
        ),
        migrations.AlterField(
            "posting",
            "account",
            merchants.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="postings",
                to="ledger.account",
            ),
        ),
        migrations.AlterField(
            "posting",
            "journal",
            merchants.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="postings",
                to="ledger.journal",
            ),
        ),
        migrations.AlterField(
            "posting",
            "merchant",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="merchants.merchant",
            ),
        ),
    ]
