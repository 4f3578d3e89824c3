"""Collaborations that tests begin with."""

from collaborations.models import Collaboration
from collaborations.services import Pitch, pitch_collaboration
from commissions.models import Side
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter

SAID = Pitch(kind="POST_THERE", title="Ropes for beginners", pitch="Ten knots, with pictures.")


def store_pitch(company: Company, promoter: Promoter, side: Side = Side.AFFILIATE) -> Collaboration:
    """Store a pitch of either side."""
    with merchant_context(company.id):
        return pitch_collaboration(
            enrollment=promoter.enrollment, side=side, draft=SAID, by=SYSTEM, at=NOON
        )
