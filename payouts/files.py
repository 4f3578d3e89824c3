"""The files that go to banks: made once, kept as exact bytes, and every download noted."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from common.secrets import encrypt_bytes
from merchants.events import record_event
from merchants.models import Member, Merchant, acting_user
from merchants.rights import Right
from merchants.services import require
from payouts.models import Batch, BatchFile, Payout, Rail
from payouts.providers import file_provider


class NoFile(LookupError):
    """The batch has no file: it was not handed over, or not by a file."""


def store_file(
    *, batch: Batch, payouts: Sequence[Payout], rail: Rail | None, at: datetime
) -> BatchFile:
    """Make the batch's file and keep its bytes; return it. Called again, it returns the first.

    Files of one provider and day are counted, as some banks want to tell them apart by that.

    :raises NotWritable: if the provider cannot write one of the payouts.
    """
    with transaction.atomic():
        # One at a time per merchant: two would take the same number of the day.
        Merchant.objects.select_for_update(of=("self",), no_key=True).get(id=batch.merchant_id)
        files = BatchFile.objects.filter(merchant_id=batch.merchant_id)
        made = files.filter(batch=batch).first()
        if made is not None:
            return made
        today = files.filter(provider=batch.provider, made_on=at.date())
        of_day = (today.aggregate(Max("of_day"))["of_day__max"] or 0) + 1
        file = file_provider(batch.provider).make_file(
            batch=batch, payouts=payouts, rail=rail, at=at, of_day=of_day
        )
        return BatchFile.objects.create(
            merchant_id=batch.merchant_id,
            batch=batch,
            provider=batch.provider,
            made_on=at.date(),
            of_day=of_day,
            name=file.name,
            media_type=file.media_type,
            content=encrypt_bytes(file.content),
            sha256=hashlib.sha256(file.content).hexdigest(),
        )


def fetch_file(*, member: Member, batch: Batch, at: datetime) -> tuple[BatchFile, bytes]:
    """Return the batch's file and its bytes, the same each time; who fetched it is noted.

    :raises NotAllowed: if the member may not prepare payouts: it names accounts.
    :raises NoFile: if there is none.
    """
    require(member, Right.PREPARE_PAYOUTS)
    file = BatchFile.objects.filter(merchant_id=batch.merchant_id, batch=batch).first()
    if file is None:
        raise NoFile(str(batch.id))
    record_event(
        merchant_id=batch.merchant_id,
        type="payout_batch.file_fetched",
        subject_id=batch.id,
        by=acting_user(member.user),
        at=at,
        data={"number": batch.number, "sha256": file.sha256},
    )
    return file, file.reveal()
