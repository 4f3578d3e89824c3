"""manage.py create_roles: the database and its roles are what the URLs say, however often."""

import os
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import psycopg
import pytest
from django.core.management import CommandError, call_command
from psycopg import sql

NAME = f"odd\"; DROP ' {os.getpid()}"  # A name is never a command.
PASSWORD = "it's 100%"
VARIABLES = {"owner": "DATABASE_OWNER_URL", "app": "DATABASE_URL", "ops": "DATABASE_OPS_URL"}


@pytest.fixture
def urls(monkeypatch) -> Iterator[dict[str, str]]:
    """Name roles and a database that are not there yet; remove them afterwards."""
    admin_url = os.environ["DATABASE_ADMIN_URL"]
    server = urlsplit(admin_url)
    urls = {
        role: f"postgresql://{quote(f'{NAME}_{role}')}:{quote(PASSWORD)}"
        f"@{server.hostname}:{server.port}/{quote(NAME)}"
        for role in VARIABLES
    }
    for role, variable in VARIABLES.items():
        monkeypatch.setenv(variable, urls[role])
    yield urls
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(NAME)))
        for role in VARIABLES:
            name = sql.Identifier(f"{NAME}_{role}")
            admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(name))


def create_roles() -> None:
    call_command("create_roles", verbosity=0)


def test_the_roles_are_what_tenancy_needs(urls):
    create_roles()
    create_roles()

    with psycopg.connect(urls["ops"]) as ops:
        rows = ops.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles"
            " WHERE starts_with(rolname, %s) ORDER BY rolname",
            [NAME],
        ).fetchall()
    assert rows == [
        (f"{NAME}_app", False, False, False),
        (f"{NAME}_ops", False, True, False),
        (f"{NAME}_owner", False, False, False),
    ]


def test_the_owner_makes_tables_and_the_others_only_use_them(urls):
    create_roles()
    with psycopg.connect(urls["owner"]) as owner:
        owner.execute("CREATE TABLE made (id int GENERATED ALWAYS AS IDENTITY, note text)")

    with psycopg.connect(urls["app"], autocommit=True) as app:
        app.execute("INSERT INTO made (note) VALUES ('one')")
        app.execute("UPDATE made SET note = 'two'")
        seen = app.execute("SELECT id, note FROM made").fetchall()
        app.execute("DELETE FROM made")
        for refused in ("CREATE TABLE mine ()", "TRUNCATE made", "ALTER TABLE made ADD b int"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(refused)

    assert seen == [(1, "two")]


def test_what_was_changed_by_hand_is_put_right(urls):
    create_roles()
    app = sql.Identifier(f"{NAME}_app")
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as admin:
        admin.execute(sql.SQL("ALTER ROLE {} SUPERUSER BYPASSRLS PASSWORD 'other'").format(app))

    create_roles()

    with psycopg.connect(urls["app"]) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == (False, False)


def test_letters_have_upper_and_lower_case_and_sort_by_byte(urls):
    create_roles()

    with psycopg.connect(urls["app"]) as app:
        row = app.execute("SELECT upper('é'), 'Z' < 'a'").fetchone()

    assert row == ("É", True)


def test_urls_that_disagree_are_refused(urls, monkeypatch):
    monkeypatch.setenv("DATABASE_OPS_URL", f"{urls['ops']}x")

    with pytest.raises(CommandError, match="one and the same database"):
        create_roles()
