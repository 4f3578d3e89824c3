"""The contract in force: an affiliate's own, else its tier's, else the program's."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce

from affiliates.models import Enrollment, Status, TermsAcceptance
from merchants.events import record_event
from merchants.models import Actor
from programs.models import Program, Terms
from programs.services import publish_terms


def contract_in_force(enrollment: Enrollment) -> Terms | None:
    """Return the terms that hold for an affiliate; None if nothing was ever published for it."""
    return contracts_in_force([enrollment]).get(enrollment.id)


def contracts_in_force(enrollments: Iterable[Enrollment]) -> dict[UUID, Terms]:
    """Return the terms that hold for each enrollment, by its id; who has none is not in it.

    Works in the merchant's and in the affiliate's context.
    """
    rows = Enrollment.objects.filter(id__in=[row.id for row in enrollments])
    named = dict(rows.values_list("id", _contract()))
    terms = Terms.objects.in_bulk({id for id in named.values() if id})
    return {id: terms[named_id] for id, named_id in named.items() if named_id in terms}


def _contract() -> Coalesce:
    """Return the expression for the id of the terms that hold for an enrollment, or None."""
    newest = Terms.objects.filter(
        merchant_id=OuterRef("merchant_id"), program_id=OuterRef("program_id"), is_contract=False
    ).order_by("-version")
    of_tier = newest.filter(tier_id=OuterRef("tier_id"), tier__archived_at=None)
    of_program = newest.filter(tier=None)
    return Coalesce(
        F("contract_id"),
        Subquery(of_tier.values("id")[:1]),
        Subquery(of_program.values("id")[:1]),
        output_field=UUIDField(),
    )


def acceptance_standing(program: Program) -> QuerySet[Any]:
    """Return who is in a program, each with `contract_in_force` and whether it `has_accepted`."""
    inside = Enrollment.objects.filter(
        merchant_id=program.merchant_id,
        program=program,
        status__in=[Status.APPROVED, Status.SUSPENDED],
    )
    accepted = TermsAcceptance.objects.filter(
        merchant_id=OuterRef("merchant_id"),
        enrollment_id=OuterRef("id"),
        terms_id=OuterRef("contract_in_force"),
    )
    rows = inside.annotate(contract_in_force=_contract())
    rows = rows.annotate(has_accepted=Exists(accepted))
    return rows.select_related("affiliate", "tier")


def set_contract(
    *,
    enrollment: Enrollment,
    body: str,
    summary: str,
    by: Actor,
    at: datetime,
    accept_by: datetime | None = None,
) -> Terms:
    """Publish terms for one affiliate alone, instead of its tier's or program's; return them.

    :raises BadValue: if a text is too long, or the date has passed.
    """
    with transaction.atomic():
        row = _lock(enrollment)
        terms = publish_terms(
            program=enrollment.program,
            body=body,
            summary=summary,
            is_contract=True,
            accept_by=accept_by,
            by=by,
            at=at,
        )
        _put(row, terms, by, at)
    enrollment.contract = terms
    return terms


def end_contract(*, enrollment: Enrollment, by: Actor, at: datetime) -> None:
    """Let the tier's or the program's terms hold again. Safe to repeat."""
    with transaction.atomic():
        row = _lock(enrollment)
        if row.contract_id is not None:
            _put(row, None, by, at)
    enrollment.contract = None


def _lock(enrollment: Enrollment) -> Enrollment:
    rows = Enrollment.objects.filter(merchant_id=enrollment.merchant_id)
    return rows.select_for_update(of=("self",), no_key=True).get(id=enrollment.id)


def _put(row: Enrollment, terms: Terms | None, by: Actor, at: datetime) -> None:
    row.contract = terms
    row.save(update_fields=["contract"])
    record_event(
        merchant_id=row.merchant_id,
        type="enrollment.contract_changed",
        subject_id=row.id,
        by=by,
        at=at,
        data={
            "program": str(row.program_id),
            "affiliate": str(row.affiliate_id),
            "version": terms.version if terms else None,
        },
    )
