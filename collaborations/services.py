"""Every write to collaborations. `side` is who acts: the merchant or the affiliate."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from collaborations.models import Collaboration, CollaborationKind, CollaborationStatus, PageFinding
from commissions.models import Side
from commissions.services.proposals import NotYourTurn
from common.addresses import require_address
from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import Actor
from tracking.services import NotEnrolled, create_link

OPEN_MAX: Final = 20  # Of an enrollment.
OPEN: Final = (
    CollaborationStatus.PITCHED,
    CollaborationStatus.ACCEPTED,
    CollaborationStatus.DRAFTED,
)


@dataclass(frozen=True, slots=True)
class Pitch:
    """What somebody wants to make together."""

    kind: str
    title: str
    pitch: str


def pitch_collaboration(
    *, enrollment: Enrollment, side: Side, draft: Pitch, by: Actor, at: datetime
) -> Collaboration:
    """Propose something to the other side; return it.

    :raises NotEnrolled: if the enrollment is not approved.
    :raises BadValue: if a value cannot be, or too many are open.
    """
    if not enrollment.is_active:
        raise NotEnrolled(str(enrollment.id))
    kind = CollaborationKind(cleaned(Collaboration, "kind", draft.kind))
    said = {name: _text(name, getattr(draft, name)) for name in ("title", "pitch")}
    for name, text in said.items():
        if not text:
            raise BadValue(name, "required", _("Write something."))
    open_ones = Collaboration.objects.filter(
        merchant_id=enrollment.merchant_id, enrollment=enrollment, status__in=OPEN
    )
    if open_ones.count() >= OPEN_MAX:
        raise BadValue("", "too_many", _("%d open ones at the most.") % OPEN_MAX)
    row = Collaboration.objects.create(
        merchant_id=enrollment.merchant_id,
        program_id=enrollment.program_id,
        enrollment=enrollment,
        affiliate_id=enrollment.affiliate_id,
        kind=kind,
        pitched_by=side,
        pitched_at=at,
        **said,
    )
    _record(row, "pitched", by, at)
    return row


def accept_collaboration(
    *, row: Collaboration, side: Side, by: Actor, at: datetime
) -> Collaboration:
    """Agree to a pitch of the other side: it gets a link of its own. Return it.

    :raises NotYourTurn: if this side pitched it.
    :raises IllegalMove: if it was answered.
    :raises NotEnrolled: if the affiliate is not approved any more.
    """
    _require_other(row, side)
    with transaction.atomic():
        _move(row, CollaborationStatus.ACCEPTED)
        row.link = create_link(enrollment=row.enrollment, name=row.title[:80])
        row.save(update_fields=["link"])
        _record(row, "accepted", by, at)
    return row


def decline_collaboration(
    *, row: Collaboration, side: Side, reason: str, by: Actor, at: datetime
) -> Collaboration:
    """Say no to a pitch of the other side, which reads why; return it.

    :raises NotYourTurn: if this side pitched it.
    :raises BadValue: if there is no reason.
    :raises IllegalMove: if it was answered.
    """
    _require_other(row, side)
    reason = _text("reason", reason)
    if not reason:
        raise BadValue("reason", "required", _("Say why: the other side reads it."))
    with transaction.atomic():
        _move(row, CollaborationStatus.DECLINED, reason=reason)
        _record(row, "declined", by, at)
    return row


def write_draft(
    *, row: Collaboration, side: Side, text: str, by: Actor, at: datetime
) -> Collaboration:
    """Put the draft, or where it can be read, before both sides; return the collaboration.

    :raises BadValue: if it is empty or too long.
    :raises IllegalMove: if nobody agreed to it yet, or it is over.
    """
    text = _text("draft", text)
    if not text:
        raise BadValue("draft", "required", _("Write something."))
    with transaction.atomic():
        _move(row, CollaborationStatus.DRAFTED, draft=text, draft_by=side)
        _record(row, "drafted", by, at)
    return row


def publish_collaboration(
    *, row: Collaboration, url: str, by: Actor, at: datetime
) -> Collaboration:
    """Say where it was published; the worker looks whether its link is there. Return it.

    :raises BadValue: if this is no address.
    :raises IllegalMove: if nobody agreed to it yet, or it is over.
    """
    url = require_address(cleaned(Collaboration, "url", url.strip()), field="url")
    with transaction.atomic():
        _move(row, CollaborationStatus.PUBLISHED, url=url, published_at=at, looked_at=None)
        _record(row, "published", by, at)
    return row


def look_again(*, row: Collaboration) -> None:
    """Let the worker look at the published page once more. Safe to repeat."""
    published = Collaboration.objects.filter(
        merchant_id=row.merchant_id, id=row.id, status=CollaborationStatus.PUBLISHED
    )
    published.update(looked_at=None, finding="")


def withdraw_collaboration(
    *, row: Collaboration, side: Side, by: Actor, at: datetime
) -> Collaboration:
    """Give it up: a pitch who made it, what was agreed either side. Return it.

    :raises NotYourTurn: if it is the other side's pitch: that is declined.
    :raises IllegalMove: if it is over.
    """
    if row.status == CollaborationStatus.PITCHED and row.pitched_by != side:
        raise NotYourTurn(str(row.id))
    with transaction.atomic():
        _move(row, CollaborationStatus.WITHDRAWN)
        _record(row, "withdrawn", by, at)
    return row


def note_finding(*, row: Collaboration, finding: PageFinding, at: datetime) -> None:
    """Keep what a look at the published page found."""
    rows = Collaboration.objects.filter(
        merchant_id=row.merchant_id, id=row.id, url=row.url, status=CollaborationStatus.PUBLISHED
    )
    rows.update(finding=finding, looked_at=at)


def _require_other(row: Collaboration, side: Side) -> None:
    if row.pitched_by == side:
        raise NotYourTurn(str(row.id))


def _move(row: Collaboration, to: CollaborationStatus, **facts: object) -> None:
    rows = Collaboration.objects.filter(merchant_id=row.merchant_id, id=row.id)
    if not rows.move(to=to, **facts):
        row.refresh_from_db(fields=["status"])
        raise IllegalMove("The collaboration", to=to, status=row.status)
    row.status = to
    for name, value in facts.items():
        setattr(row, name, value)


def _text(name: str, value: str) -> str:
    text: str = cleaned(Collaboration, name, value.replace("\r\n", "\n").strip())
    return text


def _record(row: Collaboration, verb: str, by: Actor, at: datetime) -> None:
    record_event(
        merchant_id=row.merchant_id,
        type=f"collaboration.{verb}",
        subject_id=row.id,
        by=by,
        at=at,
        data={"title": row.title, "kind": row.kind, "enrollment": str(row.enrollment_id)},
    )
