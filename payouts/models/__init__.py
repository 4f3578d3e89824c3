"""Payouts: methods, terms, batches, rails and the papers about them."""

from payouts.models.attempts import ATTEMPT_MAY_COME_FROM, Attempt, AttemptStatus
from payouts.models.batches import (
    BATCH_MAY_COME_FROM,
    PAYOUT_MAY_COME_FROM,
    Batch,
    BatchFile,
    BatchStatus,
    Exclusion,
    Payout,
    PayoutLine,
    PayoutQuerySet,
    PayoutStatus,
)
from payouts.models.documents import Document, DocumentKind, DocumentSeries
from payouts.models.methods import (
    AccountOwner,
    AccountType,
    MethodClearance,
    MethodKind,
    PayoutMethod,
)
from payouts.models.parts import BatchPart
from payouts.models.rails import (
    Finding,
    FindingKind,
    Mode,
    Notice,
    Provider,
    Rail,
    Reconciliation,
)
from payouts.models.statements import LineOutcome, Statement, StatementFormat, StatementLine
from payouts.models.tax import (
    US_FORMS,
    MerchantTax,
    SelfBillingAgreement,
    TaxFault,
    TaxFormKind,
    TaxProfile,
    VatStatus,
)
from payouts.models.terms import ApprovalLimit, PayoutPolicy, PayoutTerms, Schedule
from payouts.models.withdrawals import (
    LIVE_WITHDRAWALS,
    WITHDRAWAL_MAY_COME_FROM,
    Destination,
    Withdrawal,
    WithdrawalStatus,
)

__all__ = [
    "ATTEMPT_MAY_COME_FROM",
    "BATCH_MAY_COME_FROM",
    "LIVE_WITHDRAWALS",
    "PAYOUT_MAY_COME_FROM",
    "US_FORMS",
    "WITHDRAWAL_MAY_COME_FROM",
    "AccountOwner",
    "AccountType",
    "ApprovalLimit",
    "Attempt",
    "AttemptStatus",
    "Batch",
    "BatchFile",
    "BatchPart",
    "BatchStatus",
    "Destination",
    "Document",
    "DocumentKind",
    "DocumentSeries",
    "Exclusion",
    "Finding",
    "FindingKind",
    "LineOutcome",
    "MerchantTax",
    "MethodClearance",
    "MethodKind",
    "Mode",
    "Notice",
    "Payout",
    "PayoutLine",
    "PayoutMethod",
    "PayoutPolicy",
    "PayoutQuerySet",
    "PayoutStatus",
    "PayoutTerms",
    "Provider",
    "Rail",
    "Reconciliation",
    "Schedule",
    "SelfBillingAgreement",
    "Statement",
    "StatementFormat",
    "StatementLine",
    "TaxFault",
    "TaxFormKind",
    "TaxProfile",
    "VatStatus",
    "Withdrawal",
    "WithdrawalStatus",
]
