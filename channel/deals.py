"""Every write to deals, and what is read of them (docs/channel.md)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from affiliates.models import Enrollment, Status
from channel.models import LIVE, Conflict, Deal, DealStatus, DealTerms
from commissions.services.reassignments import reassign_customer
from common.addresses import read_host
from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import SYSTEM, Actor
from merchants.tenancy import merchant_context
from messaging.text import plain_line, plain_text
from programs.models import Program
from tracking.addresses import address_hash
from tracking.models import Customer
from tracking.services import bind_customer

LIVE_MAX: Final = 200  # Of one enrollment.
BATCH: Final = 200


class DealsClosed(Exception):
    """The program takes no deals, or the enrollment is not approved."""


class DealExists(Exception):
    """The affiliate has registered this company already."""


class TooManyDeals(Exception):
    """So many deals of the enrollment are live that some come to an end first."""


class Protected(Exception):
    """The company is another affiliate's for the time being."""


class NoExtension(Exception):
    """The deal was extended as often as it may be."""


@dataclass(frozen=True, slots=True)
class DealDraft:
    """What an affiliate says of a company it is about to sell to."""

    company: str
    domain: str
    contact_name: str = ""
    contact_email: str = ""
    value_minor: int | None = None
    expected_on: date | None = None
    notes: str = ""


def terms_of(program: Program) -> DealTerms:
    """Return a program's terms for deals; by default it takes none."""
    rows = DealTerms.objects.filter(merchant_id=program.merchant_id, program=program)
    return rows.first() or DealTerms(merchant_id=program.merchant_id, program=program)


def set_terms(
    *, program: Program, is_open: bool, days: dict[str, int], by: Actor, at: datetime
) -> DealTerms:
    """Say whether and how a program protects deals; return the terms. Approved deals stay.

    `days` holds `protect_days`, `extend_days` and `extensions_max`.

    :raises BadValue: if a number cannot be.
    """
    terms = terms_of(program)
    ranges = {"protect_days": (1, 730), "extend_days": (1, 365), "extensions_max": (0, 10)}
    for name, (least, most) in ranges.items():
        if not least <= days[name] <= most:
            said = {"least": least, "most": most}
            message = _("From %(least)d to %(most)d.") % said
            raise BadValue(name, "out_of_range", message)
        setattr(terms, name, days[name])
    terms.is_open = is_open
    with transaction.atomic():
        terms.save()
        record_event(
            merchant_id=program.merchant_id,
            type="program.deal_terms_changed",
            subject_id=program.id,
            by=by,
            at=at,
            data={"is_open": is_open, **days},
        )
    return terms


def deals_of(merchant_id: UUID) -> QuerySet[Deal]:
    """Return the merchant's deals with what a list names: those to answer first."""
    rows = Deal.objects.filter(merchant_id=merchant_id)
    named = rows.select_related("program", "affiliate", "enrollment", "customer")
    waits = Q(status=DealStatus.SUBMITTED)
    return named.annotate(waits=waits).order_by("-waits", "-submitted_at", "-id")


def deals_of_affiliate(affiliate_id: UUID) -> QuerySet[Deal]:
    """Return an affiliate's deals, of all merchants, the newest first."""
    rows = Deal.objects.filter(affiliate_id=affiliate_id)
    return rows.select_related("program__merchant", "enrollment").order_by("-submitted_at", "-id")


# What affiliates do ------------------------------------------------------------------------------


def register_deal(*, enrollment: Enrollment, draft: DealDraft, by: Actor, at: datetime) -> Deal:
    """Register a company; return the deal, which waits for the merchant's answer.

    If the company may be somebody else's, the deal says so by its `conflict`, to the merchant which
    and to the affiliate that there is one.

    :raises DealsClosed: if the program takes none, or the enrollment is not approved.
    :raises BadValue: if a value cannot be.
    :raises DealExists: if a deal of theirs for the company is live.
    :raises TooManyDeals: if LIVE_MAX are live.
    """
    program = enrollment.program
    facts = _cleaned(draft, at)
    with transaction.atomic():
        Program.objects.select_for_update(of=("self",), no_key=True).get(id=program.id)
        if not terms_of(program).is_open or enrollment.status != Status.APPROVED:
            raise DealsClosed(program.name)
        own = Deal.objects.filter(merchant_id=program.merchant_id, enrollment=enrollment)
        if own.filter(status__in=LIVE).count() >= LIVE_MAX:
            raise TooManyDeals(str(LIVE_MAX))
        deal = Deal(
            merchant_id=program.merchant_id,
            program=program,
            enrollment=enrollment,
            affiliate_id=enrollment.affiliate_id,
            currency=program.currency,
            status_changed_at=at,
            submitted_at=at,
            **facts,
        )
        deal.conflict = conflict_of(deal) or ""
        try:
            with transaction.atomic():
                deal.save(force_insert=True)
        except IntegrityError as error:
            raise DealExists(deal.domain) from error
        _record(deal, "registered", by, at)
    return deal


def _cleaned(draft: DealDraft, at: datetime) -> dict[str, Any]:
    company = str(cleaned(Deal, "company", plain_line(draft.company)))
    typed = draft.domain.strip().lower()
    host = typed.partition("//")[2] if "//" in typed else typed
    domain = read_host(host.partition("/")[0], field="domain").removeprefix("www.")
    if "." not in domain or ":" in domain:
        raise BadValue("domain", "bad_host", _("Write the company's domain: company.example."))
    if draft.expected_on is not None and draft.expected_on < at.date():
        raise BadValue("expected_on", "in_past", _("This day has passed."))
    return {
        "company": company,
        "domain": domain,
        "contact_name": cleaned(Deal, "contact_name", plain_line(draft.contact_name)),
        "contact_email": cleaned(Deal, "contact_email", draft.contact_email.strip().lower()),
        "value_minor": cleaned(Deal, "value_minor", draft.value_minor),
        "expected_on": draft.expected_on,
        "notes": cleaned(Deal, "notes", plain_text(draft.notes)),
    }


def conflict_of(deal: Deal) -> Conflict | None:
    """Return why a company may be somebody else's in the program; None: nothing speaks for it.

    It is another's with a live deal; a customer by a deal that was won or the contact's address.
    """
    others = Deal.objects.filter(
        merchant_id=deal.merchant_id, program_id=deal.program_id, domain=deal.domain
    ).exclude(id=deal.id)
    if others.exclude(affiliate_id=deal.affiliate_id).filter(status__in=LIVE).exists():
        return Conflict.OTHER_AFFILIATE
    if others.filter(status=DealStatus.WON).exists():
        return Conflict.CUSTOMER
    known = Customer.objects.filter(merchant_id=deal.merchant_id, erased_at=None)
    hashed = address_hash(deal.contact_email)
    return Conflict.CUSTOMER if hashed and known.filter(email_hash=hashed).exists() else None


def withdraw_deal(*, deal: Deal, by: Actor, at: datetime) -> Deal:
    """Take a deal back, approved or not; return it.

    :raises IllegalMove: if it has come to its end.
    """
    return _move(deal, DealStatus.WITHDRAWN, by, at)


def ask_extension(*, deal: Deal, by: Actor, at: datetime) -> Deal:
    """Ask for more time; return the deal. Safe to repeat.

    :raises IllegalMove: if it is not approved.
    :raises NoExtension: if it was extended as often as it may be.
    """
    with transaction.atomic():
        deal = _lock(deal)
        _require_extensible(deal)
        if deal.extension_asked_at is None:
            deal.extension_asked_at = at
            deal.save(update_fields=["extension_asked_at"])
            _record(deal, "extension_asked", by, at)
    return deal


# What the merchant does --------------------------------------------------------------------------


def approve_deal(*, deal: Deal, by: Actor, at: datetime) -> Deal:
    """Protect a deal for as long as the program says; return it.

    :raises IllegalMove: if it was answered, or withdrawn.
    :raises Protected: if the company is another affiliate's for the time being.
    """
    with transaction.atomic():
        deal = _lock(deal)
        if deal.status != DealStatus.SUBMITTED:
            raise IllegalMove("The deal", to=DealStatus.APPROVED, status=deal.status)
        terms = terms_of(deal.program)
        until = at + timedelta(days=terms.protect_days)
        rows = Deal.objects.filter(id=deal.id)
        rows.update(protected_until=until)
        try:
            with transaction.atomic():
                rows.move(to=DealStatus.APPROVED, at=at)
        except IntegrityError as error:
            raise Protected(deal.domain) from error
        deal.refresh_from_db()
        _record(deal, "approved", by, at)
    return deal


def reject_deal(*, deal: Deal, reason: str, by: Actor, at: datetime) -> Deal:
    """Say no; return the deal. The affiliate reads the reason word for word.

    :raises BadValue: if there is no reason.
    :raises IllegalMove: if it was answered, or withdrawn.
    """
    return _move(deal, DealStatus.REJECTED, by, at, reason=_reason(reason))


def lose_deal(*, deal: Deal, reason: str, by: Actor, at: datetime) -> Deal:
    """Say that nothing came of it; return the deal. Others may register the company again.

    :raises BadValue: if there is no reason.
    :raises IllegalMove: if it is not approved.
    """
    return _move(deal, DealStatus.LOST, by, at, reason=_reason(reason))


def extend_deal(*, deal: Deal, by: Actor, at: datetime) -> Deal:
    """Give a deal more time, as much as the program says; return it.

    :raises IllegalMove: if it is not approved.
    :raises NoExtension: if it was extended as often as it may be.
    """
    with transaction.atomic():
        deal = _lock(deal)
        terms = _require_extensible(deal)
        assert deal.protected_until is not None
        deal.protected_until += timedelta(days=terms.extend_days)
        deal.extensions += 1
        deal.extension_asked_at = None
        deal.save(update_fields=["protected_until", "extensions", "extension_asked_at"])
        _record(deal, "extended", by, at)
    return deal


def win_deal(*, deal: Deal, customer_id: str, by: Actor, at: datetime) -> Deal:
    """Say which customer a deal became: theirs from now on, by the customer's id; return the deal.

    The customer is bound to the affiliate, so that their conversions are credited to it for as long
    as the program locks customers in; those that are not paid yet are as well.

    :raises BadValue: if there is no id.
    :raises IllegalMove: if the deal is not approved.
    """
    customer_id = customer_id.strip()
    if not customer_id:
        raise BadValue("customer", "required", _("Write the customer's id, as you report it."))
    with transaction.atomic():
        deal = _lock(deal)
        if deal.status != DealStatus.APPROVED:
            raise IllegalMove("The deal", to=DealStatus.WON, status=deal.status)
        customer, _touches = bind_customer(
            program=deal.program,
            external_id=str(cleaned(Customer, "external_id", customer_id)),
            email=deal.contact_email,
            first_seen_at=at,
            by=by,
            at=at,
        )
        reassign_customer(
            customer=customer,
            program=deal.program,
            enrollment=deal.enrollment,
            reason=_("Deal with %(company)s") % {"company": deal.company},
            by=by,
            at=at,
        )
        Deal.objects.filter(id=deal.id).update(customer=customer)
        return _move(deal, DealStatus.WON, by, at)


def expire_deals(*, merchant_id: UUID, at: datetime) -> int:
    """Let deals go whose time has passed; return how many. Safe to repeat."""
    with merchant_context(merchant_id):
        due = Deal.objects.filter(
            merchant_id=merchant_id, status=DealStatus.APPROVED, protected_until__lte=at
        )
        locked = due.select_for_update(of=("self",), skip_locked=True).order_by("id")
        deals = list(locked[:BATCH])
        for deal in deals:
            _move(deal, DealStatus.EXPIRED, SYSTEM, at)
    return len(deals)


def _reason(reason: str) -> str:
    reason = plain_text(reason)
    if not reason:
        raise BadValue("reason", "required", _("Say why; the affiliate reads it."))
    return str(cleaned(Deal, "reason", reason))


def _require_extensible(deal: Deal) -> DealTerms:
    if deal.status != DealStatus.APPROVED:
        raise IllegalMove("The deal", to="EXTENDED", status=deal.status)
    terms = terms_of(deal.program)
    if deal.extensions >= terms.extensions_max:
        raise NoExtension(str(terms.extensions_max))
    return terms


def _lock(deal: Deal) -> Deal:
    rows = Deal.objects.filter(merchant_id=deal.merchant_id, id=deal.id)
    named = rows.select_related("program", "enrollment", "affiliate")
    return named.select_for_update(of=("self",)).get()


def _move(deal: Deal, to: DealStatus, by: Actor, at: datetime, *, reason: str = "") -> Deal:
    rows = Deal.objects.filter(merchant_id=deal.merchant_id, id=deal.id)
    with transaction.atomic():
        if not rows.move(to=to, at=at):
            deal.refresh_from_db(fields=["status"])
            raise IllegalMove("The deal", to=to, status=deal.status)
        if reason:
            rows.update(reason=reason)
        rows.filter(extension_asked_at__isnull=False).update(extension_asked_at=None)
        deal.refresh_from_db()
        _record(deal, to.lower(), by, at)
    return deal


def _record(deal: Deal, verb: str, by: Actor, at: datetime) -> None:
    record_event(
        merchant_id=deal.merchant_id,
        type=f"deal.{verb}",
        subject_id=deal.id,
        by=by,
        at=at,
        data={
            "program": str(deal.program_id),
            "enrollment": str(deal.enrollment_id),
            "domain": deal.domain,
            "conflict": deal.conflict,
            "reason": deal.reason,
        },
    )
