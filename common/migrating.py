"""Migrations of many steps, without rendering all models of the project anew for each step."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

Change = tuple[str, str, "models.Field[Any, Any]"]  # Model, name of the field, what it becomes.


class AlterFields(Operation):
    """Migration: what as many `AlterField` would do, in one go."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self.changes = tuple(changes)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return what writes this operation into a migration."""
        return type(self).__name__, [list(self.changes)], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Alter the fields; models are rendered again when somebody asks for them."""
        state.__dict__.pop("apps", None)
        for model, name, field in self.changes:
            state.alter_field(app_label, model.lower(), name, field, preserve_default=True)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Alter the columns."""
        for model_name, name, _field in self.changes:
            before = from_state.apps.get_model(app_label, model_name)
            after = to_state.apps.get_model(app_label, model_name)
            schema_editor.alter_field(
                before, before._meta.get_field(name), after._meta.get_field(name)
            )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Alter the columns back."""
        self.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Say what this does."""
        return f"Alter {len(self.changes)} fields"


def in_runs(operations: Sequence[Operation]) -> list[Operation]:
    """Return the operations, those that only add something taken together where they follow."""
    return [
        operation
        for adds, run in groupby(operations, key=lambda one: isinstance(one, ADDING))
        for operation in ([Together(list(run))] if adds else run)
    ]


ADDING = (AddConstraint, AddField, AddIndex, CreateModel)


class Together(Operation):
    """Migration: operations that add something, in front of the state they lead to.

    A model that is created is created as it is in the end, so that what follows of its fields,
    indexes and constraints is there already.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = tuple(operations)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return what writes this operation into a migration."""
        return type(self).__name__, [list(self.operations)], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Go to the state in which it ends."""
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Carry the operations out, but for those that a model was created with."""
        created: set[str] = set()
        for operation in self.operations:
            model_name = str(getattr(operation, "model_name", "")).lower()
            if isinstance(operation, CreateModel):
                created.add(operation.name.lower())
            elif model_name and model_name in created:
                continue
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Delete what was created. Nothing else is undone: no release goes back."""
        for operation in reversed(self.operations):
            if isinstance(operation, CreateModel):
                operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Say what this does."""
        return f"{len(self.operations)} operations at once"
