"""manage.py create_affiliate_key: a key to the affiliate's part of the API, shown once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from affiliates.directory import affiliate_of
from affiliates.keys import create_key
from users.models import User


class Command(BaseCommand):
    """Creates a key for the affiliate that a user acts for, and prints it."""

    help = "Create an API key for the affiliate that a user acts for. It is printed once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the user's address and what the key shall be called."""
        parser.add_argument("email", help="the address the user signs in with")
        parser.add_argument("--name", default="API key", help="what the key is called")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the key; refuse where nobody acts for an affiliate."""
        user = User.objects.filter(email=options["email"].lower()).first()
        affiliate = affiliate_of(user) if user else None
        if affiliate is None:
            raise CommandError(f"{options['email']} acts for no affiliate.")
        _key, text = create_key(affiliate=affiliate, name=options["name"])
        self.stdout.write(text)
