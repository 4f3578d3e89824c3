"""Many at once: as one by one, only faster, and two batches never stop each other."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter, make_promoter
from tracking.bulk import LinkDraft, create_links
from tracking.models import Conversion, Customer, Link
from tracking.services import (
    CodeTaken,
    ConversionReport,
    CurrencyMismatch,
    CustomerReport,
    Recorded,
    UnknownGoal,
    record_conversion,
    record_conversions,
)


def report(external_id: str, *, goal: str = "sale", currency: str = "EUR") -> ConversionReport:
    """Return a report of a sale to the customer c-1."""
    return ConversionReport(
        goal=goal,
        external_id=external_id,
        amount_minor=100,
        currency=currency,
        occurred_at=NOON,
        customer=CustomerReport("c-1", country="DE"),
    )


def test_each_report_has_its_own_outcome(acme: Company) -> None:
    with merchant_context(acme.id):
        known, _new = record_conversion(
            program=acme.program, report=report("a"), by=SYSTEM, at=NOON
        )

        outcomes = record_conversions(
            merchant_id=acme.id,
            reports=[
                (acme.program, report("a")),
                (acme.program, report("b")),
                (acme.program, report("b")),
                (acme.program, report("c", goal="nope")),
                (acme.program, report("d", currency="USD")),
                (acme.program, report("b", goal="lead")),
            ],
            by=SYSTEM,
            at=NOON,
        )

        stored = {(row.goal.code, row.external_id): row for row in Conversion.objects.all()}
        assert stored.keys() == {("sale", "a"), ("sale", "b"), ("lead", "b")}
        assert outcomes[0] == Recorded(known, is_new=False)
        assert outcomes[1] == Recorded(stored["sale", "b"], is_new=True)
        assert outcomes[2] == Recorded(stored["sale", "b"], is_new=False)
        assert isinstance(outcomes[3], UnknownGoal)
        assert isinstance(outcomes[4], CurrencyMismatch)
        assert outcomes[5] == Recorded(stored["lead", "b"], is_new=True)
        assert Event.objects.filter(type="conversion.received").count() == 3
        assert Customer.objects.get().conversions.count() == 3


def test_two_batches_in_opposite_order_store_everything_once(acme: Company) -> None:
    ids = [f"o-{number:03}" for number in range(200)]

    def record(names: list[str]) -> int:
        try:
            with merchant_context(acme.id):
                outcomes = record_conversions(
                    merchant_id=acme.id,
                    reports=[(acme.program, report(name)) for name in names],
                    by=SYSTEM,
                    at=NOON,
                )
            return sum(isinstance(row, Recorded) and row.is_new for row in outcomes)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        new = sum(pool.map(record, [ids, ids[::-1]]))

    assert new == 200
    with merchant_context(acme.id):
        assert Conversion.objects.count() == 200
        assert Event.objects.filter(type="conversion.received").count() == 200


def test_each_link_has_its_own_outcome(acme: Company, bob: Promoter, carol: Promoter) -> None:
    dora = make_promoter(acme, "Dora")
    with merchant_context(acme.id):
        outcomes = create_links(
            merchant_id=acme.id,
            drafts=[
                LinkDraft(bob.enrollment, code="first"),
                LinkDraft(dora.enrollment, code="first"),
                LinkDraft(bob.enrollment, code=carol.link.code),
                LinkDraft(dora.enrollment),
            ],
        )

        made = [row for row in outcomes if isinstance(row, Link)]
        assert [type(row) for row in outcomes] == [Link, CodeTaken, CodeTaken, Link]
        assert [row.enrollment_id for row in made] == [bob.enrollment.id, dora.enrollment.id]
        numbers = set(Link.objects.values_list("number", flat=True))
        assert len(numbers) == Link.objects.count() == 4
