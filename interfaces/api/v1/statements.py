"""Statements of the bank: what they prove is settled, each line once."""

from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from interfaces.api.endpoints import Answer, Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, Moment, SignedMinor, Strict, Switch, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from merchants.rights import Scope
from payouts.models import LineOutcome, Statement, StatementFormat, StatementLine
from payouts.statements.importing import apply_statement, preview_statement, take_statement
from payouts.statements.lines import FILE_BYTES_MAX
from payouts.statements.matching import Report
from payouts.statements.selectors import lines_of, statements_of

BODY_MAX = FILE_BYTES_MAX + 20_000  # The file, and what a form puts around it.
LINES_SHOWN = 1_000


class NewStatementSerializer(Strict):
    """A file of the bank. A dry run stores and settles nothing."""

    dry_run = Switch(required=False, default=False)
    file = serializers.FileField(max_length=200, allow_empty_file=True)


class StatementLineSerializer(serializers.Serializer[Any]):
    """A booking, and what it means for our payouts."""

    booked_on = serializers.DateField()
    bank_ref = serializers.CharField(help_text="The same in every file that has the booking.")
    reference = Maybe(help_text="The end-to-end id: ours, if it is ours.")
    amount_minor = SignedMinor(help_text="Below zero: money left.")
    currency = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    outcome = Word(LineOutcome)
    detail = Maybe(help_text="Why it differs.")
    payout = Id(source="payout_id", allow_null=True)


class StatementSerializer(serializers.Serializer[Any]):
    """A file of the bank."""

    id = Id()
    format = Word(StatementFormat)
    name = serializers.CharField()
    sha256 = serializers.CharField()
    imported_at = Moment()
    applied_at = Moment(allow_null=True, help_text="Null: only looked at so far.")
    repeated = serializers.IntegerField(help_text="Lines that another file had before.")


class StatementPreviewSerializer(serializers.Serializer[Any]):
    """What a file would settle, with its first 1,000 new bookings."""

    paid = serializers.IntegerField()
    returned = serializers.IntegerField()
    known = serializers.IntegerField()
    not_ours = serializers.IntegerField()
    differs = serializers.IntegerField()
    repeated = serializers.IntegerField()
    lines = StatementLineSerializer(many=True)


class LineQuery(ListQuery):
    """Filters of the bookings."""

    outcome = Word(LineOutcome, required=False)


class Statements(MerchantView):
    """The merchant's statements."""

    parser_classes = (MultiPartParser,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Read a file that may be larger than other bodies, from those alone who may send one."""
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            body = request._request.read(BODY_MAX + 1)
            if len(body) > BODY_MAX:
                raise RequestDataTooBig
            request._request._body = body

    @endpoint("List bank statements", gives=StatementSerializer, query=ListQuery)
    def get(self, call: Call) -> QuerySet[Statement]:
        return statements_of(call.merchant_id)

    @endpoint(
        "Take a bank statement",
        gives=StatementSerializer,
        takes=NewStatementSerializer,
        status=201,
        scope=Scope.PAYOUTS,
        description=(
            "multipart/form-data: a camt.053 file (version .02 or .08) or a CSV file with headings,"
            " of at most 10 MB and 50,000 bookings. Payouts of files whose reference, amount and"
            " currency it repeats are marked paid, or returned. Sending a file again, or another"
            " one with the same bookings, changes nothing. With dry_run=true the answer (200) says"
            " what it would settle."
        ),
    )
    def post(self, call: Call) -> Statement | Answer:
        file = call.body["file"]
        content = file.read()
        if call.body["dry_run"]:
            report = preview_statement(member=call.member, content=content)
            return Answer(_told(report), 200, StatementPreviewSerializer)
        with transaction.atomic():
            taken = take_statement(member=call.member, name=file.name, content=content, at=call.at)
            return apply_statement(member=call.member, statement=taken, at=call.at)


def _told(report: Report) -> dict[str, Any]:
    return {
        **{outcome.lower(): report.count(outcome) for outcome in LineOutcome},
        "repeated": report.repeated,
        "lines": [
            {
                "booked_on": row.line.booked_on,
                "bank_ref": row.line.bank_ref,
                "reference": row.line.reference or row.line.block,
                "amount_minor": row.line.amount_minor,
                "currency": row.line.currency,
                "text": row.line.text,
                "outcome": row.outcome,
                "detail": row.detail,
                "payout_id": row.payouts[0].id if len(row.payouts) == 1 else None,
            }
            for row in report.judged[:LINES_SHOWN]
        ],
    }


class OneStatement(MerchantView):
    """One statement."""

    @endpoint("Read a bank statement", gives=StatementSerializer)
    def get(self, call: Call, id: UUID) -> Statement:
        return one(statements_of(call.merchant_id), id)


class StatementLines(MerchantView):
    """The bookings of a statement that was applied."""

    @endpoint("List the bookings of a statement", gives=StatementLineSerializer, query=LineQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[StatementLine]:
        return lines_of(one(statements_of(call.merchant_id), id))
