"""The JSON API as a Django app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Named `api`, so that its tables and URLs are."""

    name = "interfaces.api"
    label = "api"
