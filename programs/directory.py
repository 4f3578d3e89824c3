"""Programs by their public address: asked before the tenant is known, so as ops; reads only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from common.secrets import hash_key
from merchants.tenancy import OPS
from programs.models import JoinMode, Listing, Policy, Program, ProgramChange, Status

WORDS_MAX = 8  # Of a search.


def find_program(*, merchant_slug: str, program_slug: str) -> Program | None:
    """Return the program of a public page with its merchant; drafts have no public page."""
    programs = Program.objects.using(OPS).exclude(status=Status.DRAFT).select_related("merchant")
    return programs.filter(merchant__slug=merchant_slug, slug=program_slug).first()


def program_of_token(presented: str) -> Program | None:
    """Return the program whose postback token was presented.

    The comparison is on a hash of 256 random bits, so its time tells nothing.
    """
    programs = Program.objects.using(OPS)
    return programs.filter(postback_token_hash=hash_key(presented)).first()


def program_by_id(program_id: UUID) -> Program | None:
    """Return the program of a pixel, which names it by its id."""
    return Program.objects.using(OPS).filter(id=program_id).first()


def program_by_slug(*, merchant_id: UUID, slug: str) -> Program | None:
    """Return the merchant's program of this address."""
    return Program.objects.using(OPS).filter(merchant_id=merchant_id, slug=slug).first()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for in the directory; empty is anything."""

    text: str = ""
    category: str = ""
    country: str = ""


def listed_programs(wanted: Wanted) -> QuerySet[Listing]:
    """Return the entries of programs that are open and not by invitation, the newest first."""
    listings = Listing.objects.using(OPS).filter(
        program__status=Status.ACTIVE, program__is_test=False
    )
    listings = listings.exclude(program__join_mode=JoinMode.INVITATION)
    if wanted.category:
        listings = listings.filter(category=wanted.category)
    if wanted.country:
        listings = listings.filter(Q(countries=[]) | Q(countries__contains=[wanted.country]))
    for word in wanted.text.split()[:WORDS_MAX]:
        listings = listings.filter(
            Q(program__name__icontains=word)
            | Q(program__summary__icontains=word)
            | Q(program__description__icontains=word)
            | Q(program__merchant__name__icontains=word)
        )
    return listings.select_related("program__merchant").order_by("-listed_at", "id")


def merchants_with_changes_to_mail() -> list[UUID]:
    """Return the merchants whose affiliates have not been told of a change yet."""
    due = ProgramChange.objects.using(OPS).filter(mail_due_at__isnull=False)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_policies_due(*, at: datetime) -> list[UUID]:
    """Return the merchants with policies that somebody is to look at again."""
    due = Policy.objects.using(OPS).filter(
        archived_at=None, reminded_at=None, review_on__lte=at.date()
    )
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def open_programs_of(merchant_id: UUID) -> list[Program]:
    """Return the merchant's programs that anybody may join or apply to, by name."""
    programs = Program.objects.using(OPS).filter(
        merchant_id=merchant_id, status=Status.ACTIVE, is_test=False
    )
    named = programs.exclude(join_mode=JoinMode.INVITATION).select_related("merchant")
    return list(named.order_by("name", "id"))
