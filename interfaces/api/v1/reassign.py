"""By hand: give a conversion, or a customer, to another affiliate (docs/attribution.md)."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from affiliates.models import Enrollment
from commissions.services import reassign_conversion, reassign_customer
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Name, Strict
from interfaces.api.find import found, one
from interfaces.api.v1.conversion_shapes import ConversionSerializer
from interfaces.api.v1.conversions import reported_by, shown
from merchants.rights import Scope
from programs.selectors import find_program
from tracking.models import Conversion
from tracking.selectors import customers_of

EXAMPLE = {
    "enrollment": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
    "reason": "He showed us the mail in which he recommended us.",
}


class NewOwnerSerializer(Strict):
    """To whom, and why; the reason is kept with the conversion."""

    enrollment = Id()
    reason = Name(max_length=500)


class NewBinderSerializer(NewOwnerSerializer):
    """To whom, in which program, and why."""

    program = Id()


class ReassignConversion(MerchantView):
    """Give it to another affiliate."""

    @endpoint(
        "Reassign a conversion",
        gives=ConversionSerializer,
        takes=NewOwnerSerializer,
        scope=Scope.CONVERSIONS,
        example=EXAMPLE,
        description=(
            "Attribution leaves it alone from then on. What was earned before is answered by lines"
            " of the opposite sign, even if it was paid."
        ),
    )
    def post(self, call: Call, id: UUID) -> Conversion:
        reassign_conversion(
            conversion=one(reported_by(call), id),
            enrollment=new_owner(call),
            reason=call.body["reason"],
            by=call.by,
            at=call.at,
        )
        return one(shown(call.merchant_id), id)


def new_owner(call: Call) -> Enrollment:
    """Return the enrollment that the body names."""
    own = Enrollment.objects.filter(merchant_id=call.merchant_id)
    return one(own, call.body["enrollment"], named_by="enrollment")


class ReassignedSerializer(serializers.Serializer[Any]):
    """Which conversions went with the customer: those of which nothing was paid."""

    customer = Id()
    conversions = serializers.ListField(child=Id())


class ReassignCustomer(MerchantView):
    """Bind a customer to another affiliate."""

    @endpoint(
        "Reassign a customer",
        gives=ReassignedSerializer,
        takes=NewBinderSerializer,
        scope=Scope.CONVERSIONS,
        example={"program": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5c", **EXAMPLE},
        description=(
            "From now on this binding counts, whatever there was before. Conversions of which"
            " nothing was paid go with it; what is paid stays where it is."
        ),
    )
    def post(self, call: Call, id: UUID) -> dict[str, Any]:
        call.require_real()
        program = find_program(merchant_id=call.merchant_id, program_id=call.body["program"])
        conversions = reassign_customer(
            customer=one(customers_of(call.merchant_id), id),
            program=found(program, named_by="program"),
            enrollment=new_owner(call),
            reason=call.body["reason"],
            by=call.by,
            at=call.at,
        )
        return {"customer": id, "conversions": conversions}
