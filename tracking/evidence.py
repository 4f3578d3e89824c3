"""Evidence, read: whose a click, a coupon or a referral code is. Set-based, for many at once."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from affiliates.models import Enrollment
from affiliates.models import Status as EnrollmentStatus
from common.ids import time_of
from common.rows import any_of
from tracking.attribution import Owner, Touch, TouchKind, Verdict
from tracking.models import Click, Coupon, Link
from tracking.token import ClickToken, read_token

CouponKey = tuple[UUID, str]  # (program, code in upper case)


class Claim(NamedTuple):
    """What is said to have led somebody here, as presented."""

    click_token: str = ""
    coupon_code: str = ""
    referral_code: str = ""
    earlier_tokens: tuple[str, ...] = ()

    @property
    def tokens(self) -> tuple[str, ...]:
        """Return the clicks, each once."""
        if not self.earlier_tokens:  # As nearly always.
            return (self.click_token,) if self.click_token else ()
        return tuple(
            dict.fromkeys(text for text in (self.click_token, *self.earlier_tokens) if text)
        )


class ClickSeen(NamedTuple):
    """What the row of a click adds to its token."""

    id: UUID
    destination_id: UUID | None
    country: str
    device: str
    subs: dict[str, Any]
    source: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What some claims come to, read once."""

    tokens: dict[str, ClickToken]  # The genuine ones, by their text.
    links: dict[int, Link]  # By number.
    clicks: dict[UUID, ClickSeen]  # Of the rows that are there, by id.
    coupons: dict[CouponKey, Coupon]
    referrals: dict[str, Link | Enrollment]  # By code: a link's or an enrollment's.
    used_up: set[UUID] = field(default_factory=set)  # Coupons that reached their limit.

    def enrollment_ids(self) -> set[UUID]:
        """Return whose it is."""
        owned = (*self.links.values(), *self.coupons.values(), *self.referrals.values())
        return {(row if isinstance(row, Enrollment) else row.enrollment).heir.id for row in owned}


def read_evidence(
    merchant_id: UUID, claims: Iterable[Claim], *, more_clicks: Iterable[UUID] = ()
) -> Evidence:
    """Read whose the claims are, in five queries at the most however many they are.

    `more_clicks` are clicks known to be genuine whose rows are wanted, too.
    """
    claims, keys = list(claims), settings.CLICK_KEYS
    tokens = {
        text: token
        for claim in claims
        for text in claim.tokens
        if (token := read_token(text, keys)) is not None
    }
    codes = {claim.referral_code for claim in claims} - {""}
    links = _links(merchant_id, {token.link_number for token in tokens.values()}, codes)
    return Evidence(
        tokens=tokens,
        links={link.number: link for link in links},
        clicks=_clicks(merchant_id, {*(token.click_id for token in tokens.values()), *more_clicks}),
        coupons=_coupons(merchant_id, {claim.coupon_code.upper() for claim in claims} - {""}),
        referrals=_referrals(merchant_id, codes, links),
    )


def _links(merchant_id: UUID, numbers: Collection[int], codes: Collection[str]) -> list[Link]:
    if not numbers and not codes:
        return []
    wanted = Q(number__in=list(numbers)) | Q(code__in=list(codes))
    links = Link.objects.filter(wanted, merchant_id=merchant_id)
    return list(links.select_related("enrollment__merged_into"))


def _clicks(merchant_id: UUID, ids: Collection[UUID]) -> dict[UUID, ClickSeen]:
    """Return the clicks that are there; the bounds keep other days' partitions out of it."""
    if not ids:
        return {}
    clicks = Click.objects.filter(
        merchant_id=merchant_id, id__in=any_of(ids), id__gte=min(ids), id__lte=max(ids)
    )
    return {row[0]: ClickSeen(*row) for row in clicks.values_list(*ClickSeen._fields)}


def _coupons(merchant_id: UUID, codes: Collection[str]) -> dict[CouponKey, Coupon]:
    if not codes:
        return {}
    coupons = Coupon.objects.filter(merchant_id=merchant_id, code__in=list(codes))
    return {
        (row.program_id, row.code): row for row in coupons.select_related("enrollment__merged_into")
    }


def _referrals(
    merchant_id: UUID, codes: Collection[str], links: Iterable[Link]
) -> dict[str, Link | Enrollment]:
    if not codes:
        return {}
    owners: dict[str, Link | Enrollment] = {link.code: link for link in links}
    enrollments = Enrollment.objects.filter(merchant_id=merchant_id, code__in=list(codes))
    for enrollment in enrollments.select_related("merged_into"):
        owners.setdefault(enrollment.code, enrollment)
    return {code: owners[code] for code in codes if code in owners}


def touches_of(claim: Claim, evidence: Evidence, *, program_id: UUID, at: datetime) -> list[Touch]:
    """Return a claim as touches, the unreadable included; codes are used at `at`."""
    touches = [_click_touch(text, evidence, at) for text in claim.tokens]
    if claim.coupon_code:
        touches.append(_coupon_touch(claim.coupon_code.upper(), evidence, program_id, at))
    if claim.referral_code:
        touches.append(_referral_touch(claim.referral_code, evidence, at))
    return touches


def _click_touch(text: str, evidence: Evidence, at: datetime) -> Touch:
    token = evidence.tokens.get(text)
    if token is None:
        return Touch(TouchKind.CLICK, at, text, None)
    link = evidence.links.get(token.link_number)
    owner = owner_of_link(link, evidence.clicks.get(token.click_id)) if link else None
    return Touch(TouchKind.CLICK, token.at, str(token.click_id), owner)


def _coupon_touch(code: str, evidence: Evidence, program_id: UUID, at: datetime) -> Touch:
    coupon = evidence.coupons.get((program_id, code))
    if coupon is None:
        return Touch(TouchKind.COUPON, at, code, None)
    refusal = refusal_of_coupon(coupon, at)
    if refusal is None and coupon.id in evidence.used_up:
        refusal = Verdict.COUPON_USED_UP
    owner = _owner(coupon.program_id, coupon.enrollment)
    return Touch(TouchKind.COUPON, at, code, owner, refusal=refusal)


def _referral_touch(code: str, evidence: Evidence, at: datetime) -> Touch:
    named = evidence.referrals.get(code)
    if named is None:
        return Touch(TouchKind.REFERRAL, at, code, None)
    if isinstance(named, Enrollment):
        return Touch(TouchKind.REFERRAL, at, code, _owner(named.program_id, named))
    archived = named.archived_at is not None and named.archived_at <= at
    refusal = Verdict.LINK_ARCHIVED if archived else None
    return Touch(TouchKind.REFERRAL, at, code, owner_of_link(named, None), refusal=refusal)


def refusal_of_coupon(coupon: Coupon, at: datetime) -> Verdict | None:
    """Return what speaks against a coupon's use at this moment, its limit aside."""
    if coupon.valid_from is not None and at < coupon.valid_from:
        return Verdict.COUPON_NOT_YET_VALID
    for end in (coupon.valid_until, coupon.archived_at):
        if end is not None and at >= end:
            return Verdict.COUPON_EXPIRED
    return None


def owner_of_link(link: Link, click: ClickSeen | None) -> Owner:
    """Return whose a link is, and what the row of a click through it adds."""
    return _owner(
        link.program_id,
        link.enrollment,
        link_id=link.id,
        destination_id=click.destination_id if click else None,
        country=click.country if click else "",
    )


def _owner(
    program_id: UUID,
    enrollment: Enrollment,
    *,
    link_id: UUID | None = None,
    destination_id: UUID | None = None,
    country: str = "",
) -> Owner:
    heir = enrollment.heir
    return Owner(
        program_id=program_id,
        enrollment_id=heir.id,
        affiliate_id=heir.affiliate_id,
        earning=heir.status == EnrollmentStatus.APPROVED,
        link_id=link_id,
        destination_id=destination_id,
        country=country,
    )


def click_of_evidence(text: str) -> UUID | None:
    """Return the click that a stored binding names, unless it names a code."""
    try:
        click_id = UUID(text)
        time_of(click_id)
    except (ValueError, OverflowError):
        return None
    return click_id
