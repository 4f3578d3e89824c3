"""Rules that pay for no conversion, and what came of them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from commissions.models import Commission, Level, Reward, Rule, RuleVersion
from commissions.tasks import Step
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from tests.cast import Company, Promoter

MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def rule(company: Company, reward: Reward, *, since: datetime = MARCH, **facts: Any) -> RuleVersion:
    """Store a rule of the program, or of the level that is named."""
    version = {key: facts.pop(key) for key in ("fixed_minor", "details") if key in facts}
    with merchant_context(company.id):
        row = Rule.objects.create(
            merchant_id=company.id,
            program=company.program,
            level=facts.pop("level", Level.PROGRAM),
            **facts,
        )
        return reword(row, reward, since, version)


def reword(row: Rule, reward: Reward, since: datetime, version: dict[str, Any]) -> RuleVersion:
    """Store the next version of a rule."""
    return RuleVersion.objects.create(
        merchant_id=row.merchant_id,
        rule=row,
        version=row.versions.count() + 1,
        reward=reward,
        valid_from=since,
        **version,
    )


def work(company: Company, step: Step, at: datetime) -> None:
    """Do what the worker does, until nothing is due; the books must hold afterwards."""
    while step(merchant_id=company.id, at=at):
        pass
    with merchant_context(company.id):
        assert check_money(company.id) == []


def lines(
    company: Company, promoter: Promoter, show: Callable[[Commission], Any] | None = None
) -> list[Any]:
    """Return an affiliate's lines of no conversion, oldest first: amounts, or what is shown."""
    with merchant_context(company.id):
        rows = Commission.objects.filter(
            merchant_id=company.id, enrollment=promoter.enrollment, conversion=None
        )
        in_order = rows.order_by("earned_at", "event_ref")
        return [show(row) if show else row.amount_minor for row in in_order]
