"""Rails to stand-ins, without batches."""

from collections.abc import Callable

import pytest

from payouts.models import Rail
from tests.cast import Company
from tests.payouts.sending.conftest import paypal, stripe
from tests.payouts.sending.stage import connect

__all__ = ["paypal", "stripe"]


@pytest.fixture
def make_rail(acme: Company) -> Callable[..., Rail]:
    """Return what connects Acme with a provider."""

    def make(provider: str, credentials: dict[str, str]) -> Rail:
        return connect(acme, provider, **credentials)

    return make
