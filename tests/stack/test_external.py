"""Servers that somebody else runs: used if they suit, refused in words if they do not."""

import os
from urllib.parse import urlsplit

import pytest

from stack.console import Failure
from stack.external import check_servers, refuse_leftover_database
from stack.ports import find_free


@pytest.fixture
def admin_url(monkeypatch):
    url = os.environ["DATABASE_ADMIN_URL"]
    monkeypatch.setenv("DATABASE_URL", url)
    return url


def test_servers_that_suit_are_used(admin_url, capsys):
    check_servers()

    assert capsys.readouterr().out.splitlines() == [
        "Using the PostgreSQL of DATABASE_URL",
        "Using the Valkey or Redis of REDIS_URL",
    ]


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("DATABASE_URL", "postgresql://postgres:secret@127.0.0.1:{port}/postgres"),
        ("REDIS_URL", "redis://:secret@127.0.0.1:{port}/0"),
    ],
)
def test_a_server_that_does_not_answer_is_named_without_its_password(
    variable, url, admin_url, monkeypatch
):
    monkeypatch.setenv(variable, url.format(port=find_free()))

    with pytest.raises(Failure, match=f"{variable} is set, but that server does not") as refusal:
        check_servers()

    assert "secret" not in str(refusal.value)


def test_a_user_who_may_not_make_roles_is_refused(monkeypatch):
    # The tests' own DATABASE_URL is that of the app role.
    with pytest.raises(Failure, match="must be the URL of a superuser"):
        check_servers()


def test_fresh_is_refused_while_the_server_has_our_database(admin_url, monkeypatch):
    ours = urlsplit(os.environ["DATABASE_OWNER_URL"]).path.lstrip("/")
    monkeypatch.setenv("FAIRLEAD_DATABASE_NAME", "not_there")
    refuse_leftover_database(admin_url)
    monkeypatch.setenv("FAIRLEAD_DATABASE_NAME", ours)

    with pytest.raises(Failure, match=f"keys to the database {ours}"):
        refuse_leftover_database(admin_url)
