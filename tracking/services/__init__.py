"""Every write to links, coupons and the facts that arrive from outside."""

from tracking.services.conversions import (
    ConversionReport,
    CurrencyMismatch,
    CustomerReport,
    UnknownGoal,
    conversion_facts,
    record_conversion,
)
from tracking.services.coupons import (
    create_coupon,
    update_coupon,
)
from tracking.services.enrollments import (
    approve_enrollment,
    join_program,
    reinstate_enrollment,
)
from tracking.services.links import (
    CodeTaken,
    NotEnrolled,
    archive_link,
    create_link,
    ensure_first_link,
    require_link_possible,
    update_link,
)
from tracking.services.refunds import (
    TooMuchRefunded,
    record_refund,
)

__all__ = [
    "CodeTaken",
    "ConversionReport",
    "CurrencyMismatch",
    "CustomerReport",
    "NotEnrolled",
    "TooMuchRefunded",
    "UnknownGoal",
    "approve_enrollment",
    "archive_link",
    "conversion_facts",
    "create_coupon",
    "create_link",
    "ensure_first_link",
    "join_program",
    "record_conversion",
    "record_refund",
    "reinstate_enrollment",
    "require_link_possible",
    "update_coupon",
    "update_link",
]
