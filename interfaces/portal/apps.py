"""The portal as a Django app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Named `portal`."""

    name = "interfaces.portal"
    label = "portal"
