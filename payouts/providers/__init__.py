"""The providers: a folder each, and its line in this dict."""

from payouts.models import Provider
from payouts.providers.balance import Balance
from payouts.providers.base import ApiProvider, FileProvider
from payouts.providers.csv import CsvFile
from payouts.providers.nacha import NachaFile
from payouts.providers.paypal import PayPal
from payouts.providers.sepa import SepaFile
from payouts.providers.stripe import Stripe
from payouts.providers.wise import Wise

PROVIDERS: dict[Provider, FileProvider | ApiProvider] = {
    Provider.CSV: CsvFile(),
    Provider.SEPA: SepaFile(),
    Provider.NACHA: NachaFile(),
    Provider.PAYPAL: PayPal(),
    Provider.WISE: Wise(),
    Provider.STRIPE: Stripe(),
    Provider.BALANCE: Balance(),
}


class NoSuchProvider(LookupError):
    """This installation has no such provider, or it works in the other way."""


def file_provider(provider: str) -> FileProvider:
    """Return a provider that makes files.

    :raises NoSuchProvider: if there is none, or it is called over the network.
    """
    found = PROVIDERS.get(Provider(provider))
    if not isinstance(found, FileProvider):
        raise NoSuchProvider(provider)
    return found


def api_provider(provider: str) -> ApiProvider:
    """Return a provider that is called over the network.

    :raises NoSuchProvider: if there is none, or it makes files.
    """
    found = PROVIDERS.get(Provider(provider))
    if not isinstance(found, ApiProvider):
        raise NoSuchProvider(provider)
    return found
