"""Every write to rules and commissions. Callers stand in the merchant's context."""

from commissions.services.claims import (
    AlreadyCredited,
    AmountNeeded,
    ClaimDraft,
    ClaimExists,
    ConversionDeclined,
    MayNotClaim,
    TooManyClaims,
    credit_claim,
    refuse_claim,
    submit_claim,
    withdraw_claim,
)
from commissions.services.decisions import (
    approve_conversion,
    decline_conversion,
    hold_conversion,
    release_conversion,
)
from commissions.services.moves import ROUTES, decide_commission, lock_conversions, move_commissions
from commissions.services.processing import (
    BATCH,
    approve_due,
    process_conversions,
    process_customers,
    process_refunds,
)
from commissions.services.promotions import (
    archive_promotion,
    create_promotion,
    update_promotion,
)
from commissions.services.rates import Rate, change_rates, end_rate, rate_of, set_rate
from commissions.services.reassignments import reassign_conversion, reassign_customer
from commissions.services.rules import (
    RuleDraft,
    archive_rule,
    create_rule,
    reorder_rules,
    revise_rule,
)
from commissions.services.scores import score_branches
from commissions.services.statuses import process_status_reports
from commissions.services.tiers import archive_tier, move_to_tier
from commissions.services.waiting import attach_waiting

__all__ = [
    "BATCH",
    "ROUTES",
    "AlreadyCredited",
    "AmountNeeded",
    "ClaimDraft",
    "ClaimExists",
    "ConversionDeclined",
    "MayNotClaim",
    "Rate",
    "RuleDraft",
    "TooManyClaims",
    "approve_conversion",
    "approve_due",
    "archive_promotion",
    "archive_rule",
    "archive_tier",
    "attach_waiting",
    "change_rates",
    "create_promotion",
    "create_rule",
    "credit_claim",
    "decide_commission",
    "decline_conversion",
    "end_rate",
    "hold_conversion",
    "lock_conversions",
    "move_commissions",
    "move_to_tier",
    "process_conversions",
    "process_customers",
    "process_refunds",
    "process_status_reports",
    "rate_of",
    "reassign_conversion",
    "reassign_customer",
    "refuse_claim",
    "release_conversion",
    "reorder_rules",
    "revise_rule",
    "score_branches",
    "set_rate",
    "submit_claim",
    "update_promotion",
    "withdraw_claim",
]
