"""Every write to partnerships themselves: begin and end, people, sheets and comments.

Goals, the plan and reviews have files of their own.
"""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from affiliates.models import AffiliateUser, Enrollment, Status
from common.refusals import BadValue, cleaned
from merchants.events import record_event
from merchants.models import Actor, Member
from merchants.tenancy import affiliate_context, merchant_context
from messaging.models import Side
from messaging.services import Writer
from messaging.text import plain_line, plain_text
from partnerships.models import Comment, Item, Partnership, Person, Review, Sheet, SheetKind
from partnerships.questions import ANSWER_MAX, questions_of
from users.models import User

PEOPLE_MAX = 20
COMMENTS_MAX = 500  # Of a partnership in a day: nobody types as many.


class NotPartner(Exception):
    """Only an approved affiliate becomes a partner; only a running partnership is written to."""


def begin_partnership(
    *, enrollment: Enrollment, member: Member, by: Actor, at: datetime
) -> Partnership:
    """Begin a partnership, or take an ended one up again; return it. Safe to repeat.

    The member is its first person.

    :raises NotPartner: if the enrollment is not approved.
    """
    if enrollment.status != Status.APPROVED:
        raise NotPartner(enrollment.status)
    with transaction.atomic():
        partnership, is_new = Partnership.objects.get_or_create(
            merchant_id=enrollment.merchant_id,
            enrollment=enrollment,
            defaults={"affiliate_id": enrollment.affiliate_id, "started_at": at},
        )
        ended = Partnership.objects.filter(id=partnership.id, ended_at__isnull=False)
        if is_new or ended.update(ended_at=None):
            partnership.refresh_from_db()
            add_member(partnership=partnership, member=member, duty="")
            record_partnership(partnership, "partnership.begun", by, at)
    return partnership


def end_partnership(*, partnership: Partnership, by: Actor, at: datetime) -> Partnership:
    """End a partnership: its pages stay readable; nothing is written or reminded of any more."""
    with transaction.atomic():
        running = Partnership.objects.filter(id=partnership.id, ended_at=None)
        if running.update(ended_at=at):
            record_partnership(partnership, "partnership.ended", by, at)
        partnership.refresh_from_db()
    return partnership


def set_rhythm(
    *, partnership: Partnership, review_months: int, agenda: str, by: Actor, at: datetime
) -> Partnership:
    """Say how often reviews are, and what new ones begin with; return the partnership.

    :raises BadValue: if the months are not 1 to 12, or the agenda is too long.
    """
    require_running(partnership)
    if not 1 <= review_months <= 12:
        raise BadValue("review_months", "out_of_range", _("Between 1 and 12 months."))
    partnership.review_months = review_months
    partnership.agenda = cleaned(Partnership, "agenda", plain_text(agenda))
    with transaction.atomic():
        partnership.save(update_fields=["review_months", "agenda"])
        record_partnership(partnership, "partnership.changed", by, at)
    return partnership


def require_running(partnership: Partnership) -> None:
    """Check that it may be written to.

    :raises NotPartner: if it was ended.
    """
    if partnership.ended_at is not None:
        raise NotPartner("ended")


def record_partnership(
    partnership: Partnership, type: str, by: Actor, at: datetime, **facts: object
) -> None:
    """Record what happened, in the running transaction."""
    record_event(
        merchant_id=partnership.merchant_id,
        type=type,
        subject_id=partnership.id,
        by=by,
        at=at,
        data={"enrollment": str(partnership.enrollment_id), **facts},
    )


# People ------------------------------------------------------------------------------------------


def add_member(*, partnership: Partnership, member: Member, duty: str) -> Person:
    """Put one of the merchant's people into it, or change what they do there; return them."""
    return _add(partnership, Side.MERCHANT, member.user, duty)


def users_of_account(partnership: Partnership) -> list[User]:
    """Return who could be in it for the affiliate: everybody with a role in the account."""
    with affiliate_context(partnership.affiliate_id):
        rows = AffiliateUser.objects.filter(affiliate_id=partnership.affiliate_id)
        return [row.user for row in rows.select_related("user").order_by("created_at")]


def add_affiliate_user(*, partnership: Partnership, user_id: UUID, duty: str) -> Person:
    """Put a user of the affiliate's account into it; return them.

    :raises BadValue: if nobody of the account has this id.
    """
    users = {user.id: user for user in users_of_account(partnership)}
    if user_id not in users:
        raise BadValue("user", "unknown", _("Nobody of the account."))
    with merchant_context(partnership.merchant_id):
        return _add(partnership, Side.AFFILIATE, users[user_id], duty)


def _add(partnership: Partnership, side: Side, user: User, duty: str) -> Person:
    require_running(partnership)
    duty = cleaned(Person, "duty", plain_line(duty))
    rows = Person.objects.filter(merchant_id=partnership.merchant_id, partnership=partnership)
    if rows.filter(left_at=None).exclude(user=user).count() >= PEOPLE_MAX:
        raise BadValue("", "too_many", _("%d people at the most.") % PEOPLE_MAX)
    person, _is_new = Person.objects.update_or_create(
        merchant_id=partnership.merchant_id,
        partnership=partnership,
        side=side,
        user=user,
        defaults={
            "affiliate_id": partnership.affiliate_id,
            "name": plain_line(user.get_full_name())[:150],
            "duty": duty,
            "left_at": None,
        },
    )
    return person


def remove_person(*, person: Person, at: datetime) -> None:
    """Take somebody out; what was theirs stays under their name. Safe to repeat."""
    require_running(person.partnership)
    Person.objects.filter(id=person.id, left_at=None).update(left_at=at)


# Sheets and comments -----------------------------------------------------------------------------


def quarter_of(day: date) -> date:
    """Return the first day of a day's quarter."""
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def fill_sheet(
    *,
    partnership: Partnership,
    kind: SheetKind,
    answers: Mapping[str, str],
    by: Writer,
    at: datetime,
) -> Sheet | None:
    """Keep the answers as the sheet's newest version; return it, or None if nothing changed.

    :raises BadValue: if an answer is too long, or to no question of the sheet.
    """
    require_running(partnership)
    known = {question.name for question in questions_of(kind)}
    said = {name: plain_text(text) for name, text in answers.items() if plain_text(text)}
    for name, text in said.items():
        if name not in known:
            raise BadValue(name, "unknown", _("The sheet has no such question."))
        if len(text) > ANSWER_MAX:
            raise BadValue(name, "max_length", _("%d characters at the most.") % ANSWER_MAX)
    own = {"merchant_id": partnership.merchant_id, "partnership": partnership, "kind": kind}
    quarter = quarter_of(at.date())
    with transaction.atomic():
        Partnership.objects.select_for_update(of=("self",)).get(id=partnership.id)
        last = Sheet.objects.filter(**own).order_by("-id").first()
        if last is not None and (last.answers, last.quarter) == (said, quarter):
            return None
        return Sheet.objects.create(
            **own,
            affiliate_id=partnership.affiliate_id,
            quarter=quarter,
            answers=said,
            side=by.side,
            writer=plain_line(by.name)[:150],
            at=at,
        )


def write_comment(
    *,
    partnership: Partnership,
    about: Item | Review | SheetKind,
    body: str,
    by: Writer,
    at: datetime,
) -> Comment:
    """Say something about an item, a review or a sheet; return it.

    :raises BadValue: if it is empty or too long, or too much was said today.
    """
    require_running(partnership)
    body = plain_text(body)
    if not body:
        raise BadValue("body", "required", _("Write a comment."))
    own = {"merchant_id": partnership.merchant_id, "partnership": partnership}
    today = Comment.objects.filter(**own, at__date=at.date())
    if today.count() >= COMMENTS_MAX:
        raise BadValue("body", "too_many", _("%d comments a day at the most.") % COMMENTS_MAX)
    return Comment.objects.create(
        **own,
        affiliate_id=partnership.affiliate_id,
        item=about if isinstance(about, Item) else None,
        review=about if isinstance(about, Review) else None,
        sheet=about.value if isinstance(about, SheetKind) else "",
        side=by.side,
        writer=plain_line(by.name)[:150],
        body=cleaned(Comment, "body", body),
        at=at,
    )
