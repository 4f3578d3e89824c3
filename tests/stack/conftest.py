"""A place for data directories that every user of the machine can walk to."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.postgresql import remove_home


@pytest.fixture
def place() -> Iterator[Path]:
    """Return an empty directory; pytest's own are closed to the user that root's servers are."""
    directory = Path(tempfile.mkdtemp(prefix="fairlead-test-"))
    directory.chmod(0o711)
    yield directory
    for data in directory.iterdir():
        remove_home(data)
    shutil.rmtree(directory)
