"""PostgreSQL announces what changes a redirect, whoever changes it, and nothing else."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.db import transaction

from affiliates.models import Affiliate, Enrollment
from interfaces.edge.database import conninfo_from_settings
from merchants.tenancy import affiliate_context, merchant_context
from programs.models import Program
from tests.cast import NOON
from tracking.models import Link
from tracking.services import create_link


@pytest.fixture
def heard(bob) -> Iterator:
    """Return what asks for the payloads since the last time."""
    with psycopg.connect(conninfo_from_settings(), autocommit=True) as connection:
        connection.execute("LISTEN fairlead_links")
        yield lambda: sorted(
            {notification.payload for notification in connection.notifies(timeout=0.1)}
        )


def test_links_announce_their_code(acme, bob, heard):
    with merchant_context(acme.id):
        link = create_link(enrollment=bob.enrollment, code="made")
    made = heard()
    with merchant_context(acme.id):
        Link.objects.filter(id=link.id).update(code="renamed")
    renamed = heard()
    with merchant_context(acme.id):
        Link.objects.filter(id=link.id).update(archived_at=NOON)
    archived = heard()
    with merchant_context(acme.id):
        Link.objects.filter(id=link.id).delete()

    assert made == ["link made"]
    assert renamed == ["link made", "link renamed"]
    assert archived == ["link renamed"]
    assert heard() == ["link renamed"]


@pytest.mark.parametrize(
    ("model", "changes", "kind"),
    [
        (Enrollment, {"status": "SUSPENDED"}, "enrollment"),
        (Enrollment, {"code": "robert"}, "enrollment"),
        (Enrollment, {"status_reason": "because"}, None),
        (Enrollment, {"status": "APPROVED"}, None),
        (Program, {"landing_url": "https://new.example/"}, "program"),
        (Program, {"status": "PAUSED"}, "program"),
        (Program, {"allowed_hosts": ["a.example"]}, "program"),
        (Program, {"summary": "Better"}, None),
        (Program, {"hold_days": 3}, None),
        (Affiliate, {"name": "Robert"}, None),
        (Link, {"name": "Mine"}, None),
    ],
)
def test_only_what_changes_a_redirect_is_announced(acme, bob, heard, admin, model, changes, kind):
    own = affiliate_context(bob.affiliate.id)
    with own if model is Affiliate else merchant_context(acme.id):
        row = model.objects.get()

        model.objects.update(**changes)

    assert heard() == ([f"{kind} {row.id}"] if kind else [])


def test_what_is_rolled_back_is_not_announced(acme, bob, heard):
    with merchant_context(acme.id):
        create_link(enrollment=bob.enrollment, code="never")
        transaction.set_rollback(True)

    assert heard() == []


def test_the_function_is_the_owners(admin):
    (owner,) = admin.execute(
        "SELECT pg_get_userbyid(proowner) FROM pg_proc WHERE proname = 'announce_link_change'"
    ).fetchone()
    (tables,) = admin.execute(
        "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'tracking_link'"
    ).fetchone()

    assert owner == tables


def test_partitions_are_made_ahead(admin):
    from common.clock import now
    from tracking.partitions import make_click_partitions
    from tracking.tasks import make_click_partitions as task

    later = now() + timedelta(days=500)

    assert make_click_partitions(at=later) == 22  # Of clicks, and of visitors.
    assert make_click_partitions(at=later) == 0
    task()
    assert make_click_partitions(at=now()) == 0
