"""Looking at what was published: whether the page is there, with the link in it."""

from datetime import datetime
from typing import Final
from uuid import UUID

from collaborations.models import Collaboration, CollaborationStatus, PageFinding
from collaborations.services import note_finding
from common.pages import read_page
from merchants.tenancy import merchant_context

AT_ONCE: Final = 5  # Each may take eight seconds.


def look_at_pages(*, merchant_id: UUID, at: datetime) -> int:
    """Look at some published pages of a merchant; return how many. No transaction is open then."""
    with merchant_context(merchant_id):
        rows = Collaboration.objects.filter(
            merchant_id=merchant_id, status=CollaborationStatus.PUBLISHED, looked_at=None
        )
        due = list(rows.select_related("link").order_by("published_at", "id")[:AT_ONCE])
    for row in due:
        finding = _finding(row)
        with merchant_context(merchant_id):
            note_finding(row=row, finding=finding, at=at)
    return len(due)


def _finding(row: Collaboration) -> PageFinding:
    page = read_page(row.url)
    if page is None:
        return PageFinding.UNREACHABLE
    code = row.link.code if row.link else ""
    is_linked = f"/c/{code}" in page  # On a tracking domain, too.
    return PageFinding.LINKED if code and is_linked else PageFinding.UNLINKED
