"""Row-level security: who the database thinks is asking, and the policies that decide.

Three roles: `owner` runs migrations and owns the tables, `app` serves everybody and is bound by
every policy, `ops` bypasses them and may only be used by the modules that tests/style lists.
Two audiences: a merchant sees its own rows, an affiliate reads its own rows across merchants.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

OPS = "ops"


class PolicyRouter:
    """Sends everything that does not name a database to the role that is bound by policies.

    Without it a row read as ops would load its relations and save itself as ops too.
    """

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        """Return the app role's alias, whatever the row at hand was read by."""
        return "default"

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        """Return the app role's alias, whatever the row at hand was read by."""
        return "default"

    def allow_relation(self, one: models.Model, other: models.Model, **hints: Any) -> bool:
        """Let rows that were read by different roles refer to each other: it is one database."""
        return True


class Audience(NamedTuple):
    """Whom the present transaction serves; at most one of the two is set."""

    merchant_id: UUID | None = None
    affiliate_id: UUID | None = None


NOBODY = Audience()
_audience: ContextVar[Audience] = ContextVar("audience", default=NOBODY)
_host_merchant: ContextVar[UUID | None] = ContextVar("host_merchant", default=None)


@contextmanager
def on_host_of(merchant_id: UUID) -> Iterator[None]:
    """Let affiliates read this merchant's rows alone, of all merchants': it is its own host."""
    reset = _host_merchant.set(merchant_id)
    try:
        yield
    finally:
        _host_merchant.reset(reset)


@contextmanager
def merchant_context(merchant_id: UUID) -> Iterator[None]:
    """Run one transaction (or savepoint) that sees exactly this merchant's rows."""
    with _serving(Audience(merchant_id=merchant_id)):
        yield


@contextmanager
def affiliate_context(affiliate_id: UUID) -> Iterator[None]:
    """Run one transaction (or savepoint) that reads this affiliate's rows of every merchant."""
    with _serving(Audience(affiliate_id=affiliate_id)):
        yield


@contextmanager
def _serving(audience: Audience) -> Iterator[None]:
    outer, nested = _audience.get(), connection.in_atomic_block
    with transaction.atomic():
        _tell_database(audience)
        reset = _audience.set(audience)
        try:
            yield
        finally:
            _audience.reset(reset)
        # Reached on success only: a rollback restores the setting by itself and a commit ends it,
        # but releasing a savepoint would leave ours in force for the rest of the transaction.
        if nested:
            _tell_database(outer)


def _tell_database(audience: Audience) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.merchant_id', %s, true),"
            " set_config('app.affiliate_id', %s, true),"
            " set_config('app.host_merchant_id', %s, true)",
            [
                str(audience.merchant_id or ""),
                str(audience.affiliate_id or ""),
                str(_host_merchant.get() or ""),
            ],
        )


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A key to a row of the same merchant.

    `EnableTenancy` turns it into a composite key (merchant_id, this), because checks of plain
    foreign keys bypass row-level security and would accept another merchant's row.
    """

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **options: Any) -> None:
        options["db_constraint"] = False
        super().__init__(to, on_delete, **options)


class EnableTenancy(Operation):
    """Migration: bind tables to their merchant, by policies and composite foreign keys.

    The tables of `affiliate_reads` have an `affiliate_id`, and that affiliate may read the row.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, *model_names: str, affiliate_reads: tuple[str, ...] = ()) -> None:
        self.model_names = model_names
        self.affiliate_reads = affiliate_reads

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return what writes this operation into a migration."""
        return (
            type(self).__name__,
            list(self.model_names),
            {"affiliate_reads": self.affiliate_reads},
        )

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing in Django's state: this is about the database alone."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Enable and force row-level security; add policies, the pair key and foreign keys."""
        for name in self.model_names:
            model = to_state.apps.get_model(app_label, name)
            table = model._meta.db_table
            schema_editor.execute(
                f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_pair" UNIQUE (merchant_id, id)'
            )
            enable_policies(schema_editor, table, merchant="merchant_id = app_merchant_id()")
            if name in self.affiliate_reads:
                add_affiliate_policy(schema_editor, table, "affiliate_id = app_affiliate_id()")
        for name in self.model_names:
            model = to_state.apps.get_model(app_label, name)
            for field in model._meta.local_fields:
                if isinstance(field, TenantForeignKey):
                    add_pair_key(schema_editor, model._meta.db_table, field)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Leave the tables: reversing the creation drops them with all that hangs on them."""

    def describe(self) -> str:
        """Say what this does."""
        return f"Bind {', '.join(self.model_names)} to their merchant"


class AddPairKeys(Operation):
    """Migration: the composite foreign keys of columns that a bound table got later."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, model_name: str, *field_names: str) -> None:
        self.model_name = model_name
        self.field_names = field_names

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return what writes this operation into a migration."""
        return type(self).__name__, [self.model_name, *self.field_names], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing in Django's state."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Add the keys."""
        model = to_state.apps.get_model(app_label, self.model_name)
        for name in self.field_names:
            field = model._meta.get_field(name)
            assert isinstance(field, TenantForeignKey)
            add_pair_key(schema_editor, model._meta.db_table, field)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Leave the table: dropping the columns drops the keys."""

    def describe(self) -> str:
        """Say what this does."""
        return f"Bind {', '.join(self.field_names)} of {self.model_name} to their merchant"


class AffiliateReads(Operation):
    """Migration: let affiliates read rows without an `affiliate_id`, by a condition in SQL."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str, condition: str) -> None:
        self.table = table
        self.condition = condition

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return what writes this operation into a migration."""
        return type(self).__name__, [self.table, self.condition], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing in Django's state."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Add the policy."""
        add_affiliate_policy(schema_editor, self.table, self.condition)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop the policy."""
        schema_editor.execute(f'DROP POLICY affiliate ON "{self.table}"')

    def describe(self) -> str:
        """Say what this does."""
        return f"Let affiliates read {self.table} where {self.condition}"


def enable_policies(schema_editor: BaseDatabaseSchemaEditor, table: str, *, merchant: str) -> None:
    """Enable and force row-level security with the merchant's policy, reading and writing."""
    schema_editor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    schema_editor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
    schema_editor.execute(
        f'CREATE POLICY merchant ON "{table}" USING ({merchant}) WITH CHECK ({merchant})'
    )


def add_affiliate_policy(
    schema_editor: BaseDatabaseSchemaEditor, table: str, condition: str
) -> None:
    """Let affiliates read the rows of the condition, and write none."""
    schema_editor.execute(f'CREATE POLICY affiliate ON "{table}" FOR SELECT USING ({condition})')
    bind_to_host(schema_editor, table)


BIND_TO_HOST = """
DO $$ DECLARE bound record; BEGIN
    FOR bound IN
        SELECT policy.tablename, policy.qual FROM pg_policies AS policy
        JOIN information_schema.columns AS found ON found.table_schema = policy.schemaname
            AND found.table_name = policy.tablename AND found.column_name = 'merchant_id'
        WHERE policy.schemaname = 'public' AND policy.policyname = 'affiliate'
            AND position('app.host_merchant_id' in policy.qual) = 0 AND {which}
    LOOP
        EXECUTE format('ALTER POLICY affiliate ON %I USING ((%s) AND merchant_id = COALESCE('
            'NULLIF(current_setting(''app.host_merchant_id'', true), '''')::uuid, merchant_id))',
            bound.tablename, bound.qual);
    END LOOP;
END $$
"""


def bind_to_host(schema_editor: BaseDatabaseSchemaEditor, table: str | None = None) -> None:
    """Let affiliates read one merchant's rows on its own host: of one table, or of all there are.

    Tables without a merchant are the affiliate's own, whatever the host.
    """
    which = "true" if table is None else f"policy.tablename = '{table}'"
    schema_editor.execute(BIND_TO_HOST.format(which=which), params=None)


def add_pair_key(
    schema_editor: BaseDatabaseSchemaEditor, table: str, field: models.ForeignKey[Any, Any]
) -> None:
    """Add the composite foreign key (merchant_id, column) of a TenantForeignKey."""
    target = field.remote_field.model._meta.db_table
    schema_editor.execute(
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{field.column}_same_merchant"'
        f' FOREIGN KEY (merchant_id, "{field.column}") REFERENCES "{target}" (merchant_id, id)'
        " DEFERRABLE INITIALLY IMMEDIATE"
    )
