"""Destinations: created, changed, archived; and who may be sent there."""

from datetime import UTC, datetime
from typing import Any

import pytest

from common.refusals import BadValue
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from programs.models import Destination
from programs.selectors import destinations_of, targeting_of
from programs.services import (
    DestinationDraft,
    DestinationNameTaken,
    HostNotAllowed,
    archive_destination,
    create_destination,
    update_destination,
)
from programs.targeting import Targeting
from tests.cast import NOON, Company

PAGE = "https://shop.acme.example/sale"
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
FEBRUARY = datetime(2026, 2, 1, tzinfo=UTC)
EVERYTHING = Targeting(
    countries=("AT", "DE"),
    devices=("desktop", "phone"),
    systems=("iOS",),
    languages=("de", "en"),
    weekdays=(1, 7),
    hour_from=22,
    hour_until=6,
    time_zone="Europe/Vienna",
    starts_at=JANUARY.timestamp(),
    ends_at=FEBRUARY.timestamp(),
    priority=1,
    weight=3,
)


def make(company: Company, **facts: Any) -> Destination:
    """Store a destination of the company's program."""
    draft = DestinationDraft(**{"name": "Sale", "url": PAGE, **facts})
    return create_destination(program=company.program, draft=draft, by=SYSTEM, at=NOON)


def test_targeting_is_kept_as_it_was_said(acme: Company) -> None:
    with merchant_context(acme.id):
        make(acme, targeting=EVERYTHING)

        [found] = destinations_of(acme.program)
        assert (found.name, found.url) == ("Sale", PAGE)
        assert targeting_of(found) == EVERYTHING
        event = Event.objects.get(type="program.destination_added")
        assert (event.subject_id, event.data["name"]) == (acme.program.id, "Sale")


@pytest.mark.parametrize(
    ("targeting", "field", "code"),
    [
        (Targeting(countries=("EU",)), "countries", "unknown_countries"),
        (Targeting(countries=("de",)), "countries", "unknown_countries"),
        (Targeting(devices=("watch",)), "devices", "unknown_devices"),
        (Targeting(languages=("klingon",)), "languages", "unknown_languages"),
        (Targeting(systems=("x" * 41,)), "systems", "item_invalid"),
        (Targeting(weekdays=(0,)), "weekdays", "unknown_weekdays"),
        (Targeting(weekdays=(8,)), "weekdays", "unknown_weekdays"),
        (Targeting(hour_from=9), "hour_until", "half_open"),
        (Targeting(hour_until=9), "hour_from", "half_open"),
        (Targeting(hour_from=24, hour_until=1), "hour_from", "out_of_range"),
        (Targeting(hour_from=9, hour_until=25), "hour_until", "out_of_range"),
        (Targeting(hour_from=9, hour_until=9), "hour_until", "out_of_range"),
        (Targeting(time_zone="Mars/Olympus"), "time_zone", "unknown_time_zone"),
        (Targeting(time_zone="../../etc/passwd"), "time_zone", "unknown_time_zone"),
        (Targeting(time_zone=""), "time_zone", "unknown_time_zone"),
        (Targeting(priority=0), "priority", "min_value"),
        (Targeting(priority=1_001), "priority", "max_value"),
        (Targeting(weight=0), "weight", "min_value"),
        (Targeting(weight=10_001), "weight", "max_value"),
        (Targeting(starts_at=1e30), "starts_at", "out_of_range"),
        (Targeting(starts_at=2.0, ends_at=2.0), "ends_at", "ends_before_it_starts"),
    ],
)
def test_targeting_that_cannot_be_is_refused_by_name(
    acme: Company, targeting: Targeting, field: str, code: str
) -> None:
    with merchant_context(acme.id):
        with pytest.raises(BadValue) as refused:
            make(acme, targeting=targeting)

        assert (refused.value.field, refused.value.code) == (field, code)
        assert not Destination.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://shop.acme.example:8443/",
        "https://shop.acme.example@evil.example/",
        "https://shop.acme.example\\@evil.example/",
    ],
)
def test_a_destination_stays_on_the_programs_hosts(acme: Company, url: str) -> None:
    with merchant_context(acme.id):
        with pytest.raises((HostNotAllowed, BadValue)) as refused:
            make(acme, url=url)

        assert getattr(refused.value, "field", "") == "url"
        assert not Destination.objects.exists()


def test_a_name_is_taken_until_its_destination_is_archived(acme: Company) -> None:
    with merchant_context(acme.id):
        first = make(acme)
        with pytest.raises(DestinationNameTaken):
            make(acme)

        archive_destination(destination=first, by=SYSTEM, at=NOON)
        archive_destination(destination=first, by=SYSTEM, at=NOON)
        second = make(acme)

        assert destinations_of(acme.program) == [second]
        assert Event.objects.filter(type="program.destination_archived").count() == 1


def test_a_change_replaces_all_of_it_and_a_repeat_changes_nothing(acme: Company) -> None:
    with merchant_context(acme.id):
        destination = make(acme, targeting=EVERYTHING)
        draft = DestinationDraft(name="Sale", url=f"{PAGE}/2")

        for _again in range(2):
            update_destination(destination=destination, draft=draft, by=SYSTEM, at=NOON)

        found = Destination.objects.get()
        assert (found.url, targeting_of(found)) == (f"{PAGE}/2", Targeting())
        event = Event.objects.get(type="program.destination_updated")
        assert event.data["before"]["url"] == PAGE
