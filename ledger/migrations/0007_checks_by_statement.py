"""Check what is posted once for each statement, however many rows it writes.

The keys of postings were looked up row by row, and each look locked a row. Nothing of the ledger is
ever changed or deleted, so what was there when a posting came stays there: one join says as much.
"""

from django.db import migrations

# Journals whose postings sum to zero in each statement sum to zero altogether.
REQUIRE_BALANCE = """
CREATE OR REPLACE FUNCTION ledger_require_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    offender uuid;
    other_currency boolean;
BEGIN
    SELECT journal_id INTO offender FROM new_rows
    GROUP BY journal_id, currency HAVING sum(amount_minor) <> 0 LIMIT 1;
    IF offender IS NOT NULL THEN
        RAISE EXCEPTION 'journal % does not sum to zero', offender
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_balanced';
    END IF;
    -- EXECUTE, so that it is planned anew: for two rows as well as for two hundred thousand.
    EXECUTE '
        SELECT posting.journal_id, account.currency <> posting.currency
        FROM new_rows AS posting
        LEFT JOIN ledger_journal AS journal
          ON journal.merchant_id = posting.merchant_id AND journal.id = posting.journal_id
        LEFT JOIN ledger_account AS account
          ON account.merchant_id = posting.merchant_id AND account.id = posting.account_id
        WHERE journal.id IS NULL OR account.id IS NULL OR account.currency <> posting.currency
    ' INTO offender, other_currency;
    IF other_currency THEN
        RAISE EXCEPTION 'journal % posts a currency that is not its account''s', offender
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_currency_is_accounts';
    END IF;
    IF offender IS NOT NULL THEN
        RAISE EXCEPTION 'journal %, or an account it posts to, is not the merchant''s', offender
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'posting_same_merchant';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER account_no_truncate BEFORE TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_edit();

ALTER TABLE ledger_posting
    DROP CONSTRAINT ledger_posting_journal_id_same_merchant,
    DROP CONSTRAINT ledger_posting_account_id_same_merchant,
    DROP CONSTRAINT ledger_posting_pair;
ALTER TABLE ledger_journal DROP CONSTRAINT ledger_journal_pair;
ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_pair;
"""

REQUIRE_KEYS = """
ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_pair UNIQUE (merchant_id, id);
ALTER TABLE ledger_journal ADD CONSTRAINT ledger_journal_pair UNIQUE (merchant_id, id);
ALTER TABLE ledger_posting
    ADD CONSTRAINT ledger_posting_pair UNIQUE (merchant_id, id),
    ADD CONSTRAINT ledger_posting_journal_id_same_merchant FOREIGN KEY (merchant_id, journal_id)
        REFERENCES ledger_journal (merchant_id, id) DEFERRABLE INITIALLY IMMEDIATE,
    ADD CONSTRAINT ledger_posting_account_id_same_merchant FOREIGN KEY (merchant_id, account_id)
        REFERENCES ledger_account (merchant_id, id) DEFERRABLE INITIALLY IMMEDIATE;
DROP TRIGGER account_no_truncate ON ledger_account;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_fewer_indexes"), ("affiliates", "0003_tenancy")]

    operations = [migrations.RunSQL(REQUIRE_BALANCE, REQUIRE_KEYS)]
