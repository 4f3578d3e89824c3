"""Every write to batches and payouts. Callers stand in the merchant's context.

A commission is reserved by one compare-and-set and one partial unique index, so whatever runs
twice, it is paid once.
"""

from payouts.services.approving import (
    NothingInBatch,
    SelfApproval,
    approval_limit,
    approve_batch,
    cancel_batch,
    needs_another,
    reserve_further,
)
from payouts.services.books import BatchOutdated
from payouts.services.by_hand import (
    NoProof,
    ProvidersWord,
    SelfConfirmation,
    mark_batch_paid,
    mark_failed,
    mark_paid,
    mark_returned,
)
from payouts.services.editing import NotInBatch, edit_batch
from payouts.services.handing_over import NoRail, RailBlocked, send_batch
from payouts.services.preparing import (
    NothingToPay,
    is_large,
    prepare_batch,
    prepare_further,
    propose_batch,
)
from payouts.services.retrying import NotRetriable, PayeeNotReady, RetriedAlready, retry_payout
from payouts.services.rules import (
    TermsDraft,
    TermsExist,
    change_terms,
    create_terms,
    policy_of,
    remove_terms,
    set_approval_limit,
    set_prepares_itself,
)
from payouts.services.settle import ProofUsed
from payouts.services.withdrawals import (
    NotPayable,
    WithdrawalOpen,
    approve_withdrawal,
    cancel_withdrawal,
    decline_withdrawal,
    payable_now,
    request_withdrawal,
)

__all__ = [
    "BatchOutdated",
    "NoProof",
    "NoRail",
    "NotInBatch",
    "NotPayable",
    "NotRetriable",
    "NothingInBatch",
    "NothingToPay",
    "PayeeNotReady",
    "ProofUsed",
    "ProvidersWord",
    "RailBlocked",
    "RetriedAlready",
    "SelfApproval",
    "SelfConfirmation",
    "TermsDraft",
    "TermsExist",
    "WithdrawalOpen",
    "approval_limit",
    "approve_batch",
    "approve_withdrawal",
    "cancel_batch",
    "cancel_withdrawal",
    "change_terms",
    "create_terms",
    "decline_withdrawal",
    "edit_batch",
    "is_large",
    "mark_batch_paid",
    "mark_failed",
    "mark_paid",
    "mark_returned",
    "needs_another",
    "payable_now",
    "policy_of",
    "prepare_batch",
    "prepare_further",
    "propose_batch",
    "remove_terms",
    "request_withdrawal",
    "reserve_further",
    "retry_payout",
    "send_batch",
    "set_approval_limit",
    "set_prepares_itself",
]
