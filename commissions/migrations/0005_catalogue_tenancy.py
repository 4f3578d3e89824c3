"""The walls of the new tables; affiliates read their own rates, claims, grants and notices."""

from django.db import migrations

from merchants.tenancy import AddPairKeys, AffiliateReads, EnableTenancy, enable_policies

MY_ENROLLMENTS = "(SELECT id FROM affiliates_enrollment WHERE affiliate_id = app_affiliate_id())"
MY_PROGRAMS = (
    "(SELECT program_id FROM affiliates_enrollment WHERE affiliate_id = app_affiliate_id())"
)
MY_LINKS = "(SELECT id FROM tracking_link WHERE affiliate_id = app_affiliate_id())"
# Not what others have agreed on for themselves.
MY_RULES = (
    f"program_id IN {MY_PROGRAMS}"
    f" AND (enrollment_id IS NULL OR enrollment_id IN {MY_ENROLLMENTS})"
    f" AND (link_id IS NULL OR link_id IN {MY_LINKS})"
)


def guard(apps, schema_editor):
    """What counts a budget has policies, and no id of its own."""
    enable_policies(
        schema_editor, "commissions_budgetuse", merchant="merchant_id = app_merchant_id()"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("commissions", "0004_the_whole_catalogue"),
        ("affiliates", "0006_pair_keys"),
        ("tracking", "0012_pair_keys"),
    ]

    operations = [
        EnableTenancy(
            "Promotion",
            "Budget",
            "Claim",
            "Grant",
            "RateNotice",
            "Replay",
            "ReplayTotal",
            "ReplayDifference",
            "Experiment",
            "ExperimentVariant",
            "ExperimentAssignment",
            affiliate_reads=("Claim", "Grant", "RateNotice"),
        ),
        AddPairKeys("Rule", "tier", "promotion", "enrollment", "link"),
        AffiliateReads("commissions_promotion", f"program_id IN {MY_PROGRAMS}"),
        AffiliateReads("commissions_experimentassignment", f"enrollment_id IN {MY_ENROLLMENTS}"),
        AffiliateReads(
            "commissions_experimentvariant",
            "id IN (SELECT variant_id FROM commissions_experimentassignment"
            f" WHERE enrollment_id IN {MY_ENROLLMENTS})",
        ),
        migrations.RunSQL(
            f"""
            DROP POLICY affiliate ON commissions_rule;
            CREATE POLICY affiliate ON commissions_rule FOR SELECT USING ({MY_RULES});
            DROP POLICY affiliate ON commissions_ruleversion;
            CREATE POLICY affiliate ON commissions_ruleversion FOR SELECT USING (
                rule_id IN (SELECT id FROM commissions_rule WHERE {MY_RULES})
            );
            """,
            migrations.RunSQL.noop,
        ),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
