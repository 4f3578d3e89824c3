"""Programs that start from a preset: the program, and everything that the preset sets."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from commissions.presets import PRESETS, PresetQuestion, ProgramPreset, Start
from commissions.services.rates import set_rate
from merchants.models import Actor, Merchant
from programs.models import Goal, JoinMode, Program
from programs.services import (
    GoalDraft,
    ProgramDraft,
    QuestionDraft,
    add_question,
    create_program,
    use_preset,
)
from programs.services.conduct import ConductDraft, set_conduct


def draft_of(preset: ProgramPreset, draft: ProgramDraft) -> ProgramDraft:
    """Return the draft with what the preset sets; name, page, currency and joining stay."""
    start = PRESETS[preset]
    return replace(
        draft,
        kind=start.kind,
        window_days=start.window_days,
        hold_days=start.hold_days,
        lock_in_months=start.lock_in_months,
        goals=tuple(
            GoalDraft(goal.code, str(goal.name), str(goal.definition)) for goal in start.goals
        ),
    )


def start_program(
    *, merchant: Merchant, preset: ProgramPreset, draft: ProgramDraft, by: Actor, at: datetime
) -> Program:
    """Create a draft program as the preset has it, with rates, questions, tiers and rules.

    Its texts are in the language in force. All of it is made, or nothing.

    :raises BadValue: if a field of the draft cannot be.
    :raises SlugTaken: if the address is another program's.
    """
    start = PRESETS[preset]
    with transaction.atomic():
        program = create_program(merchant=merchant, draft=draft_of(preset, draft), by=by, at=at)
        _set_rates(program, start, by, at)
        if program.join_mode == JoinMode.APPLICATION:
            for question in start.questions:
                add_question(program=program, draft=_asked(question), by=by, at=at)
        if start.ladder is not None:
            use_preset(program=program, preset=start.ladder, by=by, at=at)
        conduct = ConductDraft(
            methods={way.value: said.value for way, said in start.methods.items()}
        )
        set_conduct(program=program, draft=conduct, by=by, at=at)
    return program


def _set_rates(program: Program, start: Start, by: Actor, at: datetime) -> None:
    rates = {goal.code: goal.rate(program.currency) for goal in start.goals}
    for goal in Goal.objects.filter(merchant_id=program.merchant_id, program=program):
        rate = rates[goal.code]
        if rate is not None:
            set_rate(goal=goal, rate=rate, by=by, at=at)


def _asked(question: PresetQuestion) -> QuestionDraft:
    return QuestionDraft(
        str(question.label),
        kind=question.kind,
        options=tuple(str(option) for option in question.options),
        is_required=question.is_required,
    )
