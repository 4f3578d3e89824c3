"""What Acme publishes with its affiliates: one post that is out, and one pitch that waits."""

from datetime import datetime, timedelta
from functools import partial

from collaborations.models import CollaborationKind, PageFinding
from collaborations.services import (
    Pitch,
    accept_collaboration,
    note_finding,
    pitch_collaboration,
    publish_collaboration,
    write_draft,
)
from commissions.models import Side
from demo.cast import DANA, LENA
from demo.history import History
from merchants.models import acting_user
from merchants.rights import Role

KNOTS = Pitch(
    kind=CollaborationKind.POST_THERE,
    title="Ten knots you need before June",
    pitch="Our rigger writes, you publish. One knot a paragraph, with drawings; until mid-month.",
)
FILM = Pitch(
    kind=CollaborationKind.WEBINAR,
    title="Mooring alone, live from the jetty",
    pitch="An hour on a Sunday: I moor, your rigger answers questions. You bring ten lines to win.",
)


def plan_together(history: History) -> None:
    """Plan both."""
    for days_ago, hour, action in ((17, 9.0, _knots), (2, 20.0, _film)):
        at = history.day(days_ago) + timedelta(hours=hour)
        history.agenda.plan(at, partial(action, history))


def _knots(history: History, at: datetime) -> None:
    """Dana agrees, reads the draft and publishes it."""
    mia, dana = history.stage.acting(Role.MANAGER), history.people.user(DANA.person)
    enrollment = next(row for row in history.stage.standings if row.promoter is DANA).enrollment
    row = pitch_collaboration(enrollment=enrollment, side=Side.MERCHANT, draft=KNOTS, by=mia, at=at)
    hers = acting_user(dana)
    accept_collaboration(row=row, side=Side.AFFILIATE, by=hers, at=at + timedelta(hours=3))
    text = "1. The bowline\n\nIt holds, and it opens again. …"
    write_draft(row=row, side=Side.MERCHANT, text=text, by=mia, at=at + timedelta(days=2))
    url = f"{DANA.website}/ten-knots"
    out_at = at + timedelta(days=4)
    publish_collaboration(row=row, url=url, by=hers, at=out_at)
    note_finding(row=row, finding=PageFinding.LINKED, at=out_at)  # There is no such site.


def _film(history: History, at: datetime) -> None:
    enrollment = next(row for row in history.stage.standings if row.promoter is LENA).enrollment
    by = acting_user(history.people.user(LENA.person))
    pitch_collaboration(enrollment=enrollment, side=Side.AFFILIATE, draft=FILM, by=by, at=at)
