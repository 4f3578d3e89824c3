"""The list of affiliates as a file, filtered as the list is."""

from collections.abc import Iterator

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.http import HttpResponse

from affiliates.models import Tagging
from affiliates.selectors import enrollments_of
from common.spreadsheet import write_csv
from interfaces.console.access import reads
from interfaces.console.affiliate_lists import EnrollmentFilter
from interfaces.console.pages import ConsoleRequest
from programs.selectors import programs_of

COLUMNS = {  # Of the file, with what of an enrollment each is.
    "id": "id",
    "name": "affiliate__name",
    "email": "affiliate__email",
    "program": "program__name",
    "code": "code",
    "status": "status",
    "since": "created_at",
    "tier": "tier__name",
    "tags": "tag_names",
    "owner": "owner__user__email",
    "health": "health",
    "type": "affiliate__type",
    "country": "affiliate__country",
    "website": "affiliate__website",
    "phone": "affiliate__phone",
}


@reads
def affiliates_export(request: ConsoleRequest) -> HttpResponse:
    """Give the filtered list as CSV."""
    filters = EnrollmentFilter(
        request.GET,
        enrollments_of(request.merchant.id),
        programs=programs_of(request.merchant.id),
        merchant_id=request.merchant.id,
    )
    return HttpResponse(
        write_csv(list(COLUMNS), _lines(filters)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="affiliates.csv"'},
    )


def _lines(filters: EnrollmentFilter) -> Iterator[list[object]]:
    taggings = Tagging.objects.filter(
        merchant_id=OuterRef("merchant_id"), enrollment_id=OuterRef("id")
    )
    names = taggings.order_by("tag__name").values("tag__name")
    rows = filters.rows.annotate(tag_names=ArraySubquery(names)).values(*COLUMNS.values())
    for row in rows.iterator(chunk_size=1000):
        row["id"], row["created_at"] = str(row["id"]), row["created_at"].isoformat()
        row["tag_names"] = ", ".join(row["tag_names"])
        yield [row[name] for name in COLUMNS.values()]
