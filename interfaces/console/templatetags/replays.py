"""Small drawings of replays and experiments: bars side by side, intervals on a scale."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reports.experiments import Measured, VariantResult

register = template.Library()

AIR = 0.05  # Of the scale, at each end.


@register.simple_tag
def bars(before: int, after: int, most: int) -> SafeString:
    """Draw what is booked above what would be. The figures stand beside it, so it says nothing."""
    widths = [100 * max(amount, 0) / most if most > 0 else 0 for amount in (before, after)]
    return format_html(
        '<svg class="h-4 w-full min-w-28" viewBox="0 0 100 16" preserveAspectRatio="none"'
        ' aria-hidden="true"><rect class="fill-base-content/30" y="1" width="{}" height="6"/>'
        '<rect class="fill-primary" y="9" width="{}" height="6"/></svg>',
        f"{widths[0]:.2f}",
        f"{widths[1]:.2f}",
    )


@register.simple_tag
def interval(measured: Measured, variants: Sequence[VariantResult]) -> SafeString:
    """Draw a figure and its interval on the scale that all variants share."""
    low, high = _scale(measured, variants)
    if measured.value is None or high <= low:
        return SafeString("")
    parts = []
    if measured.interval is not None:
        ends = [_place(at, low, high) for at in (measured.interval.low, measured.interval.high)]
        parts.append(
            format_html(
                '<line class="stroke-primary" stroke-width="2" x1="{}" x2="{}" y1="8" y2="8"/>',
                *ends,
            )
        )
        parts += [
            format_html(
                '<line class="stroke-primary" stroke-width="2" x1="{}" x2="{}" y1="3" y2="13"/>',
                end,
                end,
            )
            for end in ends
        ]
    parts.append(
        format_html(
            '<circle class="fill-primary" cx="{}" cy="8" r="4"/>', _place(measured.value, low, high)
        )
    )
    return format_html(
        '<svg class="h-4 w-full min-w-40 max-w-80" viewBox="0 0 240 16" role="img"'
        ' aria-label="{}">'
        '<line class="stroke-base-300" x1="0" x2="240" y1="8" y2="8"/>{}</svg>',
        _("The value and its interval, on one scale for all variants"),
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def _scale(measured: Measured, variants: Sequence[VariantResult]) -> tuple[float, float]:
    """Return the ends of what all variants show of a figure."""
    found: list[float] = []
    for variant in variants:
        for row in variant.measured:
            if row.figure is measured.figure and row.value is not None:
                found.append(row.value)
                if row.interval is not None:
                    found += [row.interval.low, row.interval.high]
    if not found:
        return 0.0, 0.0
    low, high = min(0.0, *found) if len(found) == 1 else min(found), max(found)
    air = AIR * (high - low)
    return low - air, high + air


def _place(at: float, low: float, high: float) -> str:
    return f"{6 + 228 * (at - low) / (high - low):.1f}"
