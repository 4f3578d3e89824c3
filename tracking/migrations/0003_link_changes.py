"""Announce what changes a redirect, so that the edge's memory is fresh within milliseconds.

Payloads of the channel `fairlead_links`: "link <code>", "enrollment <id>", "program <id>".
PostgreSQL sends them when the change commits, and equal ones of a transaction once.
"""

from django.db import migrations

TRIGGERS = """
CREATE FUNCTION announce_link_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_ARGV[0] <> 'link' THEN
        PERFORM pg_notify('fairlead_links', TG_ARGV[0] || ' ' || NEW.id);
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM pg_notify('fairlead_links', 'link ' || OLD.code);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM pg_notify('fairlead_links', 'link ' || NEW.code);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER link_announces_itself
    AFTER INSERT OR DELETE OR UPDATE OF code, destination_url, archived_at ON tracking_link
    FOR EACH ROW EXECUTE FUNCTION announce_link_change('link');

CREATE TRIGGER enrollment_announces_its_links
    AFTER UPDATE OF code, status ON affiliates_enrollment
    FOR EACH ROW WHEN ((OLD.code, OLD.status) IS DISTINCT FROM (NEW.code, NEW.status))
    EXECUTE FUNCTION announce_link_change('enrollment');

CREATE TRIGGER program_announces_its_links
    AFTER UPDATE OF slug, status, landing_url, fallback_url, allowed_hosts, consent_mode,
        window_days ON programs_program
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION announce_link_change('program');
"""

NO_TRIGGERS = """
DROP TRIGGER program_announces_its_links ON programs_program;
DROP TRIGGER enrollment_announces_its_links ON affiliates_enrollment;
DROP TRIGGER link_announces_itself ON tracking_link;
DROP FUNCTION announce_link_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tracking", "0002_clicks"),
        ("affiliates", "0003_tenancy"),
        ("programs", "0002_tenancy"),
    ]

    operations = [migrations.RunSQL(TRIGGERS, NO_TRIGGERS)]
