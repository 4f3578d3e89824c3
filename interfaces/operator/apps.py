"""The operator pages as a Django app."""

from django.apps import AppConfig


class OperatorConfig(AppConfig):
    """Named `operator`."""

    name = "interfaces.operator"
    label = "operator"
