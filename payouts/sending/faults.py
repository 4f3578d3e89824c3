"""Places where a test kills the process, to see that nothing is lost or done twice.

FAIRLEAD_FAULT="after_call:3" kills it when that place is passed for the third time. Settings refuse
the variable outside development.
"""

import os
import signal
from collections import Counter
from threading import Lock

from django.conf import settings

_passed: Counter[str] = Counter()
_counting = Lock()


def point(name: str) -> None:
    """Go on, or die here if a test wants that."""
    if settings.FAULT:
        _maybe_die(name)


def forget() -> None:
    """Count from the beginning: this is another process than the one that was forked."""
    _passed.clear()


def _maybe_die(name: str) -> None:
    wanted, _colon, times = settings.FAULT.partition(":")
    with _counting:
        _passed[name] += 1
        passed = _passed[name]
    if name == wanted and passed == int(times or 1):
        os.kill(os.getpid(), signal.SIGKILL)
