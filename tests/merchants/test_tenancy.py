"""The walls: what PostgreSQL shows, to whom, and that no table stands outside them."""

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, ProgrammingError, connection, transaction

from affiliates.models import Affiliate, Enrollment
from commissions.models import Commission
from ledger.models import Posting
from merchants.directory import memberships_of
from merchants.models import Event, Merchant
from merchants.tenancy import affiliate_context, merchant_context
from programs.models import Goal, Program
from tests.cast import NOON, Company, Promoter, click_of, sell

# Tables of the installation, not of a merchant. Whoever adds one here says why.
GLOBAL = {
    "users_user": "people, who may be members of many merchants",
    "users_user_groups": "Django's",
    "users_user_user_permissions": "Django's",
    "account_emailaddress": "sign-in",
    "account_emailconfirmation": "sign-in",
    "mfa_authenticator": "sign-in",
    "django_session": "sign-in",
    "django_admin_log": "operators",
    "django_migrations": "Django's",
    "django_content_type": "Django's",
    "auth_group": "Django's",
    "auth_group_permissions": "Django's",
    "auth_permission": "Django's",
    "tracking_salt": "the secret of a day's visitors, which functions of the owner alone read",
}
# The merchant of a row may be unknown; then the policy hides it from everybody but operators.
MERCHANT_MAY_BE_UNKNOWN = {"tracking_missedcode"}
# Rows of a merchant's member, or of an affiliate's user: a check says of exactly one of the two.
OF_EITHER = {"mailing_mailchoice"}
# Tables of affiliates: row-level security by `affiliate_id` (or `id`) instead of a merchant.
OF_AFFILIATES = {
    "affiliates_accountevent",
    "affiliates_accountinvitation",
    "affiliates_affiliate",
    "affiliates_affiliatekey",
    "affiliates_affiliateuser",
    "affiliates_channel",
    "affiliates_reference",
    "api_affiliateanswer",
    "payouts_payoutmethod",
    "payouts_taxprofile",
}

TABLES = """
    SELECT relname, relrowsecurity, relforcerowsecurity,
           EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = c.oid AND attname = 'merchant_id'
                   AND attnotnull) AS has_merchant,
           ARRAY(SELECT polname::text FROM pg_policy WHERE polrelid = c.oid) AS policies,
           EXISTS (SELECT 1 FROM pg_index JOIN pg_attribute AS a
                     ON a.attrelid = indrelid AND a.attnum = indkey[0]
                   WHERE indrelid = c.oid AND a.attname = 'merchant_id') AS leads_an_index
    FROM pg_class AS c JOIN pg_namespace AS space ON space.oid = relnamespace
    WHERE nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition
"""
PLAIN_KEYS = """
    SELECT conrelid::regclass || '.' || conname FROM pg_constraint
    WHERE contype = 'f' AND array_length(conkey, 1) = 1
      AND EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = conrelid AND attname = 'merchant_id')
      AND EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = confrelid AND attname = 'merchant_id')
"""


def test_every_table_is_global_on_purpose_or_behind_forced_policies(
    admin: psycopg.Connection,
) -> None:
    wrong = []
    for name, enabled, forced, has_merchant, policies, leads in admin.execute(TABLES):
        if name in GLOBAL:
            continue
        of_merchant = (has_merchant or name == "merchants_merchant") and "merchant" in policies
        guarded = (
            of_merchant
            or (name in OF_AFFILIATES and "affiliate" in policies)
            or (name in OF_EITHER and {"affiliate", "merchant"} <= set(policies))
            or (name in MERCHANT_MAY_BE_UNKNOWN and "merchant" in policies)
        )
        indexed = leads or not has_merchant
        if not (enabled and forced and guarded and indexed):
            wrong.append(name)

    assert wrong == []


def test_keys_between_tables_of_a_merchant_are_composite(admin: psycopg.Connection) -> None:
    assert [name for (name,) in admin.execute(PLAIN_KEYS)] == []


def test_no_view_reads_with_its_owners_eyes(admin: psycopg.Connection) -> None:
    views = admin.execute(
        "SELECT relname FROM pg_class JOIN pg_namespace AS space ON space.oid = relnamespace"
        " WHERE nspname = 'public' AND relkind IN ('v', 'm')"
        " AND NOT COALESCE(reloptions::text LIKE '%security_invoker=true%', false)"
    ).fetchall()

    assert views == []


def test_the_app_role_owns_nothing_and_bypasses_nothing(admin: psycopg.Connection) -> None:
    user = connection.settings_dict["USER"]
    owned = admin.execute("SELECT count(*) FROM pg_class WHERE relowner = %s::regrole", [user])
    powers = admin.execute(
        "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = %s", [user]
    )

    assert owned.fetchone() == (0,)
    assert powers.fetchone() == (False, False, False)


def test_partitions_are_reached_through_their_parent_only(admin: psycopg.Connection) -> None:
    (name,) = admin.execute(
        "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' LIMIT 1"
    ).fetchone() or ("",)

    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {name}")


def test_outside_a_context_there_is_nothing(acme: Company, bob: Promoter) -> None:
    assert [model.objects.count() for model in (Merchant, Program, Enrollment, Event)] == [0] * 4


def test_a_merchant_sees_its_own_rows_alone(acme: Company, globex: Company) -> None:
    with merchant_context(acme.id):
        assert list(Program.objects.all()) == [acme.program]
        assert not Program.objects.filter(id=globex.program.id).exists()
        assert Program.objects.filter(id=globex.program.id).update(name="Mine") == 0
    with merchant_context(globex.id):
        assert Program.objects.get().name == "Globex Partners"


def test_a_row_cannot_be_written_into_another_merchant(acme: Company, globex: Company) -> None:
    with pytest.raises(DatabaseError, match="row-level security"), merchant_context(acme.id):
        Goal.objects.create(
            merchant=globex.merchant, program=globex.program, code="theft", name="Theft"
        )


def test_a_row_cannot_point_to_another_merchants(acme: Company, globex: Company) -> None:
    with pytest.raises(DatabaseError, match="same_merchant"), merchant_context(acme.id):
        Goal.objects.create(
            merchant=acme.merchant, program=globex.program, code="theft", name="Theft"
        )


def test_an_inner_context_does_not_leak_into_the_outer(acme: Company, globex: Company) -> None:
    with merchant_context(acme.id):
        with merchant_context(globex.id):
            assert Program.objects.get() == globex.program
        assert Program.objects.get() == acme.program
        with pytest.raises(ZeroDivisionError), merchant_context(globex.id):
            raise ZeroDivisionError
        assert Program.objects.get() == acme.program


def test_an_affiliate_reads_its_rows_of_all_merchants_and_no_other(
    acme: Company, bob: Promoter, carol: Promoter
) -> None:
    sell(acme, click=click_of(bob))

    with affiliate_context(bob.affiliate.id):
        assert list(Affiliate.objects.all()) == [bob.affiliate]
        assert Commission.objects.count() == 1
        assert list(Program.objects.all()) == [acme.program]
        assert Posting.objects.count() == 0
    with affiliate_context(carol.affiliate.id):
        assert Commission.objects.count() == 0


def test_an_affiliate_writes_no_row_of_a_merchant(acme: Company, bob: Promoter) -> None:
    with affiliate_context(bob.affiliate.id):
        assert Enrollment.objects.filter(id=bob.enrollment.id).update(code="mine") == 0
        goal = Goal(merchant=acme.merchant, program=acme.program, code="theft", name="Theft")
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            goal.save(force_insert=True)


def test_a_merchant_reads_only_affiliates_it_has_enrolled(
    acme: Company, bob: Promoter, carol: Promoter
) -> None:
    with merchant_context(acme.id):
        assert list(Affiliate.objects.all()) == [bob.affiliate]
        assert Affiliate.objects.update(name="Renamed") == 0


def test_events_of_one_merchant_are_not_anothers(acme: Company, globex: Company) -> None:
    with merchant_context(acme.id):
        assert {event.merchant_id for event in Event.objects.all()} == {acme.id}
        assert Event.objects.filter(at__lte=NOON).count() > 0


def test_a_row_read_as_ops_saves_and_loads_as_the_app_role(acme: Company) -> None:
    member = memberships_of(acme.owner.user)[0]

    with pytest.raises(DatabaseError, match="did not affect"):
        member.save(update_fields=["role"])
    with merchant_context(acme.id):
        member.save(update_fields=["role"])


def test_the_role_that_bypasses_policies_reads_and_adds_clicks_alone(
    admin: psycopg.Connection,
) -> None:
    ops = settings.DATABASES["ops"]["USER"]
    writable = admin.execute(
        "SELECT table_name, array_agg(privilege_type::text ORDER BY privilege_type)"
        " FROM information_schema.role_table_grants"
        " WHERE grantee = %s AND privilege_type <> 'SELECT' GROUP BY 1 ORDER BY 1",
        [ops],
    ).fetchall()

    assert writable == [
        ("reports_dailyclicks", ["INSERT", "UPDATE"]),
        ("reports_dailydestinationclicks", ["INSERT", "UPDATE"]),
        ("reports_dailyimpressions", ["INSERT", "UPDATE"]),
        ("tracking_capuse", ["DELETE", "INSERT", "UPDATE"]),
        ("tracking_click", ["INSERT"]),
        ("tracking_intakecall", ["DELETE"]),
        ("tracking_missedcode", ["DELETE", "INSERT", "UPDATE"]),
        ("tracking_visitor", ["INSERT"]),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE merchants_event SET type = 'nothing.happened'",
        "DELETE FROM merchants_event",
        "DELETE FROM django_migrations",
    ],
)
def test_history_cannot_be_rewritten(acme: Company, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        merchant_context(acme.id),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
