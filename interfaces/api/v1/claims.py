"""Claims of affiliates that a sale is missing: read and answer (docs/claims.md)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from commissions.claims import claims_of
from commissions.models import Claim, ClaimStatus
from commissions.services import credit_claim, refuse_claim
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, Minor, Moment, Name, Strict, Text, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from merchants.rights import Scope

ANSWER_MAX = 1_000


class ClaimSerializer(serializers.Serializer[Any]):
    """What an affiliate says of a missing sale, and how it was answered."""

    id = Id()
    program = Id(source="program_id")
    enrollment = Id(source="enrollment_id")
    affiliate = Id(source="affiliate_id")
    goal = serializers.CharField(source="goal.code")
    order_id = serializers.CharField(help_text="As the affiliate names the order.")
    happened_on = serializers.DateField()
    amount_minor = serializers.IntegerField(allow_null=True, help_text="If the affiliate knows.")
    currency = serializers.CharField()
    message = serializers.CharField()
    status = Word(ClaimStatus)
    submitted_at = Moment()
    due_at = Moment(help_text="Until then an answer is expected.")
    answer = Maybe(help_text="What the affiliate reads; of a refusal, why.")
    answered_at = Moment(allow_null=True)
    conversion = Id(source="conversion_id", allow_null=True)
    created_at = Moment()


class ClaimQuery(ListQuery):
    """Filters of the claims."""

    program = Id(required=False, source="program_id")
    enrollment = Id(required=False, source="enrollment_id")
    affiliate = Id(required=False, source="affiliate_id")
    status = Word(ClaimStatus, required=False)
    order_id = Text(required=False, max_length=200)
    due_to = Moment(required=False, source="due_at__lt", help_text="Due before this time.")


class Claims(MerchantView):
    """The claims of the merchant's affiliates."""

    @endpoint("List claims", gives=ClaimSerializer, query=ClaimQuery)
    def get(self, call: Call) -> QuerySet[Claim]:
        return claims_of(call.merchant_id)


class OneClaim(MerchantView):
    """One claim."""

    @endpoint("Read a claim", gives=ClaimSerializer)
    def get(self, call: Call, id: UUID) -> Claim:
        return one(claims_of(call.merchant_id), id)


class ClaimCreditSerializer(Strict):
    """What the order was worth, if it was never reported; and a word to the affiliate."""

    amount_minor = Minor(
        required=False,
        help_text="In the program's currency. Needed if neither a report nor the claim says it.",
    )
    answer = Name(required=False, max_length=ANSWER_MAX, allow_blank=True)


class CreditClaim(MerchantView):
    """Give the order to the affiliate."""

    @endpoint(
        "Credit a claim",
        gives=ClaimSerializer,
        takes=ClaimCreditSerializer,
        scope=Scope.CONVERSIONS,
        example={"amount_minor": 10_000, "answer": "You were right."},
        description=(
            "The conversion of that order is given to the affiliate; if it was never reported, it"
            " is recorded. Commissions follow within seconds."
        ),
    )
    def post(self, call: Call, id: UUID) -> Claim:
        call.require_real()
        return credit_claim(
            claim=one(claims_of(call.merchant_id), id),
            amount_minor=call.body.get("amount_minor"),
            answer=call.body.get("answer", ""),
            by=call.by,
            at=call.at,
        )


class RefusalSerializer(Strict):
    """Why not. The affiliate reads it word for word."""

    reason = Name(max_length=ANSWER_MAX)


class RefuseClaim(MerchantView):
    """Say no, and why."""

    @endpoint(
        "Refuse a claim",
        gives=ClaimSerializer,
        takes=RefusalSerializer,
        scope=Scope.CONVERSIONS,
        example={"reason": "Order 4711 was cancelled on 12 March."},
    )
    def post(self, call: Call, id: UUID) -> Claim:
        call.require_real()
        return refuse_claim(
            claim=one(claims_of(call.merchant_id), id),
            reason=call.body["reason"],
            by=call.by,
            at=call.at,
        )
