"""Automations of a program: what they wait for and do, what they did; on and off.

They are written in the console: see docs/automations.md.
"""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from automations.models import ActionKind, Automation, AutomationStatus, Run, Trigger
from automations.selectors import automations_of, runs_of
from automations.services import move_automation
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, Moment, Strict, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from merchants.rights import Scope
from programs.models import Program


class AutomationSerializer(serializers.Serializer[Any]):
    """One "when …, then …"."""

    id = Id()
    program = Id(source="program_id")
    name = serializers.CharField()
    trigger = Word(Trigger)
    trigger_details = serializers.JSONField()
    tier = Id(source="tier_id", allow_null=True, help_text="Only of this tier.")
    tag = Id(source="tag_id", allow_null=True, help_text="Only with this tag.")
    action = Word(ActionKind)
    action_details = serializers.JSONField()
    status = Word(AutomationStatus)
    created_at = Moment()


class RunSerializer(serializers.Serializer[Any]):
    """What it did about one affiliate."""

    id = Id()
    enrollment = Id(source="enrollment_id")
    problem = Maybe(help_text="Why nothing was done.")
    at = Moment()
    created_at = Moment()


class MoveSerializer(Strict):
    """Where it goes: `active`, `paused` or `archived`."""

    status = Word(AutomationStatus)


def find_program(call: Call, id: UUID) -> Program:
    """Return the program of an address."""
    return one(Program.objects.filter(merchant_id=call.merchant_id), id)


def _one(call: Call, id: UUID, automation_id: UUID) -> Automation:
    return one(automations_of(find_program(call, id)), automation_id)


class Automations(MerchantView):
    """A program's automations."""

    @endpoint("List automations of a program", gives=AutomationSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Automation]:
        return automations_of(find_program(call, id))


class AutomationRuns(MerchantView):
    """What an automation did."""

    @endpoint("List what an automation did", gives=RunSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID, automation_id: UUID) -> QuerySet[Run]:
        return runs_of(_one(call, id, automation_id))


class MoveAutomation(MerchantView):
    """Switch it on, pause it, or put it away."""

    @endpoint(
        "Switch an automation on or off",
        gives=AutomationSerializer,
        takes=MoveSerializer,
        scope=Scope.PROGRAMS,
        example={"status": "paused"},
    )
    def post(self, call: Call, id: UUID, automation_id: UUID) -> Automation:
        call.require_real()
        found = _one(call, id, automation_id)
        to = AutomationStatus(call.body["status"])
        return move_automation(automation=found, to=to, by=call.by, at=call.at)
