"""What an affiliate put their name on."""

from django.db.models import QuerySet

from cobranding.models import CobrandPiece
from cobranding.selectors import pieces_by
from interfaces.api.endpoints import PartnerCall, PartnerView, endpoint
from interfaces.api.v1.cobranding import PieceQuery, PieceSerializer


class PartnerPieces(PartnerView):
    """The affiliate's co-branded pages and flyers, of all merchants."""

    @endpoint("List the affiliate's co-branded pieces", gives=PieceSerializer, query=PieceQuery)
    def get(self, call: PartnerCall) -> QuerySet[CobrandPiece]:
        return pieces_by(call.affiliate_id)
