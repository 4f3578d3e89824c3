"""Why: the affiliate's own part of a conversion's trace. Nobody else's, and not the buyer's."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from interfaces.api.endpoints import PartnerCall, PartnerView, endpoint
from interfaces.api.fields import Id
from interfaces.api.find import found
from interfaces.api.v1.partner.results import credits
from interfaces.api.v1.why import PolicySerializer, TraceMoment
from tracking.models import Credit


class PartnerTouchSerializer(serializers.Serializer[Any]):
    """One piece of evidence of the affiliate, and whether it counted."""

    at = TraceMoment()
    kind = serializers.CharField()
    accepted = serializers.BooleanField()
    reason = serializers.CharField(help_text="A stable code.")
    share_ppm = serializers.IntegerField(required=False)


class PartnerRuleSerializer(serializers.Serializer[Any]):
    """The rule that pays the affiliate."""

    rule_version = Id(allow_null=True)
    level = serializers.CharField()


class PartnerWhySerializer(serializers.Serializer[Any]):
    """The affiliate's part of the trace; before attribution has looked, `policy` is null."""

    conversion = Id()
    policy = PolicySerializer(allow_null=True)
    touches = PartnerTouchSerializer(many=True)
    share_ppm = serializers.IntegerField()
    amount_minor = serializers.IntegerField(help_text="The share of the conversion's amount.")
    is_assigned = serializers.BooleanField(help_text="The merchant gave it to the affiliate.")
    rules = PartnerRuleSerializer(many=True)


class PartnerWhy(PartnerView):
    """The affiliate's part of one conversion's trace."""

    @endpoint("Explain a conversion to the affiliate", gives=PartnerWhySerializer)
    def get(self, call: PartnerCall, id: UUID) -> dict[str, Any]:
        credit: Credit = found(credits(call).filter(conversion_id=id).first())
        own, trace = str(credit.enrollment_id), credit.conversion.trace
        return {
            "conversion": id,
            "policy": trace.get("policy"),
            "touches": [row for row in trace.get("touches", []) if row["enrollment"] == own],
            "share_ppm": credit.share_ppm,
            "amount_minor": credit.amount_minor,
            "is_assigned": trace.get("assigned", {}).get("enrollment") == own,
            "rules": [
                row
                for row in trace.get("rules", [])
                if row["matched"] and row.get("enrollment", own) == own
            ],
        }
