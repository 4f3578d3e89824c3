"""One stack for all tests of this folder, on the servers from the wheels."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.outside import Outsider
from tests.e2e.running import RunningStack
from tests.merchants.name_server import NameServer, running


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Use no test database: everything here goes through the front doors."""


@pytest.fixture(autouse=True)
def clean_database() -> None:
    """Delete nothing: the stack keeps what happened, as in life."""


@pytest.fixture(scope="package")
def name_server() -> Iterator[NameServer]:
    """Run the name server that the stack asks; it knows what tests tell it."""
    with running() as server:
        yield server


@pytest.fixture(scope="package")
def stack(
    tmp_path_factory: pytest.TempPathFactory, name_server: NameServer
) -> Iterator[RunningStack]:
    """Return a running stack; system servers are hidden, so that the wheels are tested.

    It ends with the last test of this folder: while others run, it would take a part of a core.
    """
    directory = tmp_path_factory.mktemp("stack")
    directory.chmod(0o711)  # PostgreSQL runs as another user when we are root.
    environment = {
        "FAIRLEAD_SYSTEM_SERVERS": "0",
        "FAIRLEAD_DNS_SERVERS": name_server.address,
    }
    found = RunningStack(directory / "var", environment=environment)
    found.start()
    yield found
    if found.process and found.process.poll() is None:
        found.stop()


@pytest.fixture
def outsider(stack: RunningStack) -> Outsider:
    """Return somebody who knows only the demo file."""
    import json

    demo: dict[str, Any] = json.loads((stack.data / "demo.json").read_text())
    return Outsider(demo)
