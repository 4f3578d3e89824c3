"""Keep commissions as they were earned: PostgreSQL refuses to delete them or to edit their amounts.

What refers to them, then, need not lock them. Nobody looks for them by the version of a rule; and
indexes know of the status only what does not change when a batch reserves a million rows, so that
these are written where they are. Pages are filled by half, because both versions of a row fit then.
"""

from django.db import migrations, models
from django.db.models import Case, F, Q, Value, When

from common.migrating import AlterFields
from merchants.tenancy import TenantForeignKey

KEEP = """
CREATE FUNCTION commissions_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'commissions are kept: % of what was earned is refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER commission_no_delete BEFORE DELETE ON commissions_commission
    FOR EACH ROW EXECUTE FUNCTION commissions_refuse_edit();
CREATE TRIGGER commission_no_truncate BEFORE TRUNCATE ON commissions_commission
    FOR EACH STATEMENT EXECUTE FUNCTION commissions_refuse_edit();
-- AFTER: a trigger BEFORE each row would lock it first, whatever changes.
CREATE TRIGGER commission_no_edit
    AFTER UPDATE OF id, merchant_id, affiliate_id, enrollment_id, amount_minor, currency
    ON commissions_commission FOR EACH ROW
    WHEN ((OLD.id, OLD.merchant_id, OLD.affiliate_id, OLD.enrollment_id, OLD.amount_minor,
           OLD.currency)
          IS DISTINCT FROM
          (NEW.id, NEW.merchant_id, NEW.affiliate_id, NEW.enrollment_id, NEW.amount_minor,
           NEW.currency))
    EXECUTE FUNCTION commissions_refuse_edit();
"""


class Migration(migrations.Migration):
    dependencies = [("commissions", "0015_affiliates_on_hosts")]

    operations = [
        AlterFields(
            [
                (
                    "commission",
                    "rule_version",
                    TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=models.PROTECT,
                        related_name="commissions",
                        to="commissions.ruleversion",
                    ),
                ),
            ]
        ),
        migrations.AddField(
            "commission",
            "phase",
            models.GeneratedField(
                expression=Case(
                    When(status__in=["APPROVED", "RESERVED"], then=Value("PAYABLE")),
                    default=F("status"),
                ),
                output_field=models.CharField(max_length=10),
                db_persist=True,
            ),
        ),
        migrations.RemoveIndex("commission", "commission_due"),
        migrations.RemoveIndex("commission", "commission_by_status"),
        migrations.AddIndex(
            "commission",
            models.Index(
                condition=Q(("phase", "PENDING")), fields=["hold_until"], name="commission_due"
            ),
        ),
        migrations.AddIndex(
            "commission",
            models.Index(fields=["merchant", "phase", "enrollment"], name="commission_by_phase"),
        ),
        migrations.RunSQL(
            "ALTER TABLE commissions_commission SET (fillfactor = 50)",
            "ALTER TABLE commissions_commission RESET (fillfactor)",
        ),
        migrations.RunSQL(KEEP, "DROP FUNCTION commissions_refuse_edit() CASCADE"),
    ]
