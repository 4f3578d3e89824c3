"""Prospects: known once, moved by people and by what they do, and taken in from files."""

import pytest

from affiliates.models import Status
from common.refusals import BadValue
from common.states import IllegalMove
from merchants.models import SYSTEM, Event
from merchants.tenancy import OPS, merchant_context
from recruiting.importing import columns_of, guess_mapping, look_at, run_import
from recruiting.known import Known, Named
from recruiting.models import ContactKind, Prospect, Stage
from recruiting.services import (
    LooksKnown,
    ProspectDraft,
    ProspectExists,
    add_prospect,
    forget_prospect,
    link_enrollment,
    log_contact,
    move_prospect,
    update_prospect,
)
from tests.cast import NOON, Company, Promoter
from tests.recruiting.prospecting import again, mail_letter, store_file, store_prospect

FILE = """Company;Mail;URL;Reach;Country
Harbour Notes;hello@harbour.example;harbour.example;4000;DK
Harbor Notes Ltd;other@harbour.example;;;
Bob;BOB@example.com;;;
;nobody@x.example;;;
Sly Sail;no address;;;
Tia Tide;tia@tide.example;https://tide.example;;Germany
=HYPERLINK("x");eve@eve.example;;;
"""


@pytest.mark.parametrize(
    ("_case", "who", "expected"),
    [
        ("the same mailbox", Named("Other", "petra+x@pier.example", ""), ["email"]),
        ("the same site", Named("Other", "", "http://www.pier.example/about"), ["website"]),
        ("words turned around", Named("Pier, Petra", "", ""), ["name"]),
        ("a letter off", Named("Petra Piere", "", ""), ["name"]),
        ("an affiliate's address", Named("Robert", "bob@example.com", ""), ["email"]),
        ("nobody", Named("Quin Quay", "quin@quay.example", "https://quay.example"), []),
        ("a digit off is another", Named("Petra Pier 2", "", ""), []),
    ],
)
def test_somebody_known_is_found(_case, who, expected, acme: Company, bob: Promoter) -> None:
    store_prospect(acme, website="https://pier.example")

    with merchant_context(acme.id):
        found = Known(acme.id).matches(who)

    assert [match.sign for match in found] == expected


def test_who_looks_known_is_added_only_when_somebody_says_so(acme: Company) -> None:
    store_prospect(acme)
    twin = ProspectDraft(name="Petra Pier")

    with merchant_context(acme.id):
        with pytest.raises(LooksKnown):
            add_prospect(program=acme.program, draft=twin, by=SYSTEM, at=NOON)
        facts = {"program": acme.program, "by": SYSTEM, "at": NOON, "despite_known": True}
        add_prospect(draft=twin, **facts)
        same = ProspectDraft(name="Somebody", email="petra@pier.example")
        with pytest.raises(ProspectExists):
            add_prospect(draft=same, **facts)

        assert Prospect.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("email", "x"),
        ("website", "javascript:x"),
        ("country", "XX"),
        ("source", "?"),
    ],
)
def test_what_cannot_be_is_refused(field: str, value: str, acme: Company) -> None:
    draft = ProspectDraft(**{"name": "Petra Pier", field: value})

    with merchant_context(acme.id), pytest.raises(BadValue) as refusal:
        add_prospect(program=acme.program, draft=draft, by=SYSTEM, at=NOON)

    assert refusal.value.field == field
    assert not Prospect.objects.using(OPS).exists()


def test_the_log_takes_a_stage_along_and_never_back(acme: Company) -> None:
    petra = store_prospect(acme)
    expected = [
        (ContactKind.NOTE, Stage.FOUND),
        (ContactKind.CALL, Stage.CONTACTED),
        (ContactKind.ANSWER, Stage.ANSWERED),
        (ContactKind.MAIL, Stage.ANSWERED),
    ]

    for kind, stage in expected:
        with merchant_context(acme.id):
            log_contact(prospect=petra, kind=kind, text="T", member=acme.owner, at=NOON)
        assert again(acme, petra).stage_now == stage


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        (Status.INVITED, Stage.INVITED),
        (Status.APPLIED, Stage.APPLIED),
        (Status.APPROVED, Stage.JOINED),
        (Status.LEFT, Stage.JOINED),
        (Status.REJECTED, Stage.DECLINED),
        (Status.DECLINED, Stage.DECLINED),
    ],
)
def test_an_enrollment_says_the_stage(
    status: Status, stage: Stage, acme: Company, bob: Promoter
) -> None:
    petra = store_prospect(acme)
    with merchant_context(acme.id):
        move_prospect(prospect=petra, to=Stage.CONTACTED, by=SYSTEM, at=NOON)
        bob.enrollment.status = status
        bob.enrollment.save(update_fields=["status"])
        link_enrollment(prospect=petra, enrollment=bob.enrollment)
        link_enrollment(prospect=petra, enrollment=bob.enrollment)

        assert again(acme, petra).stage_now == stage
        with pytest.raises((IllegalMove, BadValue)):
            move_prospect(prospect=petra, to=Stage.FOUND, by=SYSTEM, at=NOON)
        with pytest.raises(BadValue):
            move_prospect(prospect=petra, to=Stage.JOINED, by=SYSTEM, at=NOON)


def test_a_prospect_is_changed_and_forgotten_without_a_trace_of_the_name(acme: Company) -> None:
    petra = store_prospect(acme)
    mail_letter(acme, petra)
    with merchant_context(acme.id):
        draft = ProspectDraft(name="Petra Pier", email="p@pier.example", source="WARM")
        update_prospect(prospect=petra, draft=draft, by=SYSTEM, at=NOON)
        log_contact(prospect=petra, kind=ContactKind.NOTE, text="T", member=acme.owner, at=NOON)
        assert again(acme, petra).email == "p@pier.example"

        forget_prospect(prospect=petra, by=SYSTEM, at=NOON)

        assert not Prospect.objects.exists()
        told = Event.objects.filter(type__startswith="prospect.")
        assert told.count() == 4
        assert not told.filter(data__icontains="pier").exists()


def test_a_file_is_looked_at_and_its_new_lines_taken_in_once(acme: Company, bob: Promoter) -> None:
    file = store_file(acme, FILE)
    with merchant_context(acme.id):
        mapping = guess_mapping(columns_of(file))
        looked = look_at(file, mapping)

        assert mapping == {"name": 0, "email": 1, "website": 2, "audience": 3, "country": 4}
        assert [line.is_new for line in looked.lines] == [True] + [False] * 5 + [True]
        assert [bool(line.known) for line in looked.lines] == [False, True, True] + [False] * 4
        assert (looked.added, looked.known, looked.wrong) == (2, 2, 3)
        assert not Prospect.objects.exists()

        for _twice in range(2):
            done = run_import(file=file, mapping=mapping, by=SYSTEM, at=NOON)

        assert (done.added_count, done.content) == (2, "")
        harbour = Prospect.objects.get(name="Harbour Notes")
        facts = (harbour.website, harbour.audience, harbour.country, harbour.owner)
        assert facts == ("https://harbour.example", "4000", "DK", acme.owner)
        assert Prospect.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("Name\n", "empty"),
        ("", "empty"),
        ('Name\n"x\n', "not_csv"),
        ("Name\n" + "x\n" * 2_001, "too_many"),
        ("Name\nx\0y\n", "not_text"),
    ],
)
def test_what_is_no_file_of_prospects_is_refused(content: str, code: str, acme: Company) -> None:
    with pytest.raises(BadValue) as refusal:
        store_file(acme, content)

    assert (refusal.value.field, refusal.value.code) == ("file", code)
