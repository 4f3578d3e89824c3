"""Days of clicks and visitors: dropped when they are old, at once, and their sums stay."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from subprocess import run
from sys import executable

import pytest
from django.conf import settings
from django.db import OperationalError

from common.clock import now
from interfaces.edge.store import STORE_CLICKS
from tests.cast import NOON
from tests.conftest import _admin
from tests.edge.test_caps import make_cap, use
from tests.tracking.test_clicks import ROUTE, visit
from tracking import tasks
from tracking.clicks import follow
from tracking.models import CapPeriod
from tracking.partitions import drop_old_days, forget_visitor_salts, make_click_partitions

pytestmark = pytest.mark.usefixtures("clean_days")
KEEP = 90


@pytest.fixture
def clean_days(admin):
    """Leave only the days that a new installation has."""
    yield
    admin.execute(
        "DO $$ DECLARE name text; BEGIN FOR name IN SELECT relname FROM pg_class"
        " WHERE relname ~ '^tracking_(click|visitor)_[0-9]{8}$'"
        " LOOP EXECUTE 'DROP TABLE ' || name; END LOOP; END $$"
    )
    make_click_partitions(at=now())


@pytest.fixture
def moved_clock():
    """Return what moves the clock by days; it is put back."""

    def move(days: int) -> datetime:
        settings.CLOCK_OFFSET_SECONDS = days * 86_400
        return now()

    yield move
    settings.CLOCK_OFFSET_SECONDS = 0


def click_at(admin, at: datetime) -> None:
    """Store one person's click as the edge does, with the salts of its days."""
    make_click_partitions(at=at)
    rows = admin.execute("SELECT * FROM visitor_salts(%s, 3)", [at.date() - timedelta(days=1)])
    salts = {day: bytes(salt) for day, salt in rows.fetchall()}
    row = follow(route=ROUTE, visit=visit(), at=at, keys={1: bytes(32)}, salts=salts).row
    admin.execute(STORE_CLICKS, [json.dumps([row])])


def counts(admin) -> dict[str, int]:
    tables = ("tracking_click", "tracking_visitor", "tracking_salt", "reports_dailyclicks")
    return {
        table: admin.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()[0]
        for table in tables
    }


def days_of(admin, table: str) -> list[date]:
    rows = admin.execute(
        "SELECT to_date(right(relname, 8), 'YYYYMMDD') FROM pg_class"
        " JOIN pg_inherits ON inhrelid = oid WHERE inhparent = %s::regclass ORDER BY 1",
        [table],
    ).fetchall()
    return [day for (day,) in rows]


def test_after_a_hundred_days_rows_salts_and_visitors_are_gone_and_sums_stay(admin, moved_clock):
    admin.execute("DELETE FROM tracking_salt")
    begun = now()
    click_at(admin, begun)
    before = counts(admin)

    later = moved_clock(100)
    tasks.make_click_partitions()
    click_at(admin, later)
    tasks.drop_old_days()

    assert before == {
        "tracking_click": 1,
        "tracking_visitor": 1,
        "tracking_salt": 3,
        "reports_dailyclicks": 1,
    }
    assert counts(admin) == {
        "tracking_click": 1,  # Today's.
        "tracking_visitor": 1,
        "tracking_salt": 3,
        "reports_dailyclicks": 2,
    }
    assert min(days_of(admin, "tracking_click")) >= later.date() - timedelta(days=KEEP)
    assert min(days_of(admin, "tracking_visitor")) == later.date() - timedelta(days=1)
    salts = admin.execute("SELECT min(day) FROM tracking_salt").fetchone()[0]
    assert salts == later.date() - timedelta(days=1)


@pytest.mark.parametrize(("hours", "stays"), [(0, True), (24, True), (48, False), (30 * 24, False)])
def test_who_a_visitor_was_is_forgotten_after_48_hours(admin, hours, stays):
    admin.execute("DELETE FROM tracking_salt")
    midnight = datetime(2031, 5, 1, tzinfo=UTC)
    click_at(admin, midnight)
    day = midnight.date()

    at = midnight + timedelta(hours=hours)
    forget_visitor_salts(at=at)
    drop_old_days(at=at, retention_days=KEEP)

    salted = admin.execute("SELECT count(*) FROM tracking_salt WHERE day = %s", [day]).fetchone()
    assert salted[0] == (1 if stays else 0)
    assert (day in days_of(admin, "tracking_visitor")) is stays
    assert day in days_of(admin, "tracking_click")


def test_the_retention_is_to_the_day(admin):
    first = datetime(2031, 5, 1, 12, tzinfo=UTC)
    click_at(admin, first)

    drop_old_days(at=first + timedelta(days=7), retention_days=7)
    kept = counts(admin)["tracking_click"]
    dropped = drop_old_days(at=first + timedelta(days=8), retention_days=7)

    assert kept == 1
    assert dropped >= 1
    assert counts(admin)["tracking_click"] == 0
    assert drop_old_days(at=first + timedelta(days=8), retention_days=7) == 0


def test_dropping_a_day_reads_none_of_its_rows(admin):
    """So it takes as long for ten million clicks as for none."""
    old = datetime(2031, 5, 1, 12, tzinfo=UTC)
    click_at(admin, old)
    relation = admin.execute("SELECT 'tracking_click_20310501'::regclass::oid").fetchone()[0]

    with admin.transaction():
        admin.execute("SELECT drop_click_partitions('2031-05-02', '2031-05-02')")
        read = admin.execute(
            "SELECT pg_stat_get_xact_tuples_returned(%s), pg_stat_get_xact_tuples_fetched(%s)",
            [relation, relation],
        ).fetchone()

    assert counts(admin)["tracking_click"] == 0
    assert read == (0, 0)


def test_whoever_reads_an_old_day_is_not_waited_for_long(admin, database_name):
    old = datetime(2031, 5, 1, 12, tzinfo=UTC)
    click_at(admin, old)
    with _admin(database_name) as reader, reader.transaction():
        reader.execute("SELECT count(*) FROM tracking_click_20310501")
        begun = datetime.now(UTC)
        with pytest.raises(OperationalError, match="lock timeout"):
            drop_old_days(at=old + timedelta(days=100), retention_days=KEEP)
        seconds = (datetime.now(UTC) - begun).total_seconds()

    assert seconds < 10
    assert drop_old_days(at=old + timedelta(days=100), retention_days=KEEP) >= 1


@pytest.mark.parametrize(
    ("period", "days", "stays"),
    [
        (CapPeriod.HOUR, 41, False),
        (CapPeriod.DAY, 41, False),
        (CapPeriod.DAY, 39, True),
        (CapPeriod.MONTH, 100, True),
        (CapPeriod.ALL, 10_000, True),
    ],
)
def test_old_counts_of_caps_go_unless_their_period_lasts(admin, acme, period, days, stays):
    cap = make_cap(acme, 5, period=period)
    use(admin, cap, 3, start=now() - timedelta(days=days))

    tasks.forget_counts()
    tasks.forget_counts()

    left = admin.execute("SELECT count(*) FROM tracking_capuse").fetchone()[0]
    assert left == (1 if stays else 0)


def test_old_unknown_codes_go(admin):
    for number, days in enumerate((0, 89, 91)):
        admin.execute(
            "INSERT INTO tracking_missedcode (id, day, host, code, reason, hits, referrer_host,"
            " last_at) VALUES (gen_random_uuid(), %s, '', %s, 'unknown_code', 1, '', %s)",
            [(now() - timedelta(days=days)).date(), f"code-{number}", NOON],
        )

    tasks.forget_counts()

    codes = admin.execute("SELECT code FROM tracking_missedcode ORDER BY code").fetchall()
    assert codes == [("code-0",), ("code-1",)]


@pytest.mark.parametrize(("days", "is_fine"), [("7", True), ("6", False), ("0", False)])
def test_the_retention_has_a_floor(days, is_fine):
    asked = run(
        [executable, "-c", "import config.settings"],
        env={**os.environ, "FAIRLEAD_CLICK_RETENTION_DAYS": days},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (asked.returncode == 0) is is_fine
    assert is_fine or "at least 7" in asked.stderr
