"""Pasted lines: what each says, and how many are too many."""

import pytest

from tracking.pasted import PastedLink, TooManyLines, read_pasted_links


@pytest.mark.parametrize(
    ("_case", "text", "expected"),
    [
        ("nothing", " \n\n", []),
        ("an address", "https://a.example/x", [PastedLink(1, "https://a.example/x")]),
        (
            "with name and code, by comma, tab and semicolon",
            "https://a.example/1, Boots, boots\nhttps://a.example/2\tTents\nhttps://a.example/3;;t3",
            [
                PastedLink(1, "https://a.example/1", "Boots", "boots"),
                PastedLink(2, "https://a.example/2", "Tents"),
                PastedLink(3, "https://a.example/3", "", "t3"),
            ],
        ),
        (
            "a spreadsheet's own heading and mark, and an empty line",
            "\ufeffurl,name,code\r\n\r\nhttps://a.example/1,First,\r\n",
            [PastedLink(3, "https://a.example/1", "First")],
        ),
        (
            "a name with a comma, in quotes",
            'https://a.example/1,"Boots, brown",b1',
            [PastedLink(1, "https://a.example/1", "Boots, brown", "b1")],
        ),
        (
            "an address that is full of commas itself",
            "https://a.example/?sizes=1,2,3,4",
            [PastedLink(1, "https://a.example/?sizes=1,2,3,4")],
        ),
        ("what is no address is judged later", "boots", [PastedLink(1, "boots")]),
    ],
)
def test_what_lines_say(_case: str, text: str, expected: list[PastedLink]) -> None:
    assert read_pasted_links(text, lines_max=10) == expected


def test_more_lines_than_may_be_are_none() -> None:
    with pytest.raises(TooManyLines, match="3"):
        read_pasted_links("a\nb\nc", lines_max=2)
