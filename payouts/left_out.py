"""Why money waits: what a dry run says, a batch stores, and pages put into words."""

from enum import StrEnum


class LeftOut(StrEnum):
    """Why an affiliate with approved commissions is not in a batch."""

    NOTHING_DUE = "nothing_due"  # Take-backs outweigh earnings; the balance carries over.
    BELOW_MINIMUM = "below_minimum"
    NO_METHOD = "no_method"
    METHOD_COOLING_OFF = "method_cooling_off"
    SUSPENDED = "suspended"
    OTHER_RAIL = "other_rail"  # The batch's provider cannot pay this method.
    NOT_DUE = "not_due"  # The terms say later.
    NOT_REQUESTED = "not_requested"  # Paid on request only.
    NO_TAX_FORM = "no_tax_form"  # None, or one that the tax office does not recognise.
    TAX_FORM_EXPIRED = "tax_form_expired"
    NO_AGREEMENT = "no_agreement"  # The merchant writes the invoices, and they did not agree to it.
    VAT_ID_UNCHECKED = "vat_id_unchecked"  # Whether VAT comes on top depends on it.
    METHOD_SHARED = "method_shared"  # Another affiliate is paid to the same account.
    EXCLUDED = "excluded"  # Taken out by a person.


# What the affiliate itself can do something about.
UP_TO_AFFILIATE = (
    LeftOut.NO_METHOD,
    LeftOut.NO_TAX_FORM,
    LeftOut.TAX_FORM_EXPIRED,
    LeftOut.NO_AGREEMENT,
)
