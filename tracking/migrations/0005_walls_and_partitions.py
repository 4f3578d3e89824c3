"""The walls of the new tables, the new columns of clicks, visitors by day, and what drops days."""

from django.conf import settings
from django.db import migrations

from merchants.tenancy import AffiliateReads, EnableTenancy, enable_policies

MINE = "(SELECT id FROM tracking_link WHERE affiliate_id = app_affiliate_id())"

CLICKS = """
ALTER TABLE tracking_click
    ALTER COLUMN class TYPE varchar(12),
    ADD COLUMN country varchar(2) NOT NULL DEFAULT '',
    ADD COLUMN language varchar(8) NOT NULL DEFAULT '',
    ADD COLUMN destination_id uuid,
    ADD COLUMN visitor varchar(24) NOT NULL DEFAULT '',
    ADD COLUMN is_unique boolean NOT NULL DEFAULT false;

-- Who has been on a link, by a hash that only the day's salt can make. Written by the edge alone.
CREATE TABLE tracking_visitor (
    merchant_id uuid NOT NULL,
    day date NOT NULL,
    link_id uuid NOT NULL,
    visitor varchar(24) NOT NULL,
    click_id uuid NOT NULL,
    PRIMARY KEY (merchant_id, day, link_id, visitor)
) PARTITION BY RANGE (day);
ALTER TABLE tracking_visitor ENABLE ROW LEVEL SECURITY;
ALTER TABLE tracking_visitor FORCE ROW LEVEL SECURITY;
CREATE POLICY merchant ON tracking_visitor
    USING (merchant_id = app_merchant_id()) WITH CHECK (merchant_id = app_merchant_id());

-- The secret of a day's visitor hashes. Deleted after 48 hours: then nobody can link them again.
CREATE TABLE tracking_salt (
    day date PRIMARY KEY,
    salt bytea NOT NULL CHECK (length(salt) = 32)
);
ALTER TABLE tracking_salt ENABLE ROW LEVEL SECURITY;
ALTER TABLE tracking_salt FORCE ROW LEVEL SECURITY;

CREATE OR REPLACE FUNCTION make_click_partitions(first_day date, days integer) RETURNS integer
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
        FOREACH name IN ARRAY ARRAY['tracking_click_', 'tracking_visitor_'] LOOP
            name := name || to_char(day, 'YYYYMMDD');
            CONTINUE WHEN to_regclass(name) IS NOT NULL;
            IF name LIKE 'tracking_click_%' THEN
                EXECUTE format(
                    'CREATE TABLE %I PARTITION OF tracking_click FOR VALUES FROM (%L) TO (%L)',
                    name, click_partition_bound(day), click_partition_bound(day + 1));
            ELSE
                EXECUTE format(
                    'CREATE TABLE %I PARTITION OF tracking_visitor FOR VALUES FROM (%L) TO (%L)',
                    name, day, day + 1);
            END IF;
            -- Reached through the parent only: nobody but the owner may touch a partition.
            FOR app_role IN
                SELECT DISTINCT grantee FROM information_schema.role_table_grants
                WHERE table_name = name AND grantee <> current_user
            LOOP
                EXECUTE format('REVOKE ALL ON %I FROM %I', name, app_role);
            END LOOP;
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;

-- Days of clicks before the one date, of visitors before the other, are gone at once. Whoever
-- reads a day delays it for two seconds at most; the next run tries again.
CREATE FUNCTION drop_click_partitions(clicks_before date, visitors_before date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    name text;
    dropped integer := 0;
BEGIN
    FOR name IN
        -- Indexes of partitions inherit, too, and PostgreSQL may look at their names first.
        SELECT relname FROM pg_class
        JOIN pg_inherits ON inhrelid = pg_class.oid
        WHERE inhparent IN ('tracking_click'::regclass, 'tracking_visitor'::regclass)
            AND CASE
                WHEN relname ~ '^tracking_click_[0-9]{8}$'
                    THEN to_date(right(relname, 8), 'YYYYMMDD') < clicks_before
                WHEN relname ~ '^tracking_visitor_[0-9]{8}$'
                    THEN to_date(right(relname, 8), 'YYYYMMDD') < visitors_before
                ELSE false
            END
        ORDER BY relname
    LOOP
        EXECUTE format('DROP TABLE %I', name);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;

-- The salts of some days, made when they are first asked for.
CREATE FUNCTION visitor_salts(first_day date, days integer)
RETURNS TABLE (salt_day date, day_salt bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF days NOT BETWEEN 1 AND 7 THEN
        RAISE EXCEPTION 'days must be 1 to 7, not %', days;
    END IF;
    INSERT INTO tracking_salt (day, salt)
    SELECT
        first_day + step,
        sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
            || uuid_send(gen_random_uuid()))
    FROM generate_series(0, days - 1) AS step
    ON CONFLICT DO NOTHING;
    RETURN QUERY SELECT day, salt FROM tracking_salt
        WHERE day BETWEEN first_day AND first_day + days - 1;
END $$;

CREATE FUNCTION forget_visitor_salts(before date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    forgotten integer;
BEGIN
    DELETE FROM tracking_salt WHERE day < before;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;

SELECT make_click_partitions((now() AT TIME ZONE 'UTC')::date - 1, 10);
"""

SALT_POLICY = """
-- The functions run as the owner, which forced policies bind, too.
CREATE POLICY owner ON tracking_salt TO {owner} USING (true) WITH CHECK (true);
REVOKE ALL ON tracking_salt FROM {app}, {ops};
REVOKE EXECUTE ON FUNCTION visitor_salts(date, integer) FROM PUBLIC, {app};
GRANT EXECUTE ON FUNCTION visitor_salts(date, integer) TO {ops};
"""


def guard(apps, schema_editor):
    """Volume tables have policies and no pair key; the edge writes what it counts."""
    for table in ("tracking_capuse", "tracking_intakecall", "tracking_missedcode"):
        enable_policies(schema_editor, table, merchant="merchant_id = app_merchant_id()")
    roles = {
        alias: schema_editor.quote_name(settings.DATABASES[alias]["USER"])
        for alias in ("default", "ops", "owner")
    }
    ops = roles["ops"]
    schema_editor.execute(
        SALT_POLICY.format(owner=roles["owner"], app=roles["default"], ops=ops)
    )
    schema_editor.execute(f"GRANT INSERT ON tracking_visitor TO {ops}")
    schema_editor.execute(f"GRANT INSERT, UPDATE ON tracking_capuse TO {ops}")
    schema_editor.execute(f"GRANT INSERT, UPDATE ON tracking_missedcode TO {ops}")
    # What is old goes by age, across merchants.
    schema_editor.execute(f"GRANT DELETE ON tracking_capuse TO {ops}")
    schema_editor.execute(f"GRANT DELETE ON tracking_missedcode TO {ops}")
    schema_editor.execute(f"GRANT DELETE ON tracking_intakecall TO {ops}")


class Migration(migrations.Migration):
    dependencies = [
        ("tracking", "0004_caps_touches_and_intake"),
        ("programs", "0004_destination_tenancy"),
        ("merchants", "0005_domain_tenancy"),
    ]

    operations = [
        EnableTenancy(
            "Branch",
            "Cap",
            "Touch",
            "StatusReport",
            "CouponUse",
            "StepReport",
            "Import",
        ),
        AffiliateReads("tracking_branch", f"link_id IN {MINE}"),
        # New foreign keys of an old table.
        migrations.RunSQL(
            """
            ALTER TABLE tracking_refund
                ADD CONSTRAINT tracking_refund_program_id_same_merchant
                    FOREIGN KEY (merchant_id, program_id)
                    REFERENCES programs_program (merchant_id, id)
                    DEFERRABLE INITIALLY IMMEDIATE,
                ADD CONSTRAINT tracking_refund_goal_id_same_merchant
                    FOREIGN KEY (merchant_id, goal_id)
                    REFERENCES programs_goal (merchant_id, id)
                    DEFERRABLE INITIALLY IMMEDIATE;
            """,
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(CLICKS, migrations.RunSQL.noop),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
