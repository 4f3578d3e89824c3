"""The ladder of a program: how affiliates move between its tiers, and who would move now."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from affiliates.models import MoveCause
from commissions.ladders import Judged, preview_ladder
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Flag, Id, MaybeWord, Strict, Whole, Word
from interfaces.api.find import one
from interfaces.api.v1.programs import programs
from merchants.rights import Scope
from programs.models import Ladder, Period
from programs.services import ladder_draft, set_ladder

DAYS_MAX = 365


class LadderSerializer(serializers.Serializer[Any]):
    """How affiliates move between the tiers of a program."""

    program = Id(source="program_id")
    is_automatic = serializers.BooleanField(help_text="false: members move them by hand.")
    period = Word(Period)
    demotes = serializers.BooleanField(help_text="false: they keep what they reached.")
    grace_days = serializers.IntegerField()
    lock_days = serializers.IntegerField()


class LadderChangesSerializer(Strict):
    """What of a ladder may change: everything."""

    is_automatic = Flag(required=False)
    period = Word(Period, required=False)
    demotes = Flag(required=False)
    grace_days = Whole(min_value=0, max_value=DAYS_MAX, required=False)
    lock_days = Whole(min_value=0, max_value=DAYS_MAX, required=False)


class JudgedSerializer(serializers.Serializer[Any]):
    """An enrollment that would move, or that is warned (`cause` null)."""

    enrollment = Id()
    before = Id(allow_null=True)
    after = Id(allow_null=True)
    cause = MaybeWord(MoveCause)
    figures = serializers.DictField(child=serializers.IntegerField())


class LadderPreviewSerializer(serializers.Serializer[Any]):
    """Who would move now: the counts, and the first of them."""

    looked_at = serializers.IntegerField()
    up = serializers.IntegerField()
    down = serializers.IntegerField()
    warned = serializers.IntegerField()
    moves = JudgedSerializer(many=True)


class OneLadder(MerchantView):
    """The ladder of a program."""

    @endpoint("Read the ladder of a program", gives=LadderSerializer)
    def get(self, call: Call, id: UUID) -> Ladder:
        return ladder_draft(one(programs(call), id), {})

    @endpoint(
        "Change the ladder of a program",
        gives=LadderSerializer,
        takes=LadderChangesSerializer,
        scope=Scope.PROGRAMS,
        description="Everybody is looked at once a day, and anew after a change.",
    )
    def patch(self, call: Call, id: UUID) -> Ladder:
        program = one(programs(call), id)
        return set_ladder(program=program, changes=call.body, by=call.by, at=call.at)


class PreviewLadder(MerchantView):
    """Who would move if the ladder were switched on now."""

    @endpoint("Preview the ladder of a program", gives=LadderPreviewSerializer)
    def get(self, call: Call, id: UUID) -> dict[str, Any]:
        program = one(programs(call), id)
        found = preview_ladder(program, ladder_draft(program, {}), at=call.at)
        return {
            "looked_at": found.looked_at,
            "up": found.up,
            "down": found.down,
            "warned": found.warned_count,
            "moves": [_told(row) for row in (*found.moves, *found.warned)],
        }


def _told(row: Judged) -> dict[str, Any]:
    return {
        "enrollment": row.enrollment.id,
        "before": row.enrollment.tier_id,
        "after": row.verdict.tier_id,
        "cause": row.verdict.cause or "",
        "figures": {name.lower(): figure for name, figure in row.figures.items()},
    }
