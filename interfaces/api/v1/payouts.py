"""Payouts: prepare a batch, have a second member approve it, hand it over, settle it."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from rest_framework import serializers

from interfaces.api.endpoints import Answer, Call, MerchantView, endpoint
from interfaces.api.fields import Currency, Flag, Id, Maybe, Moment, Name, Strict, Text, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.problems import NotFound
from interfaces.api.v1.conversion_shapes import PastMoment, ReasonSerializer
from merchants.rights import Right, Scope
from merchants.services import require
from payouts.files import NoFile, fetch_file
from payouts.left_out import LeftOut
from payouts.models import Batch, BatchFile, BatchStatus, Exclusion, Payout, PayoutStatus, Provider
from payouts.proposal import Proposal
from payouts.selectors import batches_of, payouts_of
from payouts.services import (
    approve_batch,
    cancel_batch,
    edit_batch,
    mark_failed,
    mark_paid,
    mark_returned,
    prepare_batch,
    propose_batch,
    retry_payout,
    send_batch,
)

LEFT_OUT_SHOWN = 200


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
    progress = serializers.JSONField(help_text="Of a large batch that is being prepared.")
    problem = Maybe(help_text="Why it could not be reserved when it was approved.")
    payouts = serializers.IntegerField(source="items", help_text="How many.")
    amount_minor = serializers.IntegerField()
    prepared_by = Id(
        source="prepared_by_id", allow_null=True, help_text="A member; null: by itself."
    )
    approved_by = Id(source="approved_by_id", allow_null=True)
    approved_at = Moment(allow_null=True)
    left_out = LeftOutSerializer(
        many=True, source="first_exclusions", help_text="The first 200, by amount."
    )
    file = FileField(source="*", allow_null=True)
    created_at = Moment()


class ProposedPayoutSerializer(serializers.Serializer[Any]):
    """What one affiliate would be paid: earned + VAT - withheld - fee."""

    affiliate = Id(source="affiliate.id")
    name = serializers.CharField(source="affiliate.name")
    method = serializers.CharField(
        source="method.masked", default=None, allow_null=True, help_text="null: to the balance."
    )
    amount_minor = serializers.IntegerField()
    earned_minor = serializers.IntegerField()
    vat_minor = serializers.IntegerField()
    withheld_minor = serializers.IntegerField()
    fee_minor = serializers.IntegerField()


class BatchProposalSerializer(serializers.Serializer[Any]):
    """What a batch would be: nothing is stored."""

    currency = serializers.CharField()
    amount_minor = serializers.IntegerField()
    payouts = ProposedPayoutSerializer(many=True, source="items")
    left_out = LeftOutSerializer(many=True)


class NewBatchSerializer(Strict):
    """Whom to pay: everybody to whom something is due in the currency."""

    currency = Currency()
    provider = Word(
        Provider,
        required=False,
        default=Provider.CSV,
        help_text="Who moves the money; whoever it cannot pay is left out with `other_rail`.",
    )
    dry_run = Flag(required=False, default=False, help_text="Only say what it would be.")
    cutoff_at = PastMoment(required=False, help_text="Default: now.")


class BatchEditSerializer(Strict):
    """Who is to leave a batch that waits for approval, and who is to come back."""

    take_out = serializers.ListField(child=Id(), required=False, default=list, max_length=1_000)
    put_back = serializers.ListField(child=Id(), required=False, default=list, max_length=1_000)
    reason = Name(required=False, default="", max_length=200, allow_blank=True)


class PayoutSerializer(serializers.Serializer[Any]):
    """Money for one affiliate: earned + VAT - withheld - fee."""

    id = Id()
    batch = Id(source="batch_id")
    affiliate = Id(source="affiliate_id")
    retry_of = Id(source="retry_of_id", allow_null=True, help_text="The payout that failed.")
    amount_minor = serializers.IntegerField()
    earned_minor = serializers.IntegerField()
    vat_minor = serializers.IntegerField()
    withheld_minor = serializers.IntegerField()
    fee_minor = serializers.IntegerField()
    currency = serializers.CharField()
    method = serializers.CharField(source="method_masked")
    status = Word(PayoutStatus)
    status_changed_at = Moment()
    reason = Maybe(source="status_reason")
    reference = serializers.CharField(help_text="Ours, on the affiliate's bank statement.")
    provider_ref = Maybe(help_text="Theirs: the proof of payment.")
    paid_at = Moment(allow_null=True)
    returned_at = Moment(allow_null=True)
    created_at = Moment()


class ReturnedSerializer(ReasonSerializer):
    """What is known of money that came back."""

    returned_at = PastMoment(required=False, help_text="Default: now.")


class PaidSerializer(Strict):
    """The proof that money arrived."""

    provider_ref = Text(max_length=140)
    paid_at = PastMoment(required=False, help_text="Default: now.")


class BatchQuery(ListQuery):
    """Filters of the batches."""

    status = Word(BatchStatus, required=False)
    provider = Word(Provider, required=False)
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
    first = exclusions.order_by("-amount_minor", "id")[:LEFT_OUT_SHOWN]
    return batches_of(call.merchant_id).prefetch_related(
        Prefetch("files", files),
        Prefetch("exclusions", first, to_attr="first_exclusions"),
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
        also={200: BatchProposalSerializer},
        example={"currency": "EUR", "dry_run": True},
        description=(
            "With `dry_run` nothing is stored: 200 with what the batch would be. Above 20,000"
            " commissions the batch is `preparing` until a worker is done with it."
        ),
    )
    def post(self, call: Call) -> Answer:
        if call.body["dry_run"]:
            return Answer(self._propose(call), 200, BatchProposalSerializer)
        batch = prepare_batch(
            member=call.member,
            currency=call.body["currency"],
            provider=call.body["provider"],
            cutoff_at=call.body.get("cutoff_at"),
            at=call.at,
        )
        return Answer(one(batches(call), batch.id), 201)

    def _propose(self, call: Call) -> Proposal:
        require(call.member, Right.PREPARE_PAYOUTS)
        return propose_batch(
            merchant_id=call.merchant_id,
            currency=call.body["currency"],
            provider=call.body["provider"],
            cutoff_at=call.body.get("cutoff_at"),
            at=call.at,
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
        description=(
            "By another member than the one who prepared it, unless it is within the approval"
            " limit. A large batch is `approving` until a worker has reserved its commissions."
        ),
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


class EditBatch(MerchantView):
    """Take affiliates out, or put them back."""

    @endpoint(
        "Edit a payout batch",
        gives=BatchSerializer,
        takes=BatchEditSerializer,
        scope=Scope.PAYOUTS,
        example={"take_out": ["01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b"], "reason": "Asked to wait"},
        description=(
            "While it waits for approval. Names affiliates; who is put back and still cannot be"
            " paid is left out with the reason of now."
        ),
    )
    def post(self, call: Call, id: UUID) -> Batch:
        edit_batch(member=call.member, batch=one(batches(call), id), at=call.at, **call.body)
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
        batch = one(batches(call), id)
        try:
            file, content = fetch_file(member=call.member, batch=batch, at=call.at)
        except NoFile as error:
            raise NotFound from error
        return HttpResponse(
            content,
            content_type=f"{file.media_type}; charset=utf-8",
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


class MarkReturned(MerchantView):
    """The money came back."""

    @endpoint(
        "Mark a payout returned",
        gives=PayoutSerializer,
        takes=ReturnedSerializer,
        scope=Scope.PAYOUTS,
        description="After it was paid by a file. Its commissions are payable again.",
    )
    def post(self, call: Call, id: UUID) -> Payout:
        return mark_returned(
            member=call.member,
            payout=one(payouts_of(call.merchant_id), id),
            reason=call.body["reason"],
            returned_at=call.body.get("returned_at", call.at),
            at=call.at,
        )


class RetryPayout(MerchantView):
    """Once more."""

    @endpoint(
        "Retry a payout",
        gives=PayoutSerializer,
        scope=Scope.PAYOUTS,
        status=201,
        description=(
            "Of one that a provider refused or sent back: another payout in the same batch, to the"
            " method that is in force now. Payouts of files go into the next batch by themselves."
        ),
    )
    def post(self, call: Call, id: UUID) -> Payout:
        payout = one(payouts_of(call.merchant_id), id)
        again = retry_payout(member=call.member, payout=payout, at=call.at)
        return one(payouts_of(call.merchant_id), again.id)
