"""Letters to prospects, the links in them, and what becomes of who follows one."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client

from affiliates.models import Enrollment, Status
from affiliates.services import ApplicationDraft, Consent, create_affiliate
from commissions.models import Commission, Kind
from commissions.services import approve_due
from common.refusals import BadValue
from merchants.models import SYSTEM
from merchants.tenancy import OPS, merchant_context
from programs.models import JoinMode, Program
from recruiting.bounties import pay_bounties, set_offer
from recruiting.joining import Lead, join_program
from recruiting.letters import (
    BadToken,
    NobodyToWriteTo,
    follow,
    mail_letters,
    unsubscribe,
    unsubscribe_url,
)
from recruiting.models import Letter, Prospect, ProspectSource, Stage
from recruiting.report import Recruits, recruits_of, report_sources
from recruiting.tags import require_known_tags
from tests.cast import NOON, Company, Promoter, click_of, make_user, sell
from tests.facts import lines
from tests.recruiting.prospecting import again, mail_letter, store_prospect, write
from tracking.models import Link

LATER = NOON + timedelta(days=40)


def join(company: Company, name: str, lead: Lead, *, at=NOON) -> Enrollment:
    """Let somebody join the company's program by what they came by."""
    user = make_user(name)
    affiliate = create_affiliate(name=name, email=user.email, user=user)
    return join_program(
        program=company.program,
        affiliate=affiliate,
        consent=Consent(user=user, terms_version=None),
        application=ApplicationDraft(),
        lead=lead,
        at=at,
    )


def test_a_letter_goes_out_once_with_a_link_that_is_stored_hashed(acme: Company) -> None:
    petra = store_prospect(acme)

    key = mail_letter(acme, petra)
    again_sent = mail_letters(merchant_id=acme.id, at=NOON)

    assert again_sent == 0
    [message] = mail.outbox
    assert message.to == ["petra@pier.example"]
    assert message.subject == "Sell with us, Petra Pier"
    assert "Hello Petra Pier,\n\nwill you join Acme Partners? http" in message.body
    assert "/no-letters/?token=" in message.extra_headers["List-Unsubscribe"]
    stored = Letter.objects.using(OPS).get()
    assert key not in stored.body
    assert stored.key_hash
    assert again(acme, petra).stage_now == Stage.INVITED


@pytest.mark.parametrize(
    "who", [{"email": ""}, {"unsubscribed_at": NOON}, {"stage": Stage.DECLINED}]
)
def test_some_are_never_written_to(who: dict[str, object], acme: Company) -> None:
    petra = store_prospect(acme)
    with merchant_context(acme.id):
        Prospect.objects.filter(id=petra.id).update(**who)

    with pytest.raises(NobodyToWriteTo):
        write(acme, petra)

    assert not Letter.objects.using(OPS).exists()


def test_nobody_is_written_to_twice_within_a_week(acme: Company) -> None:
    petra = store_prospect(acme)
    write(acme, petra)

    with pytest.raises(NobodyToWriteTo):
        write(acme, petra, at=NOON + timedelta(days=6))

    assert write(acme, petra, at=NOON + timedelta(days=8)) == 1


@pytest.mark.parametrize(
    ("subject", "body", "field"),
    [("S", "no way in", "body"), ("{link}", "{link}", "subject"), ("S", "{code} {link}", "body")],
)
def test_a_letter_leads_somewhere_and_knows_its_tags(subject: str, body: str, field: str) -> None:
    with pytest.raises(BadValue) as refusal:
        require_known_tags(subject, body)

    assert refusal.value.field == field


def test_what_was_written_about_somebody_fills_no_tag(acme: Company) -> None:
    petra = store_prospect(acme, "Petra {link}", channels="{merchant}")

    mail_letter(acme, petra)

    assert mail.outbox[-1].body.startswith("Hello Petra (link),")


@time_machine.travel(NOON)
def test_following_the_link_fills_the_form_and_counts_people(acme: Company) -> None:
    petra = store_prospect(acme, website="https://pier.example")
    key = mail_letter(acme, petra)
    browser = Client(HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko Firefox/143")

    led = browser.get(f"/invitation/{key}/")
    page = browser.get(led.headers["Location"]).content.decode()
    Client(HTTP_USER_AGENT="curl/8").get(f"/invitation/{key}/")

    assert led.headers["Location"] == "/join/acme/partners/"
    assert 'value="petra@pier.example"' in page
    assert "You are invited" in page
    assert Letter.objects.using(OPS).get().visits == 1
    assert follow(key, at=NOON + timedelta(days=61), counts=True) is None
    assert Client().get("/invitation/fl_pi_unknown/").status_code == 404


def test_no_more_letters_after_a_word_against_them(acme: Company) -> None:
    petra = store_prospect(acme)
    write(acme, petra)
    token = unsubscribe_url(petra).partition("token=")[2]
    address = f"/no-letters/?token={token}"

    asked = Client().get(address)
    assert again(acme, petra).unsubscribed_at is None
    done = Client(enforce_csrf_checks=True).post(address)
    mail_letters(merchant_id=acme.id, at=NOON)

    assert (asked.status_code, done.status_code) == (200, 200)
    assert mail.outbox == []
    assert again(acme, petra).unsubscribed_at is not None
    with pytest.raises(BadToken):
        unsubscribe("made-up", at=NOON)


def test_who_joins_is_the_prospect_by_letter_or_by_address(acme: Company) -> None:
    petra = store_prospect(acme)
    quin = store_prospect(acme, "Quin Quay", email="quin@example.com")

    by_letter = join(acme, "Petrina", Lead(prospect_id=petra.id))
    by_address = join(acme, "Quin", Lead())

    assert again(acme, petra).enrollment_id == by_letter.id
    assert again(acme, quin).enrollment_id == by_address.id
    assert again(acme, quin).stage_now == Stage.JOINED


def test_a_program_by_invitation_lets_a_prospect_in(acme: Company) -> None:
    with merchant_context(acme.id):
        Program.objects.filter(id=acme.program.id).update(join_mode=JoinMode.INVITATION)
    petra = store_prospect(acme)

    write(acme, petra)

    assert again(acme, petra).enrollment.status == Status.INVITED
    assert again(acme, petra).stage_now == Stage.INVITED


def test_a_recruiter_gets_a_bounty_for_the_first_sale_once(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        set_offer(program=acme.program, is_open=True, bounty_minor=2_500, by=SYSTEM, at=NOON)
    dora = join(acme, "Dora", Lead(recruiter_code=bob.enrollment.code), at=NOON)
    with merchant_context(acme.id):
        link = Link.objects.get(enrollment=dora)
    seller = Promoter(bob.user, dora.affiliate, dora, link)
    assert pay_bounties(merchant_id=acme.id, at=NOON) == 0

    sell(acme, click=click_of(seller), amount_minor=10_000)
    assert pay_bounties(merchant_id=acme.id, at=NOON) == 0  # It may still be refunded.
    approve_due(merchant_id=acme.id, at=LATER)
    paid = [pay_bounties(merchant_id=acme.id, at=LATER) for _twice in range(2)]

    assert paid == [1, 0]
    assert lines(acme) == [1_000, 2_500]
    bounty = Commission.objects.using(OPS).get(kind=Kind.BONUS)
    assert (bounty.enrollment_id, bounty.event_ref) == (bob.enrollment.id, f"bounty:{dora.id}")
    with merchant_context(acme.id):
        [row] = report_sources(acme.program)
    assert row.source == ProspectSource.PARTNER
    counts = (row.prospects, row.contacted, row.applied, row.approved, row.sold)
    assert counts == (1, 1, 1, 1, 1)
    assert (row.revenue_minor, row.cost_minor) == (10_000, 3_500)
    assert recruits_of(bob.enrollment) == Recruits(joined=1, approved=1, sold=1)


@pytest.mark.parametrize("is_open", [True, False])
def test_nobody_is_recruited_where_nobody_may_or_by_themselves(
    is_open: bool, acme: Company, bob: Promoter
) -> None:
    with merchant_context(acme.id):
        set_offer(program=acme.program, is_open=is_open, bounty_minor=None, by=SYSTEM, at=NOON)
    code = "unknown" if is_open else bob.enrollment.code

    dora = join(acme, "Dora", Lead(recruiter_code=code))

    assert dora.recruited_by_id is None
    assert not Prospect.objects.using(OPS).exists()
