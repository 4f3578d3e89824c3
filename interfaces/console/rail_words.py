"""What each provider does and what a finding means, in words."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payouts.models import FindingKind, Provider

DOES: Final[dict[Provider, Promise]] = {
    Provider.CSV: _("A list for any bank or spreadsheet. You pay it and mark the payouts paid."),
    Provider.SEPA: _("A pain.001 file that your bank takes, for euros to accounts in the SEPA."),
    Provider.NACHA: _("A NACHA file that your bank takes, for dollars to American accounts."),
    Provider.PAYPAL: _("Pays to PayPal accounts by itself and tells when each has arrived."),
    Provider.WISE: _("Pays to bank accounts abroad and in euros by itself, from your balance."),
    Provider.STRIPE: _("Transfers to the affiliates' own Stripe accounts, under your platform."),
    Provider.BALANCE: _("Credits affiliates who are customers of yours, in your own product."),
}

MEANS: Final[dict[str, Promise]] = {
    FindingKind.UNKNOWN_TO_US: _(
        "They paid, or are paying, what was not sent from here. Look whether somebody paid it"
        " by hand, or whether somebody else has the account's secrets."
    ),
    FindingKind.UNKNOWN_TO_THEM: _(
        "It was handed over, and their list lacks it. Ask them with our reference; pay it again"
        " only when they say that it was not made."
    ),
    FindingKind.AMOUNT: _("Both know it, with different amounts. Ask them why."),
    FindingKind.STATUS: _(
        "They paid what failed, or was never sent, here. Do not pay it again before it is clear."
    ),
    FindingKind.TWICE: _("One payout was paid twice. Ask them to take one back."),
}
