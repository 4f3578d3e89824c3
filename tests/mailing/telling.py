"""What a merchant tells, and what became of it."""

from collections.abc import Mapping
from datetime import datetime

from django.core import mail

from mailing.choices import choose
from mailing.delivery import Mail, deliver
from mailing.kinds import Kind, When
from mailing.models import HeldMail
from mailing.readers import Reader
from merchants.models import Member
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter


def as_member(member: Member) -> Reader:
    """Return a member as a reader."""
    return Reader(member.user_id, merchant_id=member.merchant_id)


def as_user(promoter: Promoter) -> Reader:
    """Return the user of an affiliate's account as a reader."""
    return Reader(promoter.user.id, affiliate_id=promoter.affiliate.id)


def set_choice(reader: Reader, wanted: Mapping[Kind, When]) -> None:
    """Choose as the reader does on their page."""
    with reader.context():
        choose(reader, wanted)


def claims(number: int = 1) -> Mail:
    """Return a mail to who answers claims."""
    return Mail(Kind.CLAIMS, f"Claim {number}", f"Claim {number} of Bob.")


def news(promoter: Promoter, number: int = 1) -> Mail:
    """Return a mail to an affiliate."""
    text = f"Change {number} in words."
    return Mail(Kind.NEWS, f"News {number}", text, affiliate=promoter.affiliate)


def tell(company: Company, *mails: Mail, at: datetime = NOON) -> list[tuple[str, str]]:
    """Deliver, and return which mails went out at once, to whom."""
    mail.outbox.clear()
    deliver(mails, merchant_id=company.id, at=at)
    return sent()


def sent() -> list[tuple[str, str]]:
    """Return which mails went out, to whom."""
    return [(letter.to[0], letter.subject) for letter in mail.outbox]


def held(company: Company) -> list[tuple[str, str]]:
    """Return what waits for daily mails: kinds and subjects."""
    with merchant_context(company.id):
        rows = HeldMail.objects.order_by("created_at", "id")
        return list(rows.values_list("kind", "subject"))
