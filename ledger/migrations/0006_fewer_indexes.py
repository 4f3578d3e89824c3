"""Drop indexes that begin others: each change of a row writes all of them."""

import django.db.models.deletion
from django.db import migrations, models

import merchants.tenancy
from common.migrating import AlterFields


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0005_vat_and_fees"),
        ("merchants", "0009_fewer_indexes"),
    ]

    operations = [
        AlterFields(
            [
                *(
                    (
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
                (
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
                (
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
                (
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
        )
    ]
