"""Every write to links, coupons and the facts that arrive from outside."""

from tracking.services.branches import BRANCHES_MAX, BranchDraft, set_branches
from tracking.services.caps import LIMIT_MAX, CapDraft, archive_cap, create_cap
from tracking.services.confirmations import confirm_conversion
from tracking.services.conversions import (
    Recorded,
    ReportRefusal,
    record_conversion,
    record_conversions,
)
from tracking.services.coupon_requests import (
    ask_for_coupon,
    give_requested,
    refuse_requested,
)
from tracking.services.coupons import (
    COUPONS_MAX,
    PREFIX_MAX,
    USES_MAX,
    archive_coupon,
    create_coupon,
    create_coupons,
    update_coupon,
)
from tracking.services.customers import BadEvidence, bind_customer, erase_customer
from tracking.services.enrollments import (
    approve_enrollment,
    enroll_affiliate,
    join_program,
    reinstate_enrollment,
)
from tracking.services.foreign import in_programs_currency
from tracking.services.foreign_refunds import count_anew, left_to_refund
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
from tracking.services.personal_codes import (
    ENDING_MAX,
    OFFER_MAX,
    PersonalCode,
    give_personal_codes,
)
from tracking.services.refunds import (
    TooMuchRefunded,
    record_refund,
    record_refund_of_order,
)
from tracking.services.reported import record_all_reported, record_reported
from tracking.services.reports import (
    ConversionReport,
    CurrencyMismatch,
    CustomerReport,
    GoalHasSteps,
    NoFxRate,
    UnknownGoal,
)
from tracking.services.status_reports import record_status
from tracking.services.steps import (
    NobodysStep,
    StepOutcome,
    StepProgress,
    StepReportDraft,
    UnknownStep,
    find_step,
    record_step,
)

__all__ = [
    "BRANCHES_MAX",
    "COUPONS_MAX",
    "ENDING_MAX",
    "KEEP",
    "LIMIT_MAX",
    "OFFER_MAX",
    "PREFIX_MAX",
    "USES_MAX",
    "BadEvidence",
    "BranchDraft",
    "CapDraft",
    "CodeTaken",
    "ConversionReport",
    "CurrencyMismatch",
    "CustomerReport",
    "GoalHasSteps",
    "NoFxRate",
    "NobodysStep",
    "NotEnrolled",
    "PersonalCode",
    "Recorded",
    "ReportRefusal",
    "StepOutcome",
    "StepProgress",
    "StepReportDraft",
    "TooMuchRefunded",
    "Unchanged",
    "UnknownGoal",
    "UnknownStep",
    "approve_enrollment",
    "archive_cap",
    "archive_coupon",
    "archive_link",
    "ask_for_coupon",
    "bind_customer",
    "confirm_conversion",
    "count_anew",
    "create_cap",
    "create_coupon",
    "create_coupons",
    "create_link",
    "enroll_affiliate",
    "ensure_first_link",
    "erase_customer",
    "find_step",
    "give_personal_codes",
    "give_requested",
    "in_programs_currency",
    "join_program",
    "left_to_refund",
    "new_link",
    "record_all_reported",
    "record_conversion",
    "record_conversions",
    "record_refund",
    "record_refund_of_order",
    "record_reported",
    "record_status",
    "record_step",
    "refuse_requested",
    "reinstate_enrollment",
    "set_branches",
    "update_coupon",
    "update_link",
]
