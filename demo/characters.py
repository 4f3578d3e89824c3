"""What sort of people and companies play in the demo. Data alone: who they are is in the cast."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from merchants.rights import Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of a merchant."""

    person: Person
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoter:
    """An affiliate's character. Days count back from now; rates are per credited click."""

    person: Person
    website: str
    country: str
    channels: str
    message: str
    joined_days_ago: int
    clicks_per_day: float
    sale_rate: float
    signup_rate: float = 0.0
    lead_rate: float = 0.0
    growth: float = 1.0  # Clicks at the end of the time, as a multiple of those at its beginning.
    weekend: float = 1.0
    busy_weekday: int | None = None  # 0 is Monday: the day of the newsletter.
    phone_share: float = 0.5
    silent_from_days_ago: int = 0
    link_codes: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    referrers: tuple[str, ...] = ()
    coupon: str = ""
    coupon_sales_per_day: float = 0.0
    paid_by: str = "BANK"  # BANK, PAYPAL, STRIPE, or nothing yet.
    answers: Mapping[str, Any] = field(default_factory=dict, hash=False)  # To the program's form.


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A merchant of the demo with its people; the first is the owner."""

    name: str
    slug: str
    currency: str
    website: str
    accent: str
    colleagues: tuple[Colleague, ...]
    promoters: tuple[Promoter, ...]
    applicants: tuple[Promoter, ...] = ()  # Wait for an answer, or got one from a rule.
    rejected: Promoter | None = None

    @property
    def owner(self) -> Person:
        """Return the merchant's owner."""
        return self.colleagues[0].person
