"""Smart links: which branch a visitor takes."""

from datetime import timedelta

import pytest

from programs.targeting import Targeting, Visitor
from tests.tracking.test_clicks import NOON, ROUTE, visit
from tracking.models import SmartRule
from tracking.routes import BranchRoute
from tracking.smart import choose_branch
from tracking.visits import Visit

ANYBODY = Visitor("", "desktop", "Linux", "")
TARGETS = {code: ROUTE._replace(code=code, link_id=code) for code in ("a", "b", "c")}


def smart(*branches: BranchRoute, rule: SmartRule = SmartRule.MATCH):
    return ROUTE._replace(smart_rule=rule, branches=branches)


def branch(code: str, score: int = 0, **conditions) -> BranchRoute:
    return BranchRoute(code, score, Targeting(**conditions))


def chosen(route, *, visitor=ANYBODY, seen: Visit | None = None, closed=(), at=NOON) -> str:
    found = choose_branch(
        route,
        targets=TARGETS,
        is_open=lambda target: target.code not in closed,
        visit=seen or visit(),
        visitor=visitor,
        at=at,
    )
    return found.code if found else ""


def by(number: int) -> Visit:
    return visit()._replace(address=f"10.0.{number >> 8}.{number & 255}")


@pytest.mark.parametrize(
    ("_case", "visitor", "closed", "expected"),
    [
        ("the first priority that fits", Visitor("DE", "phone", "", ""), (), "a"),
        ("another device", Visitor("DE", "desktop", "", ""), (), "b"),
        ("nobody's country", Visitor("FR", "desktop", "", ""), (), "c"),
        ("a closed branch is passed over", Visitor("DE", "phone", "", ""), ("a",), "b"),
        ("and all that are", Visitor("DE", "phone", "", ""), ("a", "b"), "c"),
        ("none left", Visitor("DE", "phone", "", ""), ("a", "b", "c"), ""),
    ],
)
def test_branches_match_like_destinations(_case, visitor, closed, expected):
    route = smart(
        branch("a", priority=1, devices=("phone",)),
        branch("b", priority=2, countries=("DE",)),
        branch("c", priority=3),
        branch("unknown", priority=1),
    )

    assert chosen(route, visitor=visitor, closed=closed) == expected


def test_equal_branches_share_by_weight_and_a_person_keeps_theirs():
    route = smart(branch("a", weight=3), branch("b", weight=1))

    taken = [chosen(route, seen=by(number)) for number in range(1_000)]

    assert 680 < taken.count("a") < 820
    assert len({chosen(route, seen=by(7), at=NOON + timedelta(hours=n)) for n in range(50)}) == 1


def test_the_best_earns_nine_in_ten_and_the_others_are_still_tried():
    route = smart(
        branch("a", 900), branch("b", 100), branch("c", 9_999, priority=200), rule=SmartRule.BEST
    )

    taken = [chosen(route, seen=by(number)) for number in range(2_000)]

    assert "c" not in taken
    assert 0.92 < taken.count("a") / 2_000 < 0.98  # Of every tenth, half go to each.
    assert taken.count("b") > 0


def test_the_best_that_is_closed_gives_way():
    route = smart(branch("a", 900), branch("b", 100), rule=SmartRule.BEST)

    assert {chosen(route, seen=by(number), closed=("a",)) for number in range(50)} == {"b"}


def test_without_scores_the_weights_decide():
    route = smart(branch("a", weight=1), branch("b", weight=1), rule=SmartRule.BEST)

    taken = [chosen(route, seen=by(number)) for number in range(500)]

    assert 180 < taken.count("a") < 320


def test_a_smart_link_without_branches_leads_by_itself():
    assert chosen(smart()) == ""
