"""What Acme asks of applicants, and what its rules make of the answers.

Nothing that is asked beyond what every program asks must be answered, and no rule lets anybody in
by chance: whoever tries the demo applies as to any program.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from affiliates.applications import ApplicationDraft
from affiliates.review_rules import RuleDraft, add_rule
from demo.applicants import ANSWERS
from demo.characters import Promoter
from merchants.models import Actor
from programs.answers import asked, read_answers
from programs.models import Check, FieldKind, Program, Stage, Verdict
from programs.questions import questions_of, stored_questions
from programs.services import QuestionDraft, add_question

ADVERTISES: Final = "Search advertising"
QUESTIONS: Final = (
    QuestionDraft(
        "How many people do you reach in a month?",
        FieldKind.NUMBER,
        code="reach",
        help="Readers, viewers, subscribers: roughly.",
    ),
    QuestionDraft(
        "How do you promote?",
        FieldKind.CHOICES,
        code="ways",
        options=(
            *("Website or blog", "Video", "Podcast", "Newsletter", "Social media", "Print"),
            *(ADVERTISES, "Coupons or cashback", "Something else"),
        ),
    ),
    QuestionDraft(
        "Which keywords do you bid on?",
        FieldKind.LONG_TEXT,
        code="keywords",
        help="Our own names are not for sale.",
        shown_if_code="ways",
        shown_if_values=(ADVERTISES,),
    ),
    QuestionDraft("Where are you at home?", FieldKind.COUNTRY, code="country"),
    QuestionDraft(
        "What of ours do you use yourself?",
        FieldKind.LONG_TEXT,
        stage=Stage.QUESTIONNAIRE,
        code="owns",
        is_required=True,
    ),
    QuestionDraft(
        "What would you like to try?",
        FieldKind.CHOICES,
        stage=Stage.QUESTIONNAIRE,
        code="samples",
        help="We lend one thing at a time.",
        options=("Ropes", "Lamps", "Oilskins"),
    ),
    QuestionDraft("May we call you?", FieldKind.CHECKBOX, stage=Stage.QUESTIONNAIRE, code="calls"),
    QuestionDraft(
        "When is a good time?",
        stage=Stage.QUESTIONNAIRE,
        code="phone_times",
        shown_if_code="calls",
        shown_if_values=("yes",),
    ),
)
RULES: Final = (
    RuleDraft(
        Check.EMAIL_DISPOSABLE,
        Verdict.REJECT,
        "We write to our partners for years: please apply with an address that lasts as long.",
    ),
    RuleDraft(
        Check.ANSWER,
        Verdict.REVIEW,
        "Search advertising is looked at by a person.",
        field_code="ways",
        values=(ADVERTISES,),
    ),
    RuleDraft(
        Check.COUNTRY,
        Verdict.REVIEW,
        "We do not deliver there yet.",
        is_negated=True,
        values=("AT", "BE", "DE", "DK", "FR", "GB", "NL", "PL", "PT", "SE"),
    ),
    RuleDraft(
        Check.REFERENCES_VERIFIED,
        Verdict.APPROVE,
        "Two people we can ask vouch for you.",
        minimum=2,
    ),
    RuleDraft(
        Check.WEBSITE_VERIFIED,
        Verdict.APPROVE,
        "Your website is proven to be yours.",
    ),
)


def make_form(program: Program, *, by: Actor, at: datetime) -> None:
    """Make the program's questions and the rules that look at the answers."""
    for question in QUESTIONS:
        add_question(program=program, draft=question, by=by, at=at)
    for rule in RULES:
        add_rule(program=program, draft=rule, by=by, at=at)


def application_of(program: Program, promoter: Promoter) -> ApplicationDraft:
    """Return what a promoter writes, as the program's form reads it."""
    said: dict[str, Any] = {"channels": promoter.channels, "message": promoter.message}
    if not stored_questions(program, Stage.APPLICATION):
        return ApplicationDraft(said)
    said |= {"website": promoter.website} | ANSWERS.get(promoter.person.email, {})
    return draft_of(program, Stage.APPLICATION, {**said, **promoter.answers})


def draft_of(program: Program, stage: Stage, said: Mapping[str, Any]) -> ApplicationDraft:
    """Return answers as the questions of a stage read them."""
    questions = questions_of(program, stage)
    return ApplicationDraft(read_answers(questions, said).answers, asked(questions))
