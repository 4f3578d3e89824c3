"""How far ladders were judged, until when terms are to be accepted, and the policy register."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import common.ids
import merchants.tenancy
from merchants.tenancy import AffiliateReads, EnableTenancy

MINE = "(SELECT program_id FROM affiliates_enrollment WHERE affiliate_id = app_affiliate_id())"


class Migration(migrations.Migration):
    dependencies = [
        ("merchants", "0009_fewer_indexes"),
        ("programs", "0009_joining_tenancy"),
    ]

    operations = [
        migrations.AddField(
            model_name="ladder",
            name="judged_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="ladder",
            name="judged_until",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="terms",
            name="accept_by",
            field=models.DateTimeField(blank=True, null=True, verbose_name="to be accepted until"),
        ),
        migrations.CreateModel(
            name="Policy",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=common.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("MARKETING", "Marketing"),
                            ("SERVICE", "Customer service"),
                            ("PRICING", "Pricing"),
                            ("BRAND", "Brand and advertising"),
                            ("OTHER", "Other"),
                        ],
                        max_length=9,
                        verbose_name="category",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="rule")),
                ("body", models.TextField(max_length=5000, verbose_name="what it says")),
                (
                    "rationale",
                    models.TextField(blank=True, max_length=2000, verbose_name="why it is there"),
                ),
                ("reviewed_on", models.DateField(verbose_name="last looked at")),
                ("review_on", models.DateField(verbose_name="look at it again")),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                (
                    "merchant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="merchants.merchant",
                    ),
                ),
                (
                    "owner",
                    merchants.tenancy.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policies",
                        to="merchants.member",
                    ),
                ),
                (
                    "program",
                    merchants.tenancy.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policies",
                        to="programs.program",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("archived_at", None), ("reminded_at", None)),
                        fields=["review_on"],
                        name="policy_to_review",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("category__in", ["MARKETING", "SERVICE", "PRICING", "BRAND", "OTHER"])
                        ),
                        name="policy_category_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("review_on__gt", models.F("reviewed_on"))),
                        name="policy_review_follows",
                    ),
                ],
            },
        ),
        EnableTenancy("Policy"),
        AffiliateReads("programs_policy", f"program_id IN {MINE}"),
    ]
