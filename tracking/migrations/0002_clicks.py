"""Clicks: one partition a day by range of their UUIDv7, made ahead; and the walls of this app."""

from django.conf import settings
from django.db import migrations

from merchants.tenancy import AffiliateReads, EnableTenancy

# Statistics targets and foreign keys are left out on purpose: rows arrive by thousands a second.
CLICKS = """
CREATE TABLE tracking_click (
    merchant_id uuid NOT NULL,
    id uuid NOT NULL,
    program_id uuid NOT NULL,
    enrollment_id uuid NOT NULL,
    affiliate_id uuid NOT NULL,
    link_id uuid NOT NULL,
    class varchar(8) NOT NULL,
    refusal varchar(40) NOT NULL,
    destination_host varchar(253) NOT NULL,
    referrer_host varchar(253) NOT NULL,
    device varchar(20) NOT NULL,
    os varchar(40) NOT NULL,
    browser varchar(40) NOT NULL,
    ip_net varchar(50) NOT NULL,
    source varchar(200) NOT NULL,
    ext_click_id varchar(200) NOT NULL,
    subs jsonb NOT NULL,
    PRIMARY KEY (merchant_id, id)
) PARTITION BY RANGE (id);
CREATE INDEX click_by_affiliate ON tracking_click (affiliate_id, id);
ALTER TABLE tracking_click ENABLE ROW LEVEL SECURITY;
ALTER TABLE tracking_click FORCE ROW LEVEL SECURITY;
CREATE POLICY merchant ON tracking_click
    USING (merchant_id = app_merchant_id()) WITH CHECK (merchant_id = app_merchant_id());
CREATE POLICY affiliate ON tracking_click
    FOR SELECT USING (affiliate_id = app_affiliate_id());

-- The smallest uuid of a day: the milliseconds since 1970 in its first 48 bits.
CREATE FUNCTION click_partition_bound(day date) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM day) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- Runs as the owner, so that workers can make partitions and nothing else.
CREATE FUNCTION make_click_partitions(first_day date, days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    day date;
    made integer := 0;
    name text;
    app_role text;
BEGIN
    IF days NOT BETWEEN 1 AND 400 THEN
        RAISE EXCEPTION 'days must be 1 to 400, not %', days;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('make_click_partitions'));
    FOR step IN 0 .. days - 1 LOOP
        day := first_day + step;
        name := 'tracking_click_' || to_char(day, 'YYYYMMDD');
        IF to_regclass(name) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE %I PARTITION OF tracking_click FOR VALUES FROM (%L) TO (%L)',
                name, click_partition_bound(day), click_partition_bound(day + 1));
            -- Reached through the parent only: nobody but the owner may touch a partition.
            FOR app_role IN
                SELECT DISTINCT grantee FROM information_schema.role_table_grants
                WHERE table_name = name AND grantee <> current_user
            LOOP
                EXECUTE format('REVOKE ALL ON %I FROM %I', name, app_role);
            END LOOP;
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$;
SELECT make_click_partitions((now() AT TIME ZONE 'UTC')::date - 1, 10);
"""


def let_the_edge_write(apps, schema_editor):
    """The role of the edge reads everything and adds clicks, nothing else."""
    ops = schema_editor.quote_name(settings.DATABASES["ops"]["USER"])
    schema_editor.execute(f"GRANT INSERT ON tracking_click TO {ops}")


class Migration(migrations.Migration):
    dependencies = [("tracking", "0001_initial"), ("affiliates", "0003_tenancy")]

    operations = [
        EnableTenancy(
            "Link",
            "Coupon",
            "Customer",
            "Conversion",
            "Credit",
            "Refund",
            affiliate_reads=("Link", "Coupon", "Credit"),
        ),
        AffiliateReads(
            "tracking_conversion",
            "EXISTS (SELECT 1 FROM tracking_credit AS credit"
            " WHERE credit.merchant_id = tracking_conversion.merchant_id"
            " AND credit.conversion_id = tracking_conversion.id"
            " AND credit.affiliate_id = app_affiliate_id())",
        ),
        migrations.RunSQL(
            CLICKS,
            "DROP FUNCTION make_click_partitions(date, integer);"
            " DROP TABLE tracking_click CASCADE; DROP FUNCTION click_partition_bound(date);",
        ),
        migrations.RunPython(let_the_edge_write, migrations.RunPython.noop),
    ]
