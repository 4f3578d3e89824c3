"""E-mail addresses that are recognised again and kept nowhere.

What is stored is a keyed hash (HMAC-SHA256 under a key derived from the installation's secret). It
tells whether two addresses are one, and nobody can turn it back into an address.
"""

from django.utils.crypto import salted_hmac

PURPOSE = "fairlead customer address"
IGNORE_DOTS = frozenset({"gmail.com", "googlemail.com"})


def normalised(address: str) -> str:
    """Return one spelling for all the spellings of a mailbox.

    Lower case, without what follows a plus sign, and without the dots that Gmail ignores.
    """
    name, _at, host = address.strip().lower().rpartition("@")
    name = name.partition("+")[0] or name
    if host in IGNORE_DOTS:
        name, host = name.replace(".", ""), "gmail.com"
    return f"{name}@{host}"


def address_hash(address: str) -> str:
    """Return the keyed hash of an address, 64 hex digits; of none, nothing."""
    if not address:
        return ""
    return salted_hmac(PURPOSE, normalised(address), algorithm="sha256").hexdigest()
