"""The addresses of a program's automations."""

from django.urls import path

from interfaces.console import automations

of_a_program = [
    path("automations/", automations.program_automations, name="program-automations"),
    path("automations/new/", automations.automation_create, name="automation-create"),
    path("automations/<uuid:automation_id>/", automations.automation, name="automation"),
    path(
        "automations/<uuid:automation_id>/edit/",
        automations.automation_edit,
        name="automation-edit",
    ),
    path(
        "automations/<uuid:automation_id>/move/",
        automations.automation_move,
        name="automation-move",
    ),
]
