"""A merchant's colours as a stylesheet, made readable in both themes whatever they chose."""

from typing import Final, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from merchants.directory import find_merchant

# WCAG 2.2 AA: 4.5 for text, 3 for the shape of a control.
TEXT: Final = 4.5
SHAPE: Final = 3.0
STEPS: Final = 100
SOFT: Final = 0.1  # How much accent the stylesheet mixes into the page for soft grounds.


class Colour(NamedTuple):
    """sRGB, each part 0 to 255."""

    red: int
    green: int
    blue: int

    @classmethod
    def read(cls, text: str) -> "Colour":
        """Return the colour of “#rrggbb”."""
        return cls(*(int(text[start : start + 2], 16) for start in (1, 3, 5)))

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    def mixed(self, other: "Colour", share: float) -> "Colour":
        """Return this colour with so much of the other in it."""
        parts = (round(a + (b - a) * share) for a, b in zip(self, other, strict=True))
        return Colour(*parts)

    @property
    def luminance(self) -> float:
        """Relative luminance, as WCAG defines it."""
        red, green, blue = (_linear(part / 255) for part in self)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(self, other: "Colour") -> float:
        """Contrast ratio with another colour, 1 to 21."""
        darker, lighter = sorted((self.luminance, other.luminance))
        return (lighter + 0.05) / (darker + 0.05)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


WHITE: Final = Colour(255, 255, 255)
BLACK: Final = Colour(0, 0, 0)


class Theme(NamedTuple):
    """What text stands on, cards and the page behind them, and where a colour goes to stand out."""

    card: Colour
    page: Colour
    towards: Colour


LIGHT: Final = Theme(WHITE, Colour.read("#f4f6f7"), BLACK)
DARK: Final = Theme(Colour.read("#111d24"), Colour.read("#0b151b"), WHITE)


class Palette(NamedTuple):
    """What the stylesheet sets."""

    accent: Colour
    content: Colour  # Text on the accent.
    link: Colour  # The accent as text, on the page and on its soft ground.


def palette_for(colour: Colour, theme: Theme) -> Palette:
    """Return the merchant's colour, moved no further than readability asks for."""
    accent = _moved(colour, theme, grounds=[theme.card, theme.page], ratio=SHAPE)
    content = max(WHITE, BLACK, key=accent.contrast)  # One of them always reaches 4.58.
    grounds = [theme.card, theme.page, theme.card.mixed(accent, SOFT)]
    return Palette(accent, content, _moved(accent, theme, grounds=grounds, ratio=TEXT))


def _moved(colour: Colour, theme: Theme, *, grounds: list[Colour], ratio: float) -> Colour:
    for step in range(STEPS):
        moved = colour.mixed(theme.towards, step / STEPS)
        if all(moved.contrast(ground) >= ratio for ground in grounds):
            return moved
    return theme.towards


def stylesheet(accent: str) -> str:
    """Return the stylesheet that dresses a page in a merchant's colour."""
    colour = Colour.read(accent)
    light = _variables(palette_for(colour, LIGHT))
    dark = _variables(palette_for(colour, DARK))
    return (
        f":root {{ --brand-radius: 0.5rem; {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme]) {{ {dark} }} }}\n"
        f'[data-theme="fairlead-dark"] {{ {dark} }}\n'
    )


def _variables(palette: Palette) -> str:
    return (
        f"--brand-accent: {palette.accent}; --brand-accent-content: {palette.content};"
        f" --brand-link: {palette.link};"
    )


@require_safe
@cache_control(public=True, max_age=300)
def brand_css(_request: HttpRequest, merchant_slug: str) -> HttpResponse:
    """Serve a merchant's colours."""
    merchant = find_merchant(slug=merchant_slug)
    if merchant is None:
        raise Http404
    return HttpResponse(stylesheet(merchant.accent), content_type="text/css; charset=utf-8")
