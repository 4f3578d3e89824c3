"""Programs, their goals and their terms."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import (
    Currency,
    Flag,
    Id,
    Maybe,
    MaybeWord,
    Minor,
    Moment,
    Name,
    Plain,
    Strict,
    Text,
    WebAddress,
    Whole,
    Word,
)
from interfaces.api.find import found, one
from interfaces.api.pagination import ListQuery
from merchants.networks import NETWORKS_MAX
from merchants.rights import Scope
from programs.models import (
    HOLD_DAYS_MAX,
    WINDOW_DAYS_MAX,
    AfterHold,
    AttributionModel,
    CodePriority,
    ConsentMode,
    ForeignCurrency,
    Goal,
    JoinMode,
    Kind,
    PostbackProfile,
    Program,
    Status,
    Terms,
)
from programs.services import (
    HOSTS_MAX,
    LEGACY_PARAMETERS_MAX,
    GoalDraft,
    ProgramDraft,
    add_goal,
    change_goal,
    create_program,
    move_program,
    publish_terms,
    update_program,
)

HOST = r"^(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\Z"
GOAL_CODE = r"^[a-z][a-z0-9_]*\Z"
SLUG = r"^[-a-zA-Z0-9_]+\Z"
LEGACY_PARAMETER = r"^[A-Za-z][A-Za-z0-9_-]*\Z"
GOALS_MAX = 50


class ProgramSerializer(serializers.Serializer[Any]):
    """An offer to affiliates."""

    id = Id()
    name = serializers.CharField()
    slug = serializers.CharField(help_text="In the address of its public page.")
    kind = Word(Kind)
    status = Word(Status)
    currency = serializers.CharField()
    summary = serializers.CharField(allow_blank=True)
    description = serializers.CharField(allow_blank=True)
    landing_url = serializers.CharField()
    fallback_url = Maybe(help_text="Where clicks that are not credited may go instead.")
    allowed_hosts = serializers.ListField(child=serializers.CharField())
    join_mode = Word(JoinMode)
    consent_mode = Word(ConsentMode)
    window_days = serializers.IntegerField()
    hold_days = serializers.IntegerField()
    payout_minor_min = serializers.IntegerField()
    utm_template = serializers.CharField(
        allow_blank=True, help_text="Appended to destinations: utm_source={via}."
    )
    legacy_parameters = serializers.ListField(
        child=serializers.CharField(),
        help_text="Names that hold a referral code in links of an earlier system.",
    )
    attribution_model = Word(AttributionModel)
    half_life_days = serializers.IntegerField(help_text="Of the model time_decay.")
    code_priority = Word(CodePriority)
    new_customers_only = serializers.BooleanField()
    reactivation_days = serializers.IntegerField(
        allow_null=True, help_text="Who bought nothing for so long is new again; null: never."
    )
    lock_in_months = serializers.IntegerField(
        allow_null=True, help_text="How long customers stay bound; null: for life, 0: not at all."
    )
    yields_to = MaybeWord(Kind, help_text="Gives way to programs of this kind.")
    after_hold = Word(AfterHold)
    excludes_tax = serializers.BooleanField(help_text="Percentages leave out tax.")
    excludes_shipping = serializers.BooleanField(help_text="Percentages leave out shipping.")
    adds_discount = serializers.BooleanField(help_text="Percentages are of the undiscounted price.")
    foreign_currency = Word(ForeignCurrency)
    commission_bps_max = serializers.IntegerField(
        allow_null=True, help_text="Largest part of the net that commissions may be; null: any."
    )
    claim_days = serializers.IntegerField(help_text="To answer an affiliate's claim.")
    reapply_days = serializers.IntegerField(
        allow_null=True, help_text="When who was rejected may apply again; null: never."
    )
    takes_coupon_requests = serializers.BooleanField(
        help_text="Affiliates may ask for a code of their own."
    )
    postback_profile = Word(PostbackProfile)
    postback_networks = serializers.ListField(
        child=serializers.CharField(), help_text="Who may send postbacks; empty: anybody."
    )
    is_test = serializers.BooleanField(help_text="Its conversions never reach money.")
    created_at = Moment()


class GoalSerializer(serializers.Serializer[Any]):
    """What a program may pay for."""

    code = serializers.CharField()
    name = serializers.CharField()
    definition = serializers.CharField(allow_blank=True)
    window_days = serializers.IntegerField(allow_null=True, help_text="null: the program's.")
    attribution_model = MaybeWord(AttributionModel, help_text="null: the program's.")
    created_at = Moment()


class GoalAttributionSerializer(Strict):
    """How a goal is attributed, where it is not as the program says."""

    window_days = Whole(min_value=1, max_value=WINDOW_DAYS_MAX, required=False, allow_null=True)
    attribution_model = Word(AttributionModel, required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Turn null into what the database has for it."""
        if attrs.get("attribution_model", "") is None:
            attrs["attribution_model"] = ""
        return attrs


class NewGoalSerializer(GoalAttributionSerializer):
    """A goal; its code is for good."""

    code = Plain(GOAL_CODE, max_length=40)
    name = Name(max_length=80)
    definition = Text(max_length=2_000, required=False, allow_blank=True, default="")


class GoalChangesSerializer(GoalAttributionSerializer):
    """What of a goal may change."""

    name = Name(max_length=80, required=False)
    definition = Text(max_length=2_000, required=False, allow_blank=True)


class ProgramChangesSerializer(Strict):
    """What of a program may change; currency and kind are for good."""

    name = Name(max_length=120, required=False)
    slug = Plain(SLUG, max_length=60, required=False)
    summary = Name(max_length=200, required=False, allow_blank=True)
    description = Text(max_length=10_000, required=False, allow_blank=True)
    landing_url = WebAddress(required=False)
    fallback_url = WebAddress(required=False, allow_blank=True)
    allowed_hosts = serializers.ListField(
        child=Plain(HOST, max_length=253), required=False, max_length=HOSTS_MAX
    )
    join_mode = Word(JoinMode, required=False)
    consent_mode = Word(ConsentMode, required=False)
    window_days = Whole(min_value=1, max_value=WINDOW_DAYS_MAX, required=False)
    hold_days = Whole(min_value=0, max_value=HOLD_DAYS_MAX, required=False)
    payout_minor_min = Minor(required=False)
    utm_template = Name(max_length=500, required=False, allow_blank=True)
    legacy_parameters = serializers.ListField(
        child=Plain(LEGACY_PARAMETER, max_length=40),
        required=False,
        max_length=LEGACY_PARAMETERS_MAX,
    )
    attribution_model = Word(AttributionModel, required=False)
    half_life_days = Whole(min_value=1, max_value=365, required=False)
    code_priority = Word(CodePriority, required=False)
    new_customers_only = Flag(required=False)
    reactivation_days = Whole(min_value=1, max_value=32_767, required=False, allow_null=True)
    lock_in_months = Whole(min_value=0, max_value=1_200, required=False, allow_null=True)
    yields_to = Word(Kind, required=False, allow_null=True)
    after_hold = Word(AfterHold, required=False)
    excludes_tax = Flag(required=False)
    excludes_shipping = Flag(required=False)
    adds_discount = Flag(required=False)
    foreign_currency = Word(ForeignCurrency, required=False)
    commission_bps_max = Whole(min_value=1, max_value=10_000, required=False, allow_null=True)
    claim_days = Whole(min_value=1, max_value=90, required=False)
    reapply_days = Whole(min_value=0, max_value=3_650, required=False, allow_null=True)
    takes_coupon_requests = Flag(required=False)
    postback_profile = Word(PostbackProfile, required=False)
    postback_networks = serializers.ListField(
        child=Name(max_length=50), required=False, max_length=NETWORKS_MAX
    )
    is_test = Flag(required=False, help_text="Until the first conversion.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Turn null into what the database has for it."""
        if attrs.get("yields_to", "") is None:
            attrs["yields_to"] = ""
        return attrs


class NewProgramSerializer(ProgramChangesSerializer):
    """A program; what is left out has a default."""

    name = Name(max_length=120)
    landing_url = WebAddress()
    currency = Currency(required=False, help_text="Default: the merchant's.")
    kind = Word(Kind, required=False)
    goals = serializers.ListField(
        child=NewGoalSerializer(),
        required=False,
        max_length=GOALS_MAX,
        help_text="Default: signup, lead and sale.",
    )

    def validate_goals(self, goals: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Refuse a code that stands there twice."""
        codes = [goal["code"] for goal in goals]
        if len(set(codes)) < len(codes):
            raise ValidationError(ErrorDetail(str(_("Each code once.")), "duplicate_goal"))
        return goals


def draft_of(body: dict[str, Any], *, currency: str) -> ProgramDraft:
    """Return what a validated body wants to create."""
    facts = {"currency": currency, **body}
    for name in ("allowed_hosts", "legacy_parameters", "postback_networks"):
        facts[name] = tuple(body.get(name, ()))
    if "goals" in body:
        facts["goals"] = tuple(GoalDraft(**goal) for goal in body["goals"])
    return ProgramDraft(**facts)


class TermsSerializer(serializers.Serializer[Any]):
    """One published version of a program's terms."""

    id = Id()
    version = serializers.IntegerField()
    summary = serializers.CharField(allow_blank=True)
    body = serializers.CharField()
    body_sha256 = serializers.CharField()
    published_at = Moment()


class NewTermsSerializer(Strict):
    """The next version."""

    body = Text(max_length=100_000)
    summary = Text(max_length=2_000, required=False, allow_blank=True, default="")


class ProgramQuery(ListQuery):
    """Filters of the programs."""

    slug = Text(required=False, max_length=60)
    kind = Word(Kind, required=False)
    status = Word(Status, required=False)
    currency = Text(required=False, max_length=3)


def programs(call: Call) -> QuerySet[Program]:
    """Return the merchant's programs."""
    return Program.objects.filter(merchant_id=call.merchant_id)


def goal_of(call: Call, program: Program, code: str, *, named_by: str = "") -> Goal:
    """Return a goal of the program.

    :raises NotFound: if it has none of this code.
    """
    goals = Goal.objects.filter(merchant_id=call.merchant_id, program=program, code=code)
    return found(goals.select_related("program").first(), named_by=named_by)


class Programs(MerchantView):
    """The programs of the merchant."""

    @endpoint("List programs", gives=ProgramSerializer, query=ProgramQuery)
    def get(self, call: Call) -> QuerySet[Program]:
        return programs(call)

    @endpoint(
        "Create a program",
        gives=ProgramSerializer,
        takes=NewProgramSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        example={"name": "Partners", "landing_url": "https://shop.example/", "currency": "EUR"},
        description="It starts as a draft: set its rates, then activate it.",
    )
    def post(self, call: Call) -> Program:
        merchant = call.member.merchant
        draft = draft_of(call.body, currency=merchant.currency)
        return create_program(merchant=merchant, draft=draft, by=call.by, at=call.at)


class OneProgram(MerchantView):
    """One program."""

    @endpoint("Read a program", gives=ProgramSerializer)
    def get(self, call: Call, id: UUID) -> Program:
        return one(programs(call), id)

    @endpoint(
        "Change a program",
        gives=ProgramSerializer,
        takes=ProgramChangesSerializer,
        scope=Scope.PROGRAMS,
    )
    def patch(self, call: Call, id: UUID) -> Program:
        program = one(programs(call), id)
        return update_program(program=program, changes=call.body, by=call.by, at=call.at)


class ActivateProgram(MerchantView):
    """Start crediting clicks."""

    @endpoint("Activate a program", gives=ProgramSerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID) -> Program:
        program = one(programs(call), id)
        return move_program(program=program, to=Status.ACTIVE, by=call.by, at=call.at)


class PauseProgram(MerchantView):
    """Stop crediting clicks for a while."""

    @endpoint("Pause a program", gives=ProgramSerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID) -> Program:
        program = one(programs(call), id)
        return move_program(program=program, to=Status.PAUSED, by=call.by, at=call.at)


class EndProgram(MerchantView):
    """Stop crediting clicks for good."""

    @endpoint("End a program", gives=ProgramSerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID) -> Program:
        program = one(programs(call), id)
        return move_program(program=program, to=Status.ENDED, by=call.by, at=call.at)


class Goals(MerchantView):
    """The goals of a program."""

    @endpoint("List goals of a program", gives=GoalSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Goal]:
        program = one(programs(call), id)
        return Goal.objects.filter(merchant_id=call.merchant_id, program=program)

    @endpoint(
        "Add a goal to a program",
        gives=GoalSerializer,
        takes=NewGoalSerializer,
        status=201,
        scope=Scope.PROGRAMS,
    )
    def post(self, call: Call, id: UUID) -> Goal:
        program = one(programs(call), id)
        return add_goal(program=program, draft=GoalDraft(**call.body), by=call.by, at=call.at)


class OneGoal(MerchantView):
    """One goal, by its code."""

    @endpoint("Read a goal", gives=GoalSerializer)
    def get(self, call: Call, id: UUID, code: str) -> Goal:
        return goal_of(call, one(programs(call), id), code)

    @endpoint(
        "Change a goal", gives=GoalSerializer, takes=GoalChangesSerializer, scope=Scope.PROGRAMS
    )
    def patch(self, call: Call, id: UUID, code: str) -> Goal:
        goal = goal_of(call, one(programs(call), id), code)
        return change_goal(goal=goal, changes=call.body, by=call.by, at=call.at)


class TermsVersions(MerchantView):
    """The versions of a program's terms."""

    @endpoint("List terms of a program", gives=TermsSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Terms]:
        program = one(programs(call), id)
        return Terms.objects.filter(merchant_id=call.merchant_id, program=program)

    @endpoint(
        "Publish terms of a program",
        gives=TermsSerializer,
        takes=NewTermsSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        description="A new version; affiliates are asked to accept it.",
    )
    def post(self, call: Call, id: UUID) -> Terms:
        program = one(programs(call), id)
        return publish_terms(program=program, **call.body, by=call.by, at=call.at)


class OneTerms(MerchantView):
    """One version of a program's terms."""

    @endpoint("Read terms of a program", gives=TermsSerializer)
    def get(self, call: Call, id: UUID, terms_id: UUID) -> Terms:
        versions = Terms.objects.filter(merchant_id=call.merchant_id, program_id=id)
        return one(versions, terms_id)
