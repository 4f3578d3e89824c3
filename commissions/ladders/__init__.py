"""Ladders: which tier the figures of an affiliate earn it, and moving there. docs/tiers.md."""

from commissions.ladders.climbing import Figures, Rung, Standing, Verdict, next_tier
from commissions.ladders.judging import Judged, judge, rungs_of
from commissions.ladders.periods import Window, running_window
from commissions.ladders.preview import LadderPreview, preview_ladder
from commissions.ladders.progress import Missing, TierProgress, tier_progress
from commissions.ladders.sweep import climb

__all__ = [
    "Figures",
    "Judged",
    "LadderPreview",
    "Missing",
    "Rung",
    "Standing",
    "TierProgress",
    "Verdict",
    "Window",
    "climb",
    "judge",
    "next_tier",
    "preview_ladder",
    "rungs_of",
    "running_window",
    "tier_progress",
]
