"""Balances: what the ledger says of each enrollment."""

from typing import Any

from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, SignedMinor
from interfaces.api.pagination import Page, PageQuery, write_cursor
from ledger.selectors import balances, enrollments_with_balance


class BalanceSerializer(serializers.Serializer[Any]):
    """What stands where, in one currency; take-backs after a payout make it negative."""

    enrollment = Id()
    currency = serializers.CharField()
    pending_minor = SignedMinor()
    payable_minor = SignedMinor()
    in_payout_minor = SignedMinor()
    paid_minor = SignedMinor()


class BalanceQuery(PageQuery):
    """Filters of the balances; `limit` counts enrollments."""

    enrollment = Id(required=False)


class Balances(MerchantView):
    """The balances of the merchant's enrollments, the newest enrollment first."""

    @endpoint("List balances", gives=BalanceSerializer, query=BalanceQuery)
    def get(self, call: Call) -> Page[Any]:
        query, merchant_id = call.query, call.merchant_id
        if "enrollment" in query:
            return Page(
                balances(merchant_id=merchant_id, enrollment_ids=[query["enrollment"]]), None
            )
        ids = enrollments_with_balance(
            merchant_id=merchant_id, before=query.get("cursor"), limit=query["limit"] + 1
        )
        more, ids = len(ids) > query["limit"], ids[: query["limit"]]
        rows = balances(merchant_id=merchant_id, enrollment_ids=ids)
        rows.sort(key=lambda row: row["enrollment"], reverse=True)
        return Page(rows, write_cursor(ids[-1]) if more else None)
