"""What a program asks of applicants, and the rules that look at the answers (docs/joining.md)."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from affiliates.review_rules import (
    VALUES_MAX,
    RuleDraft,
    add_rule,
    move_rule,
    remove_rule,
    update_rule,
)
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Flag, Id, Maybe, Minor, Moment, Name, Strict, Text, Word
from interfaces.api.find import found, one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.programs import programs
from merchants.rights import Scope
from programs.models import Check, FieldKind, FormField, Program, ReviewRule, Stage, Verdict
from programs.services import (
    OPTIONS_MAX,
    QuestionDraft,
    add_question,
    move_question,
    remove_question,
    update_question,
)


class Direction(TextChoices):
    """Where something goes that is asked in an order."""

    UP = "UP", _("Earlier")
    DOWN = "DOWN", _("Later")


STEPS = {Direction.UP: -1, Direction.DOWN: 1}


class PlaceSerializer(Strict):
    """One place earlier, or later; at the ends nothing changes."""

    to = Word(Direction)


class QuestionSerializer(serializers.Serializer[Any]):
    """One question of a program's form."""

    id = Id()
    program = Id(source="program_id")
    stage = Word(Stage)
    code = serializers.CharField(help_text="By which answers are sent and kept.")
    kind = Word(FieldKind)
    label = serializers.CharField()  # type: ignore[assignment]
    help = Maybe()
    options = serializers.ListField(child=serializers.CharField())
    is_required = serializers.BooleanField()
    shown_if_code = Maybe(help_text="Asked only if this question has one of `shown_if_values`.")
    shown_if_values = serializers.ListField(child=serializers.CharField())
    position = serializers.IntegerField(help_text="The lowest is asked first.")
    created_at = Moment()


class QuestionChangesSerializer(Strict):
    """What of a question may change: its code and stage stay."""

    label = Name(max_length=200, required=False)  # type: ignore[assignment]
    kind = Word(FieldKind, required=False)
    help = Name(max_length=300, required=False, allow_blank=True)
    options = serializers.ListField(
        child=Name(max_length=120), required=False, max_length=OPTIONS_MAX
    )
    is_required = Flag(required=False)
    shown_if_code = Text(max_length=40, required=False, allow_blank=True)
    shown_if_values = serializers.ListField(
        child=Name(max_length=120), required=False, max_length=OPTIONS_MAX
    )


class NewQuestionSerializer(QuestionChangesSerializer):
    """A question, asked after the others of its stage."""

    label = Name(max_length=200)
    stage = Word(Stage, required=False, help_text="Default: application.")
    code = Text(max_length=40, required=False, help_text="Default: made of the label.")


class QuestionQuery(ListQuery):
    """Filters of the questions."""

    stage = Word(Stage, required=False)


def _facts(body: dict[str, Any]) -> dict[str, Any]:
    """Return what was sent as drafts take it: lists are fixed."""
    return {name: tuple(v) if isinstance(v, list) else v for name, v in body.items()}


def questions(call: Call, program_id: UUID) -> QuerySet[FormField]:
    """Return the questions that one of the merchant's programs has made."""
    program = one(programs(call), program_id)
    return FormField.objects.filter(merchant_id=call.merchant_id, program=program)


def question(call: Call, program_id: UUID, code: str) -> FormField:
    """Return one of them by its code."""
    return found(questions(call, program_id).select_related("program").filter(code=code).first())


class Questions(MerchantView):
    """The form of a program."""

    @endpoint(
        "List questions of a program",
        gives=QuestionSerializer,
        query=QuestionQuery,
        description="Of a program that has made none the list is empty: it asks the usual ones.",
    )
    def get(self, call: Call, id: UUID) -> QuerySet[FormField]:
        return questions(call, id)

    @endpoint(
        "Ask one more question",
        gives=QuestionSerializer,
        takes=NewQuestionSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        example={"label": "How do you promote?", "kind": "choices", "options": ["Blog", "Video"]},
    )
    def post(self, call: Call, id: UUID) -> FormField:
        draft = QuestionDraft(**_facts(call.body))
        return add_question(program=one(programs(call), id), draft=draft, by=call.by, at=call.at)


class OneQuestion(MerchantView):
    """One question."""

    @endpoint("Read a question", gives=QuestionSerializer)
    def get(self, call: Call, id: UUID, code: str) -> FormField:
        return question(call, id, code)

    @endpoint(
        "Change a question",
        gives=QuestionSerializer,
        takes=QuestionChangesSerializer,
        scope=Scope.PROGRAMS,
        description="What was answered before stays as it was.",
    )
    def patch(self, call: Call, id: UUID, code: str) -> FormField:
        row = question(call, id, code)
        before = _facts({part.name: getattr(row, part.name) for part in fields(QuestionDraft)})
        draft = QuestionDraft(**{**before, **_facts(call.body)})
        return update_question(
            program=row.program, code=row.code, draft=draft, by=call.by, at=call.at
        )


class MoveQuestion(MerchantView):
    """Ask a question earlier or later."""

    @endpoint(
        "Move a question", gives=QuestionSerializer, takes=PlaceSerializer, scope=Scope.PROGRAMS
    )
    def post(self, call: Call, id: UUID, code: str) -> FormField:
        row = question(call, id, code)
        step = STEPS[call.body["to"]]
        move_question(program=row.program, code=row.code, step=step, by=call.by, at=call.at)
        row.refresh_from_db(fields=["position"])
        return row


class RemoveQuestion(MerchantView):
    """Ask a question no more."""

    @endpoint(
        "Remove a question",
        gives=QuestionSerializer,
        scope=Scope.PROGRAMS,
        description="Answers that were given stay.",
    )
    def post(self, call: Call, id: UUID, code: str) -> FormField:
        row = question(call, id, code)
        remove_question(program=row.program, code=row.code, by=call.by, at=call.at)
        return row


class ReviewRuleSerializer(serializers.Serializer[Any]):
    """A rule about applications: the first that holds decides."""

    id = Id()
    program = Id(source="program_id")
    position = serializers.IntegerField(help_text="The lowest is asked first.")
    looks_at = Word(Check)
    is_negated = serializers.BooleanField()
    field_code = Maybe(help_text="Of answer and number: the code of the question.")
    values = serializers.ListField(child=serializers.CharField())
    minimum = serializers.IntegerField(allow_null=True)
    verdict = Word(Verdict)
    reason = serializers.CharField(help_text="The applicant reads it.")
    created_at = Moment()


class ReviewRuleChangesSerializer(Strict):
    """What of a rule may change: everything."""

    looks_at = Word(Check, required=False)
    verdict = Word(Verdict, required=False)
    reason = Name(max_length=300, required=False)
    is_negated = Flag(required=False)
    field_code = Text(max_length=40, required=False, allow_blank=True)
    values = serializers.ListField(
        child=Name(max_length=120), required=False, max_length=VALUES_MAX
    )
    minimum = Minor(required=False, allow_null=True)


class NewReviewRuleSerializer(ReviewRuleChangesSerializer):
    """A rule, asked after the others."""

    looks_at = Word(Check)
    verdict = Word(Verdict)
    reason = Name(max_length=300)


def review_rules(call: Call, program: Program) -> QuerySet[ReviewRule]:
    """Return the rules of a program."""
    return ReviewRule.objects.filter(merchant_id=call.merchant_id, program=program)


class ReviewRules(MerchantView):
    """The review rules of a program."""

    @endpoint("List review rules of a program", gives=ReviewRuleSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[ReviewRule]:
        return review_rules(call, one(programs(call), id))

    @endpoint(
        "Create a review rule",
        gives=ReviewRuleSerializer,
        takes=NewReviewRuleSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        example={
            "looks_at": "country",
            "is_negated": True,
            "values": ["DE", "AT"],
            "verdict": "review",
            "reason": "We do not deliver there yet.",
        },
        description="It decides about applications that arrive from now on.",
    )
    def post(self, call: Call, id: UUID) -> ReviewRule:
        draft = RuleDraft(**_facts(call.body))
        return add_rule(program=one(programs(call), id), draft=draft, by=call.by, at=call.at)


class OneReviewRule(MerchantView):
    """One review rule."""

    @endpoint("Read a review rule", gives=ReviewRuleSerializer)
    def get(self, call: Call, id: UUID, review_rule_id: UUID) -> ReviewRule:
        return one(review_rules(call, one(programs(call), id)), review_rule_id)

    @endpoint(
        "Change a review rule",
        gives=ReviewRuleSerializer,
        takes=ReviewRuleChangesSerializer,
        scope=Scope.PROGRAMS,
        description="Applications that were decided stay as they are.",
    )
    def patch(self, call: Call, id: UUID, review_rule_id: UUID) -> ReviewRule:
        program = one(programs(call), id)
        rule = one(review_rules(call, program), review_rule_id)
        before = _facts({part.name: getattr(rule, part.name) for part in fields(RuleDraft)})
        draft = RuleDraft(**{**before, **_facts(call.body)})
        return update_rule(program=program, rule=rule, draft=draft, by=call.by, at=call.at)


class MoveReviewRule(MerchantView):
    """Ask a rule earlier or later."""

    @endpoint(
        "Move a review rule",
        gives=ReviewRuleSerializer,
        takes=PlaceSerializer,
        scope=Scope.PROGRAMS,
    )
    def post(self, call: Call, id: UUID, review_rule_id: UUID) -> ReviewRule:
        program = one(programs(call), id)
        rule = one(review_rules(call, program), review_rule_id)
        step = STEPS[call.body["to"]]
        move_rule(program=program, rule_id=rule.id, step=step, by=call.by, at=call.at)
        rule.refresh_from_db(fields=["position"])
        return rule


class RemoveReviewRule(MerchantView):
    """Ask a rule no more."""

    @endpoint("Remove a review rule", gives=ReviewRuleSerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID, review_rule_id: UUID) -> ReviewRule:
        program = one(programs(call), id)
        rule = one(review_rules(call, program), review_rule_id)
        remove_rule(program=program, rule=rule, by=call.by, at=call.at)
        return rule
