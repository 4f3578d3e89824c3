"""The console as a Django app."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Named `console`."""

    name = "interfaces.console"
    label = "console"
