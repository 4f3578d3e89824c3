"""One row or a 404: a foreign row and a missing one are told apart by nothing."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from interfaces.api.problems import NotFound

Row = TypeVar("Row", bound=Model)


def one(rows: QuerySet[Row], id: UUID, *, named_by: str = "") -> Row:
    """Return the row of this id; `named_by` is the field of the body that named it.

    :raises NotFound: if these rows have none.
    """
    return found(rows.filter(id=id).first(), named_by=named_by)


def found(row: Row | None, *, named_by: str = "") -> Row:
    """Return the row.

    :raises NotFound: if there is none.
    """
    if row is None:
        raise NotFound(named_by)
    return row
