"""How a list is shown: filtered, sorted and paged, all of it in the address."""

from typing import Any

import django_tables2 as tables
from django.core.paginator import Paginator

from interfaces.console.filters import ListFilter
from interfaces.console.pages import ConsoleRequest

PAGE_ROWS = 25


def show_table(
    request: ConsoleRequest,
    table: tables.Table,
    *,
    filters: ListFilter | None = None,
    paginator: type[Paginator] = Paginator,
) -> dict[str, Any]:
    """Return the context of a list: the table's page, its filter form, and whether it is empty.

    `has_rows` says whether there is anything at all, filters aside.
    """
    tables.RequestConfig(
        request, paginate={"per_page": PAGE_ROWS, "paginator_class": paginator}
    ).configure(table)
    found = bool(table.page.object_list)
    context = {"table": table, "has_rows": found}
    if filters is not None:
        context |= {
            "filter": filters,
            "has_rows": found or (filters.is_active and filters.queryset.exists()),
        }
    return context


def records(table: tables.Table) -> list[Any]:
    """Return the rows of the page that is shown."""
    return [row.record for row in table.paginated_rows]
