"""Programs: made, opened, changed and explained."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from commissions.models import Reward, Rule, RuleVersion
from commissions.services.rules import RuleDraft, revise_rule
from merchants.models import SYSTEM, Event
from merchants.rights import Role
from merchants.tenancy import merchant_context
from programs.models import Goal, Program, Status, Terms
from tests.cast import NOON, Company, Promoter, add_member, click_of, sell
from tests.console.clicks import store_clicks
from tests.console.conftest import SignIn, words

NEW = {
    "name": "Dealers",
    "landing_url": "https://acme.example/dealers",
    "kind": "CHANNEL",
    "currency": "JPY",
    "join_mode": "INVITATION",
}


def url(name: str, company: Company) -> str:
    return reverse(f"console:{name}", args=[company.program.id])


def test_the_list_says_what_each_program_pays_and_brought(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    sell(acme, click=click_of(bob))
    store_clicks(acme, bob, at=NOON, count=3)

    page = words(alice.get(reverse("console:programs")).content)

    assert f"{acme.program.name} Affiliate Active 10% of each sale 3 1 €100.00 €10.00" in page


def test_a_new_program_is_a_draft_in_its_own_currency(acme: Company, alice: Client) -> None:
    answer = alice.post(reverse("console:program-create"), NEW)

    with merchant_context(acme.id):
        program = Program.objects.get(name="Dealers")
        assert (program.status, program.currency) == (Status.DRAFT, "JPY")
        assert [
            goal.code for goal in Goal.objects.filter(program=program).order_by("created_at")
        ] == [
            "signup",
            "lead",
            "sale",
        ]
    assert answer.headers["Location"] == reverse("console:program-rates", args=[program.id])


def test_a_program_without_a_web_address_is_refused(acme: Company, alice: Client) -> None:
    answer = alice.post(
        reverse("console:program-create"), {**NEW, "landing_url": "javascript:alert(1)"}
    )

    assert answer.status_code == 422
    with merchant_context(acme.id):
        assert Program.objects.count() == 1


@pytest.mark.parametrize("to", [Status.PAUSED, Status.ENDED])
def test_a_program_is_paused_or_ended(acme: Company, alice: Client, to: Status) -> None:
    alice.post(url("program-move", acme), {"to": to})

    with merchant_context(acme.id):
        assert Program.objects.get().status == to


def test_an_ended_program_stays_ended_and_the_page_says_so(acme: Company, alice: Client) -> None:
    alice.post(url("program-move", acme), {"to": Status.ENDED})

    answer = alice.post(url("program-move", acme), {"to": Status.ACTIVE}, follow=True)

    assert "Nothing was changed: meanwhile it became “ended”." in words(answer.content)
    assert "This program has ended." in words(answer.content)


def test_ending_says_what_will_happen_before_it_asks(acme: Company, alice: Client) -> None:
    page = words(alice.get(url("program", acme)).content)

    assert "End this program for good?" in page
    assert "Commissions earned so far are still approved and paid." in page


def test_settings_are_read_as_people_write_them(acme: Company, alice: Client) -> None:
    answer = alice.post(
        url("program-settings", acme),
        {
            "name": "Acme Friends",
            "landing_url": "acme.example/start",
            "allowed_hosts": "Blog.acme.example\nshop.acme.example:8443\n",
            "payout_minor_min": "€ 25,00",
        },
    )

    assert answer.status_code == 302
    with merchant_context(acme.id):
        program = Program.objects.get()
        assert program.landing_url == "https://acme.example/start"
        assert program.allowed_hosts == ["blog.acme.example", "shop.acme.example:8443"]
        assert program.payout_minor_min == 2_500
        event = Event.objects.get(type="program.updated")
        assert event.data["before"]["payout_minor_min"] == 0
        assert event.data["after"]["payout_minor_min"] == 2_500


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("allowed_hosts", "https://blog.example", "is not a host name"),
        ("payout_minor_min", "25.005", "Write an amount in EUR, as in 12.50."),
        ("payout_minor_min", "-1", "The least is 0.00 EUR."),
    ],
)
def test_a_setting_that_cannot_be_is_named_and_nothing_is_saved(
    acme: Company, alice: Client, field: str, typed: str, said: str
) -> None:
    facts = {
        "name": "Other",
        "landing_url": "https://acme.example",
        "payout_minor_min": "0",
    }

    answer = alice.post(url("program-settings", acme), {**facts, field: typed})

    assert answer.status_code == 422
    assert said in words(answer.content)
    with merchant_context(acme.id):
        assert Program.objects.get().name == acme.program.name


def test_the_address_of_a_page_cannot_be_another_programs(acme: Company, alice: Client) -> None:
    alice.post(reverse("console:program-create"), NEW)
    facts = {"slug": "dealers", "join_mode": "OPEN", "summary": "", "description": ""}

    answer = alice.post(url("program-page", acme), facts)

    assert "Another program of yours has this address." in words(answer.content)


def test_changed_rates_hold_from_now_on_and_the_history_shows_both(
    acme: Company, alice: Client
) -> None:
    facts = {"rate_sale": "7.5%", "rate_lead": "5", "rate_signup": "", "hold_days": "14"}

    alice.post(url("rates-edit", acme), facts)

    with merchant_context(acme.id):
        assert RuleVersion.objects.count() == 3
        assert Program.objects.get().hold_days == 14
    page = words(alice.get(url("program-rates", acme)).content)
    assert "7.5% of each sale Base rate · since 2 Mar 2026" in page
    assert "€5.00 per lead" in page
    assert "Version 1, 2 Mar 2025 10% of each sale" in page


def test_a_rate_by_volume_is_left_to_the_editor_of_rules(acme: Company, alice: Client) -> None:
    by_volume = RuleDraft(
        reward=Reward.VOLUME,
        details={
            "period": "MONTH",
            "counts": "CONVERSIONS",
            "mode": "ONWARDS",
            "steps": [{"from": 1, "rate_bps": 1_000}, {"from": 21, "rate_bps": 1_500}],
        },
    )
    with merchant_context(acme.id):
        base = Rule.objects.get()
        revise_rule(rule=base, draft=by_volume, by=SYSTEM, at=NOON + timedelta(hours=1))

    form = alice.get(url("rates-edit", acme))
    alice.post(url("rates-edit", acme), {"rate_lead": "5", "hold_days": "14"})

    assert b'name="rate_sale"' not in form.content
    with merchant_context(acme.id):
        assert RuleVersion.objects.filter(rule=base).latest("version").reward == Reward.VOLUME


def test_a_preview_says_what_an_amount_would_pay(acme: Company, alice: Client) -> None:
    page = alice.get(url("program-rates", acme), {"amount": "120"}, headers={"HX-Request": "true"})

    assert words(page.content) == "Sale €12.00 10% of each sale"


def test_a_preview_of_nonsense_says_how_to_write_it(acme: Company, alice: Client) -> None:
    page = alice.get(url("program-rates", acme), {"amount": "lots"})

    assert "Write an amount in EUR, as in 12.50." in words(page.content)


def test_a_goal_is_added_once_per_code(acme: Company, alice: Client) -> None:
    facts = {"name": "Renewal", "code": "renewal", "definition": "A contract goes on."}

    first = alice.post(url("goal-create", acme), facts)
    second = alice.post(url("goal-create", acme), facts)

    assert first.status_code == 302
    assert "The program has a goal with this code." in words(second.content)
    assert "A contract goes on." in words(alice.get(url("program-goals", acme)).content)


def test_a_goals_words_change_with_a_trace(acme: Company, alice: Client) -> None:
    with merchant_context(acme.id):
        goal = Goal.objects.get(program=acme.program, code="lead")
    facts = {"name": "Enquiry", "definition": "Name and phone, reachable."}

    alice.post(reverse("console:goal-edit", args=[acme.program.id, goal.id]), facts)

    with merchant_context(acme.id):
        assert Event.objects.get(type="program.goal_updated").data["before"]["name"] == "Lead"
        assert Goal.objects.get(id=goal.id).name == "Enquiry"


def test_terms_are_versions_and_old_ones_stay_readable(acme: Company, alice: Client) -> None:
    for body in ("First text.", "Second text."):
        alice.post(url("terms-publish", acme), {"body": body, "summary": ""})

    with merchant_context(acme.id):
        assert list(Terms.objects.order_by("version").values_list("version", flat=True)) == [1, 2]
    assert "Second text." in words(alice.get(url("program-terms", acme)).content)
    assert "First text." in words(alice.get(url("program-terms", acme), {"version": "1"}).content)
    assert alice.get(url("program-terms", acme), {"version": "9"}).status_code == 404


def test_tracking_shows_the_programs_own_values(acme: Company, alice: Client) -> None:
    page = alice.get(url("program-tracking", acme)).content.decode()

    assert f"{settings.EDGE_URL}/fl.js?program={acme.program.id}&quot;" in page
    assert "data-key=&quot;fl_pk_YOUR_KEY&quot;" in page
    assert "fairlead.consent(true)" in page
    assert acme.program.postback_token not in page
    assert "No click in the last week" in page


def test_a_viewer_does_not_see_the_postback_token(acme: Company, sign_in: SignIn) -> None:
    viewer = sign_in(add_member(acme, "Ann", Role.VIEWER).user)

    assert (
        acme.program.postback_token
        not in viewer.get(url("program-tracking", acme)).content.decode()
    )


def test_tracking_goes_green_when_something_arrives(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    store_clicks(acme, bob, at=NOON + timedelta(hours=5))
    sell(acme, click=click_of(bob))

    page = words(alice.get(url("program-signals", acme)).content)

    assert "Click received" in page
    assert "Conversion received" in page
