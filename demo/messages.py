"""What Acme's people and its affiliates wrote to each other: four threads and one broadcast."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from affiliates.models import Enrollment
from demo.cast import BOB, DANA, ERIK, INES
from demo.characters import Promoter
from demo.history import History
from merchants.models import acting_user
from merchants.rights import Role
from messaging.broadcasts import draft_broadcast, plan_broadcast, send_broadcast
from messaging.models import Broadcast, Message, Side, Thread
from messaging.sending import run_broadcasts
from messaging.services import (
    Writer,
    as_affiliate,
    as_member,
    close_thread,
    mark_read,
    start_thread,
    write_message,
)

TO, FROM = Role.MANAGER, None  # Who writes: Mia, or the affiliate.
# With whom, about what, and what was written: how many days ago, by whom.
THREADS: Final = (
    (
        DANA,
        "Film 34: oilskins",
        (
            (13, FROM, "We shoot on the Baltic on the 20th. Could you send oilskins in size M?"),
            (13, TO, "They leave today. Please show the cuffs, people ask us about them."),
            (6, FROM, "They came, and they are in the film. Thank you!"),
        ),
    ),
    (
        BOB,
        "Photographs of the anchor lamp",
        (
            (4, TO, "The photographs are at https://shop.acme.example/press/anchor-lamp now."),
            (3, FROM, "Lovely. May I crop them for the newsletter?"),
            (3, TO, "Of course. Only leave the name on the socket readable."),
        ),
    ),
    (INES, "A second link for my stories", ((1, FROM, "How do I tell apart which story sold?"),)),
    (ERIK, "Your plans for winter", ((0, FROM, "When do the winter offers begin this year?"),)),
)
CLOSED: Final = (DANA,)
BROADCAST_DAYS_AGO: Final = 9
BROADCAST: Final = (
    "Winter stock is in, {name}",
    "Hello {name},\n\nlamps, heaters and covers are in stock again, and they sell best in the next"
    " four weeks. Your link leads there: {link}\n\nWrite back if you want photographs.",
)
READ_BY: Final = (BOB, DANA, INES)
ANSWERED_BY: Final = (DANA, "Yes please, of the heaters. I film in an unheated cabin.")


def plan_messages(history: History) -> None:
    """Plan the threads and the broadcast, each message on its day."""
    for promoter, subject, messages in THREADS:
        for number, (days_ago, role, body) in enumerate(messages):
            at = history.day(days_ago) + timedelta(hours=5 + 2 * number)
            history.agenda.plan(at, partial(_write, history, promoter, subject, role, body))
    out = history.day(BROADCAST_DAYS_AGO) + timedelta(hours=10)
    history.agenda.plan(out, partial(_send_to_all, history))
    history.agenda.plan(out + timedelta(hours=8), partial(_answer_broadcast, history))
    history.agenda.plan(history.now, partial(_settle, history))


def _writer(history: History, enrollment: Enrollment, promoter: Promoter, role: object) -> Writer:
    if role is not None:
        member = history.stage.member(Role.MANAGER)
        return as_member(member, acting_user(member.user))
    user = history.people.user(promoter.person)
    return as_affiliate(enrollment.affiliate, acting_user(user), user)


def _write(
    history: History, promoter: Promoter, subject: str, role: object, body: str, at: datetime
) -> None:
    standing = history.stage.standing(promoter)
    if standing is None:
        return
    enrollment = standing.enrollment
    by = _writer(history, enrollment, promoter, role)
    thread = Thread.objects.filter(enrollment=enrollment, subject=subject).first()
    if thread is None:
        start_thread(enrollment=enrollment, subject=subject, body=body, by=by, at=at)
    else:
        write_message(thread=thread, body=body, by=by, at=at)


def _send_to_all(history: History, at: datetime) -> None:
    merchant, member = history.stage.merchant, history.stage.member(Role.MANAGER)
    by = acting_user(member.user)
    subject, body = BROADCAST
    program = history.stage.program
    rows = Enrollment.objects.filter(merchant=merchant, program=program)
    broadcast = draft_broadcast(
        member=member, subject=subject, body=body, query=f"program={program.id}", by=by, at=at
    )
    expected = plan_broadcast(rows).seen
    send_broadcast(broadcast=broadcast, rows=rows, expected=expected, by=by, at=at)
    while run_broadcasts(merchant_id=merchant.id, at=at + timedelta(seconds=4)):
        pass
    run_broadcasts(merchant_id=merchant.id, at=at + timedelta(seconds=6))


def _answer_broadcast(history: History, at: datetime) -> None:
    broadcast = Broadcast.objects.get(merchant=history.stage.merchant)
    for promoter in READ_BY:
        thread = _thread(history, promoter, broadcast)
        if thread is None:
            continue
        user = history.people.user(promoter.person)
        mark_read(thread=thread, user=user, side=Side.AFFILIATE, at=at)
        if promoter == ANSWERED_BY[0]:
            by = as_affiliate(thread.affiliate, acting_user(user), user)
            write_message(thread=thread, body=ANSWERED_BY[1], by=by, at=at)


def _thread(history: History, promoter: Promoter, broadcast: Broadcast) -> Thread | None:
    standing = history.stage.standing(promoter)
    if standing is None:
        return None
    threads = Thread.objects.filter(enrollment=standing.enrollment, broadcast=broadcast)
    return threads.select_related("affiliate").first()


def _settle(history: History, at: datetime) -> None:
    """Close what is settled; nobody is mailed about what was written in the past."""
    by = history.stage.acting(Role.MANAGER)
    subjects = [subject for promoter, subject, _messages in THREADS if promoter in CLOSED]
    for thread in Thread.objects.filter(merchant=history.stage.merchant, subject__in=subjects):
        close_thread(thread=thread, by=by, at=at)
    Message.objects.filter(merchant=history.stage.merchant).update(mail_due_at=None)
