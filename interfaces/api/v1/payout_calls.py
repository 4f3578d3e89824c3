"""Calls to providers: how far each came, and what only a member may decide about it."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, MaybeWord, Moment, Strict, Text, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from merchants.rights import Scope
from payouts.models import Attempt, AttemptStatus, Provider
from payouts.sending.by_person import Choice, calls_of, give_up, send_again


class PayoutCallSerializer(serializers.Serializer[Any]):
    """One request to a provider for one payout or many."""

    id = Id()
    batch = Id(source="batch_id")
    rail = Id(source="rail_id")
    provider = Word(Provider, source="rail.provider")
    status = Word(AttemptStatus)
    choice = MaybeWord(
        Choice,
        help_text="What a member may decide now; null: it is taken further by itself, or done.",
    )
    payouts = serializers.IntegerField(source="payout_count", help_text="How many.")
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField(source="batch.currency")
    idempotency_key = Id(help_text="The key by which the provider counts it once.")
    started_at = Moment(help_text="When it was made first.")
    sends = serializers.IntegerField(help_text="How often it was made.")
    next_check_at = Moment(allow_null=True, help_text="When it is made or asked about again.")
    answer = Maybe(help_text="What was heard last.")
    created_at = Moment()


class PayoutCallQuery(ListQuery):
    """Filters of the calls."""

    batch = Id(required=False, source="batch_id")
    rail = Id(required=False, source="rail_id")
    status = Word(AttemptStatus, required=False)
    choice = Word(Choice, required=False)


class FoundOutSerializer(Strict):
    """What was seen at the provider."""

    reason = Text(max_length=500)


def calls(call: Call) -> QuerySet[Attempt]:
    """Return the merchant's calls to providers."""
    return calls_of(call.merchant_id, at=call.at)


class PayoutCalls(MerchantView):
    """The calls to providers."""

    @endpoint("List payout calls", gives=PayoutCallSerializer, query=PayoutCallQuery)
    def get(self, call: Call) -> QuerySet[Attempt]:
        return calls(call)


class OnePayoutCall(MerchantView):
    """One call."""

    @endpoint("Read a payout call", gives=PayoutCallSerializer)
    def get(self, call: Call, id: UUID) -> Attempt:
        return one(calls(call), id)


class SendCallAgain(MerchantView):
    """The same bytes once more."""

    @endpoint(
        "Send a payout call again",
        gives=PayoutCallSerializer,
        takes=FoundOutSerializer,
        scope=Scope.PAYOUTS,
        example={"reason": "Searched for FL-7-1 at Stripe: nothing was paid."},
        description=(
            "Of unknown fate, and so old that the provider may have forgotten its key: if it was"
            " carried out before, it pays twice. Look at the provider first."
        ),
    )
    def post(self, call: Call, id: UUID) -> Attempt:
        attempt = one(calls(call), id)
        send_again(member=call.member, attempt=attempt, reason=call.body["reason"], at=call.at)
        return one(calls(call), id)


class GiveCallUp(MerchantView):
    """Never mind."""

    @endpoint(
        "Give a payout call up",
        gives=PayoutCallSerializer,
        takes=FoundOutSerializer,
        scope=Scope.PAYOUTS,
        example={"reason": "The account was closed."},
        description=(
            "Of one that the provider refused unread. Its payouts fail; their commissions are"
            " payable again."
        ),
    )
    def post(self, call: Call, id: UUID) -> Attempt:
        attempt = one(calls(call), id)
        give_up(member=call.member, attempt=attempt, reason=call.body["reason"], at=call.at)
        return one(calls(call), id)
