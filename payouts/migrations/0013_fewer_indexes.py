"""Drop indexes that begin others: each change of a row writes all of them."""

import django.db.models.deletion
from django.db import migrations, models

from common.migrating import AlterFields


class Migration(migrations.Migration):
    dependencies = [
        ("affiliates", "0007_fewer_indexes"),
        ("merchants", "0009_fewer_indexes"),
        ("payouts", "0012_statements_looked_at"),
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
                        "approvallimit",
                        "attempt",
                        "batch",
                        "batchfile",
                        "document",
                        "documentseries",
                        "exclusion",
                        "finding",
                        "merchanttax",
                        "methodclearance",
                        "notice",
                        "payout",
                        "payoutpolicy",
                        "payoutterms",
                        "rail",
                        "reconciliation",
                        "selfbillingagreement",
                        "statement",
                        "statementline",
                        "taxfault",
                        "withdrawal",
                    )
                ),
                (
                    "payout",
                    "affiliate",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payouts",
                        to="affiliates.affiliate",
                    ),
                ),
                (
                    "payoutline",
                    "affiliate",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="affiliates.affiliate",
                    ),
                ),
                (
                    "payoutline",
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
