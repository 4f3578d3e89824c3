"""Whoever asks too much is stopped, and those beside him are not."""

import asyncio
import time
from types import SimpleNamespace

import pytest

from interfaces.edge import meter
from interfaces.edge.desk import ASIDE_MAX, Desk, Unavailable
from interfaces.edge.http import UNKNOWN_ADDRESS, read_request, visitor_behind
from interfaces.edge.meter import Meter, caller_of
from tracking.clicks import is_within
from tracking.visits import network_of

TRUSTED = ("10.0.0.0/8",)


@pytest.mark.parametrize(
    ("address", "caller"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("", ""),
        ("x" * 400_000, ""),
    ],
)
def test_a_household_is_one_caller(address, caller):
    assert caller_of(address) == caller


def test_a_full_meter_forgets_the_oldest_half(monkeypatch):
    monkeypatch.setattr(meter, "NAMES_MAX", 10)
    monkeypatch.setattr(meter, "time", SimpleNamespace(monotonic=lambda: 30.0))
    counted = Meter(limit=1)
    for number in range(11):
        counted.count(str(number))

    assert [counted.is_used_up(str(number)) for number in (0, 4, 5, 9, 10)] == [
        False,
        False,
        True,
        True,
        True,
    ]


class Said(dict[str, str]):
    """Headers of which one is named, and has no item."""

    def __contains__(self, name: object) -> bool:
        return name == "x-forwarded-for" or super().__contains__(name)


@pytest.mark.parametrize(
    ("peer", "address"), [("10.0.0.1", UNKNOWN_ADDRESS), ("192.0.2.7", "192.0.2.7")]
)
def test_an_unreadable_forwarded_for_is_not_our_proxys_address(peer, address):
    scope = SimpleNamespace(
        method="GET", path="/", query_string="", headers=Said(), client=f"{peer}:50000"
    )

    request = read_request(scope, SimpleNamespace(), TRUSTED)

    assert request.address == address
    if not address:
        assert network_of(request.address) == ""
        assert not is_within(request.address, ("0.0.0.0/0", "::/0"))


def test_a_long_forwarded_for_is_read_from_its_end():
    assert visitor_behind("10.0.0.1", "10.0.0.1," * 50_000 + "192.0.2.7", TRUSTED) == "192.0.2.7"
    assert len(visitor_behind("10.0.0.1", "x" * 400_000, TRUSTED)) <= 2_000


def slowly() -> str:
    time.sleep(0.05)
    return "aside"


def test_a_flood_aside_leaves_a_thread_and_places(monkeypatch):
    async def ask() -> tuple[str, list[str | BaseException]]:
        desk = Desk()
        flood = [desk.run_aside(slowly) for _ in range(60)]
        asides = asyncio.gather(*flood, return_exceptions=True)
        await asyncio.sleep(0.01)
        begun = time.monotonic()
        async with asyncio.timeout(1):
            found = [await desk.run(lambda: "postback") for _ in range(3)]
        assert time.monotonic() - begun < 0.5
        answers = await asides
        desk.close()
        return found[0], answers

    monkeypatch.setattr("interfaces.edge.desk._use_patient_connections", lambda: None)
    monkeypatch.setattr("interfaces.edge.desk.close_old_connections", lambda: None)

    found, answers = asyncio.run(ask())

    assert found == "postback"
    assert answers.count("aside") == ASIDE_MAX + 1
    assert sum(isinstance(answer, Unavailable) for answer in answers) == 60 - ASIDE_MAX - 1
