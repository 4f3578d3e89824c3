"""Destinations and caps: added, compared, tried out, ended."""

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Destination
from programs.services import DestinationDraft, create_destination
from programs.targeting import Targeting
from reports.models import DailyDestinationClicks
from tests.cast import NOON, Company, Promoter, click_of, sell
from tests.console.conftest import words
from tracking.models import Cap, CapPeriod, CapScope, CapUnit, CapUse, Credit

FORM = {
    "name": "Boots",
    "url": "https://shop.acme.example/boots",
    "weight": "100",
    "priority": "10",
    "time_zone": "Europe/Berlin",
}


def url(name: str, company: Company, *rest: UUID) -> str:
    """Return the address of a page of the company's program."""
    return reverse(f"console:{name}", args=[company.program.id, *rest])


def add(company: Company, name: str, targeting: Targeting, path: str = "") -> Destination:
    """Store a destination."""
    draft = DestinationDraft(name, f"https://shop.acme.example/{path or name}", targeting)
    with merchant_context(company.id):
        return create_destination(program=company.program, draft=draft, by=SYSTEM, at=NOON)


def test_a_destination_is_for_whom_and_when_the_form_says(acme: Company, alice: Client) -> None:
    said = {
        **FORM,
        "countries": ["DE", "AT"],
        "devices": ["phone"],
        "weekdays": ["1", "5"],
        "hour_from": "18",
        "hour_until": "6",
        "starts_at": "2026-04-01T00:00",
    }

    answer = alice.post(url("destination-create", acme), said)

    assert answer.headers["Location"] == url("program-destinations", acme)
    with merchant_context(acme.id):
        stored = Destination.objects.get()
    assert (stored.countries, stored.devices, stored.weekdays) == (["AT", "DE"], ["phone"], [1, 5])
    assert (stored.hour_from, stored.hour_until, stored.priority) == (18, 6, 10)
    assert stored.starts_at is not None
    assert stored.starts_at.isoformat() == "2026-03-31T22:00:00+00:00"  # Midnight in Berlin.
    page = words(alice.get(url("program-destinations", acme)).content)
    assert "Austria, Germany" in page
    assert "Mon, Fri 18:00–06:00 (Europe/Berlin)" in page
    assert "from 1 Apr 2026, 00:00" in page


def test_the_form_shows_what_was_stored(acme: Company, alice: Client) -> None:
    alice.post(url("destination-create", acme), {**FORM, "starts_at": "2026-04-01T09:30"})
    with merchant_context(acme.id):
        stored = Destination.objects.get()

    page = alice.get(url("destination-edit", acme, stored.id)).content.decode()

    assert 'value="2026-04-01T09:30"' in page
    assert '<option value="Europe/Berlin" selected>' in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"url": "https://evil.example/"}, "only lead to: shop.acme.example"),
        ({"hour_from": "9"}, "Choose both hours, or neither."),
        (
            {"starts_at": "2026-05-02T00:00", "ends_at": "2026-05-01T00:00"},
            "It must end after it starts.",
        ),
        ({"countries": ["XX"]}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_is_named_and_nothing_is_stored(
    acme: Company, alice: Client, typed: dict[str, object], said: str
) -> None:
    answer = alice.post(url("destination-create", acme), {**FORM, **typed})

    assert answer.status_code == 422
    assert said in words(answer.content)
    with merchant_context(acme.id):
        assert not Destination.objects.exists()


def test_variants_are_compared_by_clicks_and_conversions(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    first, second = add(acme, "Photo", Targeting()), add(acme, "Price", Targeting())
    sold = sell(acme, click=click_of(bob))
    with merchant_context(acme.id):
        for row, people in ((first, 30), (second, 10)):
            DailyDestinationClicks.objects.create(
                merchant_id=acme.id,
                day=NOON.date(),
                destination_id=row.id,
                program_id=acme.program.id,
                clicks=people + 5,
                human=people,
                credited=people,
                uniques=people,
            )
        Credit.objects.filter(conversion=sold).update(destination_id=second.id)

    page = words(alice.get(url("program-destinations", acme)).content)

    assert "Photo" in page
    assert "30 75%" in page
    assert "10 25%" in page
    assert "10% the most" in page
    assert "€100.00" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"country": "DE"}, "Always Germany Never Photo another one has a smaller priority"),
        ({"country": "FR"}, "75% Photo 25% Price Never Germany another country"),
    ],
)
def test_anybody_can_try_who_goes_where(
    acme: Company, alice: Client, query: dict[str, str], expected: str
) -> None:
    add(acme, "Germany", Targeting(countries=("DE",), priority=1))
    add(acme, "Photo", Targeting(weight=75))
    add(acme, "Price", Targeting(weight=25))

    part = alice.get(url("program-destinations", acme), query, headers={"hx-request": "true"})

    assert expected in words(part.content)


def test_whom_nothing_fits_goes_to_the_landing_page(acme: Company, alice: Client) -> None:
    add(acme, "Germany", Targeting(countries=("DE",)))

    page = words(alice.get(url("program-destinations", acme), {"country": "FR"}).content)

    assert "Always The landing page https://shop.acme.example/" in page


def test_a_destination_that_is_taken_away_is_off_the_list(acme: Company, alice: Client) -> None:
    stored = add(acme, "Photo", Targeting())

    alice.post(url("destination-remove", acme, stored.id))

    assert "Every link leads to the landing page" in words(
        alice.get(url("program-destinations", acme)).content
    )
    assert alice.get(url("destination-edit", acme, stored.id)).status_code == 404


# Caps --------------------------------------------------------------------------------------------

CAP = {
    "unit": CapUnit.CLICKS,
    "limit": "500",
    "period": CapPeriod.DAY,
    "scope": CapScope.PROGRAM,
    "strictness": "hard",
    "beyond": "FALLBACK",
}


def test_a_cap_is_shown_with_what_is_used(acme: Company, alice: Client) -> None:
    answer = alice.post(url("cap-create", acme), CAP)

    assert answer.headers["Location"] == url("program-caps", acme)
    with merchant_context(acme.id):
        cap = Cap.objects.get()
        assert cap.is_hard
        CapUse.objects.create(
            merchant_id=acme.id,
            cap_id=cap.id,
            counted="",
            period_start=NOON.replace(hour=0),
            used=450,
        )
    page = words(alice.get(url("program-caps", acme)).content)
    assert "At most 500 clicks a day" in page
    assert "of the whole program · hard" in page
    assert "450 of 500" in page
    assert "Begins anew" in page


def test_a_cap_may_name_an_affiliate_by_code(acme: Company, bob: Promoter, alice: Client) -> None:
    alice.post(
        url("cap-create", acme),
        {**CAP, "scope": CapScope.ENROLLMENT, "affiliate": bob.enrollment.code.upper()},
    )

    assert "of Bob · hard" in words(alice.get(url("program-caps", acme)).content)


def test_an_affiliate_who_is_not_there_is_named(acme: Company, alice: Client) -> None:
    answer = alice.post(
        url("cap-create", acme), {**CAP, "scope": CapScope.ENROLLMENT, "affiliate": "nobody"}
    )

    assert answer.status_code == 422
    assert "No affiliate has this code or address." in words(answer.content)


def test_an_ended_cap_is_gone(acme: Company, alice: Client) -> None:
    alice.post(url("cap-create", acme), CAP)
    with merchant_context(acme.id):
        cap = Cap.objects.get()

    alice.post(url("cap-archive", acme, cap.id))

    assert "No limit on clicks" in words(alice.get(url("program-caps", acme)).content)
