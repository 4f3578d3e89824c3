"""The carry: how rates far below a cent earn to the cent, and no fraction is lost. Pure."""

from common.money import divide_half_even, exponent_of

E5 = 100_000  # Rates are in hundred-thousandths of a major unit.
PER_CLICK_UNITS = 1
PER_MILLE_UNITS = 1_000


def due_minor(units_e5: int, *, per_units: int, currency: str) -> int:
    """Return what the sum of rate × units comes to, in minor units, half to even.

    `units_e5` is that sum in hundred-thousandths of a major unit; the rate is per `per_units`.
    """
    return divide_half_even(units_e5 * 10 ** exponent_of(currency), E5 * per_units)


def line_minor(units_e5: int, *, earned_minor: int, per_units: int, currency: str) -> int:
    """Return the next line: all that is due so far in the month, without what was earned."""
    return due_minor(units_e5, per_units=per_units, currency=currency) - earned_minor
