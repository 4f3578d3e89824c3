"""Payouts that were paid, or came back: what tests of papers share."""

from datetime import datetime, timedelta
from io import BytesIO

from pypdf import PdfReader

from commissions.services import approve_due
from common.secrets import encrypt, encrypt_bytes
from merchants.models import SYSTEM, Member
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.documents.issue import issue_papers
from payouts.models import Document, DocumentKind, Payout, PayoutStatus
from payouts.services import approve_batch, mark_batch_paid, prepare_batch, send_batch
from payouts.services.settle import Returned, settle_returned
from tests.cast import NOON, Company, add_member

LATER = NOON + timedelta(days=40)


def finance(company: Company) -> Member:
    """Return Finn, who prepares what the owner approves."""
    return add_member(company, "Finn", Role.FINANCE)


def pay(company: Company, finn: Member, *, at: datetime = LATER, ref: str = "B") -> list[Payout]:
    """Pay everything that is due; return the payouts."""
    approve_due(merchant_id=company.id, at=at)
    with merchant_context(company.id):
        batch = prepare_batch(member=finn, currency=company.program.currency, at=at)
        batch = approve_batch(member=company.owner, batch=batch, at=at)
        send_batch(member=finn, batch=batch, at=at)
        mark_batch_paid(member=finn, batch=batch, reference_prefix=ref, paid_at=at, at=at)
        return list(Payout.objects.filter(batch=batch, status=PayoutStatus.PAID).order_by("id"))


def send_back(company: Company, payout: Payout, *, at: datetime = LATER) -> None:
    """Let the money of a payout come back."""
    with merchant_context(company.id):
        news = [Returned(payout.id, "Account closed", at)]
        settle_returned(merchant_id=company.id, news=news, by=SYSTEM, at=at)


def papers(company: Company, *, at: datetime = LATER) -> list[Document]:
    """Issue all papers that are due; return all there are, in their order."""
    while issue_papers(company.id, at=at):
        pass
    with merchant_context(company.id):
        return list(Document.objects.select_related("affiliate").order_by("id"))


def store_document(payout: Payout) -> Document:
    """Store a paper about a payout that was not paid yet, for what only has to find one."""
    return Document.objects.create(
        merchant_id=payout.merchant_id,
        affiliate_id=payout.affiliate_id,
        payout=payout,
        kind=DocumentKind.STATEMENT,
        number=payout.reference,
        issued_on=LATER.date(),
        currency=payout.currency,
        net_minor=payout.amount_minor,
        facts=encrypt({}),
        content=encrypt_bytes(b"%PDF-1.4"),
        sha256="",
    )


def text_of(paper: Document) -> str:
    """Return what a reader of the file reads, with spaces between the words."""
    reader = PdfReader(BytesIO(paper.reveal()))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())
