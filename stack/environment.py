"""The environment that every process of a stack gets."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

from stack.console import Failure
from stack.options import ROOT
from stack.ports import HOST

ROLES = ("owner", "app", "ops")
# What a stack decides itself. A stack started from another's environment must not see these.
DECIDED = (
    "DATABASE_ADMIN_URL",
    "DATABASE_OWNER_URL",
    "DATABASE_URL",
    "DATABASE_OPS_URL",
    "REDIS_URL",
    "FAIRLEAD_DATA_DIR",
    "FAIRLEAD_SECRET_KEY",
    "FAIRLEAD_CLICK_KEYS",
    "FAIRLEAD_FIELD_KEYS",
    "FAIRLEAD_APP_URL",
    "FAIRLEAD_EDGE_URL",
    "FAIRLEAD_SHOP_URL",
    "FAIRLEAD_SHOP_CONFIG",
    "FAIRLEAD_PAYPAL_URL",
    "FAIRLEAD_WISE_URL",
    "FAIRLEAD_STRIPE_URL",
    "FAIRLEAD_ENV",
    "DJANGO_SETTINGS_MODULE",
)


NO_STAND_INS: Mapping[str, int] = {}
RUN_ENVIRONMENT = "environment.json"  # In the data directory: what bin/manage needs.


def decided(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the part of an environment that a stack decides."""
    return {name: environment[name] for name in DECIDED if name in environment}


def outer_environment() -> dict[str, str]:
    """Return this process's environment without what a stack decides for its children."""
    return {key: value for key, value in os.environ.items() if key not in DECIDED}


def database_name() -> str:
    """Return the name of the product's database; the roles are named after it."""
    return os.environ.get("FAIRLEAD_DATABASE_NAME", "fairlead")


def role_url(admin_url: str, *, role: str, password: str) -> str:
    """Return the URL of one of our roles on the server of `admin_url`.

    :raises Failure: if the URL names no host.
    """
    parts = urlsplit(admin_url)
    if not parts.hostname:
        raise Failure(
            "DATABASE_URL must name a host: postgresql://user:password@host:5432/postgres"
        )
    name = database_name()
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = f":{parts.port}" if parts.port else ""
    user = f"{quote(f'{name}_{role}', safe='')}:{quote(password, safe='')}"
    return parts._replace(netloc=f"{user}@{host}{port}", path=f"/{name}").geturl()


def make_environment(
    *,
    data: Path,
    secrets: Mapping[str, str],
    admin_url: str,
    redis_url: str,
    ports: tuple[int, int, int],
    stand_ins: Mapping[str, int] = NO_STAND_INS,
) -> dict[str, str]:
    """Return the environment of the children: `ports` are those of app, edge and shop.

    `stand_ins` are the ports of those that the demo calls in place of providers of payouts.
    """
    app, edge, shop = (f"http://{HOST}:{port}" for port in ports)
    owner, app_role, ops = (
        role_url(admin_url, role=role, password=secrets[f"{role}_password"]) for role in ROLES
    )
    providers = {
        f"FAIRLEAD_{name.upper()}_URL": f"http://{HOST}:{port}" for name, port in stand_ins.items()
    }
    return (
        outer_environment()
        | providers
        | {
            "DATABASE_OWNER_URL": owner,
            "DATABASE_URL": app_role,
            "DATABASE_OPS_URL": ops,
            "REDIS_URL": redis_url,
            "FAIRLEAD_DATA_DIR": str(data),
            "FAIRLEAD_SECRET_KEY": secrets["django"],
            "FAIRLEAD_CLICK_KEYS": secrets["click_keys"],
            "FAIRLEAD_FIELD_KEYS": secrets["field_keys"],
            "FAIRLEAD_APP_URL": app,
            "FAIRLEAD_EDGE_URL": edge,
            "FAIRLEAD_SHOP_URL": shop,
            "FAIRLEAD_SHOP_CONFIG": str(data / "shop.json"),
            "FAIRLEAD_ENV": "development",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(ROOT),
        }
    )
