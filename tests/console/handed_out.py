"""One of everything that affiliates hand out, and of what limits and directs it."""

from uuid import UUID

from merchants.domains import add_domain
from merchants.models import SYSTEM
from programs.services import DestinationDraft, create_destination
from programs.targeting import Targeting
from tests.cast import NOON, Company, Promoter
from tracking.models import CapPeriod, CapScope, CapUnit, SmartRule
from tracking.services import (
    BranchDraft,
    CapDraft,
    create_cap,
    create_coupon,
    create_link,
    set_branches,
)


def hand_out(company: Company, promoter: Promoter) -> dict[str, UUID]:
    """Store one of each, and a smart link with two branches; return their ids.

    The caller stands in the company's context.
    """
    enrollment = promoter.enrollment
    page = DestinationDraft("Boots", "https://shop.acme.example/boots", Targeting(("DE",)))
    destination = create_destination(program=company.program, draft=page, by=SYSTEM, at=NOON)
    limit = CapDraft(CapUnit.CLICKS, CapPeriod.DAY, CapScope.PROGRAM, limit=500)
    cap = create_cap(program=company.program, draft=limit, by=SYSTEM, at=NOON)
    coupon = create_coupon(enrollment=enrollment, code="BOBS5")
    smart = create_link(enrollment=enrollment, code="bobs-best", name="Best")
    other = create_link(enrollment=enrollment, code="bobs-boots", name="Boots")
    branches = set_branches(
        link=smart,
        rule=SmartRule.MATCH,
        branches=[BranchDraft(other, Targeting(("DE",))), BranchDraft(promoter.link)],
        by=SYSTEM,
        at=NOON,
    )
    domain = add_domain(merchant=company.merchant, host="go.acme.example", by=SYSTEM, at=NOON)
    return {
        "domain_id": domain.id,
        "destination_id": destination.id,
        "cap_id": cap.id,
        "coupon_id": coupon.id,
        "link_id": smart.id,
        "branch_id": branches[0].id,
    }
