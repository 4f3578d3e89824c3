"""For whom a destination or a branch is: the same fields wherever they stand."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from interfaces.api.fields import Country, Moment, Name, Plain, Strict, Whole
from programs.services import DEVICES
from programs.targeting import ALWAYS_FROM, ALWAYS_UNTIL, Targeting

VALUES_MAX = 100
LANGUAGE = r"^[a-z]{2,8}\Z"
ANY = "Empty: any."
ANY_TIME = Targeting()


class TargetingSerializer(serializers.Serializer[Any]):
    """Conditions, all of which must hold. The smallest priority goes first, weights share."""

    countries = serializers.ListField(child=serializers.CharField(), help_text=ANY)
    devices = serializers.ListField(child=serializers.CharField(), help_text=ANY)
    systems = serializers.ListField(child=serializers.CharField(), help_text=ANY)
    languages = serializers.ListField(child=serializers.CharField(), help_text=ANY)
    weekdays = serializers.ListField(
        child=serializers.IntegerField(), help_text="1 is Monday, 7 is Sunday. Empty: any."
    )
    hour_from = serializers.IntegerField(allow_null=True)
    hour_until = serializers.IntegerField(allow_null=True)
    time_zone = serializers.CharField()
    starts_at = Moment(allow_null=True)
    ends_at = Moment(allow_null=True)
    priority = serializers.IntegerField()
    weight = serializers.IntegerField()


class TargetingChangesSerializer(Strict):
    """The same in a request: what is left out is any, or stays."""

    countries = serializers.ListField(child=Country(), max_length=VALUES_MAX, required=False)
    devices = serializers.ListField(
        child=serializers.ChoiceField(choices=DEVICES), max_length=VALUES_MAX, required=False
    )
    systems = serializers.ListField(
        child=Name(max_length=40),
        max_length=VALUES_MAX,
        required=False,
        help_text="As they name themselves: Android, iOS, Windows, Mac OS X, Linux.",
    )
    languages = serializers.ListField(
        child=Plain(LANGUAGE), max_length=VALUES_MAX, required=False, help_text="ISO 639: en, zh."
    )
    weekdays = serializers.ListField(
        child=Whole(min_value=1, max_value=7), max_length=7, required=False
    )
    hour_from = Whole(min_value=0, max_value=23, allow_null=True, required=False)
    hour_until = Whole(
        min_value=1,
        max_value=24,
        allow_null=True,
        required=False,
        help_text="From 22 until 6 goes over midnight.",
    )
    time_zone = Name(max_length=40, required=False, help_text="As IANA names it: Europe/Vienna.")
    starts_at = Moment(allow_null=True, required=False)
    ends_at = Moment(allow_null=True, required=False)
    priority = Whole(min_value=1, max_value=1_000, required=False)
    weight = Whole(min_value=1, max_value=10_000, required=False)


def targeting_from(facts: Mapping[str, Any], base: Targeting = ANY_TIME) -> Targeting:
    """Return the base with what a validated body says otherwise; other fields are passed over."""
    given = {name: value for name, value in facts.items() if name in Targeting._fields}
    for name, value in given.items():
        if isinstance(value, list):
            given[name] = tuple(value)
    for name, otherwise in (("starts_at", ALWAYS_FROM), ("ends_at", ALWAYS_UNTIL)):
        if name in given:
            given[name] = otherwise if given[name] is None else given[name].timestamp()
    return base._replace(**given)
