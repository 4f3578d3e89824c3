"""Check the lines of payouts once for each statement, and let their indexes be fewer.

The keys of a line were looked up row by row, and each look locked a row. Instead the payouts are
locked together, and commissions are never deleted (commissions, 0016), so what was there when a
line came stays there. What a line says of its payout and its commission is compared, too.
"""

from django.db import migrations, models
from django.db.models import Case, F, Q, When

from common.migrating import AlterFields
from merchants.tenancy import TenantForeignKey

TRIGGERS = """
CREATE FUNCTION payouts_require_keys() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    offender uuid;
BEGIN
    -- EXECUTE, so that it is planned anew: for two rows as well as for two hundred thousand.
    EXECUTE '
        SELECT count(*) FROM (
            SELECT FROM payouts_payout AS payout
            WHERE (payout.merchant_id, payout.id) IN (SELECT merchant_id, payout_id FROM new_rows)
            ORDER BY payout.id FOR KEY SHARE OF payout
        ) AS locked
    ';
    EXECUTE '
        SELECT line.id FROM new_rows AS line
        LEFT JOIN payouts_payout AS payout
          ON payout.merchant_id = line.merchant_id AND payout.id = line.payout_id
         AND payout.affiliate_id = line.affiliate_id
        LEFT JOIN commissions_commission AS commission
          ON commission.merchant_id = line.merchant_id AND commission.id = line.commission_id
         AND commission.affiliate_id = line.affiliate_id
         AND commission.amount_minor = line.amount_minor
        WHERE payout.id IS NULL OR commission.id IS NULL OR payout.currency <> commission.currency
    ' INTO offender;
    IF offender IS NOT NULL THEN
        RAISE EXCEPTION 'line % is not of a payout and a commission of its merchant', offender
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'payoutline_same_merchant';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER line_has_keys AFTER INSERT ON payouts_payoutline
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_require_keys();

CREATE FUNCTION payouts_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of % keeps its ids', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

-- AFTER: a trigger BEFORE each row would lock it first, whatever changes.
CREATE TRIGGER line_keeps_keys
    AFTER UPDATE OF merchant_id, payout_id, commission_id ON payouts_payoutline FOR EACH ROW
    WHEN ((OLD.merchant_id, OLD.payout_id, OLD.commission_id)
          IS DISTINCT FROM (NEW.merchant_id, NEW.payout_id, NEW.commission_id))
    EXECUTE FUNCTION payouts_refuse_change();
CREATE TRIGGER payout_keeps_keys
    AFTER UPDATE OF merchant_id, id ON payouts_payout FOR EACH ROW
    WHEN ((OLD.merchant_id, OLD.id) IS DISTINCT FROM (NEW.merchant_id, NEW.id))
    EXECUTE FUNCTION payouts_refuse_change();

CREATE FUNCTION payouts_require_no_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    offender uuid;
BEGIN
    EXECUTE '
        SELECT line.payout_id FROM old_rows JOIN payouts_payoutline AS line
          ON line.merchant_id = old_rows.merchant_id AND line.payout_id = old_rows.id
    ' INTO offender;
    IF offender IS NOT NULL THEN
        RAISE EXCEPTION 'payout % has lines', offender
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'payoutline_same_merchant';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER payout_without_lines AFTER DELETE ON payouts_payout
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION payouts_require_no_lines();

ALTER TABLE payouts_payoutline
    DROP CONSTRAINT payouts_payoutline_payout_id_same_merchant,
    DROP CONSTRAINT payouts_payoutline_commission_id_same_merchant,
    DROP CONSTRAINT payouts_payoutline_pair;
ALTER TABLE commissions_commission DROP CONSTRAINT commissions_commission_pair;
"""

NO_TRIGGERS = """
ALTER TABLE commissions_commission
    ADD CONSTRAINT commissions_commission_pair UNIQUE (merchant_id, id);
ALTER TABLE payouts_payoutline
    ADD CONSTRAINT payouts_payoutline_pair UNIQUE (merchant_id, id),
    ADD CONSTRAINT payouts_payoutline_payout_id_same_merchant
        FOREIGN KEY (merchant_id, payout_id)
        REFERENCES payouts_payout (merchant_id, id) DEFERRABLE INITIALLY IMMEDIATE,
    ADD CONSTRAINT payouts_payoutline_commission_id_same_merchant
        FOREIGN KEY (merchant_id, commission_id)
        REFERENCES commissions_commission (merchant_id, id) DEFERRABLE INITIALLY IMMEDIATE;
DROP FUNCTION payouts_require_keys() CASCADE;
DROP FUNCTION payouts_require_no_lines() CASCADE;
DROP FUNCTION payouts_refuse_change() CASCADE;
"""


def key(to, **options):
    """Return a key to a row of the same merchant, without an index of its own."""
    return TenantForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=models.PROTECT,
        to=to,
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("commissions", "0016_kept_where_they_are"),
        ("payouts", "0014_index_unknown_calls"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="payoutline",
            index=models.Index(fields=["merchant", "payout"], name="payoutline_by_payout"),
        ),
        migrations.AddIndex(
            model_name="payout",
            index=models.Index(fields=["merchant", "batch"], name="payout_by_batch"),
        ),
        migrations.AddIndex(
            model_name="payout",
            index=models.Index(
                condition=Q(("attempt__isnull", False)),
                fields=["merchant", "attempt"],
                name="payout_by_attempt",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="payoutline", name="commission_in_one_live_payout"
        ),
        migrations.AddConstraint(
            model_name="payoutline",
            constraint=models.UniqueConstraint(
                F("merchant"),
                F("commission"),
                Case(When(released_at__isnull=False, then=F("id"))),
                name="commission_in_one_live_payout",
                nulls_distinct=False,
            ),
        ),
        AlterFields(
            [
                ("exclusion", "batch", key("payouts.batch", related_name="exclusions")),
                ("payout", "batch", key("payouts.batch", related_name="payouts")),
                (
                    "payout",
                    "retry_of",
                    key("payouts.payout", related_name="retries", null=True, blank=True),
                ),
                (
                    "payout",
                    "attempt",
                    key("payouts.attempt", related_name="payouts", null=True, blank=True),
                ),
                (
                    "payout",
                    "method",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=models.PROTECT,
                        related_name="+",
                        to="payouts.payoutmethod",
                    ),
                ),
                ("payoutline", "payout", key("payouts.payout", related_name="lines")),
                (
                    "payoutline",
                    "commission",
                    key("commissions.commission", related_name="payout_lines"),
                ),
            ]
        ),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
    ]
