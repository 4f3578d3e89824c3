"""Work in batches of thousands."""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connections


@contextmanager
def collected_afterwards() -> Iterator[None]:
    """Let the garbage collector wait for the end of a batch.

    A batch makes a hundred thousand objects that all live until its end and die without the
    collector's help. Looking through them again and again is a quarter of the work.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def two_abreast(work: Callable[[], int]) -> int:
    """Run the work here and on another thread at once; return the sum of what both return.

    While one waits for PostgreSQL the other thinks. The work must be safe beside itself, as
    whatever several workers may do at once is.
    """

    def beside() -> int:
        try:
            return work()
        finally:
            connections.close_all()  # Those of this thread.

    with ThreadPoolExecutor(1) as thread:
        other = thread.submit(beside)
        return work() + other.result()
