"""Batches that are handed over, of as many payees as wanted; and what is asked of them after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from django.db.models import Count

from affiliates.models import Affiliate, Enrollment
from affiliates.models import Status as EnrollmentStatus
from commissions.models import Commission, Kind
from commissions.models import Status as CommissionStatus
from common.clock import now
from common.ids import new_id
from common.secrets import encrypt
from ledger.models import AccountKind
from ledger.services import post, transfer
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import Batch, MethodKind, Mode, Payout, PayoutMethod, Provider, Rail
from payouts.selectors import check_money
from payouts.services import approve_batch, prepare_batch, send_batch
from tests.cast import Company, add_member

DETAILS = {
    Provider.PAYPAL: (MethodKind.PAYPAL, lambda n: {"email": f"payee{n}@example.com"}),
    Provider.STRIPE: (MethodKind.STRIPE, lambda n: {"account": f"acct_payee{n}"}),
}
CREDENTIALS = {
    Provider.PAYPAL: {
        "client_id": "paypal-client-fairlead",
        "client_secret": "paypal-secret-fairlead",
        "webhook_id": "1JE4291016473214C",
    },
    Provider.STRIPE: {
        "account": "acct_platform",
        "secret_key": "sk_test_fairlead",
        "notice_secret": "whsec_stripe",
    },
}


@dataclass
class Sent:
    """A batch that was handed over, and the moment from which on the test counts."""

    company: Company
    rail: Rail
    batch: Batch
    at: datetime

    def payouts(self) -> list[Payout]:
        """Return the payouts as they are now."""
        with merchant_context(self.company.id):
            return list(Payout.objects.filter(batch=self.batch).order_by("id"))

    def standing(self) -> dict[str, int]:
        """Return how many payouts are in each status."""
        with merchant_context(self.company.id):
            rows = Payout.objects.filter(batch=self.batch).order_by().values("status")
            return {row["status"]: row["count"] for row in rows.annotate(count=Count("id"))}

    def status(self) -> str:
        """Return the batch's status."""
        with merchant_context(self.company.id):
            return Batch.objects.get(id=self.batch.id).status

    def ids(self) -> list[str]:
        """Return the payouts' ids, as providers repeat them."""
        return [str(payout.id) for payout in self.payouts()]

    def books(self) -> list[Any]:
        """Return what is wrong with the money."""
        with merchant_context(self.company.id):
            return list(check_money(self.company.id))


def connect(company: Company, provider: Provider, **credentials: str) -> Rail:
    """Store a rail to a stand-in."""
    known = {**CREDENTIALS.get(provider, {}), **credentials}
    with merchant_context(company.id):
        return Rail.objects.create(
            merchant=company.merchant,
            provider=provider,
            mode=Mode.SANDBOX,
            credentials=encrypt(known),
            masked=provider,
            notice_token=f"token-{provider}-{company.id}",
        )


def hand_over(
    admin: psycopg.Connection,
    company: Company,
    provider: Provider,
    count: int,
    *,
    kind: MethodKind | None = None,
    details: Sequence[dict[str, str]] = (),
    at: datetime | None = None,
    credentials: dict[str, str] | None = None,
) -> Sent:
    """Prepare, approve and hand over a batch of `count` payouts of 10.00, 10.01 and so on.

    `details` are those of the first payees' methods, in place of what suits the provider.
    """
    at = at or now()
    rail = connect(company, provider, **(credentials or {}))
    usual = DETAILS.get(provider)
    kind = kind or (usual[0] if usual else MethodKind.MANUAL)
    told = [*details, *((usual[1](n) if usual else {}) for n in range(len(details), count))]
    _make_payees(admin, company, kind, told, at)
    finn = add_member(company, "Finn", Role.FINANCE)
    with merchant_context(company.id):
        batch = prepare_batch(member=finn, currency="EUR", at=at, provider=provider)
        approve_batch(member=company.owner, batch=batch, at=at)
        send_batch(member=finn, batch=batch, at=at)
    return Sent(company, rail, batch, at)


def _make_payees(
    admin: psycopg.Connection,
    company: Company,
    kind: MethodKind,
    details: Sequence[dict[str, str]],
    at: datetime,
) -> None:
    """Store affiliates who have earned: by the thousand, so around the services."""
    before = at - timedelta(days=10)
    affiliates = [
        Affiliate(name=f"Payee {n}", email=f"payee{n}@example.com") for n in range(len(details))
    ]
    insert(admin, affiliates)
    enrollments = [
        Enrollment(
            merchant=company.merchant,
            program=company.program,
            affiliate=affiliate,
            code=f"payee{n}",
            status=EnrollmentStatus.APPROVED,
            status_changed_at=before,
        )
        for n, affiliate in enumerate(affiliates)
    ]
    insert(admin, enrollments)
    methods = [
        PayoutMethod(
            affiliate=affiliate,
            kind=kind,
            details=encrypt({"holder": affiliate.name, **each}),
            masked=f"payee {n}",
            usable_from=before,
        )
        for n, (affiliate, each) in enumerate(zip(affiliates, details, strict=True))
    ]
    insert(admin, methods)
    _earn(company, enrollments, before)


def _earn(company: Company, enrollments: Sequence[Enrollment], at: datetime) -> None:
    commissions = [
        Commission(
            merchant=company.merchant,
            program=company.program,
            enrollment=enrollment,
            affiliate_id=enrollment.affiliate_id,
            kind=Kind.MANUAL,
            event_ref=f"manual:{new_id()}",
            amount_minor=1_000 + n,
            currency="EUR",
            status=CommissionStatus.APPROVED,
            status_changed_at=at,
            hold_until=at,
            earned_at=at,
        )
        for n, enrollment in enumerate(enrollments)
    ]
    drafts = [
        transfer(
            source=f"commission:{each.id}:earned",
            amount_minor=each.amount_minor,
            currency=each.currency,
            enrollment_id=each.enrollment_id,
            out_of=AccountKind.COMMISSION_EXPENSE,
            into=AccountKind.PAYABLE,
        )
        for each in commissions
    ]
    with merchant_context(company.id):
        Commission.objects.bulk_create(commissions)
        post(merchant_id=company.id, drafts=drafts, at=at)


def insert(admin: psycopg.Connection, rows: Sequence[Any]) -> None:
    """Store rows as a superuser, past the policies that let only their owners write them."""
    model = type(rows[0])
    fields = [field for field in model._meta.concrete_fields if field.column != "created_at"]
    names = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join("%s" for _field in fields)
    table = model._meta.db_table
    with admin.cursor() as cursor:
        cursor.executemany(
            f'INSERT INTO "{table}" (created_at, {names}) VALUES (now(), {places})',
            [[_value(row, field) for field in fields] for row in rows],
        )


def _value(row: Any, field: Any) -> Any:
    value = getattr(row, field.attname)
    return str(value) if isinstance(value, UUID) else value
