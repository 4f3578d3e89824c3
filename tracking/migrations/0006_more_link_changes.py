"""Announce the rest of what changes a redirect (see 0003).

More payloads of the channel `fairlead_links`: "branches <link id>", "merchant <id>", "domains".
"""

from django.db import migrations

TRIGGERS = """
CREATE FUNCTION announce_part_of_link() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part jsonb := to_jsonb(COALESCE(NEW, OLD));
BEGIN
    IF TG_ARGV[0] = 'domains' THEN
        PERFORM pg_notify('fairlead_links', 'domains');
    ELSE
        PERFORM pg_notify('fairlead_links', TG_ARGV[0] || ' ' || (part ->> TG_ARGV[1]));
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER link_announces_itself ON tracking_link;
CREATE TRIGGER link_announces_itself
    AFTER INSERT OR DELETE OR UPDATE OF code, destination_url, fallback_url, starts_at, ends_at,
        smart_rule, archived_at ON tracking_link
    FOR EACH ROW EXECUTE FUNCTION announce_link_change('link');

DROP TRIGGER program_announces_its_links ON programs_program;
CREATE TRIGGER program_announces_its_links
    AFTER UPDATE OF slug, status, landing_url, fallback_url, allowed_hosts, consent_mode,
        window_days, utm_template, is_test, legacy_parameters ON programs_program
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION announce_link_change('program');

CREATE TRIGGER destination_announces_itself
    AFTER INSERT OR DELETE OR UPDATE ON programs_destination
    FOR EACH ROW EXECUTE FUNCTION announce_part_of_link('program', 'program_id');
CREATE TRIGGER cap_announces_itself
    AFTER INSERT OR DELETE OR UPDATE ON tracking_cap
    FOR EACH ROW EXECUTE FUNCTION announce_part_of_link('program', 'program_id');
CREATE TRIGGER branch_announces_itself
    AFTER INSERT OR DELETE OR UPDATE ON tracking_branch
    FOR EACH ROW EXECUTE FUNCTION announce_part_of_link('branches', 'link_id');
CREATE TRIGGER merchant_announces_its_links
    AFTER UPDATE OF staff_networks ON merchants_merchant
    FOR EACH ROW WHEN (OLD.staff_networks IS DISTINCT FROM NEW.staff_networks)
    EXECUTE FUNCTION announce_part_of_link('merchant', 'id');
CREATE TRIGGER domain_announces_itself
    AFTER INSERT OR DELETE OR UPDATE OF verified_at, fallback_url ON merchants_domain
    FOR EACH ROW EXECUTE FUNCTION announce_part_of_link('domains');
"""


class Migration(migrations.Migration):
    dependencies = [("tracking", "0005_walls_and_partitions")]

    operations = [migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop)]
