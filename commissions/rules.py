"""What a rule pays: pure arithmetic with its explanation (docs/commissions.md)."""

from dataclasses import dataclass

from common.money import divide_half_even, share_of, split


@dataclass(frozen=True, slots=True)
class Basis:
    """The money of a conversion, in minor units of the program's currency."""

    amount_minor: int
    tax_minor: int = 0
    shipping_minor: int = 0

    @property
    def net_minor(self) -> int:
        """What percentages are taken of: without tax and shipping, never below zero."""
        return max(self.amount_minor - self.tax_minor - self.shipping_minor, 0)


@dataclass(frozen=True, slots=True)
class Award:
    """What a rule pays for a whole conversion, and how that was computed, in words."""

    amount_minor: int
    arithmetic: str


def award_percent(basis: Basis, *, rate_bps: int) -> Award:
    """Return the percentage of the net amount, half to even."""
    amount_minor = share_of(basis.net_minor, rate_bps=rate_bps)
    return Award(
        amount_minor,
        f"{basis.amount_minor} paid − {basis.tax_minor} tax − {basis.shipping_minor} shipping"
        f" = {basis.net_minor} net; × {rate_bps} bps = {amount_minor}",
    )


def award_fixed(*, fixed_minor: int) -> Award:
    """Return the fixed amount."""
    return Award(fixed_minor, f"fixed {fixed_minor}")


def share_award(award_minor: int, *, shares_ppm: list[int]) -> list[int]:
    """Return what each share of a conversion earns; the parts sum to exactly the award."""
    return split(award_minor, shares_ppm)


def reversal_due(
    *, earned_minor: int, refunded_minor: int, gross_minor: int, reversed_minor: int
) -> int:
    """Return how much of a commission is still to be taken back, zero or more.

    Due in all is earned × refunded / gross, half to even; what was reversed before is subtracted.
    A refund of everything takes everything.
    """
    if gross_minor == 0:
        return 0
    due = divide_half_even(earned_minor * min(refunded_minor, gross_minor), gross_minor)
    return max(due - reversed_minor, 0)
