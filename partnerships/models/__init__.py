"""Partnerships, and what both sides keep there."""

from partnerships.models.goals import Checkpoint, GoalMetric, Reading, SharedGoal
from partnerships.models.partnerships import Comment, Partnership, Person, Sheet, SheetKind
from partnerships.models.plan import (
    MAY_COME_FROM,
    REVIEW_MAY_COME_FROM,
    Item,
    ItemKind,
    ItemMove,
    ItemStatus,
    Review,
    ReviewStatus,
)

__all__ = [
    "MAY_COME_FROM",
    "REVIEW_MAY_COME_FROM",
    "Checkpoint",
    "Comment",
    "GoalMetric",
    "Item",
    "ItemKind",
    "ItemMove",
    "ItemStatus",
    "Partnership",
    "Person",
    "Reading",
    "Review",
    "ReviewStatus",
    "SharedGoal",
    "Sheet",
    "SheetKind",
]
