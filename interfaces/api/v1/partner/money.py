"""An affiliate's money: balances, payouts, and where it goes."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from commissions.balances import balances_of_affiliate
from interfaces.api.endpoints import PartnerCall, PartnerView, endpoint
from interfaces.api.fields import Country, Id, Moment, Name, Strict, Text, Word
from interfaces.api.find import found, one
from interfaces.api.pagination import ListQuery, Page, PageQuery, write_cursor
from interfaces.api.v1.balances import BalanceSerializer
from interfaces.api.v1.partner.programs import PartnerMerchantSerializer
from payouts.method_details import clean_details
from payouts.methods import method_in_force, set_payout_method
from payouts.models import AccountOwner, AccountType, MethodKind, Payout, PayoutMethod, PayoutStatus
from reports.affiliate_money import payouts_of


class PartnerPayoutSerializer(serializers.Serializer[Any]):
    """Money of one merchant for the affiliate."""

    id = Id()
    merchant = PartnerMerchantSerializer()
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()
    method = serializers.CharField(source="method_masked")
    status = Word(PayoutStatus)
    reference = serializers.CharField(help_text="On the affiliate's bank statement.")
    paid_at = Moment(allow_null=True)
    created_at = Moment()


class PartnerPayoutQuery(ListQuery):
    """Filters of the payouts."""

    status = Word(PayoutStatus, required=False)
    currency = Text(required=False, max_length=3)


class PayoutMethodSerializer(serializers.Serializer[Any]):
    """Where the affiliate's money goes, as far as it may be shown."""

    kind = Word(MethodKind)
    masked = serializers.CharField()
    usable_from = Moment(help_text="A changed method cools off before money goes there.")


class NewPayoutMethodSerializer(Strict):
    """Where money shall go.

    With the holder: bank takes iban, town, country and, outside the EEA, bic; us_bank takes
    routing, account, account_type and owner; paypal and wise take email; stripe takes account;
    manual takes instructions.
    """

    kind = Word(MethodKind)
    holder = Name(max_length=120)
    iban = Text(max_length=60, required=False)
    bic = Text(max_length=20, required=False)
    town = Name(max_length=120, required=False)
    country = Country(required=False, help_text="Of the holder's address.")
    routing = Text(max_length=20, required=False, help_text="ABA, nine digits.")
    account = Text(max_length=80, required=False, help_text="A number, or Stripe's acct_….")
    account_type = Word(AccountType, required=False)
    owner = Word(AccountOwner, required=False)
    email = Text(max_length=254, required=False)
    instructions = Name(max_length=500, required=False)


class PartnerBalances(PartnerView):
    """The balances of the affiliate's enrollments, the newest enrollment first."""

    @endpoint("List the affiliate's balances", gives=BalanceSerializer, query=PageQuery)
    def get(self, call: PartnerCall) -> Page[Any]:
        limit = call.query["limit"]
        rows = balances_of_affiliate(
            call.affiliate_id, limit=limit + 1, before=call.query.get("cursor")
        )
        more, rows = len(rows) > limit, rows[:limit]
        return Page(rows, write_cursor(rows[-1]["enrollment"]) if more else None)


class PartnerPayouts(PartnerView):
    """The affiliate's payouts that were approved."""

    @endpoint(
        "List the affiliate's payouts", gives=PartnerPayoutSerializer, query=PartnerPayoutQuery
    )
    def get(self, call: PartnerCall) -> QuerySet[Payout]:
        return payouts_of(call.affiliate_id)


class OnePartnerPayout(PartnerView):
    """One payout."""

    @endpoint("Read a payout of the affiliate", gives=PartnerPayoutSerializer)
    def get(self, call: PartnerCall, id: UUID) -> Payout:
        return one(payouts_of(call.affiliate_id), id)


class PartnerPayoutMethod(PartnerView):
    """Where the affiliate is paid."""

    @endpoint("Read the affiliate's payout method", gives=PayoutMethodSerializer)
    def get(self, call: PartnerCall) -> PayoutMethod:
        return found(method_in_force(call.affiliate_id))

    @endpoint(
        "Set the affiliate's payout method",
        gives=PayoutMethodSerializer,
        takes=NewPayoutMethodSerializer,
        example={
            "kind": "bank",
            "holder": "Bob Berg",
            "iban": "DE89370400440532013000",
            "town": "Berlin",
            "country": "DE",
        },
        description=(
            "Another account cools off for 72 hours before money goes there, and the affiliate's"
            " people are told by mail."
        ),
    )
    def put(self, call: PartnerCall) -> PayoutMethod:
        kind = call.body["kind"]
        details = {name: value for name, value in call.body.items() if name != "kind"}
        return set_payout_method(
            affiliate=call.affiliate,
            kind=kind,
            details=clean_details(kind=kind, details=details),
            at=call.at,
        )
