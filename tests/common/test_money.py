"""Money: exact in every currency, rounded one way, split without loss."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import (
    BadAmount,
    UnknownCurrency,
    divide_half_even,
    exponent_of,
    format_money,
    major_of,
    parse_major,
    share_of,
    split,
)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "EUR", 1_250),
        ("12,50", "EUR", 1_250),
        ("12", "EUR", 1_200),
        ("1 250,00", "EUR", 125_000),
        ("1.250,00", "EUR", 125_000),
        ("1,250.00", "EUR", 125_000),
        ("1'250.00", "CHF", 125_000),
        ("1,250,000", "EUR", 125_000_000),
        ("1500", "JPY", 1_500),
        ("1.234", "KWD", 1_234),
        ("-3.10", "EUR", -310),
        ("−3.10", "EUR", -310),
        ("0.00", "EUR", 0),
    ],
)
def test_reads_what_people_write(text: str, currency: str, minor: int) -> None:
    assert parse_major(text, currency=currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("12.345", "EUR"),  # Ambiguous: twelve thousand, or too many decimals?
        ("10.5", "JPY"),
        ("1.2345", "KWD"),
        ("1e309", "EUR"),
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
        ("", "EUR"),
        ("-", "EUR"),
        ("12.", "EUR"),
        ("12..5", "EUR"),
        ("twelve", "EUR"),
        ("١٢", "EUR"),  # Digits, but not ours.
        ("9" * 30, "EUR"),
    ],
)
def test_refuses_what_is_no_amount(text: str, currency: str) -> None:
    with pytest.raises(BadAmount):
        parse_major(text, currency=currency)


@pytest.mark.parametrize("currency", ["XXX", "eur", "", "EURO", "BTC"])
def test_refuses_unknown_currencies(currency: str) -> None:
    with pytest.raises(UnknownCurrency):
        exponent_of(currency)


@pytest.mark.parametrize(
    ("_case", "amount_minor", "rate_bps", "expected"),
    [
        ("7.5 % of 19.90 is 1.4925, down", 1_990, 750, 149),
        ("7.5 % of 20.20 is 1.5150, half goes to the even 1.52", 2_020, 750, 152),
        ("5 % of 0.10 is 0.005, half goes to the even 0.00", 10, 500, 0),
        ("5 % of 0.30 is 0.015, half goes to the even 0.02", 30, 500, 2),
        ("all of it", 1_990, 10_000, 1_990),
    ],
)
def test_a_share_is_rounded_half_even(
    _case: str, amount_minor: int, rate_bps: int, expected: int
) -> None:
    assert share_of(amount_minor, rate_bps=rate_bps) == expected


def test_a_negative_share_is_refused() -> None:
    with pytest.raises(ValueError, match="no negative"):
        share_of(-1, rate_bps=100)


@given(st.integers(-(10**18), 10**18), st.integers(1, 10**9))
def test_division_is_to_the_nearest_and_to_even_between_two(top: int, bottom: int) -> None:
    quotient = divide_half_even(top, bottom)

    error = abs(Fraction(top, bottom) - quotient)
    assert error < Fraction(1, 2) or (error == Fraction(1, 2) and quotient % 2 == 0)


@pytest.mark.parametrize(
    ("amount_minor", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (1_000, [400_000, 200_000, 400_000], [400, 200, 400]),
        (1, [1, 1], [1, 0]),
        (0, [1, 2], [0, 0]),
        (10, [0, 1], [0, 10]),
    ],
)
def test_a_split_gives_remainders_to_who_lost_most(
    amount_minor: int, weights: list[int], parts: list[int]
) -> None:
    assert split(amount_minor, weights) == parts


@given(
    st.integers(0, 10**15),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(lambda ws: sum(ws) > 0),
)
def test_a_split_sums_to_the_whole_and_is_never_off_by_a_unit(
    amount_minor: int, weights: list[int]
) -> None:
    parts = split(amount_minor, weights)

    assert sum(parts) == amount_minor
    exact = [Fraction(amount_minor * weight, sum(weights)) for weight in weights]
    assert all(abs(part - want) < 1 for part, want in zip(parts, exact, strict=True))


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_is_written_out_reads_back(minor: int, currency: str) -> None:
    text = f"{major_of(minor, currency=currency):f}"

    assert parse_major(text, currency=currency) == minor


@pytest.mark.parametrize(
    ("amount_minor", "currency", "locale", "text"),
    [
        (123_456, "EUR", "en", "€1,234.56"),
        (-500, "EUR", "en", "−€5.00"),
        (1_500, "JPY", "en", "¥1,500"),
        (1_234, "KWD", "en", "KWD\xa01.234"),
        (123_456, "EUR", "zh_Hans", "€1,234.56"),
        (0, "HUF", "en", "HUF\xa00.00"),
    ],
)
def test_is_written_as_people_write_it(
    amount_minor: int, currency: str, locale: str, text: str
) -> None:
    assert format_money(amount_minor, currency=currency, locale=locale) == text
