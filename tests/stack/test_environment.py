"""The environment of the children: our roles on whatever server, and nothing of another stack."""

import pytest

from stack.console import Failure
from stack.environment import make_environment, outer_environment, role_url


@pytest.mark.parametrize(
    ("admin_url", "expected"),
    [
        (
            "postgresql://postgres:secret@127.0.0.1:40001/postgres",
            "postgresql://fairlead_app:p%40ss@127.0.0.1:40001/fairlead",
        ),
        (
            "postgresql://admin@db.internal/postgres?sslmode=require",
            "postgresql://fairlead_app:p%40ss@db.internal/fairlead?sslmode=require",
        ),
        (
            "postgresql://admin@[::1]:5432",
            "postgresql://fairlead_app:p%40ss@[::1]:5432/fairlead",
        ),
    ],
)
def test_a_role_lives_on_the_server_of_the_superuser(admin_url, expected):
    assert role_url(admin_url, role="app", password="p@ss") == expected


def test_a_url_without_a_host_is_refused():
    with pytest.raises(Failure, match="must name a host"):
        role_url("postgresql:///postgres", role="app", password="any")


def test_the_callers_own_settings_pass_and_another_stacks_do_not(monkeypatch, tmp_path):
    monkeypatch.setenv("FAIRLEAD_CLOCK_OFFSET_SECONDS", "3600")
    monkeypatch.setenv("FAIRLEAD_APP_URL", "http://another.example")
    monkeypatch.setenv("DATABASE_ADMIN_URL", "postgresql://another.example/postgres")
    names = ("django", "click_keys", "field_keys", "owner_password", "app_password", "ops_password")

    environment = make_environment(
        data=tmp_path,
        secrets=dict.fromkeys(names, "s"),
        admin_url="postgresql://postgres@127.0.0.1:5000/postgres",
        redis_url="redis://127.0.0.1:6000/0",
        ports=(1, 2, 3),
    )

    assert environment["FAIRLEAD_CLOCK_OFFSET_SECONDS"] == "3600"
    assert environment["FAIRLEAD_APP_URL"] == "http://127.0.0.1:1"
    assert environment["DATABASE_URL"] == "postgresql://fairlead_app:s@127.0.0.1:5000/fairlead"
    assert "DATABASE_ADMIN_URL" not in environment
    assert "FAIRLEAD_APP_URL" not in outer_environment()
