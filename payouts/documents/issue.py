"""Issue papers: one for each payout that was paid, and its opposite if the money came back."""

import base64
import hashlib
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import translation

from common.secrets import encrypt, encrypt_bytes
from merchants.models import Merchant
from merchants.tenancy import merchant_context
from payouts.documents.facts import Paper
from payouts.documents.gather import gather, opposite, original_of, sides_of
from payouts.documents.page import make_page
from payouts.models import (
    Document,
    DocumentKind,
    DocumentSeries,
    MerchantTax,
    Payout,
    PayoutStatus,
)

log = structlog.get_logger()

AT_ONCE = 25
LOOKED_AT = 10 * AT_ONCE  # More than are issued: other sweeps have some, and some may fail.
PAPERED = (PayoutStatus.PAID, PayoutStatus.RETURNED)
CODE_BYTES = 5


def issue_papers(merchant_id: UUID, *, at: datetime) -> int:
    """Issue papers of some payouts that wait for them, the longest first; return of how many.

    Each payout is a transaction of its own: what fails is left for the next sweep, and delays
    nobody. Two sweeps at once issue each paper once.
    """
    with merchant_context(merchant_id):
        due = Payout.objects.filter(merchant_id=merchant_id, status__in=PAPERED)
        waiting = due.exclude(papered_status=F("status")).order_by("status_changed_at", "id")
        ids = list(waiting.values_list("id", flat=True)[:LOOKED_AT])
    done = 0
    for payout_id in ids:
        try:
            done += _issue_one(merchant_id, payout_id, at)
        except Exception:  # One payout's trouble is not the others'.
            log.exception("papers.failed", merchant=str(merchant_id), payout=str(payout_id))
        if done == AT_ONCE:
            break
    return done


def _issue_one(merchant_id: UUID, payout_id: UUID, at: datetime) -> int:
    """Issue what a payout waits for; return 1, or 0 if another sweep is at it or was."""
    with merchant_context(merchant_id), translation.override("en"):
        mine = Payout.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        payout = mine.filter(id=payout_id, status__in=PAPERED).first()
        if payout is None or payout.papered_status == payout.status:
            return 0
        if payout.status == PayoutStatus.PAID:
            _issue_first(payout, at)
        else:
            _issue_opposite(payout, at)
        Payout.objects.filter(id=payout.id).update(papered_status=payout.status)
    return 1


def _issue_first(payout: Payout, at: datetime) -> None:
    sides = sides_of(payout)
    number = _next_number(payout) if sides.is_invoice else payout.reference
    _store(payout, gather(payout, sides, number=number, issued_on=at.date()))


def _issue_opposite(payout: Payout, at: datetime) -> None:
    """Take the first paper back; if money came back before there was one, there is nothing to."""
    original = original_of(payout)
    if original is None:
        return
    was_invoice = original.kind == DocumentKind.INVOICE
    kind = DocumentKind.CREDIT_NOTE if was_invoice else DocumentKind.REVERSAL
    number = _next_number(payout) if was_invoice else f"{original.number}-X"
    paper = Paper.from_data(original.reveal_facts())
    _store(payout, opposite(paper, payout, kind=kind, number=number, issued_on=at.date()))


def _next_number(payout: Payout) -> str:
    """Return the next number of the supplier's series, whose row stays locked until the commit.

    A transaction that fails gives its number back, so that the series has no gaps.
    """
    whose = {"merchant_id": payout.merchant_id, "affiliate_id": payout.affiliate_id}
    DocumentSeries.objects.bulk_create([DocumentSeries(**whose)], ignore_conflicts=True)
    series = DocumentSeries.objects.select_for_update(of=("self",)).get(**whose)
    DocumentSeries.objects.filter(id=series.id).update(next_number=series.next_number + 1)
    return f"{_prefix(payout.merchant_id)}-{_code_of(payout.affiliate_id)}-{series.next_number:04d}"


def _prefix(merchant_id: UUID) -> str:
    own = MerchantTax.objects.filter(merchant_id=merchant_id).first()
    if own is not None and own.invoice_prefix:
        return own.invoice_prefix
    return Merchant.objects.get(id=merchant_id).slug.upper()[:12]


def _code_of(affiliate_id: UUID) -> str:
    """Return what tells the series of one supplier from the merchant's others."""
    return base64.b32encode(affiliate_id.bytes[-CODE_BYTES:]).decode()


def _store(payout: Payout, paper: Paper) -> None:
    content = make_page(paper)
    with transaction.atomic():
        Document.objects.create(
            merchant_id=payout.merchant_id,
            affiliate_id=payout.affiliate_id,
            payout=payout,
            kind=paper.kind,
            number=paper.number,
            issued_on=paper.issued_on,
            currency=paper.currency,
            net_minor=paper.net_minor,
            vat_minor=paper.vat_minor,
            facts=encrypt(paper.as_data()),
            content=encrypt_bytes(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
