"""Experiments: affiliates drawn into variants of the rates, and what these brought."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from commissions.models import Experiment, ExperimentState
from commissions.services.experiments import (
    ExperimentDraft,
    VariantDraft,
    archive_experiment,
    create_experiment,
    stop_experiment,
)
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Moment, Name, Strict, Whole, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.programs import programs
from interfaces.api.v1.replay_shapes import RuleContentSerializer
from merchants.rights import Scope
from reports.experiments import (
    Measured,
    Results,
    Unit,
    VariantResult,
    experiments_of,
    results_of,
)
from reports.ratios import Interval


class NewVariantSerializer(Strict):
    """A variant: its share of the affiliates by weight, and its rules; the control has none."""

    name = Name(max_length=80)
    weight = Whole(min_value=1, max_value=1_000, required=False)
    rules = RuleContentSerializer(many=True, required=False)


class NewExperimentSerializer(Strict):
    """A comparison of rates. Exactly one variant has no rules: the control."""

    name = Name(max_length=80)
    hypothesis = Name(max_length=300, required=False, allow_blank=True)
    starts_at = Moment(help_text="Approved affiliates are drawn then, once.")
    ends_at = Moment()
    variants = NewVariantSerializer(many=True)


class ExperimentSerializer(serializers.Serializer[Any]):
    """A comparison of rates over a time."""

    id = Id()
    program = Id(source="program_id")
    name = serializers.CharField()
    hypothesis = serializers.CharField(allow_blank=True)
    starts_at = Moment()
    ends_at = Moment()
    assigned_at = Moment(allow_null=True, help_text="When affiliates were drawn.")
    stopped_at = Moment(allow_null=True)
    archived_at = Moment(allow_null=True)
    created_at = Moment()


class IntervalSerializer(serializers.Serializer[Any]):
    """From where to where the true value lies, at 95 %."""

    low = serializers.FloatField()
    high = serializers.FloatField()


class FigureSerializer(serializers.Serializer[Any]):
    """A figure of a variant. Without enough data there is no interval."""

    figure = serializers.CharField(help_text="As in docs: conversion_rate, earnings_per_click …")
    unit = serializers.ChoiceField(
        choices=[unit.value for unit in Unit], help_text="Money is in minor units, with fractions."
    )
    value = serializers.FloatField(allow_null=True)
    interval = IntervalSerializer(allow_null=True)
    difference = serializers.FloatField(allow_null=True, help_text="To the control.")
    difference_interval = IntervalSerializer(allow_null=True)


class VariantResultSerializer(serializers.Serializer[Any]):
    """A variant and what its affiliates did."""

    id = Id()
    name = serializers.CharField()
    weight = serializers.IntegerField()
    is_control = serializers.BooleanField()
    promotion = Id(allow_null=True, help_text="Which holds its rules.")
    affiliates = serializers.IntegerField()
    affiliates_active = serializers.IntegerField()
    clicks = serializers.IntegerField()
    conversions = serializers.IntegerField()
    revenue_minor = serializers.IntegerField()
    commission_minor = serializers.IntegerField()
    is_enough = serializers.BooleanField(help_text="Whether there is enough data for intervals.")
    figures = FigureSerializer(many=True)


class ExperimentResultsSerializer(ExperimentSerializer):
    """An experiment with its variants side by side."""

    state = Word(ExperimentState)
    currency = serializers.CharField()
    until = Moment(help_text="Up to when is counted.")
    variants = VariantResultSerializer(many=True)

    def to_representation(self, instance: Results) -> dict[str, Any]:
        """Return the results as outsiders read them."""
        experiment = instance.experiment
        return {
            **ExperimentSerializer(experiment).data,
            "state": Word(ExperimentState).to_representation(instance.state),
            "currency": experiment.program.currency,
            "until": Moment().to_representation(instance.until),
            "variants": [_variant(row) for row in instance.variants],
        }


def _variant(result: VariantResult) -> dict[str, Any]:
    variant, tally = result.variant, result.tally
    return {
        "id": str(variant.id),
        "name": variant.name,
        "weight": variant.weight,
        "is_control": result.is_control,
        "promotion": str(variant.promotion_id) if variant.promotion_id else None,
        "affiliates": tally.affiliates,
        "affiliates_active": tally.active,
        "clicks": tally.clicks,
        "conversions": tally.conversions,
        "revenue_minor": tally.revenue_minor,
        "commission_minor": tally.commission_minor,
        "is_enough": result.is_enough,
        "figures": [_figure(measured) for measured in result.measured],
    }


def _figure(measured: Measured) -> dict[str, Any]:
    return {
        "figure": measured.figure.code,
        "unit": measured.figure.unit.value,
        "value": measured.value,
        "interval": _interval(measured.interval),
        "difference": measured.difference,
        "difference_interval": _interval(measured.difference_interval),
    }


def _interval(interval: Interval | None) -> dict[str, float] | None:
    return {"low": interval.low, "high": interval.high} if interval else None


def experiments(call: Call, program_id: UUID) -> QuerySet[Experiment]:
    """Return the experiments of one of the merchant's programs."""
    return experiments_of(one(programs(call), program_id)).select_related("program")


class Experiments(MerchantView):
    """The experiments of a program."""

    @endpoint("List experiments of a program", gives=ExperimentSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Experiment]:
        return experiments(call, id)

    @endpoint(
        "Create an experiment",
        gives=ExperimentResultsSerializer,
        takes=NewExperimentSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        description="Two of one program never overlap, so that each result has one cause.",
        example={
            "name": "15 % against 10 %",
            "starts_at": "2026-04-01T00:00:00Z",
            "ends_at": "2026-05-01T00:00:00Z",
            "variants": [
                {"name": "As now"},
                {
                    "name": "15 %",
                    "rules": [{"goal": "sale", "reward": "percent", "rate_bps": 1_500}],
                },
            ],
        },
    )
    def post(self, call: Call, id: UUID) -> Results:
        facts = dict(call.body)
        facts["variants"] = [VariantDraft(**row) for row in facts["variants"]]
        experiment = create_experiment(
            program=one(programs(call), id),
            draft=ExperimentDraft(**facts),
            by=call.by,
            at=call.at,
        )
        return results_of(experiment, at=call.at)


class OneExperiment(MerchantView):
    """One experiment."""

    @endpoint("Read an experiment", gives=ExperimentResultsSerializer)
    def get(self, call: Call, id: UUID, experiment_id: UUID) -> Results:
        return results_of(one(experiments(call, id), experiment_id), at=call.at)


class StopExperiment(MerchantView):
    """End it now."""

    @endpoint(
        "Stop an experiment",
        gives=ExperimentResultsSerializer,
        scope=Scope.PROGRAMS,
        description="From here on everybody earns as the control does.",
    )
    def post(self, call: Call, id: UUID, experiment_id: UUID) -> Results:
        found = one(experiments(call, id), experiment_id)
        return results_of(stop_experiment(experiment=found, by=call.by, at=call.at), at=call.at)


class ArchiveExperiment(MerchantView):
    """Put it away."""

    @endpoint(
        "Archive an experiment",
        gives=ExperimentResultsSerializer,
        scope=Scope.PROGRAMS,
        description="One that is over, or one that has not started, which is discarded.",
    )
    def post(self, call: Call, id: UUID, experiment_id: UUID) -> Results:
        found = one(experiments(call, id), experiment_id)
        return results_of(archive_experiment(experiment=found, by=call.by, at=call.at), at=call.at)
