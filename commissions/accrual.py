"""Set-based: a batch of conversions becomes credits, traces, commissions and journals."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from affiliates.models import Status as EnrollmentStatus
from commissions.models import EARNING_REF, Commission, Kind, Reward, RuleVersion, Status
from commissions.rules import Award, Basis, award_fixed, award_percent, share_award
from common.money import split
from ledger.models import AccountKind
from ledger.services import Draft, post, transfer
from merchants.events import draft_event, record_events
from merchants.models import SYSTEM, Event
from tracking.attribution import Outcome, Owner, Policy, Touch, TouchKind, attribute
from tracking.models import Conversion, ConversionStatus, Coupon, Credit, Link, Reason
from tracking.token import ClickToken, read_token

RuleKey = tuple[UUID, UUID]  # (program, goal)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a batch needs to know, read once: links by number, coupons, rule versions."""

    tokens: dict[UUID, ClickToken]  # By conversion.
    links: dict[int, Link]
    coupons: dict[tuple[UUID, str], Coupon]  # By program and code.
    versions: dict[RuleKey, list[RuleVersion]]  # Newest first.


@dataclass(slots=True)
class Result:
    """What became of one conversion."""

    conversion: Conversion
    credits: list[Credit]
    commissions: list[Commission]


def accrue(merchant_id: UUID, conversions: Sequence[Conversion], *, at: datetime) -> list[Result]:
    """Attribute the conversions and write everything that follows; return what became of each.

    The caller holds the conversions' rows locked. Unique keys make a second run harmless.
    """
    evidence = gather(merchant_id, conversions)
    results = [_accrue_one(conversion, evidence, at) for conversion in conversions]
    Credit.objects.bulk_create(credit for result in results for credit in result.credits)
    lines = [line for result in results for line in result.commissions]
    Commission.objects.bulk_create(lines)
    post(merchant_id=merchant_id, drafts=[earned_draft(line) for line in lines], at=at)
    Conversion.objects.bulk_update(
        conversions, ["status", "status_changed_at", "reason", "attributed_at", "trace"]
    )
    record_events([event for result in results for event in _events(result, at)])
    return results


def gather(merchant_id: UUID, conversions: Sequence[Conversion]) -> Evidence:
    """Read in three queries what attribution and rates need to know of a batch."""
    tokens = {
        conversion.id: token
        for conversion in conversions
        if (token := read_token(conversion.click_token, settings.CLICK_KEYS)) is not None
    }
    links = Link.objects.filter(
        merchant_id=merchant_id, number__in={token.link_number for token in tokens.values()}
    ).select_related("enrollment")
    coupons = Coupon.objects.filter(
        merchant_id=merchant_id, code__in={row.coupon_code for row in conversions} - {""}
    ).select_related("enrollment")
    versions: dict[RuleKey, list[RuleVersion]] = defaultdict(list)
    for version in (
        RuleVersion.objects.filter(merchant_id=merchant_id)
        .filter(rule__program_id__in={row.program_id for row in conversions})
        .select_related("rule")
        .order_by("-valid_from", "-version")
    ):
        versions[version.rule.program_id, version.rule.goal_id].append(version)
    return Evidence(
        tokens,
        {link.number: link for link in links},
        {(coupon.program_id, coupon.code): coupon for coupon in coupons},
        versions,
    )


def _accrue_one(conversion: Conversion, evidence: Evidence, at: datetime) -> Result:
    policy = Policy(conversion.program_id, conversion.program.window_days)
    outcome = attribute(
        touches_of(conversion, evidence), policy=policy, occurred_at=conversion.occurred_at
    )
    version = rule_in_force(evidence, conversion)
    award = award_of(version, conversion) if version else None
    credits = _credits(conversion, outcome)
    commissions = _commissions(conversion, credits, version, award) if version and award else []
    _settle_status(conversion, credits, commissions, at)
    conversion.attributed_at = at
    conversion.trace = _trace(policy, outcome, version, award)
    return Result(conversion, credits, commissions)


def touches_of(conversion: Conversion, evidence: Evidence) -> list[Touch]:
    """Return the evidence of one conversion as touches, the unreadable included."""
    touches = []
    if conversion.click_token:
        token = evidence.tokens.get(conversion.id)
        link = evidence.links.get(token.link_number) if token else None
        at = token.at if token else conversion.occurred_at
        text = str(token.click_id) if token else conversion.click_token
        touches.append(_touch(TouchKind.CLICK, at, text, link, link.id if link else None))
    if conversion.coupon_code:
        coupon = evidence.coupons.get((conversion.program_id, conversion.coupon_code))
        touches.append(
            _touch(TouchKind.COUPON, conversion.occurred_at, conversion.coupon_code, coupon, None)
        )
    return touches


def _touch(
    kind: TouchKind, at: datetime, text: str, owner: Link | Coupon | None, link_id: UUID | None
) -> Touch:
    return Touch(kind, at, text, _owner(owner, link_id) if owner else None)


def _owner(owner: Link | Coupon, link_id: UUID | None) -> Owner:
    return Owner(
        program_id=owner.program_id,
        enrollment_id=owner.enrollment_id,
        affiliate_id=owner.affiliate_id,
        earning=owner.enrollment.status == EnrollmentStatus.APPROVED,
        link_id=link_id,
    )


def rule_in_force(evidence: Evidence, conversion: Conversion) -> RuleVersion | None:
    """Return the version that was in force when the conversion happened, if any was."""
    versions = evidence.versions.get((conversion.program_id, conversion.goal_id), [])
    return version_at(versions, conversion.occurred_at)


def version_at(versions: Sequence[RuleVersion], at: datetime) -> RuleVersion | None:
    """Return which of a goal's versions, newest first, was in force at a moment, if any was.

    An ended rule still pays for what happened before its end.
    """
    latest = next((row for row in versions if row.valid_from <= at), None)
    if latest is None or (latest.rule.archived_at is not None and latest.rule.archived_at <= at):
        return None
    return latest


def award_of(version: RuleVersion, conversion: Conversion) -> Award:
    """Return what the version pays for the whole conversion."""
    basis = Basis(conversion.amount_minor, conversion.tax_minor, conversion.shipping_minor)
    return award_for(version, basis)


def award_for(version: RuleVersion, basis: Basis) -> Award:
    """Return what the version pays for the money of a conversion."""
    if version.reward == Reward.FIXED:
        return award_fixed(fixed_minor=version.fixed_minor)
    return award_percent(basis, rate_bps=version.rate_bps)


def _credits(conversion: Conversion, outcome: Outcome) -> list[Credit]:
    if not outcome.shares:
        return []
    amounts = split(conversion.amount_minor, [share.share_ppm for share in outcome.shares])
    return [
        Credit(
            merchant_id=conversion.merchant_id,
            conversion=conversion,
            enrollment_id=share.owner.enrollment_id,
            affiliate_id=share.owner.affiliate_id,
            link_id=share.owner.link_id,
            share_ppm=share.share_ppm,
            amount_minor=amount_minor,
        )
        for share, amount_minor in zip(outcome.shares, amounts, strict=True)
    ]


def _commissions(
    conversion: Conversion, credits: list[Credit], version: RuleVersion, award: Award
) -> list[Commission]:
    if not credits:
        return []
    parts = share_award(award.amount_minor, shares_ppm=[credit.share_ppm for credit in credits])
    hold_until = conversion.occurred_at + timedelta(days=conversion.program.hold_days)
    return [
        Commission(
            merchant_id=conversion.merchant_id,
            program_id=conversion.program_id,
            enrollment_id=credit.enrollment_id,
            affiliate_id=credit.affiliate_id,
            conversion=conversion,
            rule_version=version,
            kind=Kind.EARNING,
            event_ref=EARNING_REF,
            amount_minor=part_minor,
            currency=conversion.currency,
            status=Status.PENDING,
            status_changed_at=conversion.occurred_at,
            hold_until=hold_until,
            earned_at=conversion.occurred_at,
        )
        for credit, part_minor in zip(credits, parts, strict=True)
        if part_minor
    ]


def _settle_status(
    conversion: Conversion, credits: list[Credit], commissions: list[Commission], at: datetime
) -> None:
    if commissions:
        conversion.status, conversion.reason = ConversionStatus.PENDING, Reason.ON_HOLD
    else:  # Nobody waits for money: the sale is a fact, and its reason says why it pays none.
        conversion.status = ConversionStatus.APPROVED
        conversion.reason = Reason.NO_RULE if credits else Reason.UNATTRIBUTED
    conversion.status_changed_at = at


def earned_draft(line: Commission) -> Draft:
    """Return the journal of a line that starts pending."""
    return transfer(
        source=f"commission:{line.id}:earned",
        amount_minor=line.amount_minor,
        currency=line.currency,
        enrollment_id=line.enrollment_id,
        out_of=AccountKind.COMMISSION_EXPENSE,
        into=AccountKind.PENDING,
    )


def _trace(
    policy: Policy, outcome: Outcome, version: RuleVersion | None, award: Award | None
) -> dict[str, Any]:
    return {
        "policy": {"model": "last_touch", "window_days": policy.window_days},
        "touches": [
            {
                "at": item.touch.at.isoformat(),
                "kind": item.touch.kind,
                "evidence": item.touch.evidence,
                "enrollment": str(item.touch.owner.enrollment_id) if item.touch.owner else None,
                "accepted": item.verdict == "accepted",
                "reason": item.verdict,
            }
            for item in outcome.touches
        ],
        "rules": [
            {
                "rule_version": str(version.id),
                "level": "program",
                "matched": True,
                "reason": "goal",
            }
        ]
        if version
        else [],
        "arithmetic": [award.arithmetic] if award and outcome.shares else [],
    }


def _events(result: Result, at: datetime) -> list[Event]:
    conversion = result.conversion
    events = [
        draft_event(
            merchant_id=conversion.merchant_id,
            type="conversion.attributed",
            subject_id=conversion.id,
            by=SYSTEM,
            at=at,
            data={
                "status": conversion.status,
                "reason": conversion.reason,
                "enrollments": [str(credit.enrollment_id) for credit in result.credits],
            },
        )
    ]
    events += [
        draft_event(
            merchant_id=line.merchant_id,
            type="commission.created",
            subject_id=line.id,
            by=SYSTEM,
            at=at,
            data={
                "conversion": str(line.conversion_id),
                "enrollment": str(line.enrollment_id),
                "amount_minor": line.amount_minor,
                "currency": line.currency,
            },
        )
        for line in result.commissions
    ]
    return events
