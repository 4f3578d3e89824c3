"""Presets: a program that starts with goals, rates, questions, tiers and rules."""

import pytest

from commissions.models import Reward
from commissions.presets import PRESETS, ProgramPreset
from commissions.selectors import rates_in_force
from commissions.services.presets import start_program
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import JoinMode, Kind, ProgramChange, Stage, Status
from programs.questions import stored_questions
from programs.selectors import conduct_of, tiers_of
from programs.services import PRESETS as LADDERS
from programs.services import ProgramDraft
from tests.cast import NOON, Company


def start(company: Company, preset: ProgramPreset, currency: str = "EUR"):
    """Start a program of a company from a preset; return it."""
    draft = ProgramDraft(
        name=f"{preset.label} of Acme", landing_url="https://acme.example/", currency=currency
    )
    return start_program(merchant=company.merchant, preset=preset, draft=draft, by=SYSTEM, at=NOON)


def test_every_preset_makes_what_it_says(acme: Company) -> None:
    with merchant_context(acme.id):
        for preset, said in PRESETS.items():
            program = start(acme, preset)
            rates = rates_in_force([program.id], at=NOON)[program.id]
            asked = stored_questions(program, Stage.APPLICATION)
            conduct = conduct_of(program)

            assert (program.status, program.kind) == (Status.DRAFT, said.kind)
            assert program.window_days == said.window_days
            assert program.hold_days == said.hold_days
            assert {row.goal.code: bool(row.version) for row in rates} == {
                goal.code: bool(goal.percent or goal.amount) for goal in said.goals
            }
            assert len(asked) == (len(said.questions) + 4 if said.questions else 0)
            assert [tier.name for tier in tiers_of(program)] == (
                [tier.name for tier in LADDERS[said.ladder][1]] if said.ladder else []
            )
            assert conduct is not None
            assert conduct.methods == {way.value: one.value for way, one in said.methods.items()}


@pytest.mark.parametrize(("currency", "minor"), [("EUR", 25_00), ("JPY", 2_500), ("KWD", 25_000)])
def test_an_amount_is_in_major_units_of_the_programs_currency(
    acme: Company, currency: str, minor: int
) -> None:
    with merchant_context(acme.id):
        program = start(acme, ProgramPreset.LEADS, currency)
        (rate,) = [
            row.version
            for row in rates_in_force([program.id], at=NOON)[program.id]
            if row.goal.code == "qualified_lead"
        ]

    assert rate is not None
    assert (rate.reward, rate.fixed_minor) == (Reward.FIXED, minor)


def test_nobody_is_asked_who_need_not_apply_and_nobody_is_mailed_of_a_draft(acme: Company) -> None:
    with merchant_context(acme.id):
        draft = ProgramDraft(
            name="Friends",
            landing_url="https://acme.example/",
            currency="EUR",
            join_mode=JoinMode.OPEN,
            kind=Kind.CHANNEL,
        )
        program = start_program(
            merchant=acme.merchant, preset=ProgramPreset.SAAS, draft=draft, by=SYSTEM, at=NOON
        )

        assert program.kind == Kind.AFFILIATE
        assert stored_questions(program, Stage.APPLICATION) == []
        assert not ProgramChange.objects.filter(mail_due_at__isnull=False).exists()
