"""Payouts: prepare a batch, have a second member approve it, hand it over, settle it."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from rest_framework import serializers

from interfaces.api.endpoints import Answer, Call, MerchantView, endpoint
from interfaces.api.fields import Currency, Flag, Id, Maybe, Moment, Strict, Text, Word
from interfaces.api.find import found, one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.conversion_shapes import PastMoment, ReasonSerializer
from merchants.rights import Right, Scope
from merchants.services import require
from payouts.left_out import LeftOut
from payouts.models import Batch, BatchFile, BatchStatus, Exclusion, Payout, PayoutStatus, Provider
from payouts.proposal import Proposal
from payouts.selectors import batches_of, file_of, payouts_of
from payouts.services import (
    approve_batch,
    cancel_batch,
    mark_failed,
    mark_paid,
    prepare_batch,
    propose_batch,
    send_batch,
)


class LeftOutSerializer(serializers.Serializer[Any]):
    """An affiliate with approved commissions who is not paid now."""

    affiliate = Id(source="affiliate.id")
    name = serializers.CharField(source="affiliate.name")
    amount_minor = serializers.IntegerField()
    reason = serializers.ChoiceField(choices=[reason.value for reason in LeftOut])


class FileSerializer(serializers.Serializer[Any]):
    """The file that was handed over."""

    name = serializers.CharField()
    sha256 = serializers.CharField()


class FileField(FileSerializer):
    """The batch's file, or null while there is none."""

    def to_representation(self, batch: Batch) -> Any:
        """Return the one file of the prefetched."""
        files = list(batch.files.all())
        return super().to_representation(files[0]) if files else None


class BatchSerializer(serializers.Serializer[Any]):
    """Payouts of one currency, prepared by one member and approved by another."""

    id = Id()
    number = serializers.IntegerField()
    currency = serializers.CharField()
    provider = Word(Provider)
    status = Word(BatchStatus)
    status_changed_at = Moment()
    cutoff_at = Moment(help_text="Commissions approved up to here.")
    payouts = serializers.IntegerField(source="items", help_text="How many.")
    amount_minor = serializers.IntegerField()
    prepared_by = Id(
        source="prepared_by_id", allow_null=True, help_text="A member; null: by itself."
    )
    approved_by = Id(source="approved_by_id", allow_null=True)
    approved_at = Moment(allow_null=True)
    left_out = LeftOutSerializer(many=True, source="exclusions.all")
    file = FileField(source="*", allow_null=True)
    created_at = Moment()


class ProposedPayoutSerializer(serializers.Serializer[Any]):
    """What one affiliate would be paid."""

    affiliate = Id(source="affiliate.id")
    name = serializers.CharField(source="affiliate.name")
    method = serializers.CharField(source="method.masked")
    amount_minor = serializers.IntegerField()


class ProposalSerializer(serializers.Serializer[Any]):
    """What a batch would be: nothing is stored."""

    currency = serializers.CharField()
    amount_minor = serializers.IntegerField()
    payouts = ProposedPayoutSerializer(many=True, source="items")
    left_out = LeftOutSerializer(many=True)


class NewBatchSerializer(Strict):
    """Whom to pay: everybody with approved commissions in the currency."""

    currency = Currency()
    dry_run = Flag(required=False, default=False, help_text="Only say what it would be.")
    cutoff_at = PastMoment(required=False, help_text="Default: now.")


class PayoutSerializer(serializers.Serializer[Any]):
    """Money for one affiliate."""

    id = Id()
    batch = Id(source="batch_id")
    affiliate = Id(source="affiliate_id")
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()
    method = serializers.CharField(source="method_masked")
    status = Word(PayoutStatus)
    status_changed_at = Moment()
    reason = Maybe(source="status_reason")
    reference = serializers.CharField(help_text="Ours, on the affiliate's bank statement.")
    provider_ref = Maybe(help_text="Theirs: the proof of payment.")
    paid_at = Moment(allow_null=True)
    created_at = Moment()


class PaidSerializer(Strict):
    """The proof that money arrived."""

    provider_ref = Text(max_length=140)
    paid_at = PastMoment(required=False, help_text="Default: now.")


class BatchQuery(ListQuery):
    """Filters of the batches."""

    status = Word(BatchStatus, required=False)
    currency = Text(required=False, max_length=3)


class PayoutQuery(ListQuery):
    """Filters of the payouts."""

    batch = Id(required=False, source="batch_id")
    affiliate = Id(required=False, source="affiliate_id")
    status = Word(PayoutStatus, required=False)
    currency = Text(required=False, max_length=3)
    reference = Text(required=False, max_length=35)


def batches(call: Call) -> QuerySet[Batch]:
    """Return the merchant's batches with what their shape shows; never the files' bytes."""
    files = BatchFile.objects.filter(merchant_id=call.merchant_id).defer("content")
    exclusions = Exclusion.objects.filter(merchant_id=call.merchant_id).select_related("affiliate")
    return batches_of(call.merchant_id).prefetch_related(
        Prefetch("files", files), Prefetch("exclusions", exclusions.order_by("id"))
    )


class Batches(MerchantView):
    """The batches of the merchant."""

    @endpoint("List payout batches", gives=BatchSerializer, query=BatchQuery)
    def get(self, call: Call) -> QuerySet[Batch]:
        return batches(call)

    @endpoint(
        "Prepare a payout batch",
        gives=BatchSerializer,
        takes=NewBatchSerializer,
        status=201,
        scope=Scope.PAYOUTS,
        also={200: ProposalSerializer},
        example={"currency": "EUR", "dry_run": True},
        description="With `dry_run` nothing is stored: 200 with what the batch would be.",
    )
    def post(self, call: Call) -> Answer:
        currency, cutoff_at = call.body["currency"], call.body.get("cutoff_at")
        if call.body["dry_run"]:
            return Answer(self._propose(call, currency, cutoff_at), 200, ProposalSerializer)
        batch = prepare_batch(
            member=call.member, currency=currency, at=call.at, cutoff_at=cutoff_at
        )
        return Answer(one(batches(call), batch.id), 201)

    def _propose(self, call: Call, currency: str, cutoff_at: Any) -> Proposal:
        require(call.member, Right.PREPARE_PAYOUTS)
        return propose_batch(
            merchant_id=call.merchant_id, currency=currency, at=call.at, cutoff_at=cutoff_at
        )


class OneBatch(MerchantView):
    """One batch."""

    @endpoint("Read a payout batch", gives=BatchSerializer)
    def get(self, call: Call, id: UUID) -> Batch:
        return one(batches(call), id)


class ApproveBatch(MerchantView):
    """The second member's word."""

    @endpoint(
        "Approve a payout batch",
        gives=BatchSerializer,
        scope=Scope.PAYOUTS,
        description="By another member than the one who prepared it.",
    )
    def post(self, call: Call, id: UUID) -> Batch:
        approve_batch(member=call.member, batch=one(batches(call), id), at=call.at)
        return one(batches(call), id)


class SendBatch(MerchantView):
    """Hand the batch over."""

    @endpoint(
        "Send a payout batch",
        gives=BatchSerializer,
        scope=Scope.PAYOUTS,
        description="Makes the file, once; sending again changes nothing.",
    )
    def post(self, call: Call, id: UUID) -> Batch:
        send_batch(member=call.member, batch=one(batches(call), id), at=call.at)
        return one(batches(call), id)


class CancelBatch(MerchantView):
    """Take a batch back that was not handed over."""

    @endpoint("Cancel a payout batch", gives=BatchSerializer, scope=Scope.PAYOUTS)
    def post(self, call: Call, id: UUID) -> Batch:
        cancel_batch(member=call.member, batch=one(batches(call), id), at=call.at)
        return one(batches(call), id)


class DownloadBatch(MerchantView):
    """The file: it names accounts in clear, so reading alone does not open it."""

    @endpoint(
        "Download the file of a payout batch",
        gives=FileSerializer,
        scope=Scope.PAYOUTS,
        file=True,
        description="The same bytes every time; the batch says their SHA-256.",
    )
    def get(self, call: Call, id: UUID) -> HttpResponse:
        require(call.member, Right.PREPARE_PAYOUTS)
        file = found(file_of(one(batches(call), id)))
        return HttpResponse(
            file.reveal(),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{file.name}"'},
        )


class Payouts(MerchantView):
    """The payouts of the merchant."""

    @endpoint("List payouts", gives=PayoutSerializer, query=PayoutQuery)
    def get(self, call: Call) -> QuerySet[Payout]:
        return payouts_of(call.merchant_id)


class OnePayout(MerchantView):
    """One payout."""

    @endpoint("Read a payout", gives=PayoutSerializer)
    def get(self, call: Call, id: UUID) -> Payout:
        return one(payouts_of(call.merchant_id), id)


class MarkPaid(MerchantView):
    """The money arrived."""

    @endpoint(
        "Mark a payout paid",
        gives=PayoutSerializer,
        takes=PaidSerializer,
        scope=Scope.PAYOUTS,
        example={"provider_ref": "2026-04-11/17"},
    )
    def post(self, call: Call, id: UUID) -> Payout:
        return mark_paid(
            member=call.member,
            payout=one(payouts_of(call.merchant_id), id),
            provider_ref=call.body["provider_ref"],
            paid_at=call.body.get("paid_at", call.at),
            at=call.at,
        )


class MarkFailed(MerchantView):
    """The money did not arrive."""

    @endpoint(
        "Mark a payout failed",
        gives=PayoutSerializer,
        takes=ReasonSerializer,
        scope=Scope.PAYOUTS,
        description="Its commissions are payable again.",
    )
    def post(self, call: Call, id: UUID) -> Payout:
        return mark_failed(
            member=call.member,
            payout=one(payouts_of(call.merchant_id), id),
            reason=call.body["reason"],
            at=call.at,
        )
