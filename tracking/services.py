"""Every write to links, coupons and the facts that arrive from outside."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum

from affiliates.models import Affiliate, Enrollment
from affiliates.models import Status as EnrollmentStatus
from affiliates.services import (
    ApplicationDraft,
    Consent,
    move_enrollment,
)
from affiliates.services import join_program as affiliates_join_program
from common.ids import new_code
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import Actor
from merchants.tenancy import merchant_context
from programs.models import Goal, Program
from programs.services import require_allowed_host
from tracking.models import Conversion, Coupon, Customer, Link, Refund


class CodeTaken(Exception):
    """A link or coupon has this code already."""


class NotEnrolled(Exception):
    """The enrollment is not approved, so it gets no links or coupons."""


class UnknownGoal(Exception):
    """The program has no goal with this code."""


class CurrencyMismatch(Exception):
    """The conversion is not in the program's currency, and we never convert silently."""


class TooMuchRefunded(Exception):
    """The refunds of a conversion would exceed its amount."""


# Joining: a new enrollment gets its first link, so both doors to "approved" are here -------------


def join_program(
    *,
    program: Program,
    affiliate: Affiliate,
    consent: Consent,
    application: ApplicationDraft,
    at: datetime,
) -> Enrollment:
    """Join or apply (see affiliates.services); whoever is in at once has a first link."""
    with merchant_context(program.merchant_id):
        enrollment = affiliates_join_program(
            program=program, affiliate=affiliate, consent=consent, application=application, at=at
        )
        ensure_first_link(enrollment=enrollment)
    return enrollment


def approve_enrollment(
    *, enrollment: Enrollment, by: Actor, at: datetime, reason: str = ""
) -> Enrollment:
    """Approve an application and see that the enrollment has a first link; return it.

    An invitation is not approved here: only who was invited can turn it into a yes, with the terms.

    :raises IllegalMove: if it has not applied.
    """
    return _let_in(enrollment, waiting=EnrollmentStatus.APPLIED, by=by, at=at, reason=reason)


def reinstate_enrollment(*, enrollment: Enrollment, by: Actor, at: datetime) -> Enrollment:
    """Let a suspended enrollment earn again; return it.

    :raises IllegalMove: if it is not suspended.
    """
    return _let_in(enrollment, waiting=EnrollmentStatus.SUSPENDED, by=by, at=at, reason="")


def _let_in(
    enrollment: Enrollment, *, waiting: EnrollmentStatus, by: Actor, at: datetime, reason: str
) -> Enrollment:
    approved = EnrollmentStatus.APPROVED
    if enrollment.status != waiting:
        raise IllegalMove("The enrollment", to=approved, status=enrollment.status)
    with transaction.atomic():
        move_enrollment(enrollment=enrollment, to=approved, by=by, at=at, reason=reason)
        ensure_first_link(enrollment=enrollment)
    return enrollment


def ensure_first_link(*, enrollment: Enrollment) -> None:
    """Create the link that every approved enrollment starts with; safe to repeat."""
    links = Link.objects.filter(merchant_id=enrollment.merchant_id, enrollment=enrollment)
    if enrollment.is_active and not links.exists():
        _insert_link(enrollment, code=new_code(), name="", destination_url="")


# Links and coupons -------------------------------------------------------------------------------


def create_link(
    *, enrollment: Enrollment, code: str = "", name: str = "", destination_url: str = ""
) -> Link:
    """Create a link of an approved enrollment; without a code it gets a random one. Return it.

    :raises NotEnrolled: if the enrollment is not approved.
    :raises HostNotAllowed: if the destination's host is not on the program's list.
    :raises CodeTaken: if any link of the installation has this code.
    """
    require_link_possible(enrollment=enrollment, destination_url=destination_url)
    return _insert_link(
        enrollment, code=code or new_code(), name=name, destination_url=destination_url
    )


def require_link_possible(*, enrollment: Enrollment, destination_url: str) -> None:
    """Return quietly when the enrollment may have a link that leads there.

    :raises NotEnrolled: if the enrollment is not approved.
    :raises HostNotAllowed: if the destination's host is not on the program's list.
    """
    if not enrollment.is_active:
        raise NotEnrolled(str(enrollment.id))
    if destination_url:
        require_allowed_host(program=enrollment.program, url=destination_url)


def _insert_link(enrollment: Enrollment, *, code: str, name: str, destination_url: str) -> Link:
    try:
        with transaction.atomic():
            return Link.objects.create(
                merchant_id=enrollment.merchant_id,
                program_id=enrollment.program_id,
                enrollment=enrollment,
                affiliate_id=enrollment.affiliate_id,
                code=code,
                name=name,
                destination_url=destination_url,
            )
    except IntegrityError as error:
        raise CodeTaken(code) from error


def update_link(*, link: Link, name: str, destination_url: str) -> Link:
    """Change where a link leads and how it is called; its code is for good. Return it.

    :raises HostNotAllowed: if the destination's host is not on the program's list.
    """
    if destination_url:
        require_allowed_host(program=link.program, url=destination_url)
    link.name, link.destination_url = name, destination_url
    link.save(update_fields=["name", "destination_url"])
    return link


def archive_link(*, link: Link, at: datetime) -> None:
    """Stop crediting a link's clicks; visitors are still led on. Safe to repeat."""
    Link.objects.filter(id=link.id, archived_at=None).update(archived_at=at)


def create_coupon(*, enrollment: Enrollment, code: str) -> Coupon:
    """Give a discount code to an approved enrollment; return it.

    :raises NotEnrolled: if the enrollment is not approved.
    :raises CodeTaken: if the program has this code already.
    """
    if not enrollment.is_active:
        raise NotEnrolled(str(enrollment.id))
    try:
        with transaction.atomic():
            return Coupon.objects.create(
                merchant_id=enrollment.merchant_id,
                program_id=enrollment.program_id,
                enrollment=enrollment,
                affiliate_id=enrollment.affiliate_id,
                code=code.upper(),
            )
    except IntegrityError as error:
        raise CodeTaken(code) from error


def update_coupon(*, coupon: Coupon, enrollment: Enrollment, code: str) -> Coupon:
    """Give a coupon another code or another enrollment of its program; return it.

    What was credited before stays where it is.

    :raises NotEnrolled: if the enrollment is not approved, or of another program.
    :raises CodeTaken: if the program has another coupon with this code.
    """
    if not enrollment.is_active or enrollment.program_id != coupon.program_id:
        raise NotEnrolled(str(enrollment.id))
    coupon.enrollment, coupon.affiliate_id = enrollment, enrollment.affiliate_id
    coupon.code = code.upper()
    try:
        with transaction.atomic():
            coupon.save(update_fields=["enrollment", "affiliate", "code"])
    except IntegrityError as error:
        raise CodeTaken(code) from error
    return coupon


# Conversions and refunds -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CustomerReport:
    """What a conversion says of the buyer, by the merchant's own id."""

    external_id: str
    country: str = ""
    is_new: bool | None = None


@dataclass(frozen=True, slots=True)
class ConversionReport:
    """A goal reached, as it was reported. `amount_minor` is what was paid, tax and shipping in."""

    goal: str
    external_id: str
    amount_minor: int
    currency: str
    occurred_at: datetime
    click_token: str = ""
    coupon_code: str = ""
    customer: CustomerReport | None = None
    tax_minor: int = 0
    shipping_minor: int = 0
    discount_minor: int = 0
    items: Sequence[dict[str, Any]] = ()
    metadata: dict[str, Any] = field(default_factory=dict)


def record_conversion(
    *, program: Program, report: ConversionReport, by: Actor, at: datetime
) -> tuple[Conversion, bool]:
    """Store a reported conversion; return it and whether it is new.

    A repeat (same goal and external id) stores nothing and returns what was stored first.

    :raises UnknownGoal: if the program has no such goal.
    :raises CurrencyMismatch: if the report is in another currency than the program.
    """
    goal = Goal.objects.filter(
        merchant_id=program.merchant_id, program=program, code=report.goal
    ).first()
    if goal is None:
        raise UnknownGoal(report.goal)
    if report.currency != program.currency:
        raise CurrencyMismatch(f"{report.currency} conversion, {program.currency} program")
    with transaction.atomic():
        customer = _find_customer(program, report.customer, at) if report.customer else None
        conversion, created = Conversion.objects.get_or_create(
            merchant_id=program.merchant_id,
            program=program,
            goal=goal,
            external_id=report.external_id,
            defaults=conversion_facts(report, customer=customer, at=at),
        )
        if created:
            record_event(
                merchant_id=program.merchant_id,
                type="conversion.received",
                subject_id=conversion.id,
                by=by,
                at=at,
                data={"goal": goal.code, "external_id": report.external_id},
            )
    return conversion, created


def conversion_facts(
    report: ConversionReport, *, customer: Customer | None, at: datetime
) -> dict[str, Any]:
    """Return the columns of a reported conversion, its key excepted."""
    return {
        "amount_minor": report.amount_minor,
        "currency": report.currency,
        "tax_minor": report.tax_minor,
        "shipping_minor": report.shipping_minor,
        "discount_minor": report.discount_minor,
        "items": list(report.items),
        "metadata": report.metadata,
        "customer": customer,
        "customer_is_new": report.customer.is_new if report.customer else None,
        "click_token": report.click_token,
        "coupon_code": report.coupon_code.upper(),
        "occurred_at": report.occurred_at,
        "status_changed_at": at,
    }


def _find_customer(program: Program, report: CustomerReport, at: datetime) -> Customer:
    customer, _created = Customer.objects.get_or_create(
        merchant_id=program.merchant_id,
        external_id=report.external_id,
        defaults={"country": report.country, "first_seen_at": at},
    )
    return customer


def record_refund(
    *,
    conversion: Conversion,
    external_id: str,
    amount_minor: int,
    reason: str,
    occurred_at: datetime,
    by: Actor,
    at: datetime,
) -> tuple[Refund, bool]:
    """Store that part of a conversion was taken back; return the fact and whether it is new.

    The conversion's row is locked, so two refunds at once cannot exceed its amount together.

    :raises TooMuchRefunded: if all refunds together would exceed the conversion's amount.
    """
    with transaction.atomic():
        Conversion.objects.select_for_update(of=("self",), no_key=True).get(id=conversion.id)
        refunds = Refund.objects.filter(merchant_id=conversion.merchant_id, conversion=conversion)
        known = refunds.filter(external_id=external_id).first()
        if known is not None:
            return known, False
        before_minor = refunds.aggregate(total=Sum("amount_minor", default=0))["total"]
        if before_minor + amount_minor > conversion.amount_minor:
            raise TooMuchRefunded(f"{conversion.amount_minor - before_minor} is left to refund")
        refund = Refund.objects.create(
            merchant_id=conversion.merchant_id,
            conversion=conversion,
            external_id=external_id,
            amount_minor=amount_minor,
            reason=reason,
            occurred_at=occurred_at,
        )
        record_event(
            merchant_id=conversion.merchant_id,
            type="conversion.refunded",
            subject_id=conversion.id,
            by=by,
            at=at,
            data={"external_id": external_id, "amount_minor": amount_minor},
        )
    return refund, True
