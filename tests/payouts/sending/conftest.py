"""Stand-ins that the product takes for the providers."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from common.addresses import place_of
from demo.providers.merchant import FakeMerchant
from demo.providers.paypal import FakePayPal
from demo.providers.stripe import FakeStripe
from demo.providers.wise import FakeWise


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


@pytest.fixture
def wise(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeWise]:
    """Return Wise's stand-in."""
    with FakeWise() as fake:
        assert isinstance(fake, FakeWise)
        monkeypatch.setitem(settings.PROVIDER_URLS, "WISE", fake.url)
        monkeypatch.setattr(settings, "WISE_PUBLIC_KEY", fake.public_key)
        yield fake


@pytest.fixture
def product(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeMerchant]:
    """Return a merchant's product, whose endpoint may be called though it lies inside."""
    with FakeMerchant() as fake:
        assert isinstance(fake, FakeMerchant)
        monkeypatch.setattr(settings, "OUTGOING_HOSTS", frozenset({place_of(fake.url)}))
        yield fake
