"""Drop indexes that begin others: each change of a row writes all of them."""

import django.db.models.deletion
from django.db import migrations, models

from common.migrating import AlterFields


class Migration(migrations.Migration):
    dependencies = [
        ("merchants", "0009_fewer_indexes"),
        ("programs", "0006_tier_tenancy"),
    ]

    operations = [
        AlterFields(
            [
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
                    "destination",
                    "goal",
                    "goalstep",
                    "program",
                    "terms",
                    "tier",
                )
            ]
        )
    ]
