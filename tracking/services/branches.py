"""Branches: through which of the affiliate's links a smart link sends whom."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from common.refusals import BadValue, cleaned
from merchants.events import record_event
from merchants.models import Actor
from programs.services import columns_of
from programs.targeting import Targeting
from tracking.models import Branch, Link, SmartRule

BRANCHES_MAX = 50


@dataclass(frozen=True, slots=True)
class BranchDraft:
    """A link that visitors are sent through, and which of them."""

    target: Link
    targeting: Targeting = field(default_factory=Targeting)


def set_branches(
    *,
    link: Link,
    rule: SmartRule | str,
    branches: Sequence[BranchDraft],
    by: Actor,
    at: datetime,
) -> list[Branch]:
    """Make a link smart, with these branches instead of any before; return them.

    An empty rule makes it an ordinary link again, and takes no branches. Safe to repeat. A branch
    whose target stays keeps its score.

    :raises BadValue: naming what cannot be, as "branches.0.target".
    """
    rule = cleaned(Link, "smart_rule", rule)
    _require_sane(rule, branches)
    with transaction.atomic():
        smart = _lock(link, branches)
        rows = [_branch(link, index, draft, smart) for index, draft in enumerate(branches)]
        earlier = Branch.objects.filter(merchant_id=link.merchant_id, link=link)
        scores = dict(earlier.values_list("target_id", "score"))
        for row in rows:
            row.score = scores.get(row.target_id, 0)
        earlier.delete()
        Branch.objects.bulk_create(rows)
        link.smart_rule = rule
        link.save(update_fields=["smart_rule"])
        record_event(
            merchant_id=link.merchant_id,
            type="link.branches_set",
            subject_id=link.id,
            by=by,
            at=at,
            data={"smart_rule": rule, "targets": [row.target.code for row in rows]},
        )
    return rows


def _require_sane(rule: str, branches: Sequence[BranchDraft]) -> None:
    if rule and not branches:
        raise BadValue("branches", "empty", _("A smart link needs a branch."))
    if branches and not rule:
        raise BadValue("smart_rule", "required", _("Say how a branch is picked."))
    if len(branches) > BRANCHES_MAX:
        raise BadValue("branches", "too_many", _("%d branches at the most.") % BRANCHES_MAX)


def _lock(link: Link, branches: Sequence[BranchDraft]) -> set[UUID]:
    """Keep link and targets as they are meanwhile; return which of them are smart."""
    ids = {link.id, *(draft.target.id for draft in branches)}
    rows = Link.objects.filter(merchant_id=link.merchant_id, id__in=ids).order_by("id")
    locked = rows.select_for_update(of=("self",), no_key=True)
    smart = {row.id for row in locked if row.smart_rule}
    targeted = Branch.objects.filter(merchant_id=link.merchant_id, target=link)
    if branches and targeted.exists():
        message = _("Another smart link leads here: it cannot be smart itself.")
        raise BadValue("smart_rule", "is_a_target", message)
    return smart


def _branch(link: Link, index: int, draft: BranchDraft, smart: Container[UUID]) -> Branch:
    where = f"branches.{index}"
    target = draft.target
    own = target.merchant_id == link.merchant_id and target.affiliate_id == link.affiliate_id
    if not own or target.id == link.id:
        message = _("Choose another link of the same affiliate.")
        raise BadValue(f"{where}.target", "bad_target", message)
    if target.id in smart:
        raise BadValue(f"{where}.target", "target_is_smart", _("A branch cannot be smart itself."))
    try:
        columns = columns_of(draft.targeting)
    except BadValue as error:
        raise BadValue(f"{where}.{error.field}", error.code, str(error)) from error
    return Branch(merchant_id=link.merchant_id, link=link, target=target, **columns)
