"""Every write to links, coupons and the facts that arrive from outside."""

from tracking.services.branches import BranchDraft, set_branches
from tracking.services.caps import CapDraft, archive_cap, create_cap
from tracking.services.conversions import (
    ConversionReport,
    CurrencyMismatch,
    CustomerReport,
    UnknownGoal,
    conversion_facts,
    record_conversion,
)
from tracking.services.coupons import (
    archive_coupon,
    create_coupon,
    create_coupons,
    update_coupon,
)
from tracking.services.enrollments import (
    approve_enrollment,
    join_program,
    reinstate_enrollment,
)
from tracking.services.links import (
    KEEP,
    CodeTaken,
    NotEnrolled,
    Unchanged,
    archive_link,
    create_link,
    ensure_first_link,
    new_link,
    update_link,
)
from tracking.services.refunds import (
    TooMuchRefunded,
    record_refund,
)

__all__ = [
    "KEEP",
    "BranchDraft",
    "CapDraft",
    "CodeTaken",
    "ConversionReport",
    "CurrencyMismatch",
    "CustomerReport",
    "NotEnrolled",
    "TooMuchRefunded",
    "Unchanged",
    "UnknownGoal",
    "approve_enrollment",
    "archive_cap",
    "archive_coupon",
    "archive_link",
    "conversion_facts",
    "create_cap",
    "create_coupon",
    "create_coupons",
    "create_link",
    "ensure_first_link",
    "join_program",
    "new_link",
    "record_conversion",
    "record_refund",
    "reinstate_enrollment",
    "set_branches",
    "update_coupon",
    "update_link",
]
