"""Hand an approved batch over: make its file, or let the worker call the provider."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from merchants.models import Member, acting_user
from merchants.rights import Right
from merchants.services import require
from payouts.files import store_file
from payouts.models import Batch, BatchFile, BatchStatus, Finding, Payout, Provider, Rail
from payouts.providers import PROVIDERS
from payouts.providers.base import FileProvider
from payouts.services import books
from payouts.services.approving import move_batch, require_payees
from payouts.services.settle import mark_submitted


class NoRail(Exception):
    """The provider needs an account of the merchant's, and none is connected."""


class RailBlocked(Exception):
    """The provider's books and ours differ: somebody looks at the findings first."""


def send_batch(*, member: Member, batch: Batch, at: datetime) -> BatchFile | None:
    """Hand the batch over; return its file, or None when the worker calls the provider for it.

    A file is made once: called again, this returns the same bytes.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises IllegalMove: if the batch is not approved.
    :raises BatchOutdated: if a payee was suspended or changed their method since.
    :raises NoRail: if the provider needs an account, and none is connected.
    :raises RailBlocked: if a finding of the rail is open.
    """
    require(member, Right.PREPARE_PAYOUTS)
    by = acting_user(member.user)
    with transaction.atomic():
        Batch.objects.select_for_update(of=("self",), no_key=True).get(id=batch.id)
        made = BatchFile.objects.filter(merchant_id=batch.merchant_id, batch=batch).first()
        if made is not None:
            return made
        rail = open_rail(batch)
        move_batch(batch, BatchStatus.SENT, at, rail=rail)
        require_payees(batch)
        file = None
        if isinstance(PROVIDERS[Provider(batch.provider)], FileProvider):
            in_order = list(_payouts_of(batch).select_related("affiliate", "method"))
            file = store_file(batch=batch, payouts=in_order, rail=rail, at=at)
            mark_submitted(merchant_id=batch.merchant_id, payout_ids=_ids_of(batch), by=by, at=at)
        data = {"sha256": file.sha256} if file else None
        books.record_batch(batch, "payout_batch.sent", by, at, data)
    batch.refresh_from_db()
    return file


def rail_in_force(*, merchant_id: UUID, provider: str) -> Rail | None:
    """Return the merchant's account with the provider; None where none is needed.

    :raises NoRail: if one is needed, and none is connected.
    """
    rails = Rail.objects.filter(merchant_id=merchant_id, provider=provider, archived_at=None)
    rail = rails.first()
    if rail is None and PROVIDERS[Provider(provider)].credentials:
        raise NoRail(provider)
    return rail


def open_rail(batch: Batch) -> Rail | None:
    """Return the rail that the batch goes over.

    :raises NoRail: if one is needed, and none is connected.
    :raises RailBlocked: if a finding of it is open.
    """
    rail = rail_in_force(merchant_id=batch.merchant_id, provider=batch.provider)
    findings = Finding.objects.filter(merchant_id=batch.merchant_id, rail=rail, resolved_at=None)
    if rail is not None and findings.exists():
        raise RailBlocked(batch.provider)
    return rail


def _payouts_of(batch: Batch) -> QuerySet[Payout]:
    return Payout.objects.filter(merchant_id=batch.merchant_id, batch_id=batch.id).order_by("id")


def _ids_of(batch: Batch) -> list[UUID]:
    return list(_payouts_of(batch).values_list("id", flat=True))
