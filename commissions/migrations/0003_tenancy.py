"""Bind rules and commissions to their merchant; affiliates read their lines and rates."""

from django.db import migrations

from merchants.tenancy import AffiliateReads, EnableTenancy

MY_PROGRAMS = (
    "(SELECT program_id FROM affiliates_enrollment WHERE affiliate_id = app_affiliate_id())"
)


class Migration(migrations.Migration):
    dependencies = [("commissions", "0002_initial"), ("tracking", "0002_clicks")]

    operations = [
        EnableTenancy("Rule", "RuleVersion", "Commission", affiliate_reads=("Commission",)),
        AffiliateReads("commissions_rule", f"program_id IN {MY_PROGRAMS}"),
        AffiliateReads(
            "commissions_ruleversion",
            f"rule_id IN (SELECT id FROM commissions_rule WHERE program_id IN {MY_PROGRAMS})",
        ),
    ]
