"""Find anything of a merchant by what people call it. Callers stand in the merchant's context."""

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from affiliates.care.search import search_enrollments
from affiliates.models import Enrollment
from payouts.models import Batch
from programs.models import Program
from tracking.models import Conversion, Coupon, Customer, Link

EACH_MAX = 5
LETTERS_MIN = 2
LETTERS_MAX = 200


class Thing(StrEnum):
    """What can be found."""

    PROGRAM = "program"
    AFFILIATE = "affiliate"
    CONVERSION = "conversion"
    LINK = "link"
    COUPON = "coupon"
    CUSTOMER = "customer"
    BATCH = "batch"


class Hit(NamedTuple):
    """One thing that was found; `id` is what its page is named by."""

    thing: Thing
    id: UUID
    name: str
    about: str


def find_anything(merchant_id: UUID, text: str) -> list[Hit]:
    """Return what is called so, at most EACH_MAX of each kind; orders and customers by whole ids.

    A batch is found by its number, as in “12” or “#12”.
    """
    text = text.strip()[:LETTERS_MAX]
    if "\0" in text or not _says_something(text):
        return []
    found = [*_programs(merchant_id, text), *_affiliates(merchant_id, text)]
    found += [*_conversions(merchant_id, text), *_links(merchant_id, text)]
    found += [*_coupons(merchant_id, text), *_customers(merchant_id, text)]
    return [*found, *_batches(merchant_id, text)]


def _says_something(text: str) -> bool:
    return len(text) >= LETTERS_MIN or text.isdigit()


def _programs(merchant_id: UUID, text: str) -> list[Hit]:
    rows = Program.objects.filter(merchant_id=merchant_id, name__icontains=text)
    return [
        Hit(Thing.PROGRAM, row.id, row.name, str(row.get_status_display()))
        for row in rows.order_by("name", "id")[:EACH_MAX]
    ]


def _affiliates(merchant_id: UUID, text: str) -> list[Hit]:
    rows = Enrollment.objects.filter(merchant_id=merchant_id)
    found = search_enrollments(rows, text).select_related("affiliate", "program").order_by("-id")
    return [
        Hit(Thing.AFFILIATE, row.id, row.affiliate.name, f"{row.affiliate.email} · {row.program}")
        for row in found[:EACH_MAX]
    ]


def _conversions(merchant_id: UUID, text: str) -> list[Hit]:
    rows = Conversion.objects.filter(merchant_id=merchant_id, external_id=text)
    found = rows.select_related("program").order_by("-id")[:EACH_MAX]
    return [Hit(Thing.CONVERSION, row.id, row.external_id, row.program.name) for row in found]


def _links(merchant_id: UUID, text: str) -> list[Hit]:
    rows = Link.objects.filter(merchant_id=merchant_id)
    rows = rows.filter(Q(code__istartswith=text) | Q(name__icontains=text))
    found = rows.select_related("affiliate").order_by("-id")[:EACH_MAX]
    return [
        Hit(Thing.LINK, row.id, row.code, " · ".join(filter(None, [row.name, row.affiliate.name])))
        for row in found
    ]


def _coupons(merchant_id: UUID, text: str) -> list[Hit]:
    rows = Coupon.objects.filter(merchant_id=merchant_id, code__startswith=text.upper())
    found = rows.select_related("affiliate").order_by("code", "id")[:EACH_MAX]
    return [Hit(Thing.COUPON, row.enrollment_id, row.code, row.affiliate.name) for row in found]


def _customers(merchant_id: UUID, text: str) -> list[Hit]:
    rows = Customer.objects.filter(merchant_id=merchant_id, external_id=text)
    return [Hit(Thing.CUSTOMER, row.id, row.external_id, row.country) for row in rows[:EACH_MAX]]


def _batches(merchant_id: UUID, text: str) -> list[Hit]:
    digits = text.removeprefix("#")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        return []
    rows = Batch.objects.filter(merchant_id=merchant_id, number=int(digits))
    return [
        Hit(Thing.BATCH, row.id, f"#{row.number}", str(row.get_status_display())) for row in rows
    ]
