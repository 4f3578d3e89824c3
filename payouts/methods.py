"""Where affiliates are paid: the writes, and who shares an account with whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from affiliates.models import Affiliate, Enrollment
from common.refusals import BadValue
from common.rows import any_of
from common.secrets import encrypt, fingerprint
from merchants.events import record_event
from merchants.models import Member, acting_user
from merchants.rights import Right
from merchants.services import require
from merchants.tenancy import affiliate_context
from payouts.method_details import identity, mask
from payouts.models import MethodClearance, MethodKind, PayoutMethod

COOLING_OFF = timedelta(hours=72)
REASON_MAX = 500


def set_payout_method(
    *,
    affiliate: Affiliate,
    kind: MethodKind,
    details: Mapping[str, str],
    at: datetime,
    tell: bool = True,
) -> PayoutMethod:
    """Store where the affiliate is paid from now on; return the method.

    Another account cools off for 72 hours before money goes there; a first method may be used at
    once. The same account with a corrected name or address keeps the time it had, and saying the
    very same again changes nothing. The affiliate's people hear of it by mail, unless those who
    call know that they need not.
    """
    details = dict(details)
    with affiliate_context(affiliate.id), transaction.atomic():
        Affiliate.objects.select_for_update(of=("self",), no_key=True).get(id=affiliate.id)
        present = method_in_force(affiliate.id)
        if present is not None and (present.kind, present.reveal()) == (kind, details):
            return present
        if present is not None:
            PayoutMethod.objects.filter(id=present.id).update(replaced_at=at)
        return PayoutMethod.objects.create(
            affiliate=affiliate,
            kind=kind,
            details=encrypt(details),
            masked=mask(kind, details),
            fingerprint=_fingerprint(kind, details),
            usable_from=_usable_from(present, kind, details, at),
            mail_due_at=at if tell else None,
        )


def _fingerprint(kind: MethodKind, details: Mapping[str, str]) -> str:
    named = identity(kind, details)
    return fingerprint("payout-method", named) if named else ""


def _usable_from(
    present: PayoutMethod | None, kind: MethodKind, details: Mapping[str, str], at: datetime
) -> datetime:
    if present is None:
        return at
    named = identity(kind, details)
    if named and named == identity(MethodKind(present.kind), present.reveal()):
        return present.usable_from
    return at + COOLING_OFF


def method_in_force(affiliate_id: UUID) -> PayoutMethod | None:
    """Return where the affiliate is paid now, if they have said."""
    return PayoutMethod.objects.filter(affiliate_id=affiliate_id, replaced_at=None).first()


# One account, several affiliates ------------------------------------------------------------------


def shared_methods(merchant_id: UUID, affiliate_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the affiliates who are paid to an account that another one is paid to, too.

    Others are all who were ever in a program of the merchant, so that who was thrown out and
    comes back under another name is found. Whoever a member cleared for this account is not
    returned. One query, however many there are.
    """
    suspects = _sharing(merchant_id).filter(affiliate_id__in=any_of(list(affiliate_ids)))
    return set(suspects.values_list("affiliate_id", flat=True))


def accounts_in_use(merchant_id: UUID) -> list[tuple[UUID, str]]:
    """Return the merchant's affiliates whose account others of them have, with its fingerprint."""
    return list(_sharing(merchant_id).values_list("affiliate_id", "fingerprint"))


def _sharing(merchant_id: UUID) -> QuerySet[PayoutMethod]:
    """Return the methods in force of accounts that several affiliates of the merchant have."""
    ours = Enrollment.objects.filter(merchant_id=merchant_id).values("affiliate_id")
    others = PayoutMethod.objects.filter(
        fingerprint=OuterRef("fingerprint"), replaced_at=None, affiliate_id__in=ours
    ).exclude(affiliate_id=OuterRef("affiliate_id"))
    cleared = MethodClearance.objects.filter(
        merchant_id=merchant_id,
        affiliate_id=OuterRef("affiliate_id"),
        fingerprint=OuterRef("fingerprint"),
    )
    methods = PayoutMethod.objects.filter(replaced_at=None, affiliate_id__in=ours)
    return methods.exclude(fingerprint="").filter(Exists(others), ~Exists(cleared))


@dataclass(frozen=True, slots=True)
class SharedAccount:
    """An affiliate's account that others of the merchant have as well."""

    method: PayoutMethod
    others: tuple[Affiliate, ...]
    clearance: MethodClearance | None


def shared_account(merchant_id: UUID, affiliate_id: UUID) -> SharedAccount | None:
    """Return with whom the affiliate shares the account in force; None if with nobody."""
    method = method_in_force(affiliate_id)
    if method is None or not method.fingerprint:
        return None
    ours = Enrollment.objects.filter(merchant_id=merchant_id).values("affiliate_id")
    others = PayoutMethod.objects.filter(
        fingerprint=method.fingerprint, replaced_at=None, affiliate_id__in=ours
    ).exclude(affiliate_id=affiliate_id)
    sharers = Affiliate.objects.filter(id__in=others.values("affiliate_id")).order_by("name", "id")
    if not sharers:
        return None
    clearances = MethodClearance.objects.filter(
        merchant_id=merchant_id, affiliate_id=affiliate_id, fingerprint=method.fingerprint
    )
    clearance = clearances.select_related("cleared_by__user").first()
    return SharedAccount(method, tuple(sharers), clearance)


class NotShared(Exception):
    """The affiliate shares the account in force with nobody: there is nothing to clear."""


def clear_method(
    *, member: Member, affiliate_id: UUID, reason: str, at: datetime
) -> MethodClearance:
    """Note that the affiliate may share its account: payouts to it are held no longer.

    It holds for this account alone. Safe to repeat: the first clearance stays.

    :raises NotAllowed: if the member may not approve payouts.
    :raises BadValue: if there is no reason.
    :raises NotShared: if nobody else is paid to the account.
    """
    require(member, Right.APPROVE_PAYOUTS)
    reason = reason.strip()
    if not reason or len(reason) > REASON_MAX:
        raise BadValue("reason", "required", _("Say why it is in order."))
    with transaction.atomic():
        shared = shared_account(member.merchant_id, affiliate_id)
        if shared is None:
            raise NotShared(str(affiliate_id))
        clearance, is_new = MethodClearance.objects.get_or_create(
            merchant_id=member.merchant_id,
            affiliate_id=affiliate_id,
            fingerprint=shared.method.fingerprint,
            defaults={"cleared_by": member, "cleared_at": at, "reason": reason},
        )
        if is_new:
            record_event(
                merchant_id=member.merchant_id,
                type="payout_method.cleared",
                subject_id=affiliate_id,
                by=acting_user(member.user),
                at=at,
                data={"reason": reason, "others": [str(row.id) for row in shared.others]},
            )
    return clearance
