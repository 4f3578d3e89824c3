"""create_cap, archive_cap and caps_of: a cap set in mid-period counts what there is already."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection

from common.ids import id_floor
from common.refusals import BadValue
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from programs.services import DestinationDraft, create_destination
from reports.models import DailyClicks, DailyDestinationClicks
from tests.cast import Company, Promoter, click_of, make_promoter, sell
from tracking.models import Cap, CapPeriod, CapScope, CapUnit, CapUse
from tracking.selectors import caps_of
from tracking.services import CapDraft, archive_cap, create_cap

CLICKS, CONVERSIONS = CapUnit.CLICKS, CapUnit.CONVERSIONS
HOUR, DAY, MONTH, ALL = CapPeriod.HOUR, CapPeriod.DAY, CapPeriod.MONTH, CapPeriod.ALL
PROGRAM, ENROLLMENT = CapScope.PROGRAM, CapScope.ENROLLMENT
DESTINATION, COUNTRY = CapScope.DESTINATION, CapScope.COUNTRY
TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


def make_cap(company: Company, **facts: Any) -> Cap:
    """Set a cap on the company's program."""
    wanted = {"unit": CLICKS, "period": DAY, "scope": PROGRAM, "limit": 100, **facts}
    return create_cap(program=company.program, draft=CapDraft(**wanted), by=SYSTEM, at=TODAY)


def roll(promoter: Promoter, day: datetime, credited: int) -> None:
    """Store a day's rollup of a promoter's link."""
    link = promoter.link
    DailyClicks.objects.create(
        merchant_id=link.merchant_id,
        day=day.date(),
        link_id=link.id,
        program_id=link.program_id,
        enrollment_id=link.enrollment_id,
        affiliate_id=link.affiliate_id,
        clicks=credited + 9,
        human=credited + 5,
        credited=credited,
    )


def clicked(promoter: Promoter, at: datetime, *, country: str = "DE", refusal: str = "") -> None:
    """Store a raw click of a promoter's link."""
    link = promoter.link
    click_id = UUID(int=id_floor(at).int | (uuid4().int & ((1 << 62) - 1)))
    facts = {
        "merchant_id": link.merchant_id,
        "id": click_id,
        "program_id": link.program_id,
        "enrollment_id": link.enrollment_id,
        "affiliate_id": link.affiliate_id,
        "link_id": link.id,
        "class": "HUMAN",
        "refusal": refusal,
        "country": country,
        "subs": "{}",
        **dict.fromkeys(
            "destination_host referrer_host device os browser ip_net source ext_click_id".split(),
            "",
        ),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO tracking_click ({', '.join(facts)})"
            f" VALUES ({', '.join(['%s'] * len(facts))})",
            list(facts.values()),
        )


def used(company: Company) -> dict[str, int]:
    """Return what is used, by what is counted."""
    uses = CapUse.objects.filter(merchant_id=company.id)
    return {use.counted: use.used for use in uses}


def test_a_cap_set_at_noon_leaves_what_the_morning_left(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        roll(bob, TODAY - timedelta(days=1), 500)
        roll(bob, TODAY, 60)

        cap = make_cap(acme)

        [found] = caps_of(acme.program, TODAY)
        assert (found.id, found.limit, found.used) == (cap.id, 100, 60)  # type: ignore[attr-defined]
        assert used(acme) == {"": 60}
        event = Event.objects.get(type="program.cap_added")
        assert (event.subject_id, event.data["limit"]) == (acme.program.id, 100)


@pytest.mark.parametrize(("period", "expected"), [(MONTH, 60), (ALL, 560)])
def test_longer_periods_count_more_days(
    acme: Company, bob: Promoter, period: CapPeriod, expected: int
) -> None:
    with merchant_context(acme.id):
        roll(bob, TODAY.replace(day=1) - timedelta(days=1), 500)
        roll(bob, TODAY, 60)

        make_cap(acme, period=period)

        assert used(acme) == {"": expected}


def test_each_affiliate_counts_by_itself_unless_one_is_named(acme: Company, bob: Promoter) -> None:
    dora = make_promoter(acme, "Dora")
    with merchant_context(acme.id):
        roll(bob, TODAY, 60)
        roll(dora, TODAY, 7)

        make_cap(acme, scope=ENROLLMENT)
        each = {str(bob.enrollment.id): 60, str(dora.enrollment.id): 7}
        assert used(acme) == each
        [found] = caps_of(acme.program, TODAY)
        assert found.used == 60  # type: ignore[attr-defined]

        CapUse.objects.filter(merchant_id=acme.id).update(used=0)
        make_cap(acme, scope=ENROLLMENT, enrollment=dora.enrollment)
        newest = Cap.objects.latest("created_at")
        uses = CapUse.objects.filter(merchant_id=acme.id, cap_id=newest.id)
        assert [(use.counted, use.used) for use in uses] == [(str(dora.enrollment.id), 7)]


def test_destinations_count_from_their_rollups(acme: Company) -> None:
    with merchant_context(acme.id):
        draft = DestinationDraft("A", "https://shop.acme.example/a")
        destination = create_destination(program=acme.program, draft=draft, by=SYSTEM, at=TODAY)
        DailyDestinationClicks.objects.create(
            merchant_id=acme.id,
            day=TODAY.date(),
            destination_id=destination.id,
            program_id=acme.program.id,
            clicks=9,
            human=8,
            credited=5,
            uniques=4,
        )

        make_cap(acme, scope=DESTINATION, destination=destination)

        assert used(acme) == {str(destination.id): 5}


def test_an_hour_and_countries_count_from_raw_clicks(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        for country, minutes in (("DE", 0), ("DE", -1), ("AT", 1), ("", 2)):
            clicked(bob, TODAY + timedelta(minutes=minutes), country=country)
        clicked(bob, TODAY, refusal="bot")

        cap = make_cap(acme, period=HOUR)
        assert used(acme) == {"": 3}
        archive_cap(cap=cap, by=SYSTEM, at=TODAY)
        CapUse.objects.filter(merchant_id=acme.id).update(
            period_start=datetime(2000, 1, 1, tzinfo=UTC)
        )

        make_cap(acme, scope=COUNTRY)
        newest = Cap.objects.latest("created_at")
        uses = CapUse.objects.filter(merchant_id=acme.id, cap_id=newest.id)
        assert {use.counted: use.used for use in uses} == {"DE": 2, "AT": 1, "": 1}


def test_conversions_count_once_they_are_credited(acme: Company, bob: Promoter) -> None:
    at = TODAY
    sell(acme, click=click_of(bob, at=at - timedelta(hours=1)), at=at)
    sell(acme, click=click_of(bob, at=at - timedelta(hours=1)), at=at)
    sell(acme, at=at)  # Nobody's.

    with merchant_context(acme.id):
        make_cap(acme, unit=CONVERSIONS)
        make_cap(acme, unit=CONVERSIONS, scope=ENROLLMENT)

        assert used(acme) == {"": 2, str(bob.enrollment.id): 2}


def test_a_hard_caps_count_never_passes_its_limit(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        roll(bob, TODAY, 60)

        make_cap(acme, limit=50, is_hard=True)

        assert used(acme) == {"": 50}


@pytest.mark.parametrize(
    ("facts", "field", "code"),
    [
        ({"limit": 0}, "limit", "out_of_range"),
        ({"limit": -1}, "limit", "out_of_range"),
        ({"limit": 10**13}, "limit", "out_of_range"),
        ({"unit": "VISITS"}, "unit", "invalid_choice"),
        ({"period": "WEEK"}, "period", "invalid_choice"),
        ({"scope": "CITY"}, "scope", "invalid_choice"),
        ({"beyond": "NOWHERE"}, "beyond", "invalid_choice"),
        ({"country": "DE"}, "country", "not_the_scope"),
        ({"scope": COUNTRY, "country": "EU"}, "country", "unknown_country"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    acme: Company, facts: dict[str, Any], field: str, code: str
) -> None:
    with merchant_context(acme.id):
        with pytest.raises(BadValue) as refused:
            make_cap(acme, **facts)

        assert (refused.value.field, refused.value.code) == (field, code)
        assert not Cap.objects.exists()
        assert not CapUse.objects.exists()


def test_a_cap_names_things_of_its_program_only(acme: Company, carol: Promoter) -> None:
    with merchant_context(acme.id):
        with pytest.raises(BadValue) as refused:
            make_cap(acme, scope=ENROLLMENT, enrollment=carol.enrollment)

        assert (refused.value.field, refused.value.code) == ("enrollment", "other_program")


def test_an_archived_cap_is_gone(acme: Company) -> None:
    with merchant_context(acme.id):
        cap = make_cap(acme)

        archive_cap(cap=cap, by=SYSTEM, at=TODAY)
        archive_cap(cap=cap, by=SYSTEM, at=TODAY)

        assert not caps_of(acme.program, TODAY).exists()
        assert Event.objects.filter(type="program.cap_archived").count() == 1


def test_a_stranger_sees_no_use(acme: Company, globex: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        roll(bob, TODAY, 60)
        make_cap(acme)

    with merchant_context(globex.id):
        assert not CapUse.objects.exists()


def test_a_count_that_fails_leaves_no_cap(
    acme: Company, bob: Promoter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_cap: Cap, _start: datetime) -> list[Any]:
        raise psycopg.OperationalError

    monkeypatch.setattr("tracking.services.caps._clicks_since", broken)

    with merchant_context(acme.id):
        with pytest.raises(psycopg.OperationalError):
            make_cap(acme)

        assert not Cap.objects.exists()
