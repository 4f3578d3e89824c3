"""load_demo: the promised file, a past that holds together, and nothing twice.

One test each for what needs the whole demo: loading it takes a quarter of a minute.
"""

import json
import stat
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate

from affiliates.models import (
    Affiliate,
    Application,
    BulkJob,
    BulkStatus,
    Enrollment,
    FrictionReport,
    FunnelCount,
    MoveCause,
    Note,
    Segment,
    Severity,
    Task,
    TierMove,
    Violation,
)
from affiliates.models import Status as EnrollmentStatus
from affiliates.terms import acceptance_standing
from commissions.models import (
    Budget,
    BudgetUse,
    Claim,
    ClaimStatus,
    Commission,
    Experiment,
    Grant,
    GrantStatus,
    Kind,
    Proposal,
    ProposalStatus,
    Replay,
    ReplayStatus,
    Side,
)
from common.clock import now
from common.ids import id_floor
from demo.agenda import Agenda
from demo.history import poisson
from demo.people import make_iban
from merchants.directory import key_of, merchant_ids
from merchants.models import Event
from merchants.rights import Scope
from merchants.tenancy import affiliate_context, merchant_context
from payouts.method_details import clean_iban
from payouts.models import (
    Batch,
    BatchStatus,
    Finding,
    Payout,
    PayoutStatus,
    Provider,
    Withdrawal,
    WithdrawalStatus,
)
from payouts.selectors import check_money
from programs.directory import Wanted, listed_programs
from programs.models import FormField, Program, ProgramChange, Stage
from programs.selectors import destinations_of
from programs.services.changes import changes_of
from programs.services.pages import blocks_of
from programs.services.plans import targets_of_program
from programs.services.policies import policies_of
from reports.experiments import results_of
from reports.models import DailyClicks
from tracking.models import Click, Conversion, ConversionStatus, Link, Reason
from users.models import User

PROMISED = {  # By the interface: what outsiders rely on.
    "merchant": {"id", "name", "api_key", "owner_email", "owner_password"},
    "other_merchant": {"id", "name", "api_key", "owner_email", "owner_password"},
    "program": {"id", "slug", "currency"},
    "affiliate": {
        "id",
        "email",
        "password",
        "enrollment_id",
        "link_code",
        "link_url",
        "coupon",
    },
    "other_affiliate": {"id", "email", "password", "enrollment_id", "link_code", "link_url"},
    "operator": {"email", "password"},
}


@pytest.fixture
def output(tmp_path: Path, settings: Any) -> Path:
    """Return the file to write, in a data directory of the test's own."""
    settings.DATA_DIR = tmp_path
    return tmp_path / "demo.seed.json"


def load(output: Path) -> dict[str, Any]:
    """Run the command; return what it wrote."""
    call_command("load_demo", output=output, verbosity=0)
    content: dict[str, Any] = json.loads(output.read_text())
    return content


def test_the_demo(output: Path, settings: Any) -> None:
    demo = load(output)

    check_file(demo, output)
    for merchant_id in merchant_ids():
        with merchant_context(merchant_id):
            assert check_money(merchant_id) == []
            check_clicks()
            check_times()
    with merchant_context(demo["merchant"]["id"]):
        check_history_of_acme()
    counts = count_rows()
    check_second_run(demo, output, settings)
    assert count_rows() == counts
    check_lost_secrets(demo, output)
    check_people_may_change_things(demo, output)


def check_file(demo: dict[str, Any], output: Path) -> None:
    """The file says what was promised, and what it says works."""
    for name, keys in PROMISED.items():
        assert demo[name].keys() >= keys
    for name in ("demo.seed.json", "shop.json", "demo-secrets.json"):
        assert stat.S_IMODE((output.parent / name).stat().st_mode) == 0o600
    people = [demo["affiliate"], demo["other_affiliate"], demo["operator"], *demo["members"]]
    for person in people:
        assert authenticate(username=person["email"], password=person["password"])
    for name in ("merchant", "other_merchant"):
        key = key_of(demo[name]["api_key"])
        assert key is not None
        assert (str(key.merchant_id), set(key.scopes)) == (demo[name]["id"], set(Scope))
    assert User.objects.get(email=demo["operator"]["email"]).is_superuser
    unverified = User.objects.filter(~Q(emailaddress__verified=True))
    assert not unverified.exists()
    shop = json.loads((output.parent / "shop.json").read_text())
    assert (shop["api_key"], shop["program_id"]) == (
        demo["merchant"]["api_key"],
        demo["program"]["id"],
    )


def check_clicks() -> None:
    """The rollup counts exactly the clicks, and every link's clicks lie after it was made."""
    stored = Click.objects.values("link_id").annotate(
        clicks=Count("*"),
        human=Count("id", filter=Q(kind="HUMAN")),
        credited=Count("id", filter=Q(refusal="")),
    )
    rolled = DailyClicks.objects.values("link_id").annotate(
        clicks=Sum("clicks"), human=Sum("human"), credited=Sum("credited")
    )
    assert sorted(map(tuple_of, stored)) == sorted(map(tuple_of, rolled))
    for link in Link.objects.all():
        early = Click.objects.filter(link_id=link.id, id__lt=id_floor(link.created_at))
        assert not early.exists()


def tuple_of(row: dict[str, Any]) -> tuple[str, int, int, int]:
    """Return a row that sorts."""
    return str(row["link_id"]), row["clicks"], row["human"], row["credited"]


def check_times() -> None:
    """Nothing happens in the future, and money moves after what it is paid for."""
    present = now()
    assert not Event.objects.filter(at__gt=present).exists()
    assert not Conversion.objects.filter(occurred_at__gt=present).exists()
    assert not Conversion.objects.filter(attributed_at__lt=F("occurred_at")).exists()
    early = Commission.objects.filter(
        kind="EARNING", status__in=["APPROVED", "PAID"], status_changed_at__lt=F("hold_until")
    )
    assert not early.exclude(program__slug="crew").exists()  # There Mia approves by hand, too.
    assert not Payout.objects.filter(paid_at__lt=F("batch__approved_at")).exists()
    days = Conversion.objects.annotate(day=TruncDate("occurred_at")).values("day").distinct()
    assert days.count() > 40


def check_history_of_acme() -> None:
    """Acme's past has one of everything that its pages can show."""
    assert Click.objects.count() > 6_000
    assert Conversion.objects.count() > 250
    statuses = set(Conversion.objects.values_list("status", flat=True))
    assert statuses == set(ConversionStatus) - {ConversionStatus.RECEIVED}
    assert Conversion.objects.filter(reason=Reason.UNATTRIBUTED).exists()
    assert Conversion.objects.filter(attributed_at=None).count() == 0
    of_partners = Enrollment.objects.filter(program__slug="partners").order_by("status")
    enrollments = dict(of_partners.values_list("status").annotate(count=Count("*")))
    assert enrollments == {
        EnrollmentStatus.APPLIED: 3,
        EnrollmentStatus.APPROVED: 8,
        EnrollmentStatus.INVITED: 1,
        EnrollmentStatus.REJECTED: 2,
        EnrollmentStatus.SUSPENDED: 1,
    }
    check_joining_at_acme()
    check_agreements_of_acme()
    check_programs_of_acme()
    check_care_at_acme()
    check_payouts_of_acme()
    bob = Commission.objects.filter(affiliate__name="Bob Bowline")
    assert set(bob.values_list("status", flat=True)) >= {"PAID", "APPROVED", "PENDING"}
    check_earnings_of_acme()


def check_joining_at_acme() -> None:
    """Acme asks twice, its rules decided once, and visitors were counted on every day."""
    stages = dict(FormField.objects.values_list("stage").annotate(count=Count("*")))
    assert stages == {Stage.APPLICATION: 8, Stage.QUESTIONNAIRE: 4}
    rejected = Application.objects.get(affiliate__name="Tom Topsail")
    assert [row["holds"] for row in rejected.checks] == [True, False, False, False, False]
    assert (rejected.decided_at, rejected.decided_by) == (rejected.submitted_at, None)
    assert Application.objects.filter(stage=Stage.QUESTIONNAIRE).count() == 3
    assert FunnelCount.objects.count() == 2 * 61
    assert not Application.objects.filter(mail_due_at__isnull=False).exists()


def check_agreements_of_acme() -> None:
    """Tiers were climbed and fallen from; terms wait for some, and proposals for both sides."""
    causes = set(TierMove.objects.values_list("cause", flat=True))
    assert causes == {MoveCause.BY_HAND, MoveCause.REACHED, MoveCause.MISSED}
    assert not TierMove.objects.filter(told_at=None).exists()
    standing = acceptance_standing(Program.objects.get(slug="partners"))
    due = standing.filter(has_accepted=False).values_list("affiliate__name", flat=True)
    assert set(due) >= {"Hugo Halyard", "Ines Inlet"}
    assert "Bob Bowline" not in due
    proposals = Proposal.objects.order_by("offered_at")
    assert list(proposals.values_list("affiliate__name", "offered_by", "status")) == [
        ("Farah Flood", Side.MERCHANT, ProposalStatus.COUNTERED),
        ("Farah Flood", Side.AFFILIATE, ProposalStatus.ACCEPTED),
        ("Jonas Jetty", Side.AFFILIATE, ProposalStatus.DECLINED),
        ("Ines Inlet", Side.MERCHANT, ProposalStatus.OPEN),
        ("Hugo Halyard", Side.MERCHANT, ProposalStatus.COUNTERED),
        ("Hugo Halyard", Side.AFFILIATE, ProposalStatus.OPEN),
    ]


def check_programs_of_acme() -> None:
    """What a program says and wants is said and wanted, and nobody is mailed about the past."""
    program = Program.objects.get(slug="partners")
    assert [block.kind for block in blocks_of(program)] == ["BENEFITS", "STEPS", "QUOTE", "FAQ"]
    kinds = [change.kind for change in changes_of(program)]
    assert kinds == ["TERMS", "NEWS", "CONDUCT", "CONDUCT", "TERMS"]
    assert not ProgramChange.objects.filter(mail_due_at__isnull=False).exists()
    assert [target.metric for target in targets_of_program(program)] == ["REVENUE", "CONVERSIONS"]
    due = [policy.review_on <= now().date() for policy in policies_of(program)]
    assert due == [True, False]
    answered = FrictionReport.objects.exclude(answered_at=None).count()
    assert (answered, FrictionReport.objects.count()) == (1, 2)
    listed = [listing.program.name for listing in listed_programs(Wanted())]
    assert listed == ["Globex Referrals", "Acme Partners"]


def check_care_at_acme() -> None:
    """Who is in has a score, and each page of care has something to show."""
    approved = Enrollment.objects.filter(status=EnrollmentStatus.APPROVED)
    assert not approved.filter(health=None).exists()
    job = BulkJob.objects.get()
    assert (job.status, job.done, job.skipped) == (BulkStatus.DONE, 28, 0)
    assert (Note.objects.count(), Segment.objects.count()) == (7, 2)
    assert Task.objects.filter(done_at=None).count() == 4
    severities = dict(Violation.objects.values_list("severity", "resolved_at"))
    assert (severities[Severity.SUSPEND], len(severities)) == (None, 2)


def check_payouts_of_acme() -> None:
    """Acme has batches in each state, over files and rails, and what somebody has to look at."""
    batches = Batch.objects.order_by("number").values_list("provider", "status")
    assert list(batches) == [
        (Provider.CSV, BatchStatus.DONE),
        (Provider.CSV, BatchStatus.DONE),
        (Provider.SEPA, BatchStatus.DONE),
        (Provider.PAYPAL, BatchStatus.DONE),
        (Provider.STRIPE, BatchStatus.SENT),
        (Provider.PAYPAL, BatchStatus.APPROVED),
        (Provider.CSV, BatchStatus.DRAFT),
    ]
    assert set(Payout.objects.values_list("status", flat=True)) == {
        PayoutStatus.DRAFT,
        PayoutStatus.RESERVED,
        PayoutStatus.PAID,
        PayoutStatus.FAILED,
        PayoutStatus.RETURNED,
        PayoutStatus.UNKNOWN,
    }
    draft = Payout.objects.filter(status=PayoutStatus.DRAFT, affiliate__name="Bob Bowline")
    assert draft.count() == 1
    assert [row.status for row in Withdrawal.objects.all()] == [WithdrawalStatus.REQUESTED]
    findings = Finding.objects.filter(resolved_at=None)
    assert [row.rail.provider for row in findings.select_related("rail")] == [Provider.STRIPE]


def check_earnings_of_acme() -> None:
    """Acme has one of everything that its pages of rates can show."""
    kinds = set(Commission.objects.values_list("kind", flat=True))
    assert kinds >= {Kind.EARNING, Kind.REVERSAL, Kind.BONUS, Kind.FLAT, Kind.TRAFFIC}
    claims = Claim.objects.order_by("submitted_at").values_list("status", flat=True)
    assert list(claims) == [
        ClaimStatus.CREDITED,
        ClaimStatus.REFUSED,
        ClaimStatus.OPEN,
        ClaimStatus.OPEN,
    ]
    grants = set(Grant.objects.values_list("status", flat=True))
    assert grants >= {GrantStatus.PENDING, GrantStatus.DUE, GrantStatus.GIVEN}
    assert list(Replay.objects.values_list("status", flat=True)) == [ReplayStatus.DONE]
    assert {budget.is_hard for budget in Budget.objects.all()} == {True, False}
    assert BudgetUse.objects.filter(reached_bps=8_000).exists()
    results = results_of(Experiment.objects.get(), at=now())
    assert [variant.is_enough for variant in results.variants] == [True, True]


def count_rows() -> list[tuple[int, ...]]:
    """Return how many rows each merchant has of what a second run might double."""
    counts = []
    for merchant_id in merchant_ids():
        with merchant_context(merchant_id):
            models = (Click, Conversion, Commission, Enrollment, Link, Batch, Payout)
            counts.append(tuple(model.objects.count() for model in models))
    return counts


def check_second_run(demo: dict[str, Any], output: Path, settings: Any) -> None:
    """Another run writes the same file; when the shop moved, the links lead there."""
    assert load(output) == demo

    settings.SHOP_URL = "http://127.0.0.1:9"
    assert load(output) == demo | {"shop_url": "http://127.0.0.1:9"}
    with merchant_context(demo["merchant"]["id"]):
        link = Link.objects.select_related("program").get(code="bob-anchor-lamp")
        assert link.program.landing_url == "http://127.0.0.1:9/"
        assert link.destination_url == "http://127.0.0.1:9/products/anchor-lamp"
        sandbox = Program.objects.get(is_test=True)
        pages = [destination.url for destination in destinations_of(sandbox)]
        assert [page.startswith("http://127.0.0.1:9/") for page in pages] == [True] * 3


def check_lost_secrets(demo: dict[str, Any], output: Path) -> None:
    """When the secrets are lost there are new ones, and they work."""
    (output.parent / "demo-secrets.json").unlink()

    renewed = load(output)

    assert renewed["merchant"]["api_key"] != demo["merchant"]["api_key"]
    assert key_of(renewed["merchant"]["api_key"]) is not None
    owner = renewed["merchant"]
    assert owner["owner_password"] != demo["merchant"]["owner_password"]
    assert authenticate(username=owner["owner_email"], password=owner["owner_password"])


def check_people_may_change_things(demo: dict[str, Any], output: Path) -> None:
    """What people can change in their profiles and programs does not stop the next start."""
    User.objects.filter(email=demo["merchant"]["owner_email"]).update(email="al@acme.example")
    with merchant_context(demo["merchant"]["id"]):
        Program.objects.filter(slug="partners").update(slug="quay")
    with affiliate_context(demo["affiliate"]["id"]):
        Affiliate.objects.update(email="bob@elsewhere.example")

    found = load(output)

    assert found["program"] == demo["program"] | {"slug": "quay"}
    assert found["affiliate"]["enrollment_id"] == demo["affiliate"]["enrollment_id"]


def test_production_gets_no_demo(output: Path, settings: Any) -> None:
    settings.DEVELOPMENT = False

    with pytest.raises(CommandError, match="FAIRLEAD_ENV=development"):
        call_command("load_demo", output=output)

    assert not User.objects.exists()
    assert not output.exists()


def test_an_agenda_is_done_in_order_of_time() -> None:
    start = now()
    agenda, done = Agenda(), []

    def act(name: str, at: Any) -> None:
        done.append((name, at - start))
        if name == "first":
            agenda.plan(at + timedelta(hours=1), lambda at: act("follows", at))

    for name, hours in (("last", 5), ("first", 1), ("too late", 7)):
        agenda.plan(start + timedelta(hours=hours), lambda at, name=name: act(name, at))
    agenda.run(until=start + timedelta(hours=6))

    assert [(name, delay.seconds // 3600) for name, delay in done] == [
        ("first", 1),
        ("follows", 2),
        ("last", 5),
    ]


@pytest.mark.parametrize("country", ["DE", "DK", "PL", "AT", "PT", "GB"])
def test_account_numbers_check(country: str) -> None:
    iban = make_iban(Random(country), country=country)

    assert clean_iban(iban) == iban


def test_poisson_has_the_mean_it_was_given() -> None:
    random = Random(1)

    assert 0.70 < sum(poisson(random, 0.75) for _ in range(4_000)) / 4_000 < 0.80
