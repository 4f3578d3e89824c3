"""The editor of rules: from the catalogue, with what is refused at its field; order and end."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from commissions.catalogue import CONDITIONS, REWARDS
from commissions.models import Level, Reward, Rule, RuleVersion
from merchants.tenancy import merchant_context
from programs.models import Goal
from tests.cast import Company, Promoter
from tests.console.conftest import words
from tests.console.rates import new_customers, store_rates, store_rule

HTMX = {"HX-Request": "true"}


def url(name: str, company: Company, *ids: UUID) -> str:
    return reverse(f"console:{name}", args=[company.program.id, *ids])


@pytest.fixture
def sale(acme: Company) -> str:
    """Return the id of the goal that sales reach."""
    with merchant_context(acme.id):
        return str(Goal.objects.get(program=acme.program, code="sale").id)


def rule(sale: str, **facts: Any) -> dict[str, Any]:
    """Return a posted rule for new customers."""
    new = {
        "level": "PROGRAM",
        "goal": sale,
        "reward": "PERCENT",
        "rate_bps": "20 %",
        "conditions.0.field": "customer",
        "conditions.0.op": "is",
        "conditions.0.value": "new",
    }
    return new | facts


VOLUME = {
    "reward": "VOLUME",
    "details.period": "MONTH",
    "details.counts": "CONVERSIONS",
    "details.mode": "ONWARDS",
    "details.steps.0.from": "1",
    "details.steps.0.pays": "10%",
    "details.steps.1.from": "21",
    "details.steps.1.pays": "15 %",
}
SAVED = [
    (rule("", rate_bps="12,5"), {"rate_bps": 1_250, "details": {}}),
    (
        rule("", **VOLUME),
        {
            "details": {
                "period": "MONTH",
                "counts": "CONVERSIONS",
                "mode": "ONWARDS",
                "steps": [{"from": 1, "rate_bps": 1_000}, {"from": 21, "rate_bps": 1_500}],
            }
        },
    ),
    (
        rule("", **VOLUME | {"details.counts": "AMOUNT"})
        | {"details.steps.0.from": "0", "details.steps.1.from": "1000"},
        {
            "details": {
                "period": "MONTH",
                "counts": "AMOUNT",
                "mode": "ONWARDS",
                "steps": [{"from": 0, "rate_bps": 1_000}, {"from": 100_000, "rate_bps": 1_500}],
            }
        },
    ),
    (
        rule("", reward="PER_ITEM")
        | {
            "details.items.0.sku": "ROPE-10",
            "details.items.0.pays": "2.50",
            "details.items.1.category": "Lamps",
            "details.items.1.pays": "20%",
            "details.otherwise.pays": "0",
        },
        {
            "details": {
                "items": [
                    {"sku": "ROPE-10", "fixed_minor": 250},
                    {"category": "Lamps", "rate_bps": 2_000},
                ],
                "otherwise": {"fixed_minor": 0},
            }
        },
    ),
    (
        rule("", reward="NON_CASH")
        | {"details.kind": "CREDIT", "details.quantity": "20", "details.description": "Thanks"},
        {"details": {"kind": "CREDIT", "quantity": 2_000, "description": "Thanks"}},
    ),
    (
        rule("", reward="FIXED", fixed_minor="5.00")
        | {"details.friend.kind": "DISCOUNT", "details.friend.quantity": "10%"},
        {"fixed_minor": 500, "details": {"friend": {"kind": "DISCOUNT", "quantity": 1_000}}},
    ),
]


@pytest.mark.parametrize(("posted", "stored"), SAVED)
def test_a_reward_is_stored_as_the_catalogue_has_it(
    acme: Company, alice: Client, sale: str, posted: dict[str, Any], stored: dict[str, Any]
) -> None:
    answer = alice.post(url("rule-create", acme), posted | {"goal": sale})

    assert answer.status_code == 302, words(answer.content)
    with merchant_context(acme.id):
        version = RuleVersion.objects.get(rule__is_base=False)
        assert {name: getattr(version, name) for name in stored} == stored
        assert version.conditions == [{"field": "customer", "op": "is", "value": "new"}]


CONDITIONED = [
    ({"field": "country", "op": "in", "value": "de, AT"}, ["DE", "AT"]),
    ({"field": "weekday", "op": "in", "value": ["SAT", "SUN"]}, ["SAT", "SUN"]),
    ({"field": "amount_minor", "op": "gte", "value": "50"}, 5_000),
    ({"field": "payment_number", "op": "lte", "value": "3"}, 3),
    ({"field": "date", "op": "gte", "value": "2026-12-01"}, "2026-12-01"),
    ({"field": "sub1", "op": "not_in", "value": "spring"}, ["spring"]),
    ({"field": "metadata.", "key": "plan", "op": "in", "value": "pro"}, ["pro"]),
    ({"field": "metadata.", "key": "seats", "op": "gte", "value": "5"}, 5),
]


@pytest.mark.parametrize(("condition", "stored"), CONDITIONED)
def test_a_condition_is_stored_as_the_catalogue_has_it(
    acme: Company, alice: Client, sale: str, condition: dict[str, Any], stored: Any
) -> None:
    typed = {f"conditions.0.{name}": value for name, value in condition.items()}

    answer = alice.post(url("rule-create", acme), rule(sale) | typed)

    assert answer.status_code == 302, words(answer.content)
    with merchant_context(acme.id):
        (found,) = RuleVersion.objects.get(rule__is_base=False).conditions
    name = condition["field"] + condition.get("key", "")
    assert found == {"field": name, "op": condition["op"], "value": stored}


REFUSED = [
    ({"rate_bps": ""}, "rate_bps", "This field is required."),
    ({"rate_bps": "140%"}, "rate_bps", "A percentage lies between 0.01% and 100%."),
    ({"conditions.0.field": ""}, "conditions.0.field", "This field is required."),
    ({"conditions.0.value": "old"}, "conditions.0.value", "not one of the available choices"),
    (
        {"conditions.0.field": "country", "conditions.0.op": "in", "conditions.0.value": "Mars"},
        "conditions.0.value",
        "2 characters at the most.",
    ),
    ({"level": "TIER"}, "tier", "Say which one."),
    ({"level": "ENROLLMENT", "affiliate": "nobody"}, "affiliate", "No affiliate has this code"),
    ({"level": "LINK", "link": "nowhere"}, "link", "No link of this program has this code."),
    (
        VOLUME | {"details.steps.1.from": "1"},
        "details.steps.1.from",
        "Each step begins after the one before.",
    ),
    (VOLUME | {"details.steps.1.pays": ""}, "details.steps.1.pays", "This field is required."),
    (
        VOLUME | {"details.steps.0.from": "5"},
        "details.steps.0.from",
        "The first step begins at 1",
    ),
    (
        {"reward": "NON_CASH", "details.kind": "GIFT", "details.quantity": "x"},
        "details.quantity",
        "Enter a whole number.",
    ),
    (
        {"reward": "PER_ITEM", "details.items.0.pays": "5%"},
        "details.items.0.sku",
        "One of these is needed",
    ),
]


@pytest.mark.parametrize(("change", "field", "said"), REFUSED)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_stored(
    acme: Company, alice: Client, sale: str, change: dict[str, str], field: str, said: str
) -> None:
    answer = alice.post(url("rule-create", acme), rule(sale) | change)

    assert answer.status_code == 422
    html = answer.content.decode()
    assert said in html[html.index(f'id="id_{field}_error"') :].split("</div>")[0]
    with merchant_context(acme.id):
        assert Rule.objects.count() == 1


@pytest.mark.parametrize("reward", list(Reward))
def test_every_reward_has_the_fields_that_the_catalogue_gives_it(
    acme: Company, alice: Client, reward: Reward
) -> None:
    page = alice.get(url("rule-create", acme), {"reward": reward}).content.decode()

    kind = REWARDS[reward]
    assert ('name="fixed_minor"' in page) == kind.needs_fixed
    assert ('name="rate_bps"' in page) == kind.needs_rate
    for declared in kind.fields:
        assert f'name="details.{declared.name}' in page
    assert ("On which conditions" in page) == kind.is_per_conversion


@pytest.mark.parametrize("field", list(CONDITIONS))
def test_every_condition_has_its_own_operators_and_value(
    acme: Company, alice: Client, sale: str, field: str
) -> None:
    shaping = rule(sale) | {"conditions.0.field": field, "do": "shape"}

    page = alice.post(url("rule-create", acme), shaping)

    assert page.status_code == 200
    html = page.content.decode()
    for op in CONDITIONS[field].ops:
        assert f'<option value="{op.value}"' in html
    assert 'name="conditions.0.value"' in html


def test_rows_are_added_and_taken_away_without_scripts(
    acme: Company, alice: Client, sale: str
) -> None:
    typed = rule(sale, **VOLUME)

    more = alice.post(url("rule-create", acme), typed | {"do": "add:details.steps"}).content
    fewer = alice.post(url("rule-create", acme), typed | {"do": "remove:details.steps.0"}).content
    none = alice.post(url("rule-create", acme), typed | {"do": "remove:conditions.0"}).content

    assert b'name="details.steps.2.from"' in more
    assert b'name="details.steps.0.from" value="21"' in fewer
    assert b'name="details.steps.1.from"' not in fewer
    assert b'name="conditions.0.field"' not in none
    with merchant_context(acme.id):
        assert Rule.objects.count() == 1


def test_a_row_far_out_makes_no_million_fields(acme: Company, alice: Client, sale: str) -> None:
    far = {"details.steps.999999.from": "1", "conditions.99999999.field": "country", "do": "shape"}

    page = alice.post(url("rule-create", acme), rule(sale, **VOLUME) | far)

    assert page.status_code == 200
    assert b'name="details.steps.2.from"' not in page.content


def test_the_sentence_and_the_sample_follow_what_is_typed(
    acme: Company, alice: Client, sale: str
) -> None:
    typed = rule(sale, rate_bps="15") | {"do": "say", "sample": "100"}

    said = words(alice.post(url("rule-create", acme), typed, headers=HTMX).content)

    assert said == (
        "This rule pays 15% of each sale for new customers . A conversion of €100.00 €15.00"
    )


def test_a_sample_of_volume_says_what_each_step_pays(
    acme: Company, alice: Client, sale: str
) -> None:
    typed = rule(sale, **VOLUME) | {"do": "say"}

    said = words(alice.post(url("rule-create", acme), typed, headers=HTMX).content)

    assert "10% of each sale, 15% from the 21st sale of a month" in said
    assert "conversion no. 1 of the period €10.00" in said
    assert "conversion no. 21 of the period €15.00" in said


def test_half_a_rule_says_nothing_yet(acme: Company, alice: Client, sale: str) -> None:
    typed = rule(sale, rate_bps="") | {"do": "say"}

    said = words(alice.post(url("rule-create", acme), typed, headers=HTMX).content)

    assert said == "Fill the form in, and here stands what it says and pays."


def test_a_rule_may_be_for_an_affiliate_a_link_a_tier_or_a_promotion(
    acme: Company, bob: Promoter, alice: Client, sale: str
) -> None:
    ids = store_rates(acme)
    targets = [
        ("ENROLLMENT", "affiliate", bob.enrollment.code),
        ("LINK", "link", f"https://go.example/{bob.link.code}"),
        ("TIER", "tier", str(ids["tier_id"])),
        ("PROMOTION", "promotion", str(ids["promotion_id"])),
    ]

    for level, name, typed in targets:
        facts = rule(sale, level=level, rate_bps="33%") | {name: typed}
        assert alice.post(url("rule-create", acme), facts).status_code == 302

    with merchant_context(acme.id):
        made = Rule.objects.filter(versions__rate_bps=3_300)
        assert {row.level: row for row in made}.keys() == {level for level, _, _ in targets}
        assert made.get(level=Level.LINK).link_id == bob.link.id
        assert made.get(level=Level.ENROLLMENT).enrollment_id == bob.enrollment.id


def test_a_change_is_a_new_version_from_the_moment_that_is_said(
    acme: Company, alice: Client
) -> None:
    version = store_rule(acme, **new_customers())
    address = url("rule-edit", acme, version.rule_id)
    page = alice.get(address).content.decode()
    assert 'name="rate_bps" value="20%"' in page
    assert 'name="level"' not in page

    alice.post(
        address,
        {
            "reward": "PERCENT",
            "rate_bps": "30%",
            "name": "New ones",
            "valid_from": "2026-04-01T00:00",
            "conditions.0.field": "customer",
            "conditions.0.op": "is",
            "conditions.0.value": "new",
        },
    )

    with merchant_context(acme.id):
        newest = RuleVersion.objects.get(rule_id=version.rule_id, version=2)
        assert (newest.rate_bps, newest.valid_from) == (3_000, datetime(2026, 4, 1, tzinfo=UTC))
    listed = words(alice.get(url("program-rates", acme)).content)
    assert "20% of each sale for new customers New ones · since 2 Mar 2026" in listed
    assert "Changes 1 Apr 2026 : 30% of each sale for new customers" in listed


def test_rules_stand_in_the_order_in_which_they_are_asked(acme: Company, alice: Client) -> None:
    store_rates(acme)

    page = words(alice.get(url("program-rates", acme)).content)

    order = ["25% of each sale Spring weeks", "15% of each sale Gold", "20% of each sale for new"]
    places = [page.index(text) for text in [*order, "10% of each sale Base rate"]]
    assert places == sorted(places)
    assert "Asked first: what one link alone pays. No rule." in page
    assert "Nothing is paid for: Sign-up, Lead." in page


def test_a_rule_is_moved_up_and_down_among_its_own(acme: Company, alice: Client) -> None:
    first = store_rule(acme, **new_customers()).rule
    second = store_rule(acme, **new_customers(3_000)).rule

    alice.post(url("rule-move", acme, second.id), {"to": "up"})

    with merchant_context(acme.id):
        in_order = Rule.objects.filter(is_base=False).order_by("position")
        assert [row.id for row in in_order] == [second.id, first.id]

    alice.post(url("rule-move", acme, second.id), {"to": "up"})  # It is the first already.
    alice.post(url("rule-move", acme, second.id), {"to": "down"})

    with merchant_context(acme.id):
        in_order = Rule.objects.filter(is_base=False).order_by("position")
        assert [row.id for row in in_order] == [first.id, second.id]


def test_a_base_rate_stays_last(acme: Company, alice: Client) -> None:
    with merchant_context(acme.id):
        base = Rule.objects.get(is_base=True)

    assert alice.post(url("rule-move", acme, base.id), {"to": "up"}).status_code == 404


def test_a_rule_that_was_ended_is_listed_as_such(acme: Company, alice: Client) -> None:
    version = store_rule(acme, **new_customers())

    alice.post(url("rule-remove", acme, version.rule_id))

    page = words(alice.get(url("program-rates", acme)).content)
    assert "Ended rules" in page
    assert page.index("Ended rules") < page.index("20% of each sale for new customers")
    assert alice.get(url("rule-edit", acme, version.rule_id)).status_code == 404


def test_rules_of_another_program_are_not_found(
    acme: Company, globex: Company, alice: Client
) -> None:
    foreign = store_rule(globex, **new_customers())

    assert alice.get(url("rule-edit", acme, foreign.rule_id)).status_code == 404
    assert alice.post(url("rule-remove", acme, foreign.rule_id)).status_code == 404


def test_a_name_cannot_break_out_of_the_page(acme: Company, alice: Client) -> None:
    store_rule(acme, **new_customers() | {"name": "<b>bold</b>"})

    page = alice.get(url("program-rates", acme)).content

    assert b"<b>bold</b>" not in page
    assert b"&lt;b&gt;bold&lt;/b&gt;" in page
