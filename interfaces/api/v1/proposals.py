"""Rates that one side proposes to the other: offered, answered, agreed (docs/terms.md)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from affiliates.services import Consent
from commissions.agreements import agreement_text, named, words_of
from commissions.models import PER_CONVERSION, Proposal, ProposalStatus, Reward, Side
from commissions.services.proposals import (
    ProposalDraft,
    Signature,
    accept,
    counter,
    decline,
    offer,
    withdraw,
)
from common.money import WHOLE_BPS
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, Minor, Moment, Name, Strict, Text, Whole, Word
from interfaces.api.find import found, one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.affiliates import enrollments
from interfaces.api.v1.replay_shapes import PlainObject
from merchants.rights import Scope
from programs.models import Goal

REWARDS = ", ".join(f"`{reward.lower()}`" for reward in PER_CONVERSION)


class ProposalSerializer(serializers.Serializer[Any]):
    """One offer of a rate; a counter-offer is another, which `answers` it."""

    id = Id()
    program = Id(source="program_id")
    enrollment = Id(source="enrollment_id")
    affiliate = Id(source="affiliate_id")
    goal = serializers.CharField(source="goal.code", allow_null=True, help_text="null: every goal.")
    answers = Id(source="answers_id", allow_null=True)
    offered_by = Word(Side)
    status = Word(ProposalStatus)
    reward = Word(Reward)
    fixed_minor = serializers.IntegerField(help_text="In the program's currency; 0 for percent.")
    rate_bps = serializers.IntegerField(help_text="Basis points of the net amount.")
    details = PlainObject()
    conditions = serializers.ListField(child=PlainObject())
    text = serializers.SerializerMethodField(help_text="What is proposed, in words.")
    message = Maybe()
    starts_at = Moment(allow_null=True, help_text="null: from the agreement on.")
    expires_at = Moment(help_text="Until then it can be answered.")
    offered_at = Moment()
    status_changed_at = Moment()
    signed_name = Maybe()
    signed_text = Maybe(help_text="The sentence that was agreed to.")
    signed_sha256 = Maybe()
    rule_version = Id(source="rule_version_id", allow_null=True, help_text="Of the rule it made.")
    created_at = Moment()

    def get_text(self, proposal: Proposal) -> str:
        """Return the proposal as people say it."""
        return words_of(proposal, language="en")


class ProposedRateSerializer(Strict):
    """What is offered, and until when it can be answered."""

    reward = Word(Reward, help_text=f"One that conversions earn: {REWARDS}.")
    fixed_minor = Minor(required=False)
    rate_bps = Whole(required=False, min_value=0, max_value=WHOLE_BPS)
    details = PlainObject(required=False)
    conditions = serializers.ListField(child=PlainObject(), required=False, max_length=20)
    message = Name(max_length=2_000, required=False, allow_blank=True)
    starts_at = Moment(required=False, help_text="Default: from the agreement on.")
    ends_on = serializers.DateField(required=False, help_text="The last day (UTC) it holds.")
    expires_at = Moment()


class NewProposalSerializer(ProposedRateSerializer):
    """An offer to one affiliate."""

    goal = Text(required=False, max_length=40, help_text="Its code. Default: every goal.")


class SignedSerializer(Strict):
    """Who agrees: the full name of a person."""

    signed_name = Name(max_length=120)


class ProposalQuery(ListQuery):
    """Filters of the proposals."""

    program = Id(required=False, source="program_id")
    enrollment = Id(required=False, source="enrollment_id")
    affiliate = Id(required=False, source="affiliate_id")
    status = Word(ProposalStatus, required=False)
    offered_by = Word(Side, required=False)


def proposals(call: Call) -> QuerySet[Proposal]:
    """Return what was proposed to and by the merchant's affiliates."""
    return named(Proposal.objects.filter(merchant_id=call.merchant_id))


class Proposals(MerchantView):
    """The proposals of both sides."""

    @endpoint("List proposals", gives=ProposalSerializer, query=ProposalQuery)
    def get(self, call: Call) -> QuerySet[Proposal]:
        return proposals(call)


class OneProposal(MerchantView):
    """One proposal."""

    @endpoint("Read a proposal", gives=ProposalSerializer)
    def get(self, call: Call, id: UUID) -> Proposal:
        return one(proposals(call), id)


class OfferProposal(MerchantView):
    """Offer a rate to an affiliate."""

    @endpoint(
        "Offer a rate to an affiliate",
        gives=ProposalSerializer,
        takes=NewProposalSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        example={
            "goal": "sale",
            "reward": "percent",
            "rate_bps": 1_200,
            "expires_at": "2026-04-01T00:00:00Z",
        },
        description="They are told by mail and in the portal, and accept, decline or counter it.",
    )
    def post(self, call: Call, id: UUID) -> Proposal:
        enrollment = one(enrollments(call), id)
        goals = Goal.objects.filter(merchant_id=call.merchant_id, program=enrollment.program)
        facts = dict(call.body)
        code = facts.pop("goal", "")
        goal = found(goals.filter(code=code).first(), named_by="goal") if code else None
        return offer(
            enrollment=enrollment,
            side=Side.MERCHANT,
            draft=ProposalDraft(goal=goal, **facts),
            user=call.member.user,
            by=call.by,
            at=call.at,
        )


class AcceptProposal(MerchantView):
    """Agree to what an affiliate proposed."""

    @endpoint(
        "Accept a proposal",
        gives=ProposalSerializer,
        takes=SignedSerializer,
        scope=Scope.PROGRAMS,
        example={"signed_name": "Alice Anchor"},
        description="It makes a rule for that affiliate, asked before its others.",
    )
    def post(self, call: Call, id: UUID) -> Proposal:
        proposal = one(proposals(call), id)
        signature = Signature(
            name=call.body["signed_name"],
            text=agreement_text(proposal, language="en"),
            by=Consent(user=call.member.user, terms_version=None),
        )
        accept(proposal=proposal, side=Side.MERCHANT, signature=signature, by=call.by, at=call.at)
        return one(proposals(call), id)


class CounterProposal(MerchantView):
    """Answer by another rate."""

    @endpoint(
        "Counter a proposal",
        gives=ProposalSerializer,
        takes=ProposedRateSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        example={"reward": "percent", "rate_bps": 1_100, "expires_at": "2026-04-01T00:00:00Z"},
        description="The answer is the new proposal, for the same goal.",
    )
    def post(self, call: Call, id: UUID) -> Proposal:
        proposal = one(proposals(call), id)
        return counter(
            proposal=proposal,
            side=Side.MERCHANT,
            draft=ProposalDraft(goal=proposal.goal, **call.body),
            user=call.member.user,
            by=call.by,
            at=call.at,
        )


class DeclineProposal(MerchantView):
    """Refuse what an affiliate proposed."""

    @endpoint("Decline a proposal", gives=ProposalSerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID) -> Proposal:
        proposal = one(proposals(call), id)
        decline(proposal=proposal, side=Side.MERCHANT, by=call.by, at=call.at)
        return proposal


class WithdrawProposal(MerchantView):
    """Take one's own offer back."""

    @endpoint("Withdraw a proposal", gives=ProposalSerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID) -> Proposal:
        proposal = one(proposals(call), id)
        withdraw(proposal=proposal, side=Side.MERCHANT, by=call.by, at=call.at)
        return proposal
