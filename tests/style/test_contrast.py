"""Both themes keep WCAG 2.2 AA contrast: text 4.5:1, marks and the borders of controls 3:1."""

import re
from pathlib import Path

import pytest

THEMES_CSS = Path(__file__).parents[2] / "assets" / "css" / "themes.css"
TEXT, MARK = 4.5, 3.0
GROUNDS = ("color-base-100", "color-base-200")
MEANINGS = ("info", "success", "warning", "error")

# (what stands, what it stands on, the least contrast)
PAIRS = [
    *[("color-base-content", ground, TEXT) for ground in (*GROUNDS, "color-base-300")],
    *[("fl-muted", ground, TEXT) for ground in GROUNDS],
    *[("fl-link", ground, TEXT) for ground in GROUNDS],
    *[("fl-accent-ink", ground, TEXT) for ground in GROUNDS],
    *[("fl-line", ground, MARK) for ground in GROUNDS],
    *[("color-primary", ground, MARK) for ground in GROUNDS],
    *[("color-accent", ground, MARK) for ground in GROUNDS],
    *[
        (f"color-{name}-content", f"color-{name}", TEXT)
        for name in ("primary", "secondary", "accent", "neutral", *MEANINGS)
    ],
    *[(f"fl-{name}-ink", f"fl-{name}-soft", TEXT) for name in ("primary", "neutral", *MEANINGS)],
    *[(f"fl-{name}-ink", ground, TEXT) for name in MEANINGS for ground in GROUNDS],
    *[("fl-neutral-ink", ground, TEXT) for ground in GROUNDS],
    ("fl-muted", "fl-neutral-soft", TEXT),  # A hint in a row or an entry under the pointer.
    ("color-primary", "fl-chart-fill", MARK),
    ("fl-chart-bar", "color-base-100", MARK),
    ("fl-chart-before", "fl-chart-bar", MARK),
    ("fl-chart-before", "fl-chart-fill", MARK),
    ("fl-deep-content", "fl-deep", TEXT),
]


def themes() -> dict[str, dict[str, str]]:
    """Return the variables of each theme block, by the theme's name."""
    blocks = re.findall(r'@plugin "daisyui/theme" \{(.*?)\n\}', THEMES_CSS.read_text(), re.S)
    found = {}
    for block in blocks:
        name = re.search(r'name: "([^"]+)"', block)
        assert name, "a theme has no name"
        found[name[1]] = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    return found


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb as WCAG defines it, 0 to 1."""
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21, whichever is lighter."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_arithmetic_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


def test_there_are_two_themes_with_the_same_variables():
    light, dark = themes()["fairlead-light"], themes()["fairlead-dark"]

    assert light.keys() == dark.keys()
    assert len(themes()) == 2


@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
@pytest.mark.parametrize("theme", ["fairlead-light", "fairlead-dark"])
def test_every_pair_is_readable(theme, front, ground, least):
    colours = themes()[theme]

    ratio = contrast(colours[front], colours[ground])

    assert ratio >= least, f"{front} on {ground} is {ratio:.2f}:1"
