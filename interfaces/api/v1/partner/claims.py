"""An affiliate's claims: "a sale of mine is missing" (docs/claims.md)."""

from uuid import UUID

from django.db.models import QuerySet

from affiliates.models import Enrollment
from commissions.claims import claims_of_affiliate
from commissions.models import Claim
from commissions.services import ClaimDraft, submit_claim, withdraw_claim
from interfaces.api.endpoints import PartnerCall, PartnerView, endpoint
from interfaces.api.fields import Day, Id, Minor, Name, Strict, Text
from interfaces.api.find import found, one
from interfaces.api.v1.claims import ClaimQuery, ClaimSerializer
from merchants.models import Actor, ActorKind
from merchants.tenancy import merchant_context
from programs.models import Goal


class PartnerClaimSerializer(ClaimSerializer):
    """A claim of the affiliate."""

    affiliate = None  # type: ignore[assignment]


class NewClaimSerializer(Strict):
    """Which order is missing."""

    enrollment = Id()
    goal = Text(max_length=40, help_text="The code of a goal of the program.")
    order_id = Name(max_length=200)
    happened_on = Day(help_text="The day of the order, in UTC.")
    amount_minor = Minor(required=False, help_text="If known, in the program's currency.")
    message = Name(max_length=2_000, help_text="How you know of it.")


class PartnerClaimQuery(ClaimQuery):
    """Filters of the claims."""

    affiliate = None  # type: ignore[assignment]


class PartnerClaims(PartnerView):
    """The affiliate's claims, of all merchants."""

    @endpoint("List the affiliate's claims", gives=PartnerClaimSerializer, query=PartnerClaimQuery)
    def get(self, call: PartnerCall) -> QuerySet[Claim]:
        return claims_of_affiliate(call.affiliate_id)

    @endpoint(
        "Claim a missing sale",
        gives=PartnerClaimSerializer,
        takes=NewClaimSerializer,
        status=201,
        example={
            "enrollment": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
            "goal": "sale",
            "order_id": "4711",
            "happened_on": "2026-03-02",
            "amount_minor": 8_000,
            "message": "The buyer wrote to me; she came by my newsletter.",
        },
        description="The merchant answers until `due_at`. One open claim per order, 50 in all.",
    )
    def post(self, call: PartnerCall) -> Claim:
        body = call.body
        own = Enrollment.objects.filter(affiliate_id=call.affiliate_id).select_related("program")
        enrollment = one(own, body["enrollment"], named_by="enrollment")
        with merchant_context(enrollment.merchant_id):
            goals = Goal.objects.filter(program_id=enrollment.program_id, code=body["goal"])
            draft = ClaimDraft(
                goal=found(goals.first(), named_by="goal"),
                order_id=body["order_id"],
                happened_on=body["happened_on"],
                message=body["message"],
                amount_minor=body.get("amount_minor"),
            )
            return submit_claim(enrollment=enrollment, draft=draft, by=acting(call), at=call.at)


def acting(call: PartnerCall) -> Actor:
    """Return whom history shall name: the affiliate's key."""
    return Actor(ActorKind.KEY, call.key.id)


class OnePartnerClaim(PartnerView):
    """One claim."""

    @endpoint("Read a claim of the affiliate", gives=PartnerClaimSerializer)
    def get(self, call: PartnerCall, id: UUID) -> Claim:
        return one(claims_of_affiliate(call.affiliate_id), id)


class WithdrawPartnerClaim(PartnerView):
    """Take it back."""

    @endpoint("Withdraw a claim of the affiliate", gives=PartnerClaimSerializer)
    def post(self, call: PartnerCall, id: UUID) -> Claim:
        claim = one(claims_of_affiliate(call.affiliate_id), id)
        with merchant_context(claim.merchant_id):
            return withdraw_claim(claim=claim, by=acting(call), at=call.at)
