"""Caps: what is counted together, and from when on."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tracking.caps import CapRule, Subject, counted_of, counter_of, counters_of, period_start
from tracking.models import CapAction, CapPeriod, CapScope, CapUnit

AT = datetime(2026, 3, 17, 23, 41, 5, 7, tzinfo=UTC)
BOB = Subject(enrollment_id="bob", destination_id="page-a", country="DE")
CAP = CapRule(
    id="cap",
    unit=CapUnit.CLICKS,
    period=CapPeriod.DAY,
    scope=CapScope.PROGRAM,
    named="",
    limit=10,
    is_hard=False,
    beyond=CapAction.FALLBACK,
)


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (CapPeriod.HOUR, datetime(2026, 3, 17, 23, tzinfo=UTC)),
        (CapPeriod.DAY, datetime(2026, 3, 17, tzinfo=UTC)),
        (CapPeriod.MONTH, datetime(2026, 3, 1, tzinfo=UTC)),
        (CapPeriod.ALL, datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_period_begins_by_the_utc_clock(period, expected):
    east = AT.astimezone(timezone(timedelta(hours=5)))

    assert period_start(period, AT) == period_start(period, east) == expected


@pytest.mark.parametrize(
    ("_case", "scope", "named", "subject", "expected"),
    [
        ("the whole program", CapScope.PROGRAM, "", BOB, ""),
        ("each affiliate", CapScope.ENROLLMENT, "", BOB, "bob"),
        ("this affiliate", CapScope.ENROLLMENT, "bob", BOB, "bob"),
        ("another affiliate", CapScope.ENROLLMENT, "carol", BOB, None),
        ("each destination", CapScope.DESTINATION, "", BOB, "page-a"),
        ("no destination", CapScope.DESTINATION, "", BOB._replace(destination_id=""), None),
        ("another destination", CapScope.DESTINATION, "page-b", BOB, None),
        ("each country", CapScope.COUNTRY, "", BOB, "DE"),
        ("an unknown country by itself", CapScope.COUNTRY, "", BOB._replace(country=""), ""),
        ("another country", CapScope.COUNTRY, "FR", BOB, None),
        ("a country, who knows from where", CapScope.COUNTRY, "FR", BOB._replace(country=""), None),
    ],
)
def test_what_is_counted_together(_case, scope, named, subject, expected):
    assert counted_of(CAP._replace(scope=scope, named=named), subject) == expected


def test_a_counter_is_named_by_merchant_cap_thing_and_period():
    cap = CAP._replace(scope=CapScope.ENROLLMENT)

    counter = counter_of(cap, BOB, merchant_id="acme", at=AT)

    assert counter == ("acme", "cap", "bob", datetime(2026, 3, 17, tzinfo=UTC))


def test_only_the_caps_that_concern_it_count_a_click():
    other = CAP._replace(id="other", scope=CapScope.COUNTRY, named="FR")

    found = counters_of([CAP, other], BOB, merchant_id="acme", at=AT)

    assert [cap.id for cap, _counter in found] == ["cap"]
