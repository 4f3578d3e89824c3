"""Experiments that tests need."""

from datetime import datetime, timedelta
from typing import Final

from commissions.models import Experiment
from commissions.services.experiments import ExperimentDraft, VariantDraft, create_experiment
from merchants.models import SYSTEM
from programs.models import Program

TWENTY: Final = {"goal": "sale", "reward": "PERCENT", "rate_bps": 2_000}


def plan_experiment(
    program: Program, *, starts_at: datetime, days: int = 30, name: str = "Twice as much"
) -> Experiment:
    """Store an experiment of 20 % against what the program pays; stand in its context."""
    draft = ExperimentDraft(
        name=name,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(days=days),
        variants=[VariantDraft("As now"), VariantDraft("20%", rules=[TWENTY])],
    )
    return create_experiment(program=program, draft=draft, by=SYSTEM, at=starts_at)
