"""Who is in which tier, and who brought whom."""

import pytest

from affiliates.selectors import count_by_tier
from affiliates.services import move_to_tier, set_recruiter
from common.refusals import BadValue
from common.states import IllegalMove
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from programs.selectors import tiers_of
from programs.services import TierNameTaken, archive_tier, create_tier, update_tier
from tests.cast import NOON, Company, Promoter, make_promoter


def test_a_tier_is_created_changed_and_archived(acme: Company) -> None:
    with merchant_context(acme.id):
        gold = create_tier(program=acme.program, name=" Gold ", hold_days=7, by=SYSTEM, at=NOON)
        silver = create_tier(program=acme.program, name="Silver", position=1, by=SYSTEM, at=NOON)
        assert [tier.name for tier in tiers_of(acme.program)] == ["Silver", "Gold"]

        with pytest.raises(TierNameTaken):
            create_tier(program=acme.program, name="Gold", by=SYSTEM, at=NOON)
        with pytest.raises(TierNameTaken):
            update_tier(tier=silver, name="Gold", position=1, hold_days=None, by=SYSTEM, at=NOON)
        update_tier(tier=gold, name="Gold", position=0, hold_days=None, by=SYSTEM, at=NOON)
        archive_tier(tier=gold, by=SYSTEM, at=NOON)
        archive_tier(tier=gold, by=SYSTEM, at=NOON)
        create_tier(program=acme.program, name="Gold", by=SYSTEM, at=NOON)

        with pytest.raises(IllegalMove):
            update_tier(tier=gold, name="X", position=0, hold_days=None, by=SYSTEM, at=NOON)
        kinds = [row.type for row in Event.objects.filter(type__startswith="program.tier_")]
        assert sorted(kinds) == [
            "program.tier_archived",
            *["program.tier_created"] * 3,
            "program.tier_updated",
        ]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "Gold", "position": -1}, "position"),
        ({"name": "Gold", "hold_days": 366}, "hold_days"),
        ({"name": "Gold", "hold_days": -1}, "hold_days"),
    ],
)
def test_a_bad_tier_names_its_field(acme: Company, facts: dict[str, object], field: str) -> None:
    with merchant_context(acme.id), pytest.raises(BadValue) as refusal:
        create_tier(program=acme.program, **facts, by=SYSTEM, at=NOON)  # type: ignore[arg-type]

    assert refusal.value.field == field


def test_an_affiliate_moves_into_a_tier_and_out_again(
    acme: Company, globex: Company, bob: Promoter
) -> None:
    with merchant_context(globex.id):
        theirs = create_tier(program=globex.program, name="Gold", by=SYSTEM, at=NOON)
    with merchant_context(acme.id):
        gold = create_tier(program=acme.program, name="Gold", by=SYSTEM, at=NOON)

        move_to_tier(enrollment=bob.enrollment, tier=gold, by=SYSTEM, at=NOON)
        move_to_tier(enrollment=bob.enrollment, tier=gold, by=SYSTEM, at=NOON)
        assert count_by_tier(acme.program) == {gold.id: 1}
        with pytest.raises(BadValue, match="another program"):
            move_to_tier(enrollment=bob.enrollment, tier=theirs, by=SYSTEM, at=NOON)
        archive_tier(tier=gold, by=SYSTEM, at=NOON)
        with pytest.raises(BadValue) as refusal:
            move_to_tier(enrollment=bob.enrollment, tier=gold, by=SYSTEM, at=NOON)
        assert refusal.value.code == "archived"
        move_to_tier(enrollment=bob.enrollment, tier=None, by=SYSTEM, at=NOON)

        moves = Event.objects.filter(type="enrollment.tier_changed").order_by("created_at", "id")
        assert [(row.data["before"], row.data["after"]) for row in moves] == [
            (None, str(gold.id)),
            (str(gold.id), None),
        ]


def test_nobody_is_brought_by_whom_they_brought(acme: Company, bob: Promoter) -> None:
    bea = make_promoter(acme, "Bea")
    eve = make_promoter(acme, "Eve")
    with merchant_context(acme.id):
        set_recruiter(enrollment=bea.enrollment, recruiter=bob.enrollment, by=SYSTEM, at=NOON)
        set_recruiter(enrollment=eve.enrollment, recruiter=bea.enrollment, by=SYSTEM, at=NOON)

        for recruiter in (bob, bea, eve):
            with pytest.raises(BadValue) as refusal:
                set_recruiter(
                    enrollment=bob.enrollment, recruiter=recruiter.enrollment, by=SYSTEM, at=NOON
                )
            assert (refusal.value.field, refusal.value.code) == ("recruiter", "circle")
        set_recruiter(enrollment=bea.enrollment, recruiter=None, by=SYSTEM, at=NOON)
        set_recruiter(enrollment=bob.enrollment, recruiter=eve.enrollment, by=SYSTEM, at=NOON)

        assert Event.objects.filter(type="enrollment.recruiter_changed").count() == 4


def test_a_recruiter_is_in_the_same_program(
    acme: Company, globex: Company, bob: Promoter, carol: Promoter
) -> None:
    with merchant_context(acme.id), pytest.raises(BadValue) as refusal:
        set_recruiter(enrollment=bob.enrollment, recruiter=carol.enrollment, by=SYSTEM, at=NOON)

    assert refusal.value.code == "other_program"
