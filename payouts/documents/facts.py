"""What a paper says, as data: gathered once, stored with it, and all that its page is made of."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Party:
    """One of the two sides, as the paper names it."""

    name: str
    address: list[str] = field(default_factory=list)  # Its lines, the country last.
    vat_id: str = ""
    tax_id: str = ""


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One line: what for, and its money in minor units."""

    text: str
    net_minor: int
    vat_bps: int = 0
    vat_minor: int = 0


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything that one paper says. Days are ISO 8601."""

    kind: str
    number: str
    title: str
    issued_on: str
    currency: str
    payer: Party  # The merchant, in whose name it is issued.
    payee: Party  # The affiliate, whose supply it is.
    lines: list[PaperLine]
    withheld_minor: int = 0
    fee_minor: int = 0
    has_vat: bool = False  # Whether the lines name rate and VAT: an invoice's do.
    notes: list[str] = field(default_factory=list)
    particulars: list[list[str]] = field(default_factory=list)  # (label, value): how it was paid.

    @property
    def net_minor(self) -> int:
        """Return the sum of the lines without VAT."""
        return sum(line.net_minor for line in self.lines)

    @property
    def vat_minor(self) -> int:
        """Return the sum of the lines' VAT."""
        return sum(line.vat_minor for line in self.lines)

    @property
    def paid_minor(self) -> int:
        """Return what was sent: everything, less what was kept."""
        return self.net_minor + self.vat_minor - self.withheld_minor - self.fee_minor

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON knows it."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """Return what `as_data` gave."""
        return cls(
            **{
                **data,
                "payer": Party(**data["payer"]),
                "payee": Party(**data["payee"]),
                "lines": [PaperLine(**line) for line in data["lines"]],
            }
        )
