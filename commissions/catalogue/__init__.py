"""The catalogue: every condition and every reward there is, with what each is made of.

Validation, the console's form, the API's schema and the words that affiliates read come from it.
"""

from commissions.catalogue.conditions import (
    CONDITIONS,
    METADATA,
    ConditionField,
    Op,
    clean_conditions,
    failing,
    field_of,
    holds,
    value_kind,
)
from commissions.catalogue.fields import (
    Choice,
    Day,
    Field,
    Group,
    ListOf,
    Rows,
    Whole,
    Words,
)
from commissions.catalogue.rewards import (
    REWARDS,
    CleanReward,
    Counts,
    FlatPeriod,
    Milestone,
    Mode,
    RewardKind,
    clean_reward,
)

__all__ = [
    "CONDITIONS",
    "METADATA",
    "REWARDS",
    "Choice",
    "CleanReward",
    "ConditionField",
    "Counts",
    "Day",
    "Field",
    "FlatPeriod",
    "Group",
    "ListOf",
    "Milestone",
    "Mode",
    "Op",
    "RewardKind",
    "Rows",
    "Whole",
    "Words",
    "clean_conditions",
    "clean_reward",
    "failing",
    "field_of",
    "holds",
    "value_kind",
]
