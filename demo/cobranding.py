"""Acme's spring page and flyer; Dana's page is in use, Ines's waits."""

from datetime import datetime, timedelta
from functools import partial

from cobranding.models import CobrandPiece, CobrandTemplate, TemplateKind
from cobranding.services import (
    PieceDraft,
    TemplateDraft,
    add_template,
    approve_piece,
    publish_piece,
    save_piece,
)
from demo.banners import draw_banner
from demo.cast import DANA, INES
from demo.characters import Promoter
from demo.history import History
from demo.materials import BRIGHT, DEEP
from merchants.models import acting_user
from merchants.rights import Role

BODY = (
    "Every rope is cut, spliced and whipped to measure in our harbour shop, usually on the day of "
    "your order.\n\nBraid on braid, 8 to 16 mm, in four colours. Send back what does not fit."
)


def plan_cobranding(history: History) -> None:
    """Plan what Mia offers and what two affiliates make of it."""
    for days_ago, hour, action in ((19, 10.5, _offer), (12, 18.0, _dana), (1, 19.0, _ines)):
        at = history.day(days_ago) + timedelta(hours=hour)
        history.agenda.plan(at, partial(action, history))


def _offer(history: History, at: datetime) -> None:
    picture = draw_banner(
        name="spring.png",
        size=(960, 540),
        title="Fit out\nfor spring",
        action="Look around",
        deep=DEEP,
        bright=BRIGHT,
    )
    for kind, title, button in (
        (TemplateKind.PAGE, "Spring page", "See the ropes"),
        (TemplateKind.FLYER, "Flyer for the jetty", "Scan and look around"),
    ):
        draft = TemplateDraft(
            kind=kind,
            title=title,
            headline="Ropes that outlive the boat",
            body=BODY,
            button=button,
            upload=picture,
        )
        program = history.stage.program
        add_template(program=program, draft=draft, by=history.stage.acting(Role.MANAGER), at=at)


def _dana(history: History, at: datetime) -> None:
    said = PieceDraft("Dana's Drift", "I have had their dock lines out for three winters.")
    for template in CobrandTemplate.objects.filter(merchant_id=history.stage.id):
        piece = _made(history, DANA, template, said, at)
        manager = history.stage.acting(Role.MANAGER)
        approve_piece(piece=piece, saved_at=at, by=manager, at=at)


def _ines(history: History, at: datetime) -> None:
    template = CobrandTemplate.objects.get(merchant_id=history.stage.id, kind=TemplateKind.PAGE)
    _made(
        history,
        INES,
        template,
        PieceDraft("Ines repairs", "What I put on my customers' boats."),
        at,
    )


def _made(
    history: History, promoter: Promoter, template: CobrandTemplate, said: PieceDraft, at: datetime
) -> CobrandPiece:
    standing = next(row for row in history.stage.standings if row.promoter is promoter)
    by = acting_user(history.people.user(promoter.person))
    piece = save_piece(template=template, enrollment=standing.enrollment, draft=said, by=by, at=at)
    return publish_piece(piece=piece, by=by, at=at)
