"""The table of who accepted the terms in force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from affiliates.models import Enrollment, TermsAcceptance
from interfaces.console.tables import cell
from programs.models import Terms


class AcceptanceTable(tables.Table):
    """Enrollments with the acceptance of what is in force for them."""

    affiliate = cell("affiliate", _("Affiliate"), orderable=False)
    contract = cell("acceptance_terms", _("In force"), orderable=False)
    state = cell("acceptance_state", _("Accepted"), orderable=False)
    accepted_by = cell("acceptance_by", _("By whom, from where"), orderable=False)

    class Meta:
        template_name = "components/table.html"
        attrs = {"caption": _("Who accepted"), "id": "results"}
        empty_text = _("Nobody.")

    def fill(self, found: Mapping[UUID, TermsAcceptance], *, at: datetime) -> None:
        """Give the rows of the page what their cells show."""
        terms = Terms.objects.select_related("tier").in_bulk(
            {row.record.contract_in_force for row in self.paginated_rows}
        )
        self.told: dict[UUID, dict[str, Any]] = {}
        for row in self.paginated_rows:
            enrollment: Enrollment = row.record
            in_force = terms[row.record.contract_in_force]
            last = found.get(enrollment.id)
            due = in_force.accept_by
            self.told[enrollment.id] = {
                "terms": in_force,
                "acceptance": last if last and last.terms_id == in_force.id else None,
                "earlier": last,
                "is_late": due is not None and due <= at,
            }
