"""Rates that one side proposes to the other."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import common.ids
import merchants.tenancy
from merchants.tenancy import EnableTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("affiliates", "0010_friction_and_warnings"),
        ("commissions", "0013_fewer_indexes"),
        ("merchants", "0009_fewer_indexes"),
        ("programs", "0010_ladders_judged_and_policies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Proposal",
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
                    "offered_by",
                    models.CharField(
                        choices=[("MERCHANT", "The merchant"), ("AFFILIATE", "The affiliate")],
                        max_length=9,
                    ),
                ),
                (
                    "reward",
                    models.CharField(
                        choices=[
                            ("FIXED", "Fixed amount"),
                            ("PERCENT", "Percentage of the net amount"),
                            ("FIXED_AND_PERCENT", "Fixed amount and percentage"),
                            ("PER_ITEM", "By line item"),
                            ("VOLUME", "By volume in a period"),
                            ("NON_CASH", "Credit, free months, a discount or a gift"),
                            ("NOTHING", "Nothing"),
                            ("PER_CLICK", "Per click"),
                            ("PER_MILLE", "Per thousand impressions"),
                            ("OVERRIDE", "Share of what a recruited affiliate earns"),
                            ("BONUS", "Bonus at a milestone"),
                            ("FLAT", "Flat fee"),
                        ],
                        max_length=20,
                        verbose_name="reward",
                    ),
                ),
                ("fixed_minor", models.PositiveBigIntegerField(default=0)),
                ("rate_bps", models.PositiveIntegerField(default=0)),
                ("details", models.JSONField(default=dict)),
                ("conditions", models.JSONField(default=list)),
                ("message", models.TextField(blank=True, max_length=2000, verbose_name="message")),
                ("starts_at", models.DateTimeField(blank=True, null=True, verbose_name="from")),
                ("expires_at", models.DateTimeField(verbose_name="answer until")),
                ("offered_at", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("OPEN", "Waits for an answer"),
                            ("COUNTERED", "Answered by another proposal"),
                            ("ACCEPTED", "Accepted"),
                            ("DECLINED", "Declined"),
                            ("WITHDRAWN", "Withdrawn"),
                            ("EXPIRED", "Expired"),
                        ],
                        default="OPEN",
                        max_length=9,
                    ),
                ),
                ("status_changed_at", models.DateTimeField()),
                (
                    "signed_name",
                    models.CharField(blank=True, max_length=120, verbose_name="your full name"),
                ),
                ("signed_ip", models.GenericIPAddressField(blank=True, null=True)),
                ("signed_user_agent", models.CharField(blank=True, max_length=400)),
                ("signed_text", models.TextField(blank=True)),
                ("signed_sha256", models.CharField(blank=True, max_length=64)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                ("answer_told_at", models.DateTimeField(blank=True, null=True)),
                (
                    "affiliate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="affiliates.affiliate",
                    ),
                ),
                (
                    "answers",
                    merchants.tenancy.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answered_by",
                        to="commissions.proposal",
                    ),
                ),
                (
                    "enrollment",
                    merchants.tenancy.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="affiliates.enrollment",
                    ),
                ),
                (
                    "goal",
                    merchants.tenancy.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.goal",
                    ),
                ),
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
                    "offered_by_user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "program",
                    merchants.tenancy.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="programs.program",
                    ),
                ),
                (
                    "rule_version",
                    merchants.tenancy.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="commissions.ruleversion",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "OPEN")),
                        fields=["expires_at"],
                        name="proposal_to_expire",
                    ),
                    models.Index(
                        condition=models.Q(("told_at", None)),
                        fields=["offered_at"],
                        name="proposal_to_tell",
                    ),
                    models.Index(fields=["affiliate"], name="proposal_by_affiliate"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "OPEN")),
                        fields=("merchant", "enrollment", "goal"),
                        name="proposal_one_open_per_goal",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "OPEN",
                                    "COUNTERED",
                                    "ACCEPTED",
                                    "DECLINED",
                                    "WITHDRAWN",
                                    "EXPIRED",
                                ],
                            ),
                            ("offered_by__in", ["MERCHANT", "AFFILIATE"]),
                            (
                                "reward__in",
                                [
                                    "FIXED",
                                    "PERCENT",
                                    "FIXED_AND_PERCENT",
                                    "PER_ITEM",
                                    "VOLUME",
                                    "NON_CASH",
                                    "NOTHING",
                                    "PER_CLICK",
                                    "PER_MILLE",
                                    "OVERRIDE",
                                    "BONUS",
                                    "FLAT",
                                ],
                            ),
                        ),
                        name="proposal_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "ACCEPTED"), _negated=True),
                            models.Q(("signed_sha256", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="proposal_accepted_is_signed",
                    ),
                ],
            },
        ),
        EnableTenancy("Proposal", affiliate_reads=("Proposal",)),
    ]
