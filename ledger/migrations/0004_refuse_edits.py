"""What PostgreSQL itself refuses: edits of the ledger, and journals that do not sum to zero."""

from django.conf import settings
from django.db import migrations

REFUSE_EDITS = """
CREATE FUNCTION ledger_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER journal_no_edit BEFORE UPDATE OR DELETE ON ledger_journal
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_edit();
CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON ledger_journal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_edit();
CREATE TRIGGER posting_no_edit BEFORE UPDATE OR DELETE ON ledger_posting
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_edit();
CREATE TRIGGER posting_no_truncate BEFORE TRUNCATE ON ledger_posting
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_edit();
CREATE TRIGGER account_no_edit BEFORE UPDATE OR DELETE ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_edit();
"""

# Statement-level over the transition table: one check for a batch of thousands. It is immediate,
# which is stricter than deferred: the postings of a journal must arrive in one statement.
BALANCE = """
CREATE FUNCTION ledger_require_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    offender uuid;
BEGIN
    SELECT all_of.journal_id INTO offender
    FROM (SELECT DISTINCT merchant_id, journal_id FROM new_rows) AS touched
    JOIN ledger_posting AS all_of
      ON all_of.merchant_id = touched.merchant_id AND all_of.journal_id = touched.journal_id
    GROUP BY all_of.journal_id, all_of.currency
    HAVING sum(all_of.amount_minor) <> 0
    LIMIT 1;
    IF offender IS NOT NULL THEN
        RAISE EXCEPTION 'journal % does not sum to zero', offender
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_balanced';
    END IF;
    SELECT new_rows.journal_id INTO offender
    FROM new_rows JOIN ledger_account AS account ON account.id = new_rows.account_id
    WHERE account.currency <> new_rows.currency LIMIT 1;
    IF offender IS NOT NULL THEN
        RAISE EXCEPTION 'journal % posts a currency that is not its account''s', offender
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_currency_is_accounts';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER posting_balanced AFTER INSERT ON ledger_posting
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_require_balance();
"""


def revoke(apps, schema_editor):
    """Refuse by privilege as well what the triggers refuse."""
    for alias in ("default", "ops"):
        role = schema_editor.quote_name(settings.DATABASES[alias]["USER"])
        schema_editor.execute(
            "REVOKE UPDATE, DELETE, TRUNCATE ON ledger_journal, ledger_posting, ledger_account"
            f" FROM {role}"
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_tenancy")]

    operations = [
        migrations.RunSQL(REFUSE_EDITS, "DROP FUNCTION ledger_refuse_edit() CASCADE"),
        migrations.RunSQL(BALANCE, "DROP FUNCTION ledger_require_balance() CASCADE"),
        migrations.RunPython(revoke, migrations.RunPython.noop),
    ]
