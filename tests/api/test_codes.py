"""The codes that outsiders build upon are in the documentation, every one."""

from pathlib import Path

from interfaces.api.problems import HTTP_TITLES, REFUSALS

DOCUMENTATION = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def test_every_code_is_documented() -> None:
    text = DOCUMENTATION.read_text()
    codes = {refusal.code for refusal in REFUSALS.values()} | HTTP_TITLES.keys()
    others = {"invalid", "too_large", "unavailable"}

    assert [code for code in sorted(codes | others) if f"`{code}`" not in text] == []


def test_codes_are_distinct() -> None:
    codes = [refusal.code for refusal in REFUSALS.values()]

    assert len(set(codes)) == len(codes)
