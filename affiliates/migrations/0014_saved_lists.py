"""Filters that members keep are of several lists."""

from django.db import migrations, models

LISTS = [
    ("AFFILIATES", "Affiliates"),
    ("CONVERSIONS", "Conversions"),
    ("COMMISSIONS", "Commissions"),
]


class Migration(migrations.Migration):
    dependencies = [("affiliates", "0013_merged_enrollments")]

    operations = [
        migrations.AddField(
            model_name="segment",
            name="list",
            field=models.CharField(choices=LISTS, default="AFFILIATES", max_length=11),
        ),
        migrations.RemoveConstraint(model_name="segment", name="segment_name_unique"),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.UniqueConstraint(
                fields=("merchant", "list", "name"), name="segment_name_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.CheckConstraint(
                condition=models.Q(("list__in", ["AFFILIATES", "CONVERSIONS", "COMMISSIONS"])),
                name="segment_list_known",
            ),
        ),
    ]
