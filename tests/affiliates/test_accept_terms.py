"""accept_terms: who is enrolled accepts the version in force, once, with the evidence."""

import pytest

from affiliates.models import TermsAcceptance
from affiliates.services import Consent, TermsNotAccepted, accept_terms
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from programs.services import publish_terms
from tests.cast import NOON, Company, Promoter


@pytest.fixture
def second_version(acme: Company, bob: Promoter) -> None:
    """Publish two versions after Bob joined."""
    with merchant_context(acme.id):
        for body in ("One", "Two"):
            publish_terms(program=acme.program, body=body, summary="", by=SYSTEM, at=NOON)


@pytest.mark.usefixtures("second_version")
def test_the_acceptance_is_stored_once_with_its_evidence(acme: Company, bob: Promoter) -> None:
    consent = Consent(user=bob.user, terms_version=2, ip="203.0.113.7", user_agent="Browser/1")

    accept_terms(enrollment=bob.enrollment, consent=consent, at=NOON)
    accept_terms(enrollment=bob.enrollment, consent=consent, at=NOON)

    with merchant_context(acme.id):
        row = TermsAcceptance.objects.select_related("terms").get()
        assert (row.terms.version, row.user_id, row.accepted_at) == (2, bob.user.id, NOON)
        assert (row.ip, row.user_agent) == ("203.0.113.7", "Browser/1")
        assert Event.objects.filter(type="enrollment.terms_accepted").count() == 1


@pytest.mark.usefixtures("second_version")
def test_an_old_version_cannot_be_accepted(acme: Company, bob: Promoter) -> None:
    with pytest.raises(TermsNotAccepted):
        accept_terms(
            enrollment=bob.enrollment, consent=Consent(user=bob.user, terms_version=1), at=NOON
        )

    with merchant_context(acme.id):
        assert not TermsAcceptance.objects.exists()
