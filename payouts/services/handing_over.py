"""Hand an approved batch over: make its file, or let the worker call the provider."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from merchants.models import Actor, Member, acting_user
from merchants.rights import Right
from merchants.services import require
from payouts.files import store_file
from payouts.models import Batch, BatchFile, BatchStatus, Finding, Payout, Provider, Rail
from payouts.providers import PROVIDERS
from payouts.providers.base import FileProvider, NotWritable
from payouts.services import books
from payouts.services.approving import move_batch, require_payees
from payouts.services.settle import Failed, mark_submitted, settle_failed


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
    :raises NotWritable: if no payout of it can be written to the provider's file.
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
        provider = PROVIDERS[Provider(batch.provider)]
        if isinstance(provider, FileProvider):
            file = _hand_over_file(batch, provider, rail, by, at)
        data = {"sha256": file.sha256} if file else None
        books.record_batch(batch, "payout_batch.sent", by, at, data)
    batch.refresh_from_db()
    return file


def _hand_over_file(
    batch: Batch, provider: FileProvider, rail: Rail | None, by: Actor, at: datetime
) -> BatchFile:
    """Make the file of what the provider can pay; what it cannot fails, and is payable again."""
    in_order = list(_payouts_of(batch).select_related("affiliate", "method"))
    refusals = {payout.id: provider.refuses(payout) for payout in in_order}
    payable = [payout for payout in in_order if not refusals[payout.id]]
    if not payable:
        raise NotWritable(next(iter(refusals.values()), ""))
    file = store_file(batch=batch, payouts=payable, rail=rail, at=at)
    mark_submitted(merchant_id=batch.merchant_id, payout_ids=list(refusals), by=by, at=at)
    failed = [Failed(payout_id, reason) for payout_id, reason in refusals.items() if reason]
    settle_failed(merchant_id=batch.merchant_id, news=failed, by=by, at=at)
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
    if rail is None:
        return None
    findings = Finding.objects.filter(  # Of an archived account, too: another does not settle them.
        merchant_id=batch.merchant_id,
        rail__provider=rail.provider,
        rail__mode=rail.mode,
        resolved_at=None,
    )
    if findings.exists():
        raise RailBlocked(batch.provider)
    return rail


def _payouts_of(batch: Batch) -> QuerySet[Payout]:
    return Payout.objects.filter(merchant_id=batch.merchant_id, batch_id=batch.id).order_by("id")
