"""Let members search many affiliates: fill the text that is searched, and ask policies by index."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

# The policy is asked of each affiliate that a page shows, and there are few of these: a look into
# an index each, where IN (…) read all enrollments of the merchant first.
READS = """
DROP POLICY merchant ON {table};
CREATE POLICY merchant ON {table} FOR SELECT USING (EXISTS (
    SELECT FROM affiliates_enrollment AS enrollment
    WHERE enrollment.affiliate_id = {table}.{key}
    AND enrollment.merchant_id = app_merchant_id()));
"""

# Whoever writes a name, an address or an enrollment need not think of the search. A new enrollment
# is looked at after it is stored: only then may its merchant read the affiliate. An affiliate that
# changes its name serves several merchants, and may write none of their rows: so the trigger stands
# in each merchant's place in turn, for this one column.
TRIGGERS = """
CREATE FUNCTION affiliate_search_text(name text, email text, code text, website text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT lower(concat_ws(' ', name, email, code, NULLIF(website, ''))) $$;

CREATE FUNCTION fill_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE affiliates_enrollment AS enrollment
    SET search_text = affiliate_search_text(
        affiliate.name, affiliate.email, enrollment.code, affiliate.website)
    FROM affiliates_affiliate AS affiliate
    WHERE enrollment.merchant_id = NEW.merchant_id AND enrollment.id = NEW.id
    AND affiliate.id = NEW.affiliate_id;
    RETURN NULL;
END $$;
CREATE TRIGGER search_text_filled AFTER INSERT OR UPDATE OF affiliate_id, code
ON affiliates_enrollment FOR EACH ROW EXECUTE FUNCTION fill_search_text();

CREATE FUNCTION renew_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    served text := current_setting('app.merchant_id', true);
    each uuid;
BEGIN
    FOR each IN SELECT DISTINCT merchant_id FROM affiliates_enrollment WHERE affiliate_id = NEW.id
    LOOP
        PERFORM set_config('app.merchant_id', each::text, true);
        UPDATE affiliates_enrollment AS enrollment
        SET search_text = affiliate_search_text(NEW.name, NEW.email, code, NEW.website)
        WHERE merchant_id = each AND affiliate_id = NEW.id;
    END LOOP;
    PERFORM set_config('app.merchant_id', coalesce(served, ''), true);
    RETURN NULL;
END $$;
CREATE TRIGGER search_text_renewed AFTER UPDATE OF name, email, website
ON affiliates_affiliate FOR EACH ROW
WHEN ((OLD.name, OLD.email, OLD.website) IS DISTINCT FROM (NEW.name, NEW.email, NEW.website))
EXECUTE FUNCTION renew_search_text();
"""

# The owner of the tables is bound by their policies as well, unless they are not forced.
BACKFILL = """
ALTER TABLE affiliates_enrollment NO FORCE ROW LEVEL SECURITY;
ALTER TABLE affiliates_affiliate NO FORCE ROW LEVEL SECURITY;
UPDATE affiliates_enrollment AS enrollment
SET search_text = affiliate_search_text(
    affiliate.name, affiliate.email, enrollment.code, affiliate.website)
FROM affiliates_affiliate AS affiliate WHERE affiliate.id = enrollment.affiliate_id;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE affiliates_affiliate FORCE ROW LEVEL SECURITY;
ALTER TABLE affiliates_enrollment FORCE ROW LEVEL SECURITY;
"""


def reads(table: str, key: str) -> migrations.RunSQL:
    """Return what lets merchants read the rows of affiliates that they have an enrollment of."""
    return migrations.RunSQL(READS.format(table=table, key=key), migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [("affiliates", "0010_friction_and_warnings")]

    operations = [
        migrations.RemoveIndex(model_name="bulkitem", name="bulk_item_waiting"),
        migrations.RemoveField(model_name="bulkitem", name="done_at"),
        migrations.AlterField("bulkitem", "problem", models.CharField(max_length=300)),
        migrations.AddField(
            "bulkjob",
            "enrollment_ids",
            ArrayField(base_field=models.UUIDField(), default=list, size=None),
        ),
        TrigramExtension(),  # Trusted since PostgreSQL 13: the database's owner may create it.
        reads("affiliates_affiliate", "id"),
        reads("affiliates_channel", "affiliate_id"),
        reads("affiliates_reference", "affiliate_id"),
        migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
    ]
