"""Customers: known by the merchant's own id, bound to whoever led them here, and erased."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from common.refusals import BadValue
from merchants.events import record_event
from merchants.models import Actor
from programs.models import Program
from tracking.addresses import address_hash
from tracking.attribution import Policy, Verdict, judge
from tracking.attribution import Touch as Evidenced
from tracking.evidence import Claim, read_evidence, touches_of
from tracking.models import Coupon, Customer, StepReport, Touch, TouchKind
from tracking.services.reports import CustomerReport

SUBJECT_PREFIX = "customer:"
TOMBSTONE_PREFIX = "erased:"


class BadEvidence(BadValue):
    """What shall bind a customer is no evidence: `field` names it, `code` is the verdict on it."""


FIELDS = {"click": "click_id", "coupon": "coupon", "referral": "referral"}  # By kind of touch.
REFUSED = {
    Verdict.UNKNOWN: noop("This is none of ours."),
    Verdict.OTHER_PROGRAM: noop("This belongs to another program."),
    Verdict.AFTER_THE_EVENT: noop("This is later than the customer."),
    Verdict.COUPON_NOT_YET_VALID: noop("This coupon is not valid yet."),
    Verdict.COUPON_EXPIRED: noop("This coupon is not valid any more."),
    Verdict.COUPON_USED_UP: noop("This coupon was used as often as it may be."),
    Verdict.LINK_ARCHIVED: noop("The link of this code is archived."),
}


def bind_customer(
    *,
    program: Program,
    external_id: str,
    click_token: str = "",
    coupon_code: str = "",
    referral_code: str = "",
    email: str = "",
    country: str = "",
    first_seen_at: datetime,
    by: Actor,
    at: datetime,
    is_test: bool = False,
) -> tuple[Customer, list[Touch]]:
    """Make a customer known, and bind them to whoever the evidence belongs to.

    Return the customer and the bindings that are new; of a new customer `created_at` is `at`. A
    click older than the program's window binds nobody. Of a customer who was known before, the
    worker decides anew what this changes. Safe to repeat.

    :raises BadEvidence: if the click is not genuine, or nobody owns the code, or it is not valid,
        or used up.
    """
    claim = Claim(click_token, coupon_code.upper(), referral_code)
    with transaction.atomic():
        named = Customer.objects.filter(merchant_id=program.merchant_id, external_id=external_id)
        was_known = named.exists()
        report = CustomerReport(external_id, country=country, email=email)
        customer = find_customers(program.merchant_id, [report], at=first_seen_at, made_at=at)[
            external_id
        ]
        is_new = not was_known and customer.created_at == at
        if not is_new:  # Whoever attributes locks customers before coupons, too.
            customer = named.select_for_update(of=("self",), no_key=True).get()
        evidenced = _evidenced(program, claim, first_seen_at)
        binding = [row for row in evidenced if _binds(row, program, first_seen_at)]
        seen_earlier = first_seen_at < customer.first_seen_at
        touches = bind(
            [
                touch_row(program, customer.id, row, bound_at=first_seen_at, is_test=is_test)
                for row in binding
            ]
        )
        if not is_new and not is_test and (touches or seen_earlier):
            _note_news(customer, first_seen_at)
        if touches or is_new:
            record_event(
                merchant_id=program.merchant_id,
                type="customer.bound",
                subject_id=customer.id,
                by=by,
                at=at,
                data={
                    "program": str(program.id),
                    "enrollments": sorted({str(row.enrollment_id) for row in touches}),
                },
            )
    return customer, touches


def _note_news(customer: Customer, since: datetime) -> None:
    customer.first_seen_at = min(since, customer.first_seen_at)
    customer.news_from = min(since, customer.news_from or since)
    customer.save(update_fields=["first_seen_at", "news_from"])


def _evidenced(program: Program, claim: Claim, at: datetime) -> list[Evidenced]:
    """Return a claim as touches. A coupon with a limit is locked, so that its uses stand still."""
    limited = Coupon.objects.filter(
        merchant_id=program.merchant_id,
        program=program,
        code=claim.coupon_code,
        uses_max__isnull=False,
    )
    coupon = limited.select_for_update(of=("self",), no_key=True).first()
    found = read_evidence(program.merchant_id, [claim])
    if coupon is not None and coupon.uses.count() >= (coupon.uses_max or 0):
        found.used_up.add(coupon.id)
    return touches_of(claim, found, program_id=program.id, at=at)


def _binds(touch: Evidenced, program: Program, at: datetime) -> bool:
    """Return whether the evidence is in time.

    :raises BadEvidence: if it is no evidence at all.
    """
    verdict = judge(touch, Policy(program.id, program.window_days), at)
    if verdict in REFUSED:
        raise BadEvidence(FIELDS[touch.kind], verdict.value, _(REFUSED[verdict]))
    return verdict is not Verdict.OUTSIDE_WINDOW


def touch_row(
    program: Program, customer_id: UUID, touch: Evidenced, *, bound_at: datetime, is_test: bool
) -> Touch:
    """Return the binding, not stored yet, that evidence with an owner makes."""
    assert touch.owner is not None
    return Touch(
        merchant_id=program.merchant_id,
        program_id=program.id,
        customer_id=customer_id,
        enrollment_id=touch.owner.enrollment_id,
        affiliate_id=touch.owner.affiliate_id,
        link_id=touch.owner.link_id,
        kind=TouchKind(touch.kind.upper()),
        evidence=touch.evidence,
        at=touch.at,
        bound_at=bound_at,
        is_test=is_test or program.is_test,
    )


def bind(touches: list[Touch]) -> list[Touch]:
    """Store those of the bindings that are new; return them."""
    if not touches:
        return []
    Touch.objects.bulk_create(touches, ignore_conflicts=True)
    made = Touch.objects.filter(
        merchant_id=touches[0].merchant_id, id__in=[touch.id for touch in touches]
    )
    ids = set(made.values_list("id", flat=True))
    return [touch for touch in touches if touch.id in ids]


def find_customers(
    merchant_id: UUID, reports: Iterable[CustomerReport], *, at: datetime, made_at: datetime
) -> dict[str, Customer]:
    """Return the named customers by external id, the unknown ones created, blanks filled in."""
    named = {report.external_id: report for report in reports}
    if not named:
        return {}
    rows = [
        Customer(
            merchant_id=merchant_id,
            external_id=external_id,
            country=named[external_id].country,
            email_hash=address_hash(named[external_id].email),
            first_seen_at=at,
            created_at=made_at,
        )
        for external_id in sorted(named)
    ]
    Customer.objects.bulk_create(rows, ignore_conflicts=True)
    found = Customer.objects.filter(merchant_id=merchant_id, external_id__in=list(named))
    customers = {customer.external_id: customer for customer in found}
    _fill_blanks(customers, named)
    return customers


def _fill_blanks(customers: dict[str, Customer], named: dict[str, CustomerReport]) -> None:
    changed = []
    for external_id, customer in sorted(customers.items()):
        report = named[external_id]
        country = customer.country or report.country
        email_hash = customer.email_hash or address_hash(report.email)
        if (country, email_hash) != (customer.country, customer.email_hash):
            customer.country, customer.email_hash = country, email_hash
            changed.append(customer)
    if changed:  # Locked in the order in which the worker locks them.
        rows = Customer.objects.filter(id__in=[row.id for row in changed]).order_by("id")
        list(rows.select_for_update(of=("self",), no_key=True).values_list("id", flat=True))
        Customer.objects.bulk_update(changed, ["country", "email_hash"])


def is_erased(subject: str) -> bool:
    """Return whether the subject of steps is a customer who was erased."""
    return subject.startswith(f"{SUBJECT_PREFIX}{TOMBSTONE_PREFIX}")


def erase_customer(*, customer: Customer, by: Actor, at: datetime) -> Customer:
    """Forget who a customer is; return what is left. Rows of money stay, without the person.

    Safe to repeat. A later report with the old id is of a new customer: nobody knows better.
    """
    if customer.erased_at is not None:
        return customer
    with transaction.atomic():
        known_as, customer.external_id = customer.external_id, f"{TOMBSTONE_PREFIX}{customer.id}"
        customer.email_hash = customer.country = ""
        customer.erased_at = at
        customer.save(update_fields=["external_id", "email_hash", "country", "erased_at"])
        steps = StepReport.objects.filter(
            merchant_id=customer.merchant_id, subject=f"{SUBJECT_PREFIX}{known_as}"
        )
        steps.update(subject=f"{SUBJECT_PREFIX}{customer.external_id}")
        record_event(
            merchant_id=customer.merchant_id,
            type="customer.erased",
            subject_id=customer.id,
            by=by,
            at=at,
        )
    return customer
