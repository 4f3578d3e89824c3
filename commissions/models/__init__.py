"""Rules, commissions and what limits, claims, tests and replays them."""

from commissions.models.budgets import Budget, BudgetPeriod, BudgetScope, BudgetUse
from commissions.models.claims import CLAIM_MAY_COME_FROM, Claim, ClaimStatus
from commissions.models.commissions import (
    EARNING_REF,
    GRANT_MAY_COME_FROM,
    MAY_COME_FROM,
    OF_A_CONVERSION,
    PHASES,
    Commission,
    Grant,
    GrantKind,
    GrantStatus,
    Kind,
    Status,
)
from commissions.models.decisions import Decision, DecisionStatus
from commissions.models.experiments import (
    Experiment,
    ExperimentAssignment,
    ExperimentState,
    ExperimentVariant,
)
from commissions.models.proposals import (
    PROPOSAL_MAY_COME_FROM,
    Proposal,
    ProposalStatus,
    Side,
)
from commissions.models.replays import (
    Replay,
    ReplayDifference,
    ReplayKind,
    ReplayStatus,
    ReplayTotal,
)
from commissions.models.rules import (
    PER_CONVERSION,
    Change,
    Level,
    Promotion,
    RateChange,
    RateNotice,
    Reward,
    Rule,
    RuleVersion,
)
from commissions.models.traffic import TrafficDay

__all__ = [
    "CLAIM_MAY_COME_FROM",
    "EARNING_REF",
    "GRANT_MAY_COME_FROM",
    "MAY_COME_FROM",
    "OF_A_CONVERSION",
    "PER_CONVERSION",
    "PHASES",
    "PROPOSAL_MAY_COME_FROM",
    "Budget",
    "BudgetPeriod",
    "BudgetScope",
    "BudgetUse",
    "Change",
    "Claim",
    "ClaimStatus",
    "Commission",
    "Decision",
    "DecisionStatus",
    "Experiment",
    "ExperimentAssignment",
    "ExperimentState",
    "ExperimentVariant",
    "Grant",
    "GrantKind",
    "GrantStatus",
    "Kind",
    "Level",
    "Promotion",
    "Proposal",
    "ProposalStatus",
    "RateChange",
    "RateNotice",
    "Replay",
    "ReplayDifference",
    "ReplayKind",
    "ReplayStatus",
    "ReplayTotal",
    "Reward",
    "Rule",
    "RuleVersion",
    "Side",
    "Status",
    "TrafficDay",
]
