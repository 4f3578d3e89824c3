"""Make the database and its three roles what the three URLs say."""

import os
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import psycopg
from django.core.management.base import BaseCommand, CommandError
from psycopg import sql

# What each role may do; see merchants/tenancy.py for who uses which.
ATTRIBUTES = {
    "owner": "LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS",
    "app": "LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS",
    "ops": "LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION BYPASSRLS",
}
URLS = {"owner": "DATABASE_OWNER_URL", "app": "DATABASE_URL", "ops": "DATABASE_OPS_URL"}
SCHEMA = """
    REVOKE ALL ON DATABASE {database} FROM PUBLIC;
    GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}, {ops};
    ALTER SCHEMA public OWNER TO {owner};
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO {app}, {ops};
    ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public
        GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app};
    ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public
        GRANT SELECT ON TABLES TO {ops};
    ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public
        GRANT USAGE, SELECT ON SEQUENCES TO {app}, {ops};
    ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public
        GRANT EXECUTE ON FUNCTIONS TO {app}, {ops};
"""


class Command(BaseCommand):
    """Creates what is missing and corrects what differs; running it again changes nothing.

    Connects as the superuser of DATABASE_ADMIN_URL. Existing tables keep their grants, so a
    migration that took a right away is not undone.
    """

    help = "Create the database and its three roles, or bring them in line with the URLs."
    requires_system_checks: list[str] = []

    def handle(self, *_arguments: Any, **options: Any) -> None:
        """Make reality match; safe to run at any time, also beside a running installation."""
        admin_url = _variable("DATABASE_ADMIN_URL")
        urls = {role: urlsplit(_variable(name)) for role, name in URLS.items()}
        databases = {unquote(url.path.lstrip("/")) for url in urls.values()}
        if len(databases) != 1:
            raise CommandError(f"{', '.join(URLS.values())} must name one and the same database.")
        database = databases.pop()
        names = {role: sql.Identifier(_name(url)) for role, url in urls.items()}

        with psycopg.connect(admin_url, autocommit=True) as admin:
            # Roles belong to the whole server: two runs at once would trip over each other.
            admin.execute("SELECT pg_advisory_lock(hashtext('fairlead create_roles'))")
            for role, url in urls.items():
                _ensure_role(admin, role=role, url=url)
            _ensure_database(admin, database=database, owner=names["owner"])
            with psycopg.connect(admin_url, dbname=database) as inside:
                inside.execute(sql.SQL(SCHEMA).format(database=sql.Identifier(database), **names))
        if options["verbosity"]:
            self.stdout.write(f"Database {database} and its roles are in place.")


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise CommandError(f"Set {name}.")
    return value


def _name(url: SplitResult) -> str:
    if not url.username or not url.password:
        raise CommandError(f"{', '.join(URLS.values())} must each have a user and a password.")
    return unquote(url.username)


def _ensure_role(admin: psycopg.Connection, *, role: str, url: SplitResult) -> None:
    name = _name(url)
    found = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    admin.execute(
        sql.SQL("{verb} ROLE {name} {attributes} PASSWORD {password}").format(
            verb=sql.SQL("ALTER" if found else "CREATE"),
            name=sql.Identifier(name),
            attributes=sql.SQL(ATTRIBUTES[role]),
            password=sql.Literal(unquote(url.password or "")),
        )
    )


def _ensure_database(admin: psycopg.Connection, *, database: str, owner: sql.Identifier) -> None:
    name = sql.Identifier(database)
    found = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
    if not found:
        admin.execute(
            sql.SQL("CREATE DATABASE {name} OWNER {owner} TEMPLATE template0 {locale}").format(
                name=name, owner=owner, locale=_locale(admin)
            )
        )
    admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, owner))


def _locale(admin: psycopg.Connection) -> sql.Composable:
    """Return the locale of a new database: bytes sort as bytes, letters are those of Unicode."""
    if admin.info.server_version >= 170000:
        return sql.SQL(
            "ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
        )
    row = admin.execute(
        "SELECT collctype FROM pg_collation WHERE lower(collctype) IN ('c.utf-8', 'c.utf8')"
    ).fetchone()
    kind = sql.Literal(row[0] if row else "C")
    return sql.SQL("ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE {}").format(kind)
