"""preview_conversion: step by step, by the very functions that decide, and nothing is stored."""

from typing import Any

import pytest
from django.apps import apps

from commissions.accrual import accrue
from commissions.preview_conversion import preview_conversion
from merchants.tenancy import merchant_context
from programs.models import Goal, GoalStep
from tests.cast import Company, Promoter, click_of
from tests.facts import SALE_AT, sale, settled, tell
from tracking.models import Cap, CapUse, Conversion, Source
from tracking.services import ConversionReport, create_coupon


def preview(
    company: Company, report: ConversionReport, **how: Any
) -> list[tuple[str, bool | None, dict[str, Any]]]:
    """Return the steps of a preview."""
    with merchant_context(company.id):
        found = preview_conversion(program=company.program, report=report, at=SALE_AT, **how)
    return [(step.name, step.ok, step.facts) for step in found]


def named(found: list[tuple[str, bool | None, dict[str, Any]]]) -> list[tuple[str, bool | None]]:
    """Return the names of steps with their outcome."""
    return [(name, ok) for name, ok, _facts in found]


def test_it_tells_the_whole_story(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        create_coupon(enrollment=bob.enrollment, code="OLD", valid_until=SALE_AT)
        Cap.objects.create(
            merchant_id=acme.id,
            program=acme.program,
            unit="CONVERSIONS",
            period="ALL",
            scope="PROGRAM",
            limit=5,
            is_hard=True,
        )

    found = preview(acme, sale(click_token=click_of(bob), coupon_code="old"))

    assert named(found) == [
        ("program", True),
        ("goal", True),
        ("currency", True),
        ("duplicate", True),
        ("touch", True),
        ("touch", False),
        ("credit", True),
        ("cap", True),
        ("rule", True),
        ("arithmetic", None),
        ("outcome", True),
        ("ledger", None),
        ("ledger", None),
    ]
    facts = [facts for _name, _ok, facts in found]
    assert facts[5]["reason"] == "coupon_expired"
    assert facts[6] == {"credits": [{"enrollment": str(bob.enrollment.id), "share_ppm": 1_000_000}]}
    assert facts[9]["amount_minor"] == 1_000
    assert facts[10] == {"status": "PENDING", "reason": "on_hold"}
    assert [(row["account"], row["amount_minor"]) for row in facts[11:]] == [
        ("COMMISSION_EXPENSE", -1_000),
        ("PENDING", 1_000),
    ]


def test_nothing_is_stored(acme: Company, bob: Promoter) -> None:
    tell(acme, sale("known", customer="c-1"))
    before = rows(acme)

    preview(acme, sale(click_token=click_of(bob), customer="c-1"))
    preview(acme, sale("new", click_token=click_of(bob), customer="c-2"))

    assert rows(acme) == before


def rows(company: Company) -> dict[str, int]:
    """Return how many rows each table of the domain has."""
    with merchant_context(company.id):
        return {
            model.__name__: model.objects.count()
            for name in ("tracking", "commissions", "ledger", "merchants")
            for model in apps.get_app_config(name).get_models()
            if model is not CapUse
        }


def test_it_says_what_the_worker_then_does(acme: Company, bob: Promoter) -> None:
    report = sale(click_token=click_of(bob), customer="c-1", referral_code="nobody")
    touches = [facts for name, _ok, facts in preview(acme, report) if name == "touch"]

    conversion = settled(acme, report)

    assert conversion.trace["touches"] == touches


@pytest.mark.parametrize(
    ("report", "last"),
    [
        (sale(goal="nope"), ("goal", False)),
        (sale(goal="install"), ("step", None)),
        (sale(goal="lead"), ("goal", False)),
        (sale(), ("outcome", False)),
    ],
    ids=["unknown", "a step", "a goal with steps", "nobody's"],
)
def test_it_ends_where_a_report_would(
    acme: Company, report: ConversionReport, last: tuple[str, bool | None]
) -> None:
    with merchant_context(acme.id):
        goal = Goal.objects.get(program=acme.program, code="lead")
        GoalStep.objects.create(
            merchant_id=acme.id, program=acme.program, goal=goal, code="install", name="Install"
        )

    assert named(preview(acme, report))[-1] == last


def test_a_repeat_says_so(acme: Company) -> None:
    tell(acme, sale())

    [known] = [facts for name, ok, facts in preview(acme, sale(amount_minor=1)) if ok is False][:1]

    assert (known["amount_minor"], known["amount_differs"]) == (10_000, True)


def test_a_browsers_word_would_wait(acme: Company, bob: Promoter) -> None:
    found = preview(acme, sale(click_token=click_of(bob)), source=Source.PIXEL)

    assert found[-1] == ("outcome", False, {"status": "PENDING", "reason": "unverified"})


def test_a_batch_of_none_is_nothing(acme: Company) -> None:
    with merchant_context(acme.id):
        assert accrue(acme.id, [], at=SALE_AT) == []
        assert not Conversion.objects.exists()
