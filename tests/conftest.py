"""A real PostgreSQL database per test process, and the fixed cast (docs/glossary.md).

Tests commit for real, as the app role with every policy in force; after each test the rows are
deleted by a superuser, who alone can get past the ledger's triggers.
"""

import hashlib
import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from stack.options import ROOT
from tests.cast import Company, Promoter, make_company, make_promoter
from tests.remembering import Memory

# Names with a hash need `collectstatic`; tests of pages need only the names.
settings.STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
# Each client would look through all static files first; so they are looked for when asked for.
settings.WHITENOISE_AUTOREFRESH = True
# Hashing is slow by design, and most tests sign somebody in.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# How long an example takes tells how busy the machine is, nothing of the code.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")

ROLES = "common/management/commands/create_roles.py"
TEMPLATES = "fairlead_template_"
SHARING = "tests/e2e/"
ALIASES = {
    "default": "DATABASE_URL",
    "ops": "DATABASE_OPS_URL",
    "owner": "DATABASE_OWNER_URL",
}


class OneStack(LoadScopeScheduling):
    """Gives all browser tests to one process, where they share a stack; the others one by one."""

    def _split_scope(self, nodeid: str) -> str:
        return SHARING if nodeid.startswith(SHARING) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneStack:
    """Return who hands tests out to the processes."""
    return OneStack(config, log)


def _admin(database: str = "") -> psycopg.Connection:
    url = urlsplit(os.environ["DATABASE_ADMIN_URL"])
    path = f"/{database}" if database else url.path
    return psycopg.connect(urlunsplit(url._replace(path=path)), autocommit=True)


@pytest.fixture(scope="session")
def database_name() -> str:
    """Return the name of this process's own database."""
    return f"fairlead_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"


@pytest.fixture(scope="session", autouse=True)
def django_db_setup(database_name: str, django_db_blocker: object) -> Iterator[None]:
    """Copy a migrated database for this process, and finally drop it."""
    with django_db_blocker.unblock():
        with _admin() as admin:
            # One process migrates; the others wait for it, which is quicker than doing the same.
            admin.execute("SELECT pg_advisory_lock(hashtext('fairlead test template'))")
            template = _template(admin)
            admin.execute(_naming("CREATE DATABASE {} TEMPLATE {}", database_name, template))
        _use(database_name)
        call_command("create_roles", verbosity=0)  # A copy has other rights than its template.
        yield
    connections.close_all()
    with _admin() as admin:
        admin.execute(_naming("DROP DATABASE {} WITH (FORCE)", database_name))


def _use(database: str) -> None:
    """Let every connection of this process go to the database."""
    connections.close_all()
    for alias, variable in ALIASES.items():
        url = urlsplit(os.environ[variable])
        os.environ[variable] = urlunsplit(url._replace(path=f"/{database}"))
        settings.DATABASES[alias]["NAME"] = database
        connections[alias].settings_dict["NAME"] = database
        connections[alias].settings_dict["CONN_MAX_AGE"] = 600


def _template(admin: psycopg.Connection) -> str:
    """Return a database that holds what the migrations of this tree make, and no more."""
    name = f"{TEMPLATES}{_fingerprint()}"
    rows = admin.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [TEMPLATES]
    )
    found = {row[0] for row in rows}
    if name in found:
        return name
    for old in found:  # Of other trees, or begun and not finished.
        admin.execute(_naming("DROP DATABASE IF EXISTS {} WITH (FORCE)", old))
    begun = f"{name}_begun"
    _use(begun)
    call_command("create_roles", verbosity=0)
    call_command("migrate", database="owner", verbosity=0)
    connections.close_all()
    admin.execute(_naming("ALTER DATABASE {} RENAME TO {}", begun, name))
    return name


def _fingerprint() -> str:
    """Return a hash of what decides how a migrated database looks."""
    migrations = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("*/*/migrations/*.py")]
    others = ("merchants/tenancy.py", "requirements/base.txt", ROLES)
    files = [*sorted(migrations), *(ROOT / name for name in others)]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _naming(statement: str, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*map(sql.Identifier, names))


@pytest.fixture(scope="session")
def admin(django_db_setup: None, database_name: str) -> Iterator[psycopg.Connection]:
    """Return a superuser's connection, for what no role of the product may do."""
    with _admin(database_name) as connection:
        yield connection


@pytest.fixture(scope="session")
def tables(admin: psycopg.Connection) -> list[str]:
    """Return the names of all tables, migrations' own excepted."""
    rows = admin.execute(
        "SELECT relname FROM pg_class JOIN pg_namespace AS space"
        " ON space.oid = relnamespace WHERE nspname = 'public' AND relkind IN ('r', 'p')"
        " AND NOT relispartition"
        " AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')"
    )
    return [row[0] for row in rows]


@pytest.fixture(scope="session")
def delete_everything(tables: list[str]) -> sql.Composed:
    """Return the statement that empties every table."""
    deletes = sql.Composed(_naming("DELETE FROM {};", name) for name in tables)
    return sql.SQL(
        "SET session_replication_role = replica; {} RESET session_replication_role"
    ).format(deletes)


@pytest.fixture(scope="session")
def memory(admin: psycopg.Connection, tables: list[str]) -> Memory:
    """Return what puts back the rows that many tests begin with."""
    return Memory(admin, tables)


@pytest.fixture(autouse=True)
def clean_database(
    admin: psycopg.Connection, delete_everything: sql.Composed, django_db_blocker: object
) -> Iterator[None]:
    """Let the test use the database, and leave it empty.

    The cache is shared with other processes, so each test gets names of its own in it: sign-ups
    of other tests must not use its limit up.
    """
    caches["default"].key_prefix = uuid4().hex
    with django_db_blocker.unblock():
        yield
    admin.execute(delete_everything)


@pytest.fixture
def acme(memory: Memory) -> Company:
    """Return Acme: owned by Alice, 10 % per sale, EUR, 30 days of hold."""
    return memory.recall("acme", lambda: make_company("Acme", "Alice"))


@pytest.fixture
def globex(memory: Memory) -> Company:
    """Return Globex: owned by Gwen."""
    return memory.recall("globex", lambda: make_company("Globex", "Gwen"))


@pytest.fixture
def bob(memory: Memory, acme: Company) -> Promoter:
    """Return Bob, who promotes Acme."""
    return memory.recall("bob", lambda: make_promoter(acme, "Bob"))


@pytest.fixture
def carol(memory: Memory, globex: Company) -> Promoter:
    """Return Carol, who promotes Globex."""
    return memory.recall("carol", lambda: make_promoter(globex, "Carol"))
