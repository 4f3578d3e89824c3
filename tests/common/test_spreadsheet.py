"""write_csv: what a spreadsheet could take for a formula is text, and numbers stay numbers."""

from decimal import Decimal

import pytest

from common.spreadsheet import plain, write_csv


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0"])
def test_a_cell_that_looks_like_a_formula_gets_a_quote(start: str) -> None:
    assert plain(f"{start}cmd()") == f"'{start}cmd()"


def test_ordinary_text_stays() -> None:
    assert plain("Bob's shop") == "Bob's shop"


def test_numbers_stay_numbers_and_commas_are_quoted() -> None:
    content = write_csv(["name", "amount"], [["=1+1", Decimal("-3.50")], ["a, b", 2]])

    assert content == b'name,amount\r\n\'=1+1,-3.50\r\n"a, b",2\r\n'
