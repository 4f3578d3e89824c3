"""From where the running request came; work that no request began came from nowhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_origin: ContextVar[Callable[[], str | None] | None] = ContextVar("origin", default=None)


@contextmanager
def coming_from(find_address: Callable[[], str | None]) -> Iterator[None]:
    """Let what is written down meanwhile have this address, found once somebody asks."""
    reset = _origin.set(find_address)
    try:
        yield
    finally:
        _origin.reset(reset)


def origin_address() -> str | None:
    """Return the address of whoever sent the running request, if there is one."""
    find_address = _origin.get()
    return find_address() if find_address else None
