"""The fixed cast: Alice owns Acme, Ann may only read it, Finn pays; Bob promotes Acme.

Gwen owns Globex, Carol promotes Globex. Everything is made through the real services.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from stdnum.iban import calc_check_digits

from affiliates.models import Affiliate, Enrollment
from affiliates.services import ApplicationDraft, Consent, create_affiliate
from commissions.models import Reward
from commissions.services import Rate, process_conversions, process_refunds, set_rate
from common.ids import id_floor
from merchants.models import Member, Merchant, acting_user
from merchants.rights import Role
from merchants.services import create_merchant
from merchants.tenancy import merchant_context
from payouts.method_details import clean_details
from payouts.methods import set_payout_method
from payouts.models import MethodKind
from programs.models import Goal, JoinMode, Program, Status
from programs.services import ProgramDraft, create_program, move_program
from tracking.models import Conversion, Link
from tracking.services import ConversionReport, join_program, record_conversion
from tracking.token import make_token
from users.models import User

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"
IBAN = "DE89370400440532013000"  # The registry's own example for Germany.


@dataclass
class Company:
    """A merchant with its people and one active program that pays 10 % per sale."""

    merchant: Merchant
    owner: Member
    program: Program

    @property
    def id(self) -> UUID:
        """Return the merchant's id."""
        return self.merchant.id


def make_user(name: str, domain: str = "example.com") -> User:
    """Store a user who can sign in with PASSWORD."""
    from allauth.account.models import EmailAddress

    email = f"{name.lower()}@{domain}"
    user = User.objects.create_user(email, name=name)
    user.password = _hashed_password()
    user.save(update_fields=["password"])
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


_hash: list[str] = []


def _hashed_password() -> str:
    # Hashing is slow by design; the cast shares one.
    if not _hash:
        from django.contrib.auth.hashers import make_password

        _hash.append(make_password(PASSWORD))
    return _hash[0]


def make_company(name: str, owner: str, *, currency: str = "EUR", hold_days: int = 30) -> Company:
    """Store a merchant with an owner and an active, open program."""
    slug = name.lower()
    owner_user = make_user(owner, f"{slug}.example")
    member = create_merchant(name=name, currency=currency, owner=owner_user, at=NOON, slug=slug)
    by = acting_user(owner_user)
    with merchant_context(member.merchant_id):
        draft = ProgramDraft(
            name=f"{name} Partners",
            slug="partners",
            landing_url=f"https://shop.{slug}.example/",
            currency=currency,
            join_mode=JoinMode.OPEN,
            hold_days=hold_days,
        )
        program = create_program(merchant=member.merchant, draft=draft, by=by, at=NOON)
        program = move_program(program=program, to=Status.ACTIVE, by=by, at=NOON)
        goal = Goal.objects.get(program=program, code="sale")
        since = NOON - timedelta(days=365)
        rate = Rate(Reward.PERCENT, rate_bps=1_000)
        set_rate(goal=goal, rate=rate, by=by, at=NOON, valid_from=since)
    return Company(member.merchant, member, program)


def add_member(company: Company, name: str, role: Role) -> Member:
    """Store another member of the company."""
    user = make_user(name, f"{company.merchant.slug}.example")
    with merchant_context(company.id):
        return Member.objects.create(merchant=company.merchant, user=user, role=role)


def bank_account(name: str) -> dict[str, str]:
    """Return the account of a person: Bob has the registry's example, others one of their own."""
    number = f"37040044{int.from_bytes(name.encode()) % 10**10:010}"
    iban = IBAN if name == "Bob" else f"DE{calc_check_digits('DE00' + number)}{number}"
    said = {"holder": name, "iban": iban, "town": "Berlin", "country": "DE"}
    return clean_details(kind=MethodKind.BANK, details=said)


@dataclass
class Promoter:
    """An affiliate with a user, an approved enrollment, a link and a payout method."""

    user: User
    affiliate: Affiliate
    enrollment: Enrollment
    link: Link


def make_promoter(company: Company, name: str, *, method: bool = True) -> Promoter:
    """Store an affiliate who joined the company's program."""
    user = make_user(name)
    affiliate = create_affiliate(name=name, email=user.email, user=user)
    if method:
        details = bank_account(name)
        set_payout_method(
            affiliate=affiliate, kind=MethodKind.BANK, details=details, at=NOON, tell=False
        )
    enrollment = join_program(
        program=company.program,
        affiliate=affiliate,
        consent=Consent(user=user, terms_version=None),
        application=ApplicationDraft(),
        at=NOON,
    )
    with merchant_context(company.id):
        link = Link.objects.get(enrollment=enrollment)
    return Promoter(user, affiliate, enrollment, link)


def click_of(promoter: Promoter, *, at: datetime = NOON) -> str:
    """Return the token of a click through the promoter's link."""
    floor = id_floor(at)
    click_id = UUID(int=floor.int | (uuid4().int & ((1 << 62) - 1)))
    return make_token(click_id, promoter.link.number, settings.CLICK_KEYS)


def sell(
    company: Company,
    *,
    click: str = "",
    coupon: str = "",
    amount_minor: int = 10_000,
    external_id: str = "",
    at: datetime = NOON + timedelta(hours=1),
    goal: str = "sale",
    earlier: Sequence[str] = (),
) -> Conversion:
    """Report a conversion and let the worker's service process it; return it as stored."""
    report = ConversionReport(
        goal=goal,
        external_id=external_id or uuid4().hex,
        amount_minor=amount_minor,
        currency=company.program.currency,
        occurred_at=at,
        click_token=click,
        coupon_code=coupon,
        earlier_tokens=tuple(earlier),
    )
    with merchant_context(company.id):
        conversion, _created = record_conversion(
            program=company.program, report=report, by=acting_user(company.owner.user), at=at
        )
    settle(company, at=at)
    with merchant_context(company.id):
        conversion.refresh_from_db()
    return conversion


def settle(company: Company, *, at: datetime) -> None:
    """Do what the worker does until nothing is due, holds excepted."""
    while process_conversions(merchant_id=company.id, at=at):
        pass
    while process_refunds(merchant_id=company.id, at=at):
        pass
