"""The demo's accounts: users with a verified address, affiliates with a payout method."""

from datetime import datetime
from functools import lru_cache
from random import Random

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from affiliates.models import Affiliate
from affiliates.services import create_affiliate
from demo.characters import Person, Promoter
from demo.keyring import Keyring
from payouts.method_details import clean_details
from payouts.methods import set_payout_method
from payouts.models import MethodKind
from users.models import User

# Country, and how many digits its account numbers have: enough for a number that checks.
ACCOUNT_DIGITS = {"DE": 18, "DK": 14, "PL": 24, "AT": 16, "PT": 21}
TOWNS = {
    "DE": "Berlin",
    "DK": "Aarhus",
    "PL": "Kraków",
    "AT": "Graz",
    "PT": "Porto",
    "NL": "Utrecht",
}


class PasswordHashes:
    """Hashes people's passwords, each once: hashing is slow by design."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._hash = lru_cache(make_password)

    def __call__(self, person: Person) -> str:
        """Return the stored form of a person's password."""
        return str(self._hash(self._keyring.password(person)))


def set_password(user: User, stored: str) -> None:
    """Store an account's password, hashed already."""
    user.password = stored
    user.save(update_fields=["password"])


class People:
    """Everybody who has an account, made when first asked for."""

    def __init__(self, keyring: Keyring, random: Random) -> None:
        self.random = random
        self.hash_of = PasswordHashes(keyring)
        self._users: dict[str, User] = {}
        self._affiliates: dict[str, Affiliate] = {}

    def user(self, person: Person, *, operator: bool = False) -> User:
        """Return a person's account."""
        if person.email not in self._users:
            make = User.objects.create_superuser if operator else User.objects.create_user
            user = make(person.email, name=person.name)
            set_password(user, self.hash_of(person))
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
            self._users[person.email] = user
        return self._users[person.email]

    def affiliate(self, promoter: Promoter, *, at: datetime) -> Affiliate:
        """Return a promoter's affiliate: one, however many programs it is in."""
        email = promoter.person.email
        if email not in self._affiliates:
            affiliate = create_affiliate(
                name=promoter.person.name,
                email=email,
                user=self.user(promoter.person),
                website=promoter.website,
                country=promoter.country,
            )
            self._affiliates[email] = affiliate
            if promoter.paid_by:
                self._set_method(affiliate, MethodKind(promoter.paid_by), at)
        return self._affiliates[email]

    def _set_method(self, affiliate: Affiliate, kind: MethodKind, at: datetime) -> None:
        account = make_iban(self.random, country=affiliate.country)
        if kind is MethodKind.BANK:
            town = TOWNS.get(affiliate.country, "Berlin")
            said = {"iban": account, "town": town, "country": affiliate.country or "DE"}
        elif kind is MethodKind.STRIPE:
            said = {"account": f"acct_1Demo{affiliate.name.replace(' ', '')}"}
        else:
            said = {"email": affiliate.email}
        details = clean_details(kind=kind, details={"holder": affiliate.name, **said})
        set_payout_method(affiliate=affiliate, kind=kind, details=details, at=at, tell=False)


def make_iban(random: Random, *, country: str) -> str:
    """Return an account number whose check digits are right, German unless we know better."""
    country = country if country in ACCOUNT_DIGITS else "DE"
    digits = "".join(random.choices("0123456789", k=ACCOUNT_DIGITS[country]))
    letters = "".join(str(int(letter, 36)) for letter in country)
    check = 98 - int(f"{digits}{letters}00") % 97
    return f"{country}{check:02}{digits}"
