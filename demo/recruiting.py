"""Whom Acme's people would like to win: prospects at every stage, a letter, and a bounty."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from demo.cast import INES, LENA
from demo.history import History
from merchants.rights import Role
from recruiting.bounties import set_offer
from recruiting.letters import save_template, write_letters
from recruiting.models import ContactKind, Letter, LetterTemplate, Prospect, ProspectSource, Stage
from recruiting.services import (
    ProspectDraft,
    add_prospect,
    link_enrollment,
    log_contact,
    move_prospect,
)

BODY: Final = (
    "Hello {name},\n\nwe read what you write on {website} and would like to work with you. Our "
    "program is called {program}; the form is filled in already:\n\n{link}\n\nMia, {merchant}"
)
BOUNTY_MINOR: Final = 25_00
# Name, address, what is known, how many days ago, and what was said since.
PEOPLE: Final[
    tuple[tuple[str, str, dict[str, Any], int, tuple[tuple[ContactKind, str], ...]], ...]
] = (
    (
        "Ada Anchorage",
        "ada@anchorage-atlas.example",
        {
            "website": "https://anchorage-atlas.example",
            "channels": "An atlas of anchorages, 900 pages",
            "audience": "Cruisers in the Baltic, 40,000 a month",
            "country": "SE",
            "source": ProspectSource.SEARCH,
        },
        12,
        (),
    ),
    (
        "Buoy Brothers",
        "crew@buoybrothers.example",
        {
            "website": "https://buoybrothers.example",
            "channels": "Podcast, weekly",
            "country": "GB",
            "source": ProspectSource.WARM,
            "introduced_by": "Bob Bowline",
        },
        20,
        ((ContactKind.CALL, "Bob told them of us. Would like to see a lamp first."),),
    ),
    (
        "Cleo Capstan",
        "cleo@capstan-courses.example",
        {
            "website": "https://capstan-courses.example",
            "channels": "Sailing courses",
            "audience": "300 pupils a year",
            "country": "NL",
            "source": ProspectSource.EVENT,
        },
        16,
        (
            (ContactKind.MEETING, "Met at the boat fair in Düsseldorf."),
            (ContactKind.ANSWER, "Asks what a course of 20 would bring."),
        ),
    ),
    (
        "Dirk Drogue",
        "dirk@drogue-diaries.example",
        {"website": "https://drogue-diaries.example", "country": "DE", "notes": "No ads, he says."},
        25,
        ((ContactKind.ANSWER, "Takes no money from anybody he writes about."),),
    ),
)
DECLINED: Final = "Dirk Drogue"
WRITTEN_TO: Final = "Ada Anchorage"


def plan_recruiting(history: History) -> None:
    """Plan who is found when, what is said, and whom they write to."""
    history.agenda.plan(history.day(28), partial(_open, history))
    for name, email, known, days_ago, said in PEOPLE:
        found = history.day(days_ago) + timedelta(hours=9)
        history.agenda.plan(found, partial(_find, history, name, email, known))
        for number, (kind, text) in enumerate(said, start=1):
            at = found + timedelta(days=2 * number)
            history.agenda.plan(at, partial(_talk, history, name, kind, text))
    history.agenda.plan(history.day(6) + timedelta(hours=10), partial(_write, history))
    history.agenda.plan(history.now, partial(_settle, history))


def _open(history: History, at: datetime) -> None:
    by = history.stage.acting(Role.MANAGER)
    program = history.stage.program
    set_offer(program=program, is_open=True, bounty_minor=BOUNTY_MINOR, by=by, at=at)
    save_template(
        merchant_id=history.stage.id,
        name="First letter to writers",
        subject="Would you like to work with us, {name}?",
        body=BODY,
    )


def _find(history: History, name: str, email: str, known: dict[str, Any], at: datetime) -> None:
    draft = ProspectDraft(name=name, email=email, owner=history.stage.member(Role.MANAGER), **known)
    by = history.stage.acting(Role.MANAGER)
    add_prospect(program=history.stage.program, draft=draft, by=by, at=at, despite_known=True)


def _named(history: History, name: str) -> Prospect:
    rows = Prospect.objects.select_related("program__merchant")
    return rows.get(merchant=history.stage.merchant, name=name)


def _talk(history: History, name: str, kind: ContactKind, text: str, at: datetime) -> None:
    member = history.stage.member(Role.MANAGER)
    prospect = _named(history, name)
    log_contact(prospect=prospect, kind=kind, text=text, member=member, at=at)
    if name == DECLINED:
        by = history.stage.acting(Role.MANAGER)
        move_prospect(prospect=prospect, to=Stage.DECLINED, by=by, at=at)


def _write(history: History, at: datetime) -> None:
    write_letters(
        prospects=Prospect.objects.filter(merchant=history.stage.merchant, name=WRITTEN_TO),
        subject="Would you like to work with us, {name}?",
        body=BODY,
        template=LetterTemplate.objects.get(merchant=history.stage.merchant),
        member=history.stage.member(Role.MANAGER),
        by=history.stage.acting(Role.MANAGER),
        at=at,
    )


def _settle(history: History, at: datetime) -> None:
    """Let two who are in have been prospects once; nobody is mailed what was written long ago."""
    by = history.stage.acting(Role.MANAGER)
    for promoter, source in ((INES, ProspectSource.EVENT), (LENA, ProspectSource.WARM)):
        standing = history.stage.standing(promoter)
        if standing is not None:
            draft = ProspectDraft(
                name=promoter.person.name, email=promoter.person.email, source=source
            )
            prospect = add_prospect(
                program=history.stage.program, draft=draft, by=by, at=at, despite_known=True
            )
            link_enrollment(prospect=prospect, enrollment=standing.enrollment)
    letters = Letter.objects.filter(merchant=history.stage.merchant)
    letters.update(mail_due_at=None, sent_at=history.day(6) + timedelta(hours=10))
