"""results_of: variants side by side, each figure with known numbers."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest

from commissions.models import Experiment, ExperimentAssignment, ExperimentState, ExperimentVariant
from commissions.services.draws import draw_experiments
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Goal
from reports.experiments import Results, results_of
from reports.models import DailyClicks
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell, settle
from tests.experiments import plan_experiment
from tracking.models import Conversion, ConversionStatus, Credit
from tracking.services import record_refund

START = NOON
DURING = NOON + timedelta(hours=2)
LATER = NOON + timedelta(days=3)


@pytest.fixture
def experiment(acme: Company) -> Experiment:
    """Return an experiment that starts at noon."""
    with merchant_context(acme.id):
        return plan_experiment(acme.program, starts_at=START)


def put(company: Company, experiment: Experiment, promoter: Promoter, variant: str) -> None:
    """Put somebody into a variant, as the draw would."""
    with merchant_context(company.id):
        ExperimentAssignment.objects.create(
            merchant_id=company.id,
            experiment=experiment,
            enrollment=promoter.enrollment,
            variant=ExperimentVariant.objects.get(experiment=experiment, name=variant),
        )


def clicked(company: Company, promoter: Promoter, count: int, *, days: int = 0) -> None:
    """Store that people clicked."""
    with merchant_context(company.id):
        DailyClicks.objects.create(
            merchant_id=company.id,
            day=(START + timedelta(days=days)).date(),
            link_id=promoter.link.id,
            program_id=company.program.id,
            enrollment_id=promoter.enrollment.id,
            affiliate_id=promoter.affiliate.id,
            clicks=count * 2,
            human=count,
            credited=count,
        )


def read(company: Company, experiment: Experiment) -> Results:
    """Return the results three days later."""
    with merchant_context(company.id):
        return results_of(experiment, at=LATER)


def values(results: Results, variant: int) -> dict[str, float | None]:
    """Return the figures of a variant."""
    return {row.figure.code: row.value for row in results.variants[variant].measured}


def test_every_figure_is_a_ratio_of_sums(acme: Company, experiment: Experiment, bob: Promoter):
    dora = make_promoter(acme, "Dora")
    put(acme, experiment, bob, "As now")
    put(acme, experiment, dora, "20%")
    for promoter, clicks in ((bob, 100), (dora, 50)):
        clicked(acme, promoter, clicks)
        clicked(acme, promoter, 999, days=-1)  # Before it began.
    sell(acme, click=click_of(bob), amount_minor=10_000, at=DURING)
    sell(acme, click=click_of(dora), amount_minor=20_000, at=DURING)
    back = sell(acme, click=click_of(dora), amount_minor=5_000, at=DURING)
    with merchant_context(acme.id):
        record_refund(
            conversion=back,
            external_id="r",
            amount_minor=5_000,
            reason="",
            occurred_at=DURING,
            by=SYSTEM,
            at=DURING,
        )
    settle(acme, at=DURING)

    results = read(acme, experiment)

    assert results.state == ExperimentState.RUNNING
    control, variant = results.variants
    assert control.is_control
    assert (control.tally.clicks, control.tally.conversions) == (100, 1)
    assert (control.tally.revenue_minor, control.tally.commission_minor) == (10_000, 1_000)
    assert (variant.tally.clicks, variant.tally.conversions) == (50, 2)
    assert values(results, 0) == pytest.approx(
        {
            "conversion_rate": 0.01,
            "earnings_per_click": 10,
            "revenue_per_click": 100,
            "cost_of_revenue": 0.1,
            "revenue_per_affiliate": 10_000,
            "cost_per_affiliate": 1_000,
        }
    )
    assert values(results, 1)["conversion_rate"] == pytest.approx(0.04)
    assert variant.tally.revenue_minor == 25_000
    rate = variant.measured[0]
    assert rate.difference == pytest.approx(0.03)
    assert (rate.interval, rate.difference_interval, rate.is_shown) == (None, None, False)


def test_what_is_before_of_others_or_declined_does_not_count(
    acme: Company, experiment: Experiment, bob: Promoter
):
    put(acme, experiment, bob, "As now")
    stranger = make_promoter(acme, "Dora")
    early = START - timedelta(hours=1)
    sell(acme, click=click_of(bob, at=early), at=early + timedelta(minutes=5))
    sell(acme, click=click_of(stranger), at=DURING)
    sell(acme, click=click_of(bob), at=DURING, goal="signup")

    control = read(acme, experiment).variants[0]

    assert (control.tally.affiliates, control.tally.active, control.tally.conversions) == (1, 0, 0)


def fill(company: Company, experiment: Experiment, rates: Sequence[tuple[str, int]]) -> None:
    """Let ten affiliates of each variant have 100 clicks and so many sales each."""
    for variant, sales in rates:
        for number in range(10):
            promoter = make_promoter(company, f"{variant[:2].strip()}{number}", method=False)
            put(company, experiment, promoter, variant)
            clicked(company, promoter, 100)
            for _sale in range(sales + number % 2):
                _store_sale(company, promoter)


def _store_sale(company: Company, promoter: Promoter) -> None:
    with merchant_context(company.id):
        goal = Goal.objects.get(program=company.program, code="sale")
        conversion = Conversion.objects.create(
            merchant_id=company.id,
            program=company.program,
            goal=goal,
            external_id=uuid4().hex,
            amount_minor=10_000,
            currency="EUR",
            occurred_at=DURING,
            status=ConversionStatus.PENDING,
            status_changed_at=DURING,
            attributed_at=DURING,
        )
        Credit.objects.create(
            merchant_id=company.id,
            conversion=conversion,
            enrollment=promoter.enrollment,
            affiliate=promoter.affiliate,
            share_ppm=1_000_000,
            amount_minor=10_000,
        )


def test_with_enough_data_there_are_intervals(acme: Company, experiment: Experiment):
    # 2, 3, 2, 3 … of 100 against 5, 6, 5, 6 …: 2.5 % and 5.5 %; each residual is 0.5,
    # so v = 10/9 × 10 × 0.25 ÷ 1,000,000, √v = 0.1667 %, and t for 9 is 2.2622.
    fill(acme, experiment, [("As now", 2), ("20%", 5)])

    control, variant = read(acme, experiment).variants

    rate, other = control.measured[0], variant.measured[0]
    assert rate.interval is not None
    assert (rate.interval.low, rate.interval.high) == pytest.approx(
        (0.025 - 0.0037703, 0.025 + 0.0037703), abs=1e-6
    )
    assert other.difference == pytest.approx(0.03)
    assert other.difference_interval is not None
    # Welch: equal variances give 18 degrees, t = 2.1009; √(2v) = 0.2357 %.
    assert (other.difference_interval.low, other.difference_interval.high) == pytest.approx(
        (0.03 - 0.0049518, 0.03 + 0.0049518), abs=1e-6
    )
    assert other.is_shown


def test_nobody_of_another_merchant_is_read(acme: Company, experiment: Experiment, globex: Company):
    with merchant_context(globex.id):
        assert results_of(experiment, at=LATER).variants == ()


def test_the_draw_feeds_the_results(acme: Company, experiment: Experiment, bob: Promoter):
    draw_experiments(merchant_id=acme.id, at=START)

    assert sum(row.tally.affiliates for row in read(acme, experiment).variants) == 1
