"""Budgets: at most so much commission in a period (docs/other-earnings.md)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from affiliates.selectors import enrollments_of
from commissions.budget_use import with_use
from commissions.models import Budget, BudgetPeriod, BudgetScope
from commissions.services.budgets import (
    ALERT_BPS_MAX,
    ALERTS_DEFAULT,
    ALERTS_MAX,
    BudgetDraft,
    archive_budget,
    create_budget,
    update_budget,
)
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Flag, Id, Minor, Moment, Strict, Whole, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.programs import programs
from merchants.rights import Scope


class BudgetSerializer(serializers.Serializer[Any]):
    """A budget, and how much of it is used in the present period."""

    id = Id()
    program = Id(source="program_id")
    scope = Word(BudgetScope)
    enrollment = Id(source="enrollment_id", allow_null=True)
    period = Word(BudgetPeriod)
    limit_minor = serializers.IntegerField()
    currency = serializers.CharField(source="program.currency")
    is_hard = serializers.BooleanField()
    alert_bps = serializers.ListField(child=serializers.IntegerField())
    used_minor = serializers.IntegerField(
        help_text="In the present period; where each is counted by itself, the most of any."
    )
    archived_at = Moment(allow_null=True)
    created_at = Moment()


class Alerts(serializers.ListField):
    """When to warn: basis points of the limit."""

    def __init__(self, **options: Any) -> None:
        child = Whole(min_value=1, max_value=ALERT_BPS_MAX)
        super().__init__(child=child, max_length=ALERTS_MAX, **options)


class NewBudgetSerializer(Strict):
    """A budget. With the scope `enrollment` and none named, each affiliate counts by itself."""

    scope = Word(BudgetScope)
    enrollment = Id(required=False)
    period = Word(BudgetPeriod)
    limit_minor = Minor(min_value=1)
    is_hard = Flag(
        required=False, help_text="Cuts off what goes beyond it. Default: false, it warns."
    )
    alert_bps = Alerts(required=False, help_text="8000 warns at 80 %. Default: 8000 and 10000.")


class BudgetChangesSerializer(Strict):
    """What may change; whatever is left out stays."""

    limit_minor = Minor(min_value=1, required=False)
    is_hard = Flag(required=False)
    alert_bps = Alerts(required=False)


def budgets(call: Call, program_id: UUID) -> QuerySet[Budget]:
    """Return the budgets of one of the merchant's programs, with what is used."""
    program = one(programs(call), program_id)
    own = Budget.objects.filter(merchant_id=call.merchant_id, program=program)
    return with_use(own, at=call.at).select_related("program")


def draft_of(call: Call, program_id: UUID) -> BudgetDraft:
    """Return what a validated body wants to limit."""
    facts = {"alert_bps": ALERTS_DEFAULT, **call.body}
    if "enrollment" in facts:
        own = enrollments_of(call.merchant_id).filter(program_id=program_id)
        facts["enrollment"] = one(own, facts["enrollment"], named_by="enrollment")
    return BudgetDraft(**facts)


class Budgets(MerchantView):
    """The budgets of a program."""

    @endpoint("List budgets of a program", gives=BudgetSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Budget]:
        return budgets(call, id)

    @endpoint(
        "Create a budget",
        gives=BudgetSerializer,
        takes=NewBudgetSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        description="What the present period has cost already, counts.",
        example={"scope": "program", "period": "month", "limit_minor": 500_000, "is_hard": True},
    )
    def post(self, call: Call, id: UUID) -> Budget:
        program = one(programs(call), id)
        draft = draft_of(call, id)
        budget = create_budget(program=program, draft=draft, by=call.by, at=call.at)
        return one(budgets(call, id), budget.id)


class OneBudget(MerchantView):
    """One budget."""

    @endpoint("Read a budget", gives=BudgetSerializer)
    def get(self, call: Call, id: UUID, budget_id: UUID) -> Budget:
        return one(budgets(call, id), budget_id)

    @endpoint(
        "Change a budget",
        gives=BudgetSerializer,
        takes=BudgetChangesSerializer,
        scope=Scope.PROGRAMS,
        example={"limit_minor": 750_000},
        description="What was cut off stays cut off.",
    )
    def patch(self, call: Call, id: UUID, budget_id: UUID) -> Budget:
        budget = one(budgets(call, id), budget_id)
        update_budget(
            budget=budget,
            limit_minor=call.body.get("limit_minor", budget.limit_minor),
            is_hard=call.body.get("is_hard", budget.is_hard),
            alert_bps=call.body.get("alert_bps", budget.alert_bps),
            by=call.by,
            at=call.at,
        )
        return one(budgets(call, id), budget_id)


class ArchiveBudget(MerchantView):
    """Limit no more."""

    @endpoint("Archive a budget", gives=BudgetSerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID, budget_id: UUID) -> Budget:
        archive_budget(budget=one(budgets(call, id), budget_id), by=call.by, at=call.at)
        return one(budgets(call, id), budget_id)
