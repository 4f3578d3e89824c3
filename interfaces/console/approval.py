"""The second signature in words: who may give it, and why somebody may not."""

from typing import Any

from django.utils.translation import gettext as _

from interfaces.console.pages import ConsoleRequest
from interfaces.console.wording import money
from merchants.models import Member
from merchants.rights import Right
from merchants.selectors import members_of
from payouts.models import Batch, BatchStatus
from payouts.services import approval_limit, needs_another


def approval_of(request: ConsoleRequest, found: Batch) -> dict[str, Any]:
    """Return whether this member may sign, why not, and who may."""
    limit_minor = approval_limit(found)
    approvers = [
        member
        for member in members_of(request.merchant.id)
        if member.may(Right.APPROVE_PAYOUTS) and not needs_another(member, found, limit_minor)
    ]
    may_approve = any(member.id == request.member.id for member in approvers)
    limit = money(limit_minor, found.currency) if limit_minor else ""
    is_mine = found.prepared_by_id == request.member.id
    return {
        "is_open": found.status == BatchStatus.DRAFT,
        "is_empty": not found.items,
        "approvers": ", ".join(member.user.get_full_name() for member in approvers),
        "may_approve": may_approve and bool(found.items),
        "why_not": "" if may_approve else _why_not(request.member, limit, is_mine=is_mine),
        "alone_up_to": limit if may_approve and is_mine else "",
    }


def _why_not(member: Member, limit: str, *, is_mine: bool) -> str:
    if not member.may(Right.APPROVE_PAYOUTS):
        return _("Your role does not include approving payouts.")
    if is_mine and limit:
        said = _("You prepared it and it is above %(limit)s, so another member approves it.")
        return said % {"limit": limit}
    return _("You prepared this batch, so another member approves it.")
