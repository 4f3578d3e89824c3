"""Finds a Python that is new enough. Written so that a much older one can read it."""

import os
import shutil
import sys

OLDEST = (3, 11)
NAMES = ("python3.13", "python3.12", "python3.11", "python3.14")


def require() -> None:
    """Go on only with a Python that is new enough: this one, or another found on PATH."""
    if sys.version_info >= OLDEST:
        return
    for name in NAMES:
        found = shutil.which(name)
        if found:
            os.execv(found, [found, *sys.argv])
    sys.exit(
        "Fairlead needs Python 3.11 or later; this is {}.{} and PATH has no other.\n"
        "Install one (Debian, Ubuntu: apt-get install python3.11 python3.11-venv;\n"
        "macOS: brew install python@3.12), then start again.".format(*sys.version_info[:2])
    )
