"""The edge process: clicks, snippet, pixel and postbacks. No Django request cycle here."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from interfaces.edge.app import EdgeApp  # noqa: E402  (needs the settings)

application = EdgeApp.from_settings()
