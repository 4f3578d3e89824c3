"""The door: who gets in, for which merchant, and how soon a change of rights holds."""

from django.test import Client
from django.urls import reverse

from affiliates.models import Status
from affiliates.selectors import enrollments_of
from merchants.rights import Role
from merchants.services import change_role, create_merchant, disable_member
from merchants.tenancy import merchant_context
from programs.models import Program
from programs.models import Status as ProgramStatus
from tests.cast import NOON, Company, Promoter, add_member
from tests.console.conftest import SignIn, words

HOME = reverse("console:home")


def test_a_page_shows_whose_console_it_is_and_who_one_is(acme: Company, sign_in: SignIn) -> None:
    page = words(sign_in(add_member(acme, "Ann", Role.VIEWER).user).get(HOME).content)

    assert "Acme" in page
    assert "ann@acme.example" in page
    assert "Viewer" in page


def test_signing_in_leads_back_to_the_page_that_was_asked_for() -> None:
    answer = Client().get(reverse("console:conversions"), {"show": "PENDING"})

    assert answer.headers["Location"] == (
        "/accounts/login/?next=/console/conversions/%3Fshow%3DPENDING"
    )


def test_a_part_of_a_page_leads_the_whole_page_to_the_sign_in() -> None:
    answer = Client().get(HOME, headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"].startswith("/accounts/login/")


def test_a_disabled_member_is_out_with_the_next_click(acme: Company, sign_in: SignIn) -> None:
    mia = add_member(acme, "Mia", Role.MANAGER)
    client = sign_in(mia.user)
    assert client.get(HOME).status_code == 200

    with merchant_context(acme.id):
        disable_member(member=acme.owner, target=mia, at=NOON)

    assert client.get(HOME).headers["Location"] == reverse("start")


def test_another_role_holds_with_the_next_click(acme: Company, sign_in: SignIn) -> None:
    mia = add_member(acme, "Mia", Role.MANAGER)
    client = sign_in(mia.user)
    new_program = reverse("console:program-create")
    assert client.get(new_program).status_code == 200

    with merchant_context(acme.id):
        change_role(member=acme.owner, target=mia, role=Role.VIEWER, at=NOON)

    assert client.get(new_program).status_code == 403


def test_the_page_of_a_missing_right_names_it(acme: Company, sign_in: SignIn) -> None:
    client = sign_in(add_member(acme, "Ann", Role.VIEWER).user)

    page = words(client.get(reverse("console:prepare")).content)

    assert "Prepare payout batches and mark payouts paid" in page
    assert "You are Viewer of Acme." in page


def test_buttons_of_rights_one_lacks_are_not_shown(
    acme: Company, alice: Client, sign_in: SignIn
) -> None:
    url = reverse("console:program", args=[acme.program.id])
    viewer = sign_in(add_member(acme, "Ann", Role.VIEWER).user)

    assert "Pause program" in words(alice.get(url).content)
    assert "Pause program" not in words(viewer.get(url).content)


def test_a_user_of_two_merchants_switches_between_them(acme: Company, alice: Client) -> None:
    other = create_merchant(
        name="Zenith", currency="USD", owner=acme.owner.user, at=NOON
    ).merchant_id
    assert "Acme" in words(alice.get(reverse("console:programs")).content)

    answer = alice.post(reverse("console:switch"), {"merchant": str(other)})

    assert answer.headers["Location"] == HOME
    page = alice.get(reverse("console:programs"))
    assert "No program yet" in words(page.content)


def test_a_merchant_one_does_not_belong_to_cannot_be_switched_to(
    alice: Client, globex: Company
) -> None:
    answer = alice.post(reverse("console:switch"), {"merchant": str(globex.id)})

    assert answer.status_code == 404
    assert "Globex" not in words(alice.get(HOME).content)


def test_nothing_changes_without_the_forms_token(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(acme.owner.user)

    move = careful.post(reverse("console:program-move", args=[acme.program.id]), {"to": "ENDED"})
    suspend = careful.post(
        reverse("console:affiliate-suspend", args=[bob.enrollment.id]), {"reason": "Why not"}
    )

    assert (move.status_code, suspend.status_code) == (403, 403)
    with merchant_context(acme.id):
        assert Program.objects.get().status == ProgramStatus.ACTIVE
        assert enrollments_of(acme.id).get().status == Status.APPROVED


def test_pages_obey_the_content_security_policy(alice: Client) -> None:
    answer = alice.get(HOME)

    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    html = answer.content.decode()
    assert "style=" not in html
    assert "onclick" not in html
    assert "<script>" not in html
