"""Stand-ins that the product takes for the providers."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from demo.providers.paypal import FakePayPal
from demo.providers.stripe import FakeStripe


@pytest.fixture
def paypal(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakePayPal]:
    """Return PayPal's stand-in."""
    with FakePayPal() as fake:
        monkeypatch.setitem(settings.PROVIDER_URLS, "PAYPAL", fake.url)
        yield fake


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeStripe]:
    """Return Stripe's stand-in."""
    with FakeStripe() as fake:
        monkeypatch.setitem(settings.PROVIDER_URLS, "STRIPE", fake.url)
        yield fake
