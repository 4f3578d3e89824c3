"""Customers: bound to whoever led them here, read, erased."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from interfaces.api.endpoints import Answer, Call, MerchantView, endpoint
from interfaces.api.fields import (
    Address,
    Country,
    Id,
    Maybe,
    Moment,
    PastMoment,
    Strict,
    Text,
    Word,
)
from interfaces.api.find import found, one
from interfaces.api.intake import logged
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.conversion_shapes import COUPON_MAX, CouponCode
from merchants.rights import Scope
from programs.selectors import find_program
from tracking.models import Customer, Touch, TouchKind
from tracking.selectors import customers_of
from tracking.services import bind_customer, erase_customer


class NewBindingSerializer(Strict):
    """A customer of yours, and by what they came. Repeating it changes nothing."""

    program = Id()
    external_id = Text(max_length=200, help_text="Your own id of the customer.")
    click_id = Text(max_length=64, required=False, default="")
    coupon = CouponCode(max_length=COUPON_MAX, required=False, default="")
    referral = Text(max_length=40, required=False, default="")
    email = Address(required=False, default="", help_text="Kept as a keyed hash, nothing else.")
    country = Country(required=False, default="")
    first_seen_at = PastMoment(required=False, help_text="Default: now.")


class TouchSerializer(serializers.Serializer[Any]):
    """What bound a customer to an enrollment. The earliest of a program counts."""

    program = Id(source="program_id")
    enrollment = Id(source="enrollment_id")
    kind = Word(TouchKind)
    at = Moment()
    bound_at = Moment()
    is_test = serializers.BooleanField()


class CustomerRecordSerializer(serializers.Serializer[Any]):
    """A customer of yours; after an erasure the external id is a tombstone."""

    id = Id()
    external_id = serializers.CharField()
    country = Maybe()
    first_seen_at = Moment()
    erased_at = Moment(allow_null=True)
    created_at = Moment()
    touches = TouchSerializer(many=True)


class CustomerQuery(ListQuery):
    """Filters of the customers."""

    external_id = Text(required=False, max_length=200)


def shown(merchant_id: UUID) -> QuerySet[Customer]:
    """Return the merchant's customers with what bound them."""
    touches = Touch.objects.order_by("bound_at", "id")
    return customers_of(merchant_id).prefetch_related(Prefetch("touches", touches))


class Customers(MerchantView):
    """The customers of the merchant."""

    @endpoint("List customers", gives=CustomerRecordSerializer, query=CustomerQuery)
    def get(self, call: Call) -> QuerySet[Customer]:
        return shown(call.merchant_id)

    @logged
    @endpoint(
        "Bind a customer",
        gives=CustomerRecordSerializer,
        takes=NewBindingSerializer,
        status=201,
        scope=Scope.CONVERSIONS,
        also={200: CustomerRecordSerializer},
        example={
            "program": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
            "external_id": "c-77",
            "click_id": "AZ2tq4wPfA6rM1c2d3e4f5AAAAB7k2xY9QmZ1w",
        },
        description=(
            "At sign-up, by click, coupon or referral code. Later conversions of the customer need"
            " no other evidence. A click older than the program's window binds nobody; one that is"
            " not genuine, or a code nobody owns, is refused. 200 if nothing is new."
        ),
    )
    def post(self, call: Call) -> Answer:
        body = call.body
        program = find_program(merchant_id=call.merchant_id, program_id=body["program"])
        customer, touches = bind_customer(
            program=found(program, named_by="program"),
            external_id=body["external_id"],
            click_token=body["click_id"],
            coupon_code=body["coupon"],
            referral_code=body["referral"],
            email=body["email"],
            country=body["country"],
            first_seen_at=body.get("first_seen_at", call.at),
            by=call.by,
            at=call.at,
            is_test=call.key.is_test,
        )
        is_news = bool(touches) or customer.created_at == call.at
        return Answer(customer, 201 if is_news else 200)


class OneCustomer(MerchantView):
    """One customer."""

    @endpoint("Read a customer", gives=CustomerRecordSerializer)
    def get(self, call: Call, id: UUID) -> Customer:
        return one(shown(call.merchant_id), id)


class EraseCustomer(MerchantView):
    """Forget a person."""

    @endpoint(
        "Erase a customer",
        gives=CustomerRecordSerializer,
        scope=Scope.CONVERSIONS,
        description="The id becomes a tombstone, the hash goes; rows of money stay. For good.",
    )
    def post(self, call: Call, id: UUID) -> Customer:
        call.require_real()
        customer = one(customers_of(call.merchant_id), id)
        return erase_customer(customer=customer, by=call.by, at=call.at)
