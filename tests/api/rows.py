"""A row of the permission table of the API."""

from dataclasses import dataclass, field
from typing import Any

from merchants.rights import Scope

PUBLIC = "public"
PARTNER = "partner"


@dataclass(frozen=True)
class Row:
    """One route and method: who may, what is sent, and what the rightful caller gets."""

    route: str
    method: str
    needs: Scope | str | None  # A scope; None: any secret key; PARTNER; PUBLIC.
    status: int = 200
    body: dict[str, Any] = field(default_factory=dict)
    of: str = ""  # The thing of Acme (or Bob) whose id stands in the address.
    file: str = ""  # If there is one, the body is a form.
