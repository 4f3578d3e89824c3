"""Brings the database, the static files and the demo up to date before the programs start.

One process for all of it: loading Django takes longer than what there usually is to do.
"""

import argparse
import sys
from collections.abc import Sequence

import django
from django.core.management import call_command

from stack.install import is_static_collected, record_static_collected


def main(arguments: Sequence[str]) -> None:
    """Run the steps in order; each may be repeated."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--demo", metavar="FILE", help="load the demo; write its logins here")
    demo = parser.parse_args(arguments).demo
    django.setup()
    call_command("create_roles")
    call_command("migrate", database="owner", interactive=False)
    if not is_static_collected():
        call_command("collectstatic", interactive=False, verbosity=0)
        record_static_collected()
    if demo:
        call_command("load_demo", f"--output={demo}")


if __name__ == "__main__":
    main(sys.argv[1:])
