"""Branches: through which of the affiliate's links a smart link sends whom."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, MaybeWord, Strict
from interfaces.api.find import found, one
from interfaces.api.v1.links import links
from interfaces.api.v1.targeting import (
    TargetingChangesSerializer,
    TargetingSerializer,
    targeting_from,
)
from merchants.rights import Scope
from tracking.models import Link, SmartRule
from tracking.selectors import branches_of
from tracking.services import BRANCHES_MAX, BranchDraft, set_branches


class BranchSerializer(TargetingSerializer):
    """One way of a smart link: through another link, for some visitors."""

    target = Id(source="target_id", help_text="The link that clicks are recorded for.")
    score = serializers.IntegerField(
        help_text="Commission per 1,000 clicks lately, in minor units."
    )


class NewBranchSerializer(TargetingChangesSerializer):
    """A link that some visitors are sent through; without conditions everybody is."""

    target = Id(help_text="A link of the same affiliate that is not smart itself.")


class SmartLinkSerializer(serializers.Serializer[Any]):
    """How a smart link picks, and from what."""

    smart_rule = MaybeWord(SmartRule, help_text="null: no smart link.")
    branches = BranchSerializer(many=True)


class SmartLinkChangesSerializer(Strict):
    """All of it at once: what was there before goes."""

    smart_rule = MaybeWord(SmartRule, help_text="null, without branches: no smart link.")
    branches = serializers.ListField(child=NewBranchSerializer(), max_length=BRANCHES_MAX)


def shape_of(link: Link) -> dict[str, Any]:
    """Return what is answered of a smart link."""
    return {"smart_rule": link.smart_rule, "branches": branches_of(link)}


class Branches(MerchantView):
    """The branches of a link."""

    @endpoint("Read branches of a link", gives=SmartLinkSerializer)
    def get(self, call: Call, id: UUID) -> dict[str, Any]:
        return shape_of(one(links(call), id))

    @endpoint(
        "Set branches of a link",
        gives=SmartLinkSerializer,
        takes=SmartLinkChangesSerializer,
        scope=Scope.AFFILIATES,
        description="A smart link sends each visitor through one of its branches that match: by"
        " weight (`match`), or mostly where most is earned (`best`). The click is that link's.",
        example={
            "smart_rule": "match",
            "branches": [
                {"target": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b", "devices": ["phone"]},
                {"target": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5c", "priority": 200},
            ],
        },
    )
    def put(self, call: Call, id: UUID) -> dict[str, Any]:
        link = one(links(call), id)
        set_branches(
            link=link,
            rule=call.body["smart_rule"] or "",
            branches=drafts_of(call, call.body["branches"]),
            by=call.by,
            at=call.at,
        )
        return shape_of(link)


def drafts_of(call: Call, bodies: list[dict[str, Any]]) -> list[BranchDraft]:
    """Return the branches that validated bodies describe."""
    own = links(call).filter(id__in=[body["target"] for body in bodies])
    targets = {link.id: link for link in own}
    return [
        BranchDraft(
            found(targets.get(body["target"]), named_by=f"branches.{index}.target"),
            targeting_from(body),
        )
        for index, body in enumerate(bodies)
    ]
