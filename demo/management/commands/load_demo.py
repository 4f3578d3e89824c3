"""`manage.py load_demo --output FILE`: two merchants with sixty days of history."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from common.clock import now
from demo.handout import addresses_of_notices, hand_out
from demo.keyring import Keyring, write_private
from demo.loading import is_loaded, load

KEYRING = "demo-secrets.json"
SHOP = "shop.json"
NOTICES = "notices.json"


class Command(BaseCommand):
    """Loads the demo if it is not there, and writes the files that say how to use it.

    Running it again changes nothing but those files. Keys and passwords are random; what the
    database keeps only as hashes is kept in demo-secrets.json in the data directory.
    """

    help = "Load the demo merchants and write their logins, keys and ids to a file."
    requires_system_checks: list[str] = []  # They would load every page, at each start of a stack.

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file to write."""
        parser.add_argument("--output", type=Path, required=True, help="the JSON file to write")

    def handle(self, *_arguments: Any, output: Path, **_options: Any) -> None:
        """Load what is missing, then write FILE and, beside it, the shop's settings."""
        if not settings.DEVELOPMENT:
            raise CommandError("The demo is for development: it needs FAIRLEAD_ENV=development.")
        at, keyring = now(), Keyring(settings.DATA_DIR / KEYRING)
        if is_loaded():
            self.stdout.write("The demo is loaded already.")
        else:
            load(keyring, now=at)
            self.stdout.write("Loaded the demo.")
        demo, shop = hand_out(keyring, at=at)
        keyring.save()
        write_private(output.parent / SHOP, shop)
        write_private(output.parent / NOTICES, addresses_of_notices())
        write_private(output, demo)
        self.stdout.write(f"Logins and keys are in {output}.")
