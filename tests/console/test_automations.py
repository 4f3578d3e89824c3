"""Automations in the console: written by a form that the catalogue makes, tried, switched on."""

from datetime import timedelta

from django.urls import reverse

from affiliates.models import Enrollment
from automations.models import Automation, AutomationStatus
from merchants.tenancy import merchant_context
from tests.automations.making import write
from tests.automations.test_automations import clicked
from tests.cast import NOON, Company, Promoter
from tests.console.conftest import SignIn


def test_one_is_written_looked_at_switched_on_and_changed(
    acme: Company, bob: Promoter, sign_in: SignIn
) -> None:
    alice, program = sign_in(acme.owner.user), acme.program.id
    clicked(bob, days=-60)
    with merchant_context(acme.id):
        long_ago = NOON - timedelta(days=90)
        Enrollment.objects.filter(id=bob.enrollment.id).update(status_changed_at=long_ago)
    new = reverse("console:automation-create", args=[program])
    said = {"name": "Silence", "when_days": "30", "then_tag": "<b>Quiet</b>", "tier": "", "tag": ""}

    form = alice.get(f"{new}?trigger=NO_CLICK&action=TAG")
    refused = alice.post(f"{new}?trigger=NO_CLICK&action=TAG", {**said, "when_days": "0"})
    made = alice.post(f"{new}?trigger=NO_CLICK&action=TAG", said)
    page = alice.get(made.headers["Location"]).content.decode()
    with merchant_context(acme.id):
        found = Automation.objects.get()
    ids = [program, found.id]
    alice.post(reverse("console:automation-move", args=ids), {"to": "ACTIVE"})
    edit = reverse("console:automation-edit", args=ids)
    shown = alice.get(edit).content.decode()
    changed = alice.post(edit, {**said, "when_days": "45"})
    listed = alice.get(reverse("console:program-automations", args=[program])).content.decode()

    assert (form.status_code, refused.status_code, made.status_code) == (200, 422, 302)
    assert changed.status_code == 302
    assert "Bob" in page
    assert "<b>Quiet" not in page + listed
    assert 'value="30"' in shown
    with merchant_context(acme.id):
        found.refresh_from_db()
    assert (found.status, found.trigger_details) == (AutomationStatus.ACTIVE, {"days": 45})
    assert "none for 45 days" in listed


def test_what_is_no_trigger_and_what_is_anothers_is_not_there(
    acme: Company, globex: Company, sign_in: SignIn
) -> None:
    gwen, theirs = sign_in(globex.owner.user), write(acme)
    new = reverse("console:automation-create", args=[globex.program.id])

    assert gwen.get(f"{new}?trigger=NOPE").status_code == 404
    ids = [globex.program.id, theirs.id]
    assert gwen.get(reverse("console:automation", args=ids)).status_code == 404
    assert gwen.post(reverse("console:automation-move", args=ids)).status_code == 404
