"""How Acme's people keep their affiliates in order: tags, notes, tasks, a bulk job, violations."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from affiliates.care.jobs import Errand, plan_job, start_job
from affiliates.care.notes import finish_task, save_segment, set_task, write_note
from affiliates.care.tags import assign_owner, ensure_tag, tag_enrollment
from affiliates.models import BulkAction, Enrollment, SavedList, Severity
from commissions.services.bulk_jobs import run_bulk_jobs
from commissions.services.violations import file_violation, resolve_violation
from demo.agenda import Action
from demo.cast import BOB, DANA, ERIK, FARAH, HUGO, INES, JONAS, KIM
from demo.characters import Promoter
from demo.history import History
from merchants.rights import Role
from programs.models import Program

TAGS: Final[tuple[tuple[Promoter, tuple[str, ...]], ...]] = (
    (BOB, ("Boats", "Favourite")),
    (DANA, ("Boats", "Video", "Favourite")),
    (ERIK, ("Newsletter",)),
    (FARAH, ("Coupons",)),
    (HUGO, ("Comparison",)),
    (INES, ("Boats", "Social", "Rising")),
    (JONAS, ("Call again",)),
    (KIM, ("Search ads",)),
)
NOTES: Final = (
    (BOB, 58, "Met him at the boat fair: knows our ropes better than we do."),
    (BOB, 12, "Would test the new anchor lamp if he gets it before the winter lay-up."),
    (DANA, 38, "Film 34 will be shot on the Baltic. Ask for the date before Winter light."),
    (ERIK, 21, "Wants one contract for the whole year instead of news from us each month."),
    (FARAH, 34, "Codes only, and fair: takes old ones down within a day."),
    (INES, 9, "Followers doubled since she joined. Offer her more before somebody else does."),
    (JONAS, 26, "Called: new job, writes when there is time. Ask again in spring."),
)
TASKS: Final = (  # Whom about, what, due in days, and how many days ago it was done.
    (DANA, "Send oilskins in size M for film 34", -6, 7),
    (INES, "Propose a better rate", 2, None),
    (JONAS, "Call and ask how he is", -3, None),
    (BOB, "Lend him the new anchor lamp", 5, None),
    (None, "Read the new terms once more before they count", 8, None),
)
CLUB: Final = "Club member"


def plan_care(history: History) -> None:
    """Plan what Mia and her colleagues wrote down and decided; Kim's suspension included."""
    for promoter, days_ago, body in NOTES:
        _plan(history, days_ago, 15.0, partial(_note, history, promoter, body))
    for days_ago, hour, action in (
        (36, 14.0, _tag),
        (24, 9.0, _warn_farah),
        (21, 16.5, _suspend_kim),
        (20, 9.0, _share_out),
        (10, 9.0, _tag_the_club),
    ):
        _plan(history, days_ago, hour, partial(action, history))
    history.agenda.plan(history.now, partial(_set_tasks, history))


def _plan(history: History, days_ago: int, hour: float, action: Action) -> None:
    at = history.day(days_ago) + timedelta(hours=hour)
    history.agenda.plan(at, action)


def _note(history: History, promoter: Promoter, body: str, at: datetime) -> None:
    if standing := history.stage.standing(promoter):
        member = history.stage.member(Role.MANAGER)
        write_note(member=member, enrollment=standing.enrollment, body=body, at=at)


def _tag(history: History, at: datetime) -> None:
    by = history.stage.acting(Role.MANAGER)
    for promoter, names in TAGS:
        if standing := history.stage.standing(promoter):
            for name in names:
                tag_enrollment(enrollment=standing.enrollment, name=name, by=by, at=at)
    _save_segments(history, at)


def _save_segments(history: History, at: datetime) -> None:
    member = history.stage.member(Role.MANAGER)
    boats = ensure_tag(merchant=history.stage.merchant, name="Boats")
    for name, query in (
        ("Boats, in good health", f"tag={boats.id}&health=GOOD"),
        ("Wait for an answer", "status=APPLIED"),
    ):
        shown = SavedList.AFFILIATES
        save_segment(member=member, list=shown, name=name, query=query, at=at)


def _share_out(history: History, at: datetime) -> None:
    """Mia looks after most, Alice after those who matter most."""
    by = history.stage.acting(Role.OWNER)
    for standing in history.stage.standings:
        role = Role.OWNER if standing.promoter in (BOB, DANA) else Role.MANAGER
        owner = history.stage.member(role)
        assign_owner(enrollment=standing.enrollment, owner=owner, by=by, at=at)


def _set_tasks(history: History, at: datetime) -> None:
    mia, alice = history.stage.member(Role.MANAGER), history.stage.member(Role.OWNER)
    for promoter, title, due_in_days, done_days_ago in TASKS:
        standing = history.stage.standing(promoter) if promoter else None
        task = set_task(
            made_by=alice,
            assignee=alice if promoter in (BOB, None) else mia,
            title=title,
            due_on=(at + timedelta(days=due_in_days)).date(),
            enrollment=standing.enrollment if standing else None,
        )
        if done_days_ago is not None:
            finish_task(task=task, at=at - timedelta(days=done_days_ago))


def _tag_the_club(history: History, at: datetime) -> None:
    """Give a tag to everybody in the second program, as one job."""
    merchant, member = history.stage.merchant, history.stage.member(Role.MANAGER)
    crew = Program.objects.get(merchant=merchant, slug="crew")
    rows = Enrollment.objects.filter(merchant=merchant, program=crew)
    errand = Errand(BulkAction.TAG, tag=ensure_tag(merchant=merchant, name=CLUB))
    expected = plan_job(rows, errand).seen
    start_job(
        member=member,
        rows=rows,
        errand=errand,
        query=f"program={crew.id}",
        expected=expected,
        at=at,
    )
    run_bulk_jobs(merchant_id=merchant.id, at=at + timedelta(seconds=4))


def _warn_farah(history: History, at: datetime) -> None:
    """A code that was over stood on her site for a week; she took it down."""
    if standing := history.stage.standing(FARAH):
        member = history.stage.member(Role.MANAGER)
        filed = file_violation(
            member=member,
            enrollment=standing.enrollment,
            severity=Severity.WARN,
            rule="Codes that are over are taken down within a day.",
            evidence="savingtide.example still listed SPRING5 on seven days after it ended.",
            at=at,
        )
        resolve_violation(
            member=member,
            violation=filed.violation,
            resolution="Taken down the same day; a slip.",
            at=at + timedelta(hours=7),
        )


def _suspend_kim(history: History, at: datetime) -> None:
    if standing := history.stage.standing(KIM):
        file_violation(
            member=history.stage.member(Role.MANAGER),
            enrollment=standing.enrollment,
            severity=Severity.SUSPEND,
            rule="Bids on our name in search engines, although the terms forbid it.",
            evidence=(
                "Her advertisement stood above our own result for “acme chandlery” and “acme rope”"
                " on three mornings in a row; the address behind it is dealsharbour.example with"
                " her link. She did not answer two letters."
            ),
            at=at,
        )
