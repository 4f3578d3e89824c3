"""What an affiliate makes with merchants."""

from django.db.models import QuerySet

from affiliates.models import Enrollment
from collaborations.models import Collaboration
from collaborations.selectors import collaborations_with
from collaborations.services import Pitch, pitch_collaboration
from commissions.models import Side
from interfaces.api.endpoints import PartnerCall, PartnerView, endpoint
from interfaces.api.find import one
from interfaces.api.v1.collaborations import (
    EXAMPLE,
    CollaborationQuery,
    CollaborationSerializer,
    NewCollaborationSerializer,
)
from interfaces.api.v1.partner.claims import acting
from merchants.tenancy import merchant_context


class PartnerCollaborations(PartnerView):
    """The affiliate's collaborations, of all merchants."""

    @endpoint(
        "List the affiliate's collaborations",
        gives=CollaborationSerializer,
        query=CollaborationQuery,
    )
    def get(self, call: PartnerCall) -> QuerySet[Collaboration]:
        return collaborations_with(call.affiliate_id)

    @endpoint(
        "Pitch a collaboration to a merchant",
        gives=CollaborationSerializer,
        takes=NewCollaborationSerializer,
        status=201,
        example=EXAMPLE,
    )
    def post(self, call: PartnerCall) -> Collaboration:
        body = dict(call.body)
        own = Enrollment.objects.filter(affiliate_id=call.affiliate_id).select_related("program")
        enrollment = one(own, body.pop("enrollment"), named_by="enrollment")
        with merchant_context(enrollment.merchant_id):
            return pitch_collaboration(
                enrollment=enrollment,
                side=Side.AFFILIATE,
                draft=Pitch(**body),
                by=acting(call),
                at=call.at,
            )
