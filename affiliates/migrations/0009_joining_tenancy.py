"""Bind what is new to its merchant; affiliates own their channels and references."""

from django.db import migrations

from merchants.tenancy import AddPairKeys, EnableTenancy

# Like the affiliate itself: its own users write, a merchant reads those it has an enrollment of.
OWN = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY affiliate ON {table}
    USING (affiliate_id = app_affiliate_id()) WITH CHECK (affiliate_id = app_affiliate_id());
CREATE POLICY merchant ON {table} FOR SELECT USING (affiliate_id IN (
    SELECT affiliate_id FROM affiliates_enrollment WHERE merchant_id = app_merchant_id()));
"""


class Migration(migrations.Migration):
    dependencies = [("affiliates", "0008_joining_and_care")]

    operations = [
        EnableTenancy(
            "TierMove",
            "FunnelCount",
            "Tag",
            "Tagging",
            "Segment",
            "Note",
            "Task",
            "Violation",
            "BulkJob",
            "BulkItem",
            affiliate_reads=("TierMove",),
        ),
        AddPairKeys("Enrollment", "contract", "owner"),
        AddPairKeys("Application", "decided_by"),
        migrations.RunSQL(OWN.format(table="affiliates_channel"), migrations.RunSQL.noop),
        migrations.RunSQL(OWN.format(table="affiliates_reference"), migrations.RunSQL.noop),
    ]
