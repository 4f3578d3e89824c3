"""Drop indexes that begin others: each change of a row writes all of them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("affiliates", "0007_one_index_less"),
        ("commissions", "0012_rate_changes"),
        ("merchants", "0009_one_index_less"),
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
                "budget",
                "claim",
                "commission",
                "decision",
                "experiment",
                "experimentassignment",
                "experimentvariant",
                "grant",
                "promotion",
                "ratechange",
                "ratenotice",
                "replay",
                "replaydifference",
                "replaytotal",
                "rule",
                "ruleversion",
            )
        ),
        migrations.AlterField(
            "commission",
            "affiliate",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="affiliates.affiliate",
            ),
        ),
    ]
