"""Hand an approved batch over: make its file, or let the worker call the provider."""

from datetime import datetime

from django.db import transaction

from merchants.models import Member, acting_user
from merchants.rights import Right
from merchants.services import require
from payouts.files import store_file
from payouts.models import Batch, BatchFile, BatchStatus, Payout
from payouts.services import books
from payouts.services.approving import move_batch, require_payees
from payouts.services.settle import mark_submitted


def send_batch(*, member: Member, batch: Batch, at: datetime) -> BatchFile:
    """Make the batch's file, once, and hand it over; return it.

    Called again it returns the same bytes.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises IllegalMove: if the batch is not approved.
    :raises BatchOutdated: if a payee was suspended or changed their method since.
    """
    require(member, Right.PREPARE_PAYOUTS)
    by = acting_user(member.user)
    with transaction.atomic():
        Batch.objects.select_for_update(of=("self",), no_key=True).get(id=batch.id)
        made = BatchFile.objects.filter(merchant_id=batch.merchant_id, batch=batch).first()
        if made is not None:
            return made
        move_batch(batch, BatchStatus.SENT, at)
        require_payees(batch)
        payouts = Payout.objects.filter(merchant_id=batch.merchant_id, batch_id=batch.id)
        in_order = list(payouts.select_related("affiliate", "method").order_by("id"))
        file = store_file(batch=batch, payouts=in_order, rail=batch.rail, at=at)
        ids = [payout.id for payout in in_order]
        mark_submitted(merchant_id=batch.merchant_id, payout_ids=ids, by=by, at=at)
        books.record_batch(batch, "payout_batch.sent", by, at, {"sha256": file.sha256})
    batch.refresh_from_db()
    return file
