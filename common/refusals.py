"""What every write says to a value that cannot be, and the checks that columns know themselves."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field, Model
from django.utils.translation import gettext as _


class BadValue(ValueError):
    """A value that cannot be: `field` names it (empty: all of it), `code` says why, stably."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.code = code


def cleaned(model: type[Model], name: str, value: Any) -> Any:
    """Return the value as the model's column takes it.

    :raises BadValue: if the column's length, range, choices or validators refuse it.
    """
    column = model._meta.get_field(name)
    assert isinstance(column, Field)
    if isinstance(value, str):
        _require_text(column, name, value)
    try:
        return column.clean(value, None)
    except ValidationError as error:
        first = error.error_list[0]
        raise BadValue(name, first.code or "invalid", " ".join(first.messages)) from error


def _require_text(column: "Field[Any, Any]", name: str, value: str) -> None:
    """Check what columns do not: texts without a limit in the database have one here."""
    if "\0" in value:
        raise BadValue(name, "null_characters_not_allowed", _("Null characters are not allowed."))
    if column.max_length and len(value) > column.max_length:
        message = _("%d characters at the most.") % column.max_length
        raise BadValue(name, "max_length", message)
