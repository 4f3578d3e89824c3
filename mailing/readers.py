"""Who reads a mail, and as whom: a member of a merchant, or a user of an affiliate."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from affiliates.models import AccountRole, Affiliate, AffiliateUser
from mailing.kinds import CATALOGUE, Audience, Kind
from merchants.models import Member
from merchants.selectors import member_in_force
from merchants.tenancy import affiliate_context, merchant_context
from users.languages import language_of


class Reader(NamedTuple):
    """A user who may choose; exactly one of `merchant_id` and `affiliate_id` is set."""

    user_id: UUID
    merchant_id: UUID | None = None
    affiliate_id: UUID | None = None

    @contextmanager
    def context(self) -> Iterator[None]:
        """Run one transaction in which the reader's own choices are seen and written."""
        if self.merchant_id is not None:
            with merchant_context(self.merchant_id):
                yield
        else:
            assert self.affiliate_id is not None
            with affiliate_context(self.affiliate_id):
                yield

    @property
    def own(self) -> dict[str, Any]:
        """Return how the reader's choices are found."""
        return self._asdict()

    @property
    def held(self) -> dict[str, Any]:
        """Return how what waits for the reader is found, in their context: of all merchants."""
        return {"user_id": self.user_id, "affiliate_id": self.affiliate_id}


class Standing(NamedTuple):
    """A reader as they stand now: where they are reached, and what they are told of at all."""

    address: str
    kinds: tuple[Kind, ...]  # In the catalogue's order, those that cannot be chosen too.
    is_first: bool  # The catalogue's default is theirs; to others of an account nothing is sent.
    language: str


def standing_of(reader: Reader) -> Standing | None:
    """Return how a reader stands, in their context; None if they act for nobody any more."""
    if reader.affiliate_id is None:
        assert reader.merchant_id is not None
        member = member_in_force(merchant_id=reader.merchant_id, user_id=reader.user_id)
        return _of_member(member) if member and member.user.is_active else None
    rows = AffiliateUser.objects.filter(affiliate_id=reader.affiliate_id, user__is_active=True)
    users = list(rows.select_related("user"))
    own = next((row for row in users if row.user_id == reader.user_id), None)
    if own is None:
        return None
    affiliate = Affiliate.objects.get(id=own.affiliate_id)
    is_first = first_of(affiliate, users) == own
    kinds = tuple(kind for kind in Kind if CATALOGUE[kind].audience == Audience.AFFILIATE)
    address = affiliate.email if is_first else own.user.email
    return Standing(address, kinds, is_first, language_of(own.user))


def _of_member(member: Member) -> Standing:
    kinds = tuple(kind for kind in Kind if _concerns(kind, member))
    language = language_of(member.user, member.merchant.language)
    return Standing(member.user.email, kinds, is_first=True, language=language)


def _concerns(kind: Kind, member: Member) -> bool:
    facts = CATALOGUE[kind]
    return facts.audience == Audience.MEMBER and (facts.right is None or member.may(facts.right))


def first_of(affiliate: Affiliate, users: list[AffiliateUser]) -> AffiliateUser | None:
    """Return who reads the contact address: whose address it is, else the first owner.

    The mails of an account go there. Its other users hear of what they ask for themselves.
    """
    in_order = sorted(users, key=lambda row: (row.created_at, row.id))
    known = [row for row in in_order if row.user.email == affiliate.email]
    owners = [row for row in in_order if row.role == AccountRole.OWNER]
    return next(iter([*known, *owners]), None)
