"""What is read of a merchant's people, keys and history. Callers stand in its context."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from merchants.models import ActorKind, ApiKey, Event, Member, MemberInvitation
from users.models import User


def member_in_force(*, merchant_id: UUID, user_id: UUID) -> Member | None:
    """Return the user's membership, with merchant and user, unless it was disabled."""
    members = Member.objects.filter(merchant_id=merchant_id, user_id=user_id, disabled_at=None)
    return members.select_related("merchant", "user").first()


def members_of(merchant_id: UUID) -> QuerySet[Member]:
    """Return every member, those in force first."""
    members = Member.objects.filter(merchant_id=merchant_id).select_related("user")
    return members.order_by(F("disabled_at").asc(nulls_first=True), "created_at")


def open_invitations(*, merchant_id: UUID, at: datetime) -> QuerySet[MemberInvitation]:
    """Return the invitations that can still be accepted, newest first."""
    invitations = MemberInvitation.objects.filter(merchant_id=merchant_id, accepted_at=None)
    return invitations.filter(expires_at__gt=at).order_by("-created_at")


def keys_of(merchant_id: UUID) -> QuerySet[ApiKey]:
    """Return every API key, newest first, those out of force included."""
    keys = ApiKey.objects.filter(merchant_id=merchant_id).select_related("member__user")
    return keys.order_by("-created_at")


def events_of(merchant_id: UUID) -> QuerySet[Event]:
    """Return the merchant's history, newest first."""
    return Event.objects.filter(merchant_id=merchant_id).order_by("-at", "-id")


def history_of(*, merchant_id: UUID, subject_id: UUID) -> list[Event]:
    """Return what happened to one thing, oldest first."""
    events = Event.objects.filter(merchant_id=merchant_id, subject_id=subject_id)
    return list(events.order_by("at", "id"))


def actor_names(events: Iterable[Event]) -> dict[UUID, str]:
    """Return how people call the doers of the events, by actor id; Fairlead itself has none."""
    rows = list(events)
    users = User.objects.filter(id__in=_actors(rows, ActorKind.USER))
    keys = ApiKey.objects.filter(id__in=_actors(rows, ActorKind.KEY))
    return {user.id: user.get_full_name() for user in users} | {key.id: key.name for key in keys}


def _actors(events: list[Event], kind: ActorKind) -> set[UUID]:
    return {event.actor_id for event in events if event.actor_kind == kind and event.actor_id}
