"""Rates that Acme and single affiliates proposed to each other, and how that ended.

None of it is with Bob: his sales stay as the README tells.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from affiliates.models import Enrollment
from affiliates.services import Consent
from commissions.agreements import agreement_text
from commissions.models import Proposal, Reward, Side
from commissions.services import proposals
from commissions.services.proposals import ProposalDraft, Signature
from demo.agreements import ADDRESS, AGENT
from demo.cast import FARAH, HUGO, INES, JONAS
from demo.characters import Promoter
from demo.history import History
from merchants.models import acting_user
from merchants.rights import Role
from programs.models import Goal
from users.models import User

ANSWER_DAYS: Final = 14


def plan_proposals(history: History) -> None:
    """Plan who proposed what: agreed, refused, waiting for Ines, and waiting for Alice."""
    for days_ago, action in (
        (17, _meet_farah),
        (9, _refuse_jonas),
        (4, _offer_ines),
        (3, _hear_hugo),
    ):
        at = history.day(days_ago) + timedelta(hours=10)
        history.agenda.plan(at, partial(action, history))


def _meet_farah(history: History, at: datetime) -> None:
    """Alice would pay less for sign-ups by codes, Farah says how much less, and Alice signs."""
    enrollment = _enrollment(history, FARAH)
    if enrollment is None:
        return
    offered = _offer(
        history,
        enrollment,
        at,
        _fixed(history, at, 150, "Two in three sign-ups by codes never order. 1.50 for each?"),
    )
    later = at + timedelta(hours=26)
    wanted = _fixed(history, later, 175, "With 1.75 I could live.")
    answer = _counter(history, offered, FARAH, later, wanted)
    _sign(history, answer, later + timedelta(hours=5))


def _refuse_jonas(history: History, at: datetime) -> None:
    """Jonas asks for more than anybody gets."""
    enrollment = _enrollment(history, JONAS)
    if enrollment is None:
        return
    user = history.people.user(JONAS.person)
    draft = _share(history, at, 2_000, "The harbour is quiet. At 20 % I would write again.")
    asked = proposals.offer(
        enrollment=enrollment,
        side=Side.AFFILIATE,
        draft=draft,
        user=user,
        by=acting_user(user),
        at=at,
    )
    by = history.stage.acting(Role.OWNER)
    proposals.decline(proposal=asked, side=Side.MERCHANT, by=by, at=at + timedelta(hours=4))


def _offer_ines(history: History, at: datetime) -> None:
    """Ines grows, and may have more for a while; she has not answered yet."""
    enrollment = _enrollment(history, INES)
    if enrollment is not None:
        draft = _share(
            history,
            at,
            1_200,
            "Your harbours sell oilskins. Twelve percent until the end of winter?",
            ends_on=(history.now + timedelta(days=90)).date(),
        )
        _offer(history, enrollment, at, draft)


def _hear_hugo(history: History, at: datetime) -> None:
    """Hugo wants more than he was offered; that waits for Alice."""
    enrollment = _enrollment(history, HUGO)
    if enrollment is None:
        return
    offered = _offer(
        history, enrollment, at, _share(history, at, 1_150, "One rate instead of steps?")
    )
    later = at + timedelta(hours=30)
    wanted = _share(history, later, 1_250, "Gladly, at 12.5 %: most of my months are busy ones.")
    _counter(history, offered, HUGO, later, wanted)


# Shorter -----------------------------------------------------------------------------------------


def _enrollment(history: History, promoter: Promoter) -> Enrollment | None:
    """Return a promoter's enrollment as it is now, with its program."""
    standing = history.stage.standing(promoter)
    if standing is None:
        return None
    rows = Enrollment.objects.select_related("program__merchant", "affiliate")
    return rows.get(id=standing.enrollment.id)


def _goal(history: History, code: str) -> Goal:
    stage = history.stage
    return Goal.objects.get(merchant=stage.merchant, program=stage.program, code=code)


def _share(
    history: History, at: datetime, rate_bps: int, message: str, **facts: Any
) -> ProposalDraft:
    return ProposalDraft(
        reward=Reward.PERCENT,
        rate_bps=rate_bps,
        goal=_goal(history, "sale"),
        message=message,
        expires_at=at + timedelta(days=ANSWER_DAYS),
        **facts,
    )


def _fixed(history: History, at: datetime, fixed_minor: int, message: str) -> ProposalDraft:
    return ProposalDraft(
        reward=Reward.FIXED,
        fixed_minor=fixed_minor,
        goal=_goal(history, "signup"),
        message=message,
        expires_at=at + timedelta(days=ANSWER_DAYS),
    )


def _offer(
    history: History, enrollment: Enrollment, at: datetime, draft: ProposalDraft
) -> Proposal:
    user = history.stage.member(Role.OWNER).user
    return proposals.offer(
        enrollment=enrollment,
        side=Side.MERCHANT,
        draft=draft,
        user=user,
        by=acting_user(user),
        at=at,
    )


def _counter(
    history: History, offered: Proposal, promoter: Promoter, at: datetime, draft: ProposalDraft
) -> Proposal:
    user = history.people.user(promoter.person)
    return proposals.counter(
        proposal=offered,
        side=Side.AFFILIATE,
        draft=draft,
        user=user,
        by=acting_user(user),
        at=at,
    )


def _sign(history: History, proposal: Proposal, at: datetime) -> None:
    """Let Alice agree."""
    user: User = history.stage.member(Role.OWNER).user
    consent = Consent(user=user, terms_version=None, ip=ADDRESS, user_agent=AGENT)
    text = agreement_text(proposal, language="en")
    signature = Signature(name=user.name, text=text, by=consent)
    proposals.accept(
        proposal=proposal, side=Side.MERCHANT, signature=signature, by=acting_user(user), at=at
    )
