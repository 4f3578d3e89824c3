"""What was proposed and agreed: proposals, and rates that hold for one affiliate alone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from commissions.catalogue import Op
from commissions.models import Level, Proposal, RuleVersion
from commissions.words import describe_rule
from programs.models import Program


def proposals_of(program: Program) -> QuerySet[Proposal]:
    """Return what was proposed in a program, what waits first, then the newest."""
    rows = Proposal.objects.filter(merchant_id=program.merchant_id, program=program)
    return named(rows).order_by("-status", "-offered_at", "-id")


def proposals_with(enrollment: Enrollment) -> list[Proposal]:
    """Return what was proposed to, and by, one affiliate, newest first."""
    rows = Proposal.objects.filter(merchant_id=enrollment.merchant_id, enrollment=enrollment)
    return list(named(rows).order_by("-offered_at", "-id"))


def named(rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Return proposals with all that a page says of them."""
    return rows.select_related(
        "enrollment__program__merchant", "enrollment__affiliate", "goal", "signed_by"
    )


def words_of(proposal: Proposal, *, language: str) -> str:
    """Return what is proposed in one sentence."""
    goal = proposal.goal.name if proposal.goal else None
    currency = proposal.enrollment.program.currency
    return describe_rule(proposal, goal=goal, currency=currency, language=language)


def agreement_text(proposal: Proposal, *, language: str) -> str:
    """Return the sentence to which both sides agree, and whose hash is kept."""
    enrollment, starts_at = proposal.enrollment, proposal.starts_at
    said = {
        "merchant": enrollment.program.merchant.name,
        "affiliate": enrollment.affiliate.name,
        "program": enrollment.program.name,
        "words": words_of(proposal, language=language),
    }
    if starts_at is None:
        text = _("%(merchant)s pays %(affiliate)s in %(program)s from the agreement on: %(words)s.")
        return text % said
    said["moment"] = f"{starts_at.astimezone(UTC):%Y-%m-%d %H:%M}"
    text = _("%(merchant)s pays %(affiliate)s in %(program)s from %(moment)s UTC on: %(words)s.")
    return text % said


def story_of(proposal: Proposal) -> list[Proposal]:
    """Return the proposals that led to this one, the first of them first, itself last."""
    story = [proposal]
    while story[0].answers_id is not None:
        before = Proposal.objects.filter(merchant_id=proposal.merchant_id, id=story[0].answers_id)
        story.insert(0, named(before).get())
    return story


@dataclass(frozen=True, slots=True)
class RateException:
    """A rate of one affiliate alone, with the last day on which it holds; None: until changed."""

    version: RuleVersion
    enrollment: Enrollment
    ends_on: date | None

    def is_over_at(self, at: datetime) -> bool:
        """Whether its last day has passed."""
        return self.ends_on is not None and self.ends_on < at.date()


def exceptions_of(program: Program, *, limit: int) -> list[RateException]:
    """Return the rates agreed with single affiliates, what ends soonest first."""
    versions = RuleVersion.objects.filter(
        merchant_id=program.merchant_id,
        rule__program=program,
        rule__level=Level.ENROLLMENT,
        rule__archived_at=None,
    ).select_related("rule__goal", "rule__enrollment__affiliate")
    newest: dict[UUID, RuleVersion] = {}
    for version in versions.order_by("rule_id", "version"):
        newest[version.rule_id] = version
    rows = []
    for version in newest.values():
        enrollment = version.rule.enrollment
        assert enrollment is not None
        rows.append(RateException(version, enrollment, _last_day(version)))
    rows.sort(key=lambda row: (row.ends_on or date.max, row.enrollment.affiliate.name))
    return rows[:limit]


def _last_day(version: RuleVersion) -> date | None:
    days = [
        date.fromisoformat(condition["value"])
        for condition in version.conditions
        if condition["field"] == "date" and condition["op"] == Op.LTE
    ]
    return min(days, default=None)
