"""The table of applications that wait."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from interfaces.console.tables import cell, page_of


class ApplicationTable(tables.Table):
    """Who waits for an answer."""

    select = tables.CheckBoxColumn(
        accessor="enrollment_id",
        orderable=False,
        attrs={
            "td__input": {"name": "selected", "form": "bulk", "aria-label": _("Select")},
            "th__input": {"data-select-page": "bulk", "aria-label": _("Select all on this page")},
        },
    )
    applicant = cell("applicant", _("Applicant"), orderable=False)
    program = tables.Column(accessor="enrollment__program__name", verbose_name=_("Program"))
    checks = cell("checks", _("Checks"), orderable=False)
    submitted_at = cell("time", _("Applied"))

    class Meta:
        template_name = "components/table.html"
        row_attrs = {"data-href": page_of("application", "enrollment_id")}
        attrs = {"caption": _("Applications"), "id": "results"}
