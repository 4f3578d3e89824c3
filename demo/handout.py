"""What a person or a program needs to use the demo: logins, keys, ids; and the shop's settings."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from affiliates.models import Enrollment, Status
from common.secrets import hash_key
from demo.cast import ACME, BOB, CAROL, COMPANIES, GLOBEX, OPERATOR
from demo.characters import Company, Person, Promoter
from demo.keyring import Keyring
from demo.orders import COUPON_PERCENT
from demo.people import PasswordHashes, set_password
from merchants.directory import find_merchant
from merchants.models import SYSTEM, ApiKey, KeyKind, Member, Merchant
from merchants.rights import Role, Scope
from merchants.services import create_key
from merchants.tenancy import merchant_context
from payouts.models import Provider, Rail
from programs.models import Destination, Program
from programs.selectors import targeting_of
from programs.services import DestinationDraft, update_destination, update_program
from tracking.models import Coupon, Link
from tracking.services import update_link
from users.models import User

Facts = dict[str, Any]


def hand_out(keyring: Keyring, *, at: datetime) -> tuple[Facts, Facts]:
    """Return what goes into demo.json and shop.json, with what was lost or moved put right."""
    if not keyring.has_passwords:
        renew_passwords(keyring)
    acme, globex = _merchant(ACME), _merchant(GLOBEX)
    with merchant_context(acme.id):
        program = link_of(acme, BOB).program
        follow_the_shop(acme, at=at)
        coupons = Coupon.objects.filter(merchant=acme, program=program).order_by("code")
        codes = list(coupons.values_list("code", flat=True))
        friends = friends_of(program)
        merchant = merchant_facts(acme, ACME, keyring, at=at)
        affiliate = affiliate_facts(acme, BOB, keyring)
    with merchant_context(globex.id):
        other_merchant = merchant_facts(globex, GLOBEX, keyring, at=at)
        other_affiliate = affiliate_facts(globex, CAROL, keyring)
    demo = {
        "app_url": settings.APP_URL,
        "edge_url": settings.EDGE_URL,
        "shop_url": settings.SHOP_URL,
        "merchant": merchant,
        "other_merchant": other_merchant,
        "program": {
            "id": str(program.id),
            "slug": program.slug,
            "currency": program.currency,
            "name": program.name,
        },
        "affiliate": affiliate,
        "other_affiliate": other_affiliate,
        "postback_token": program.postback_token,
        "operator": login(OPERATOR, keyring),
        "members": [
            login(one.person, keyring) | {"role": one.role.value.lower()} for one in ACME.colleagues
        ],
        "affiliates": [login(one.person, keyring) for one in ACME.promoters],
    }
    shop = {
        "app_url": settings.APP_URL,
        "edge_url": settings.EDGE_URL,
        "api_key": merchant["api_key"],
        "publishable_key": merchant["publishable_key"],
        "program_id": str(program.id),
        "currency": program.currency,
        "coupons": dict.fromkeys(codes, COUPON_PERCENT),
        "friends": friends,
    }
    return demo, shop


def addresses_of_notices() -> Facts:
    """Return where the providers' stand-ins post what they tell, by their names."""
    acme = _merchant(ACME)
    with merchant_context(acme.id):
        rails = Rail.objects.filter(merchant=acme, archived_at=None)
        tokens = rails.exclude(provider=Provider.SEPA).values_list("provider", "notice_token")
        named = {provider.lower(): token for provider, token in tokens}
    return {name: f"{settings.APP_URL}/rails/{name}/{token}/" for name, token in named.items()}


def everybody() -> list[Person]:
    """Return all people of the demo, each once."""
    people = [OPERATOR]
    for company in COMPANIES:
        people += [colleague.person for colleague in company.colleagues]
        promoters = [*company.promoters, *company.applicants, company.rejected]
        people += [promoter.person for promoter in promoters if promoter]
    return list(dict.fromkeys(people))


def login(person: Person, keyring: Keyring) -> Facts:
    """Return how a person signs in."""
    return {
        "name": person.name,
        "email": person.email,
        "password": keyring.password(person),
    }


def merchant_facts(
    merchant: Merchant, company: Company, keyring: Keyring, *, at: datetime
) -> Facts:
    """Return a merchant's id, keys and owner."""
    owners = Member.objects.filter(merchant=merchant, role=Role.OWNER, disabled_at=None)
    owner = owners.earliest("created_at")
    return {
        "id": str(merchant.id),
        "name": merchant.name,
        "slug": merchant.slug,
        "api_key": ensure_key(owner, KeyKind.SECRET, keyring, at=at),
        "publishable_key": ensure_key(owner, KeyKind.PUBLISHABLE, keyring, at=at),
        "owner_email": company.owner.email,
        "owner_password": keyring.password(company.owner),
    }


def affiliate_facts(merchant: Merchant, promoter: Promoter, keyring: Keyring) -> Facts:
    """Return an affiliate's login, and by what it promotes the merchant."""
    link = link_of(merchant, promoter)
    return {
        "id": str(link.affiliate_id),
        **login(promoter.person, keyring),
        "enrollment_id": str(link.enrollment_id),
        "link_code": link.code,
        "link_url": f"{settings.EDGE_URL}/c/{link.code}",
        "coupon": promoter.coupon,
    }


def friends_of(program: Program) -> dict[str, str]:
    """Return who recommends the shop, by their referral codes."""
    enrollments = Enrollment.objects.filter(program=program, status=Status.APPROVED)
    named = enrollments.order_by("affiliate__name").select_related("affiliate")
    return {enrollment.code: enrollment.affiliate.name for enrollment in named}


def link_of(merchant: Merchant, promoter: Promoter) -> Link:
    """Return a promoter's main link: of all that names it, the one thing nobody can change."""
    links = Link.objects.filter(merchant=merchant).select_related("program")
    return links.get(code=promoter.link_codes[0])


# What is put right -------------------------------------------------------------------------------


def ensure_key(owner: Member, kind: KeyKind, keyring: Keyring, *, at: datetime) -> str:
    """Return the text of a demo key that is in force; one that was lost is answered by another."""
    title = "Shop server" if kind is KeyKind.SECRET else "Shop pages"
    name = f"{owner.merchant.slug}: {title}"
    known = keyring.texts.get(name, "")
    in_force = ApiKey.objects.filter(merchant_id=owner.merchant_id, revoked_at=None)
    if known and in_force.filter(key_hash=hash_key(known)).exists():
        return known
    scopes = list(Scope) if kind is KeyKind.SECRET else []
    _key, text = create_key(member=owner, name=title, scopes=scopes, kind=kind, at=at)
    keyring.texts[name] = text
    return text


def renew_passwords(keyring: Keyring) -> None:
    """Give everybody a new password: the file that knew them was lost."""
    keyring.draw_passwords()
    hash_of = PasswordHashes(keyring)
    for person in everybody():
        for user in User.objects.filter(email=person.email):
            set_password(user, hash_of(person))


def follow_the_shop(merchant: Merchant, *, at: datetime) -> None:
    """Let programs, links and destinations lead to where the shop is now: ports may change."""
    landing_url = f"{settings.SHOP_URL}/"
    of_shop = f"http://{urlsplit(settings.SHOP_URL).hostname}:"
    programs = Program.objects.filter(merchant=merchant, landing_url__startswith=of_shop)
    for program in programs.exclude(landing_url=landing_url):
        before, changes = program.landing_url, {"landing_url": landing_url}
        update_program(program=program, changes=changes, by=SYSTEM, at=at)
        of_program = {"merchant_id": merchant.id, "program": program}
        for link in Link.objects.filter(**of_program, destination_url__startswith=before):
            page = landing_url + link.destination_url.removeprefix(before)
            update_link(link=link, name=link.name, destination_url=page)
        for destination in Destination.objects.filter(**of_program, url__startswith=before):
            page = landing_url + destination.url.removeprefix(before)
            draft = DestinationDraft(destination.name, page, targeting_of(destination))
            update_destination(destination=destination, draft=draft, by=SYSTEM, at=at)


def _merchant(company: Company) -> Merchant:
    merchant = find_merchant(slug=company.slug)
    if merchant is None:
        raise LookupError(f"{company.name} is not in the database")
    return merchant
