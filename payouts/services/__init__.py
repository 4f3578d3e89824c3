"""Every write to batches and payouts. Callers stand in the merchant's context.

A commission is reserved by one compare-and-set and one partial unique index, so whatever runs
twice, it is paid once.
"""

from payouts.services.approving import SelfApproval, approve_batch, cancel_batch
from payouts.services.books import BatchOutdated
from payouts.services.by_hand import NoProof, mark_batch_paid, mark_failed, mark_paid
from payouts.services.handing_over import send_batch
from payouts.services.preparing import NothingToPay, prepare_batch, propose_batch
from payouts.services.settle import ProofUsed

__all__ = [
    "BatchOutdated",
    "NoProof",
    "NothingToPay",
    "ProofUsed",
    "SelfApproval",
    "approve_batch",
    "cancel_batch",
    "mark_batch_paid",
    "mark_failed",
    "mark_paid",
    "prepare_batch",
    "propose_batch",
    "send_batch",
]
