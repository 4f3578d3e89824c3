"""draw: who is in which variant."""

from collections import Counter
from uuid import UUID

import pytest

from commissions.experiments import Lot, draw

EXPERIMENT = UUID(int=1)
A, B, C = UUID(int=101), UUID(int=102), UUID(int=103)
PEOPLE = [UUID(int=number) for number in range(1_000, 2_000)]


@pytest.mark.parametrize(
    ("weights", "people", "sizes"),
    [
        ((1, 1), 7, {3, 4}),
        ((2, 1), 9, {6, 3}),
        ((1, 1, 1), 999, {333}),
        ((90, 10), 1_000, {900, 100}),
    ],
)
def test_sizes_follow_the_weights(weights: tuple[int, ...], people: int, sizes: set[int]):
    lots = [Lot(id, weight) for id, weight in zip((A, B, C), weights, strict=False)]

    drawn = draw(EXPERIMENT, lots, PEOPLE[:people], taken={})

    assert len(drawn) == people
    assert set(Counter(variant for _person, variant in drawn).values()) == sizes


def test_the_same_draw_gives_the_same_lots_whatever_the_order():
    lots = [Lot(A, 1), Lot(B, 1)]

    first = dict(draw(EXPERIMENT, lots, PEOPLE, taken={}))

    assert dict(draw(EXPERIMENT, lots, reversed(PEOPLE), taken={})) == first
    assert dict(draw(UUID(int=2), lots, PEOPLE, taken={})) != first


def test_whoever_comes_later_goes_where_somebody_is_missing():
    lots = [Lot(A, 1), Lot(B, 1)]

    assert draw(EXPERIMENT, lots, PEOPLE[:1], taken={A: 5, B: 4}) == [(PEOPLE[0], B)]


def test_a_large_draw_in_batches_is_the_draw_in_one():
    lots = [Lot(A, 2), Lot(B, 1)]
    whole = draw(EXPERIMENT, lots, PEOPLE, taken={})

    first = draw(EXPERIMENT, lots, PEOPLE, taken={}, limit=400)
    taken = Counter(variant for _person, variant in first)
    rest = set(PEOPLE) - {person for person, _variant in first}

    assert first + draw(EXPERIMENT, lots, rest, taken=taken) == whole
