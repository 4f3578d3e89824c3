"""Papers to be listed; their bytes are read one by one."""

from uuid import UUID

from django.db.models import QuerySet

from payouts.models import Document


def documents_of_merchant(merchant_id: UUID) -> QuerySet[Document]:
    """Return the merchant's papers with affiliate and payout, the newest first; no bytes."""
    papers = Document.objects.filter(merchant_id=merchant_id)
    return _listed(papers.select_related("affiliate", "payout"))


def documents_of_affiliate(affiliate_id: UUID) -> QuerySet[Document]:
    """Return the affiliate's papers of all merchants, the newest first; no bytes."""
    papers = Document.objects.filter(affiliate_id=affiliate_id)
    return _listed(papers.select_related("merchant", "payout"))


def _listed(papers: QuerySet[Document]) -> QuerySet[Document]:
    return papers.defer("facts", "content").order_by("-issued_on", "-id")
