"""Who is told what, and whose daily mail is due: asked across audiences, as ops, reading only."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from affiliates.models import AffiliateUser, Task
from mailing.kinds import Kind, When
from mailing.models import HeldMail, MailChoice
from mailing.readers import Reader
from merchants.domains import domains_to_tell_of
from merchants.models import Domain, Member, Merchant
from merchants.rights import RIGHTS, Right
from merchants.tenancy import OPS


def members_with(right: Right | None, *, merchant_id: UUID) -> list[Member]:
    """Return a merchant's members in force with the right, with their users, first come first.

    Without a right: all of them.
    """
    roles = [role for role, rights in RIGHTS.items() if right is None or right in rights]
    members = Member.objects.using(OPS).filter(
        merchant_id=merchant_id, role__in=roles, disabled_at=None, user__is_active=True
    )
    return list(members.select_related("user").order_by("created_at", "id"))


def language_of_merchant(merchant_id: UUID) -> str:
    """Return the language that a merchant chose, or nothing."""
    return Merchant.objects.using(OPS).values_list("language", flat=True).get(id=merchant_id)


def users_of(affiliate_ids: Collection[UUID]) -> dict[UUID, list[AffiliateUser]]:
    """Return the active users of affiliates, by affiliate."""
    rows = AffiliateUser.objects.using(OPS).filter(
        affiliate_id__in=affiliate_ids, user__is_active=True
    )
    found: dict[UUID, list[AffiliateUser]] = {}
    for row in rows.select_related("user"):
        found.setdefault(row.affiliate_id, []).append(row)
    return found


def choices_of(
    kinds: Collection[Kind], *, merchant_id: UUID, affiliate_ids: Collection[UUID]
) -> dict[tuple[Reader, Kind], When]:
    """Return what a merchant's members and the affiliates' users chose of these kinds."""
    rows = MailChoice.objects.using(OPS).filter(
        Q(merchant_id=merchant_id) | Q(affiliate_id__in=affiliate_ids), kind__in=kinds
    )
    return {
        (Reader(row.user_id, row.merchant_id, row.affiliate_id), Kind(row.kind)): When(row.when)
        for row in rows
    }


def readers_due(*, at: datetime, claimed_before: datetime) -> list[Reader]:
    """Return whose daily mail is due and in no worker's hands, the longest waiting first."""
    due = HeldMail.objects.using(OPS).filter(
        Q(claimed_at=None) | Q(claimed_at__lt=claimed_before), due_at__lte=at
    )
    rows = due.order_by("due_at", "created_at").values_list(
        "user_id", "merchant_id", "affiliate_id"
    )
    return list(
        dict.fromkeys(
            Reader(user, None if affiliate else merchant, affiliate)
            for user, merchant, affiliate in rows
        )
    )


def merchants_with_tasks_due(*, at: datetime) -> list[UUID]:
    """Return the merchants whose members have not been told of a task that is due."""
    due = Task.objects.using(OPS).filter(done_at=None, reminded_at=None, due_on__lte=at.date())
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_failing_domains() -> list[UUID]:
    """Return the merchants that have not been told of a host that fails, or was given up."""
    failing = domains_to_tell_of(Domain.objects.using(OPS))
    return list(failing.order_by().values_list("merchant_id", flat=True).distinct())
