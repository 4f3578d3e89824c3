"""What a program says and wants: a block, a target, a policy, and what somebody says of it."""

from datetime import date
from typing import Any
from uuid import UUID

from affiliates.friction import report_friction
from affiliates.waivers import grant_waiver
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Policy
from programs.services.pages import BlockDraft, add_block
from programs.services.plans import add_target
from programs.services.policies import PolicyDraft, add_policy
from tests.cast import NOON, Company, Promoter


def store_policy(company: Company, **facts: Any) -> Policy:
    """Return a policy of the company's program that its owner answers for."""
    said = {
        "category": "BRAND",
        "title": "No bidding on our name",
        "body": "Nobody buys search ads on “Acme”.",
        "rationale": "We would pay twice.",
        "owner": company.owner,
        "review_on": date(2026, 9, 1),
    } | facts
    with merchant_context(company.id):
        return add_policy(program=company.program, draft=PolicyDraft(**said), by=SYSTEM, at=NOON)


def store_page(company: Company, promoter: Promoter) -> dict[str, UUID | str]:
    """Return what the routes of a program's page, targets and policies name."""
    policy = store_policy(company)
    report = report_friction(
        enrollment=promoter.enrollment, policy=policy, body="I need it.", by=promoter.user, at=NOON
    )
    with merchant_context(company.id):
        block = add_block(
            program=company.program, draft=BlockDraft("TEXT", body="Hello."), by=SYSTEM, at=NOON
        )
        target = add_target(
            program=company.program,
            metric="CLICKS",
            amount=100,
            first_on=date(2026, 3, 1),
            last_on=date(2026, 3, 31),
            by=SYSTEM,
            at=NOON,
        )
        waiver = grant_waiver(
            policy=policy,
            enrollment=promoter.enrollment,
            reason="Until the sale is over.",
            last_on=date(2026, 3, 31),
            by=company.owner,
            at=NOON,
        )
    return {
        "waiver_id": waiver.id,
        "block_id": block.id,
        "target_id": target.id,
        "policy_id": policy.id,
        "report_id": report.id,
    }
