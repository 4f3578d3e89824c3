"""set_branches: a smart link leads through links of the same affiliate, never in circles."""

import pytest

from common.refusals import BadValue
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from programs.targeting import Targeting
from tests.cast import NOON, Company, Promoter, make_promoter
from tracking.models import Branch, Link, SmartRule
from tracking.selectors import branches_of
from tracking.services import BranchDraft, create_link, set_branches


def make_smart(link: Link, *targets: Link, rule: str = SmartRule.MATCH) -> list[Branch]:
    """Make a link smart with these targets."""
    drafts = [BranchDraft(target) for target in targets]
    return set_branches(link=link, rule=rule, branches=drafts, by=SYSTEM, at=NOON)


def another(promoter: Promoter, code: str) -> Link:
    """Make another link of a promoter."""
    return create_link(enrollment=promoter.enrollment, code=code)


def test_branches_are_kept_with_their_targeting(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        germans, rest = another(bob, "germans"), another(bob, "rest")
        drafts = [
            BranchDraft(germans, Targeting(countries=("DE",), priority=1)),
            BranchDraft(rest, Targeting(priority=2)),
        ]

        set_branches(link=bob.link, rule=SmartRule.BEST, branches=drafts, by=SYSTEM, at=NOON)

        link = Link.objects.get(id=bob.link.id)
        found = [(row.target.code, row.countries) for row in branches_of(link)]
        assert link.smart_rule == SmartRule.BEST
        assert found == [("germans", ["DE"]), ("rest", [])]
        event = Event.objects.get(type="link.branches_set")
        assert event.data == {"smart_rule": "BEST", "targets": ["germans", "rest"]}


def test_a_repeat_keeps_scores_and_an_empty_rule_ends_it(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        first, second = another(bob, "first"), another(bob, "second")
        make_smart(bob.link, first)
        Branch.objects.update(score=7)

        make_smart(bob.link, first, second)
        assert dict(Branch.objects.values_list("target__code", "score")) == {
            "first": 7,
            "second": 0,
        }

        make_smart(bob.link, rule="")
        assert not Branch.objects.exists()
        assert Link.objects.get(id=bob.link.id).smart_rule == ""


def test_branches_lead_to_no_smart_link_and_back_to_none(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        target, other = another(bob, "target"), another(bob, "other")
        make_smart(bob.link, target)

        with pytest.raises(BadValue) as to_smart:
            make_smart(other, bob.link)
        with pytest.raises(BadValue) as from_target:
            make_smart(target, other)
        with pytest.raises(BadValue) as to_itself:
            make_smart(other, other)

        assert (to_smart.value.field, to_smart.value.code) == (
            "branches.0.target",
            "target_is_smart",
        )
        assert (from_target.value.field, from_target.value.code) == ("smart_rule", "is_a_target")
        assert to_itself.value.code == "bad_target"
        assert Branch.objects.count() == 1


def test_another_affiliates_link_is_no_target(acme: Company, bob: Promoter) -> None:
    dora = make_promoter(acme, "Dora")

    with merchant_context(acme.id):
        with pytest.raises(BadValue) as refused:
            make_smart(bob.link, dora.link)

        assert refused.value.field == "branches.0.target"
        assert not Branch.objects.exists()


@pytest.mark.parametrize(
    ("rule", "count", "field", "code"),
    [
        ("MATCH", 0, "branches", "empty"),
        ("", 1, "smart_rule", "required"),
        ("MAGIC", 1, "smart_rule", "invalid_choice"),
        ("MATCH", 51, "branches", "too_many"),
    ],
)
def test_a_rule_and_branches_belong_together(
    acme: Company, bob: Promoter, rule: str, count: int, field: str, code: str
) -> None:
    with merchant_context(acme.id):
        target = another(bob, "target")

        with pytest.raises(BadValue) as refused:
            make_smart(bob.link, *[target] * count, rule=rule)

        assert (refused.value.field, refused.value.code) == (field, code)
        assert Link.objects.get(id=bob.link.id).smart_rule == ""


def test_targeting_that_cannot_be_is_refused_by_its_place(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        target = another(bob, "target")
        drafts = [BranchDraft(target), BranchDraft(target, Targeting(weight=0))]

        with pytest.raises(BadValue) as refused:
            set_branches(link=bob.link, rule=SmartRule.MATCH, branches=drafts, by=SYSTEM, at=NOON)

        assert refused.value.field == "branches.1.weight"
        assert not Branch.objects.exists()
