"""When affiliates are paid, and what a member may approve alone (docs/payouts.md)."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from affiliates.selectors import enrollments_of
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Currency, Flag, Id, Minor, Moment, Strict, Whole, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery, PageQuery
from interfaces.api.v1.programs import programs
from merchants.rights import Scope
from payouts.models import ApprovalLimit, PayoutPolicy, PayoutTerms, Schedule
from payouts.models.terms import NET_DAYS_MAX
from payouts.selectors import limits_of, terms_of
from payouts.services import (
    TermsDraft,
    change_terms,
    create_terms,
    policy_of,
    remove_terms,
    set_approval_limit,
    set_prepares_itself,
)
from programs.models import Tier


class PayoutTermsSerializer(serializers.Serializer[Any]):
    """When commissions of a program, a tier or one enrollment are paid; the narrowest count."""

    id = Id()
    program = Id(source="program_id")
    tier = Id(source="tier_id", allow_null=True)
    enrollment = Id(source="enrollment_id", allow_null=True)
    schedule = Word(Schedule)
    net_days = serializers.IntegerField()
    pay_day = serializers.IntegerField(
        allow_null=True, help_text="weekly: 1 (Monday) to 7; monthly: 1 to 28; null: any day."
    )
    minor_min = serializers.IntegerField(
        allow_null=True, help_text="The smallest payout; null: the program's."
    )
    automatic_minor_max = serializers.IntegerField(
        allow_null=True, help_text="Requests up to this need no review; null: all are reviewed."
    )
    request_fee_minor = serializers.IntegerField(help_text="What a request costs the affiliate.")
    ends_on = serializers.DateField(
        allow_null=True, help_text="The last day (UTC) on which they count; then the wider ones do."
    )
    created_at = Moment()


class TermsChangesSerializer(Strict):
    """What is to change; what is left out stays."""

    schedule = Word(Schedule, required=False)
    net_days = Whole(min_value=0, max_value=NET_DAYS_MAX, required=False)
    pay_day = Whole(min_value=1, max_value=28, required=False, allow_null=True)
    minor_min = Minor(required=False, allow_null=True)
    automatic_minor_max = Minor(required=False, allow_null=True)
    request_fee_minor = Minor(required=False)
    ends_on = serializers.DateField(required=False, allow_null=True)


class NewPayoutTermsSerializer(TermsChangesSerializer):
    """Terms of a program, or of a tier or an enrollment of it."""

    program = Id()
    tier = Id(required=False)
    enrollment = Id(required=False)
    schedule = Word(Schedule)


class TermsQuery(ListQuery):
    """Filters of the terms."""

    program = Id(required=False, source="program_id")
    tier = Id(required=False, source="tier_id")
    enrollment = Id(required=False, source="enrollment_id")


class PayoutTermsList(MerchantView):
    """The merchant's terms."""

    @endpoint("List payout terms", gives=PayoutTermsSerializer, query=TermsQuery)
    def get(self, call: Call) -> QuerySet[PayoutTerms]:
        return terms_of(call.merchant_id)

    @endpoint(
        "Create payout terms",
        gives=PayoutTermsSerializer,
        takes=NewPayoutTermsSerializer,
        status=201,
        scope=Scope.PAYOUTS,
        example={
            "program": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
            "schedule": "monthly",
            "net_days": 30,
            "pay_day": 15,
        },
        description="They count for every batch that is prepared from now on.",
    )
    def post(self, call: Call) -> PayoutTerms:
        facts = dict(call.body)
        program = one(programs(call), facts.pop("program"), named_by="program")
        found: dict[str, Any] = {"tier": None, "enrollment": None}
        if tier_id := facts.pop("tier", None):
            tiers = Tier.objects.filter(merchant_id=call.merchant_id, program=program)
            found["tier"] = one(tiers, tier_id, named_by="tier")
        if enrollment_id := facts.pop("enrollment", None):
            own = enrollments_of(call.merchant_id).filter(program=program)
            found["enrollment"] = one(own, enrollment_id, named_by="enrollment")
        draft = TermsDraft(**facts)
        return create_terms(member=call.member, program=program, draft=draft, at=call.at, **found)


class OnePayoutTerms(MerchantView):
    """One row of terms."""

    @endpoint("Read payout terms", gives=PayoutTermsSerializer)
    def get(self, call: Call, id: UUID) -> PayoutTerms:
        return one(terms_of(call.merchant_id), id)

    @endpoint(
        "Change payout terms",
        gives=PayoutTermsSerializer,
        takes=TermsChangesSerializer,
        scope=Scope.PAYOUTS,
        example={"net_days": 14},
    )
    def patch(self, call: Call, id: UUID) -> PayoutTerms:
        terms = one(terms_of(call.merchant_id), id)
        present = {name: getattr(terms, name) for name in asdict(TermsDraft())}
        draft = TermsDraft(**{**present, **call.body})
        return change_terms(member=call.member, terms=terms, draft=draft, at=call.at)


class RemovePayoutTerms(MerchantView):
    """Let the wider terms count."""

    @endpoint("Remove payout terms", gives=PayoutTermsSerializer, scope=Scope.PAYOUTS)
    def post(self, call: Call, id: UUID) -> PayoutTerms:
        terms = one(terms_of(call.merchant_id), id)
        remove_terms(member=call.member, terms=terms, at=call.at)
        return terms


class ApprovalLimitSerializer(serializers.Serializer[Any]):
    """Up to this, in one currency, whoever prepared a batch may approve it, too."""

    id = Id()
    currency = serializers.CharField()
    amount_minor = serializers.IntegerField()
    created_at = Moment()


class NewLimitSerializer(Strict):
    """A limit; it replaces the one of the currency. 0: every batch needs a second member."""

    currency = Currency()
    amount_minor = Minor()


class ApprovalLimits(MerchantView):
    """The limits, by currency."""

    @endpoint("List approval limits", gives=ApprovalLimitSerializer, query=PageQuery)
    def get(self, call: Call) -> QuerySet[ApprovalLimit]:
        return limits_of(call.merchant_id)

    @endpoint(
        "Set an approval limit",
        gives=ApprovalLimitSerializer,
        takes=NewLimitSerializer,
        scope=Scope.PAYOUTS,
        example={"currency": "EUR", "amount_minor": 50_000},
        description="Only for a key of a member who manages members.",
    )
    def put(self, call: Call) -> ApprovalLimit:
        return set_approval_limit(member=call.member, at=call.at, **call.body)


class PayoutPolicySerializer(serializers.Serializer[Any]):
    """How the merchant pays."""

    prepares_itself = serializers.BooleanField(
        help_text="On days on which something falls due, batches are prepared for approval."
    )


class PolicyChangesSerializer(Strict):
    """What is to change."""

    prepares_itself = Flag()


class Policy(MerchantView):
    """The merchant's policy."""

    @endpoint("Read the payout policy", gives=PayoutPolicySerializer)
    def get(self, call: Call) -> PayoutPolicy:
        return policy_of(call.merchant_id)

    @endpoint(
        "Change the payout policy",
        gives=PayoutPolicySerializer,
        takes=PolicyChangesSerializer,
        scope=Scope.PAYOUTS,
        example={"prepares_itself": True},
    )
    def patch(self, call: Call) -> PayoutPolicy:
        return set_prepares_itself(member=call.member, at=call.at, **call.body)
