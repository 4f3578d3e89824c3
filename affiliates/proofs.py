"""Whether a website is who says so: a proof in its DNS, or in the head of its page.

Network only: never ask while a transaction is open. Stores nothing.
"""

from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.pages import read_page
from merchants.lookups import PROOF_LABEL, DnsUnavailable, proofs_of

META_NAME = "fairlead-proof"


class ProofFinding(models.TextChoices):
    """What a look at a website found."""

    FOUND = "found", _("The proof is there")
    MISSING = "missing", _("The proof is neither in the DNS nor in the page")
    UNREACHABLE = "unreachable", _("No proof in the DNS, and the page cannot be read")


def find_proof(*, url: str, proof: str) -> ProofFinding:
    """Return whether the site at `url` holds the proof. Up to 11 seconds."""
    if _in_dns(urlsplit(url).hostname or "", proof):
        return ProofFinding.FOUND
    page = read_page(url)
    if page is None:
        return ProofFinding.UNREACHABLE
    return ProofFinding.FOUND if holds_proof(page, proof) else ProofFinding.MISSING


def _in_dns(host: str, proof: str) -> bool:
    try:
        return proof in proofs_of(host)
    except DnsUnavailable:
        return False


def holds_proof(page: str, proof: str) -> bool:
    """Return whether a page's head says `<meta name="fairlead-proof" content=proof>`. Pure.

    What stands in the body counts for nothing: there others may write, in comments or reviews.
    """
    head = _Head()
    head.feed(page)
    return proof in head.proofs


class _Head(HTMLParser):
    """Collects the proofs until the body begins."""

    def __init__(self) -> None:
        super().__init__()
        self.proofs: set[str] = set()
        self._is_over = self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a proof, unless the head is over; whatever belongs to no head ends it."""
        if tag not in ("html", "head", "meta", "title", "link", "script", "style", "base"):
            self._is_over = self._is_over or tag != "noscript"
        self._in_title = self._in_title or tag == "title"
        named = dict(attrs)
        if tag != "meta" or self._is_over or self._in_title:
            return
        if named.get("name") == META_NAME:
            self.proofs.add(named.get("content") or "")

    def handle_endtag(self, tag: str) -> None:
        """End with the head."""
        self._is_over = self._is_over or tag == "head"
        self._in_title = self._in_title and tag != "title"


def dns_record(url: str) -> str:
    """Return the name of the TXT record that proves a site."""
    return f"{PROOF_LABEL}.{urlsplit(url).hostname}"
