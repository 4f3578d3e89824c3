"""No cell of any file that people open in a spreadsheet is a formula, whoever wrote it."""

import ast
import csv
import io

import psycopg
import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from common.spreadsheet import RISKY
from tests.console.conftest import TODAY, SignIn, reauthenticate
from tests.console.permissions import ROWS
from tests.console.test_permissions import World, make_world
from tests.remembering import Memory
from tests.routes import routes
from tests.style.test_code import SOURCES, source_id

# Files that name affiliates; the others say numbers, and what members wrote themselves.
NAMING = {"affiliates-export", "claims-export", "coupons-export", "conversions-export"}


@pytest.fixture
def world(memory: Memory) -> World:
    """Return Acme with one of everything."""
    return memory.recall("world of the console", make_world, at=TODAY)


def files(client: Client, world: World) -> dict[str, str]:
    """Return every file of the console that is a CSV, by its route."""
    found = {}
    for route in routes("console"):
        name = route.name.partition(":")[2]
        if not name.endswith(("-export", "-file")) or name == "violation-file":
            continue
        url = reverse(route.name, kwargs={key: world.ids[key] for key in route.arguments})
        row = ROWS[name]
        answer: HttpResponse = getattr(client, row.method)(url, row.data or None)
        if answer.headers["Content-Type"].startswith("text/csv"):
            found[name] = answer.content.decode()
    return found


@pytest.mark.parametrize("start", [one for one in RISKY if one != "\0"], ids=repr)
def test_what_an_affiliate_writes_is_text_in_every_file(
    world: World, admin: psycopg.Connection, sign_in: SignIn, start: str
) -> None:
    evil = f"{start}1+1|cmd"
    admin.execute("UPDATE affiliates_affiliate SET name = %s", [evil])
    admin.execute("UPDATE commissions_claim SET order_id = %s, message = %s", [evil, evil])
    alice = sign_in(world.company.owner.user)
    reauthenticate(alice)

    found = files(alice, world)

    assert found.keys() >= NAMING
    for name, text in found.items():
        cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
        assert [cell for cell in cells if cell.startswith(RISKY) and not is_number(cell)] == [], (
            name
        )
        assert name not in NAMING or f"'{evil}" in cells, name


def is_number(cell: str) -> bool:
    """Return whether a cell is one of our own figures."""
    return cell.removeprefix("-").replace(".", "", 1).isdigit()


def test_one_module_alone_writes_csv() -> None:
    writers = {
        source_id(path)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in ("writer", "DictWriter")
        and isinstance(node.value, ast.Name)
        and node.value.id == "csv"
    }

    assert writers == {"common/spreadsheet.py"}
