"""How rules are proposed, and how replays look outside."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commissions.models import PER_CONVERSION, Level, ReplayKind, ReplayStatus, Reward
from common.money import WHOLE_BPS
from interfaces.api.fields import Flag, Id, Maybe, Minor, Moment, Name, Strict, Text, Whole, Word
from interfaces.api.pagination import ListQuery, PageQuery

REWARDS = ", ".join(f"`{reward.lower()}`" for reward in PER_CONVERSION)


@extend_schema_field({"type": "object", "additionalProperties": True})
class PlainObject(serializers.JSONField):
    """An object whose members the catalogue of rewards and conditions knows."""

    default_error_messages = {"not_an_object": "An object is needed."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            self.fail("not_an_object")
        return data


class RuleContentSerializer(Strict):
    """What a rule pays, for what, and when. The reward decides which amounts it needs."""

    goal = Text(required=False, max_length=40, help_text="Its code. Default: every goal.")
    name = Name(required=False, allow_blank=True, max_length=80)
    reward = Word(Reward, help_text=f"One that conversions earn: {REWARDS}.")
    fixed_minor = Minor(required=False)
    rate_bps = Whole(required=False, min_value=0, max_value=WHOLE_BPS)
    details = PlainObject(required=False)
    conditions = serializers.ListField(child=PlainObject(), required=False, max_length=20)


class ProposedRuleSerializer(RuleContentSerializer):
    """A rule that is not in force, and at which level it would stand."""

    level = Word(Level, required=False, help_text="Default: program.")
    link = Id(required=False, help_text="At the level link: which.")
    enrollment = Id(required=False, help_text="At the level enrollment: which.")
    promotion = Id(required=False, help_text="At the level promotion: which.")
    tier = Id(required=False, help_text="At the level tier: which.")


class WhenSerializer(Strict):
    """The time of the conversions that are looked at."""

    happened_from = Moment()
    happened_until = Moment(help_text="Not included.")


class NewBacktestSerializer(WhenSerializer):
    """Rules as they might be, in the order in which they are asked."""

    rules = ProposedRuleSerializer(many=True, allow_empty=False)
    replaces_all = Flag(
        required=False,
        help_text=(
            "Nothing but these rules is asked. Default: false, so that levels which they do not"
            " name keep the rules they had."
        ),
    )


class StoredRuleSerializer(serializers.Serializer[Any]):
    """A rule of a backtest, as it was proposed."""

    goal = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    level = Word(Level)
    link = Id(required=False)
    enrollment = Id(required=False)
    promotion = Id(required=False)
    tier = Id(required=False)
    reward = Word(Reward)
    fixed_minor = serializers.IntegerField()
    rate_bps = serializers.IntegerField()
    details = PlainObject()
    conditions = serializers.ListField(child=PlainObject())


class ReplaySerializer(serializers.Serializer[Any]):
    """A run over past conversions: how far it is, and the sums so far, net of refunds."""

    id = Id()
    program = Id(source="program_id")
    kind = Word(ReplayKind)
    status = Word(ReplayStatus)
    detail = Maybe(source="error", help_text="Why it stopped before its end.")
    happened_from = Moment()
    happened_until = Moment()
    replaces_all = serializers.BooleanField()
    conversions_total = serializers.IntegerField(source="total")
    conversions_done = serializers.IntegerField(source="done")
    currency = serializers.CharField(source="program.currency")
    before_minor = serializers.IntegerField(help_text="What is booked now.")
    after_minor = serializers.IntegerField(help_text="What would be.")
    conversions_differing = serializers.IntegerField(
        source="differing", help_text="Of a recompute: those of which money would change."
    )
    conversions_applied = serializers.IntegerField(source="applied_count")
    booked_minor = serializers.IntegerField(help_text="What applying it has booked so far.")
    finished_at = Moment(allow_null=True)
    applied_at = Moment(allow_null=True)
    created_at = Moment()


class WholeReplaySerializer(ReplaySerializer):
    """A run over past conversions, with the rules that it asks."""

    rules = StoredRuleSerializer(
        source="proposed", many=True, help_text="Of a backtest, in their order."
    )


class ReplayTotalSerializer(serializers.Serializer[Any]):
    """What one affiliate has earned, and would have."""

    id = Id()
    enrollment = Id(source="enrollment_id")
    affiliate = Id(source="enrollment.affiliate_id")
    affiliate_name = serializers.CharField(source="enrollment.affiliate.name")
    conversions = serializers.IntegerField()
    before_minor = serializers.IntegerField()
    after_minor = serializers.IntegerField()


class ReplayDifferenceSerializer(serializers.Serializer[Any]):
    """A conversion of which a recompute would change what an affiliate earns."""

    id = Id()
    conversion = Id(source="conversion_id")
    conversion_external_id = serializers.CharField(source="conversion.external_id")
    enrollment = Id(source="enrollment_id")
    before_minor = serializers.IntegerField()
    after_minor = serializers.IntegerField()
    booked_minor = serializers.IntegerField(
        allow_null=True, help_text="What was booked when it was applied; null: nothing."
    )


class ReplayQuery(ListQuery):
    """Filters of the replays."""

    program = Id(required=False, source="program_id")
    kind = Word(ReplayKind, required=False)
    status = Word(ReplayStatus, required=False)


class ReplayRowsQuery(PageQuery):
    """Filters of what a replay found."""

    enrollment = Id(required=False, source="enrollment_id")
