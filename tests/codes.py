"""Codes that affiliates ask for."""

from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Program
from tests.cast import NOON, Company, Promoter
from tracking.models import CouponRequest
from tracking.services import ask_for_coupon


def take_wishes(company: Company) -> None:
    """Let the company's affiliates ask for codes."""
    with merchant_context(company.id):
        Program.objects.filter(id=company.program.id).update(takes_coupon_requests=True)


def store_wish(company: Company, promoter: Promoter, code: str = "BOBBY") -> CouponRequest:
    """Store what an affiliate asks for."""
    take_wishes(company)
    with merchant_context(company.id):
        promoter.enrollment.refresh_from_db()
        promoter.enrollment.program.refresh_from_db()
        return ask_for_coupon(enrollment=promoter.enrollment, code=code, by=SYSTEM, at=NOON)
