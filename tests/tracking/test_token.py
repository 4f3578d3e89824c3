"""Click tokens: they say when and through which link, and nobody else can make one."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.token import ClickToken, make_token, read_token

OLD_KEY, NEW_KEY = bytes(range(32)), bytes(range(32, 64))
OLD_RING, NEW_RING = {1: OLD_KEY}, {1: OLD_KEY, 2: NEW_KEY}
CLICK_ID = UUID("01942f6e-7b00-7abc-8def-0123456789ab")
TOKEN = make_token(CLICK_ID, 7, OLD_RING)


def test_is_38_characters_that_need_no_escaping():
    assert len(TOKEN) == 38
    assert TOKEN.replace("-", "").replace("_", "").isalnum()


def test_says_which_click_which_link_and_when():
    token = read_token(TOKEN, OLD_RING)

    assert token == ClickToken(click_id=CLICK_ID, link_number=7)
    assert token.at == datetime(2025, 1, 4, 3, 49, 17, 184000, tzinfo=UTC)


def test_the_highest_numbered_key_signs_and_the_whole_ring_verifies():
    by_new = make_token(CLICK_ID, 7, NEW_RING)

    assert read_token(by_new, {2: NEW_KEY}) == read_token(TOKEN, NEW_RING)
    assert read_token(by_new, OLD_RING) is None
    assert read_token(TOKEN, {}) is None


@pytest.mark.parametrize("number", [1, 2**32 - 1])
def test_carries_every_number_a_link_may_have(number):
    token = read_token(make_token(CLICK_ID, number, OLD_RING), OLD_RING)

    assert token == ClickToken(CLICK_ID, number)


@pytest.mark.parametrize("number", [-1, 2**32])
def test_refuses_to_make_a_token_of_an_impossible_link(number):
    with pytest.raises(OverflowError):
        make_token(CLICK_ID, number, OLD_RING)


def test_another_spelling_of_the_same_bytes_is_refused():
    # 28 bytes leave 4 spare bits in the last character, which must be zero.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(TOKEN[-1])
    accepted = [sign for sign in alphabet if read_token(TOKEN[:-1] + sign, OLD_RING) is not None]

    assert last % 16 == 0
    assert accepted == [TOKEN[-1]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        TOKEN[:-1],
        TOKEN + "=",
        TOKEN + "A",
        TOKEN + "\n",
        " " + TOKEN[1:],
        TOKEN.swapcase(),
        "A" * 38,
        "é" * 38,
        "\0" * 38,
        "٣" * 38,
        "x" * 1_000_000,
        None,
        7,
        TOKEN.encode(),
    ],
)
def test_whatever_is_not_a_token_is_none(text):
    assert read_token(text, OLD_RING) is None


@pytest.mark.parametrize("position", range(38))
def test_one_changed_character_anywhere_makes_it_false(position):
    other = "A" if TOKEN[position] != "A" else "B"

    assert read_token(TOKEN[:position] + other + TOKEN[position + 1 :], OLD_RING) is None


@given(st.text(max_size=80))
def test_never_raises_on_any_text(text):
    assert read_token(text, OLD_RING) is None


@given(st.uuids(), st.integers(0, 2**32 - 1))
def test_reads_back_what_was_made(click_id, number):
    assert read_token(make_token(click_id, number, NEW_RING), NEW_RING) == (click_id, number)
