"""A merchant's colour is readable in both themes, whatever it is."""

import pytest
from django.test import Client

from interfaces.portal.brand import DARK, LIGHT, SOFT, Colour, palette_for, stylesheet
from merchants.models import Merchant
from merchants.tenancy import merchant_context
from tests.cast import Company

COLOURS = [
    f"#{red}{green}{blue}"
    for red in ("00", "77", "ff")
    for green in ("00", "77", "ff")
    for blue in ("00", "77", "ff")
] + ["#0e5a6b", "#ffe24a", "#fdfdfd"]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("text", COLOURS)
def test_text_and_buttons_have_enough_contrast(text: str, theme: object) -> None:
    theme = LIGHT if theme is LIGHT else DARK

    palette = palette_for(Colour.read(text), theme)

    soft = theme.card.mixed(palette.accent, SOFT)
    assert palette.accent.contrast(palette.content) >= 4.5
    assert min(palette.accent.contrast(ground) for ground in (theme.card, theme.page)) >= 3
    assert min(palette.link.contrast(ground) for ground in (theme.card, theme.page, soft)) >= 4.5


def test_a_readable_colour_is_left_alone() -> None:
    palette = palette_for(Colour.read("#0e5a6b"), LIGHT)

    assert str(palette.accent) == str(palette.link) == "#0e5a6b"


def test_the_stylesheet_is_served_and_says_both_themes(acme: Company, client: Client) -> None:
    with merchant_context(acme.id):
        Merchant.objects.update(accent="#ffe24a")

    answer = client.get("/brand/acme.css")

    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer.content.decode() == stylesheet("#ffe24a")
    assert "--brand-accent-content: #000000" in answer.content.decode()
    assert "prefers-color-scheme: dark" in answer.content.decode()


def test_an_unknown_merchant_has_no_stylesheet(client: Client) -> None:
    assert client.get("/brand/nobody.css").status_code == 404
