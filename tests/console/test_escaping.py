"""HTML in whatever people and shops may send appears as text on every page that shows it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from affiliates.care.notes import save_segment, set_task, write_note
from affiliates.care.tags import tag_enrollment
from affiliates.models import Affiliate, Channel, Network, Reference, SavedList, Severity
from affiliates.services import ApplicationDraft, Consent, create_affiliate, move_enrollment
from commissions.services import approve_due, hold_conversion
from commissions.services.violations import file_violation
from merchants.models import SYSTEM
from merchants.rights import Role
from merchants.services import create_key, update_merchant
from merchants.tenancy import affiliate_context, merchant_context
from payouts.methods import set_payout_method
from payouts.models import MethodKind, Payout
from payouts.services import approve_batch, mark_failed, prepare_batch, send_batch
from programs.models import Program
from programs.selectors import goals_of
from programs.services import publish_terms, update_goal, update_program
from tests.cast import (
    NOON,
    Company,
    Promoter,
    add_member,
    bank_account,
    click_of,
    make_user,
    sell,
    settle,
)
from tests.console.arrivals import store_call, store_customer, store_import, store_step
from tracking.models import Link
from tracking.services import join_program, record_refund, update_link

EVIL = "<img src=x onerror=alert(1)>"
ESCAPED = "&lt;img src=x onerror=alert(1)&gt;"
LATER = NOON + timedelta(days=40)


@pytest.fixture
def eve(acme: Company) -> Promoter:
    """Return an affiliate whose every text is HTML, in a program whose every text is HTML."""
    owner = acme.owner
    with merchant_context(acme.id):
        update_merchant(member=owner, name=EVIL, website="", accent="#000000", at=NOON)
        texts = {"name": EVIL, "summary": EVIL, "description": EVIL}
        program = update_program(program=acme.program, changes=texts, by=SYSTEM, at=NOON)
        publish_terms(program=program, body=EVIL, summary=EVIL, by=SYSTEM, at=NOON)
        for goal in goals_of(program):
            update_goal(goal=goal, name=EVIL, definition=EVIL, by=SYSTEM, at=NOON)
        create_key(member=owner, name=EVIL, scopes=[], at=NOON)
    user = make_user("Eve")
    user.name = EVIL
    user.save(update_fields=["name"])
    affiliate = create_affiliate(name=EVIL, email=user.email, user=user)
    with affiliate_context(affiliate.id):
        said = {"about": EVIL, "audience_topics": [EVIL], "website": f"https://x.example/{EVIL}"}
        Affiliate.objects.filter(id=affiliate.id).update(**said)
        Channel.objects.create(affiliate=affiliate, network=Network.OTHER, url=said["website"])
        Reference.objects.create(affiliate=affiliate, name=EVIL, email=EVIL, relation=EVIL)
    details = bank_account("Eve")
    set_payout_method(affiliate=affiliate, kind=MethodKind.BANK, details=details, at=NOON)
    enrollment = join_program(
        program=program,
        affiliate=affiliate,
        consent=Consent(user=user, terms_version=1, user_agent=EVIL),
        application=ApplicationDraft({EVIL: EVIL}),
        at=NOON,
    )
    with merchant_context(acme.id):
        link = Link.objects.get(enrollment=enrollment)
        update_link(link=link, name=EVIL, destination_url="")
        tag_enrollment(enrollment=enrollment, name=EVIL, by=SYSTEM, at=NOON)
        write_note(member=owner, enrollment=enrollment, body=EVIL, at=NOON)
        set_task(
            made_by=owner, assignee=owner, title=EVIL, due_on=NOON.date(), enrollment=enrollment
        )
        save_segment(
            member=owner, list=SavedList.AFFILIATES, name=EVIL, query="status=APPROVED", at=NOON
        )
        file_violation(
            member=owner,
            enrollment=enrollment,
            severity=Severity.WARN,
            rule=EVIL,
            evidence=EVIL,
            at=NOON,
        )
    return Promoter(user, affiliate, enrollment, link)


@pytest.fixture
def pages(acme: Company, eve: Promoter) -> dict[str, str]:
    """Return the pages that show what Eve and the shop sent, with what they show of it."""
    paid = sell(acme, click=click_of(eve), external_id=EVIL)
    held = sell(acme, click=click_of(eve), external_id="S-2", at=NOON + timedelta(hours=2))
    finn = add_member(acme, "Finn", Role.FINANCE)
    with merchant_context(acme.id):
        hold_conversion(conversion=held, reason=EVIL, by=SYSTEM, at=NOON)
        record_refund(
            conversion=paid,
            external_id=EVIL,
            amount_minor=100,
            reason=EVIL,
            occurred_at=NOON,
            by=SYSTEM,
            at=NOON,
        )
    settle(acme, at=NOON + timedelta(hours=3))
    approve_due(merchant_id=acme.id, at=LATER)
    with merchant_context(acme.id):
        batch = prepare_batch(member=finn, currency="EUR", at=LATER)
        batch = approve_batch(member=acme.owner, batch=batch, at=LATER)
        send_batch(member=finn, batch=batch, at=LATER)
        payout = Payout.objects.get()
        mark_failed(member=finn, payout=payout, reason=EVIL, at=LATER)
        program = Program.objects.get()
        suspended = {"to": "SUSPENDED", "by": SYSTEM, "at": LATER, "reason": EVIL}
        move_enrollment(enrollment=eve.enrollment, **suspended)
    call = store_call(acme, order_id=EVIL, said={EVIL: EVIL}, detail=EVIL)
    customer = store_customer(acme, eve, external_id=EVIL)
    step = store_step(acme, goal="lead")
    by_program = (
        "conversion-test",
        *("program", "program-goals", "program-rates", "rates-edit", "program-terms"),
        *("terms-publish", "program-tracking", "program-page", "program-settings"),
    )
    return {
        **{name: reverse(f"console:{name}", args=[program.id]) for name in by_program},
        "violation-file": reverse("console:violation-file", args=[eve.enrollment.id]),
        "tasks": reverse("console:tasks"),
        "affiliate": reverse("console:affiliate", args=[eve.enrollment.id]),
        "intake-call": reverse("console:intake-call", args=[call.id]),
        "customer": reverse("console:customer", args=[customer.id]),
        "import": reverse("console:import", args=[store_import(acme).id]),
        "goal-steps": reverse("console:goal-steps", args=[program.id, step.goal_id]),
        "paid": reverse("console:conversion", args=[paid.id]),
        "held": reverse("console:conversion", args=[held.id]),
        "batch": reverse("console:batch", args=[batch.id]),
        "payout": reverse("console:payout", args=[payout.id]),
        **{
            name: reverse(f"console:{name}")
            for name in (
                *("home", "programs", "affiliates", "conversions", "commissions", "payouts"),
                *("prepare", "settings", "members", "keys", "audit", "setup-program"),
                *("intake-calls", "customers", "imports", "import-create"),
                *("setup-rates", "setup-terms", "setup-done", "affiliate-invite"),
            )
        },
    }


def test_html_in_stored_texts_is_shown_as_text(pages: dict[str, str], alice: Client) -> None:
    for name, url in pages.items():
        html = alice.get(url).content.decode()

        assert EVIL not in html, name
        assert ESCAPED in html, name


def test_html_in_a_search_is_shown_as_text(acme: Company, eve: Promoter, alice: Client) -> None:
    searched = ("affiliates", "conversions", "commissions", "audit")
    for name in (*searched, "customers", "imports", "intake-calls"):
        html = alice.get(reverse(f"console:{name}"), {"q": '"><script>alert(1)</script>'})

        assert "<script>alert(1)" not in html.content.decode(), name
