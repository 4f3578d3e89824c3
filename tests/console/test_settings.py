"""Settings: the company, its members, its keys, its history."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from merchants.directory import key_of, memberships_of
from merchants.models import ApiKey, Event, Member, MemberInvitation, Merchant
from merchants.rights import Role, Scope
from merchants.tenancy import merchant_context
from tests.cast import Company, Promoter, add_member, make_user
from tests.console.conftest import TODAY, SignIn, reauthenticate, words

MEMBERS = reverse("console:members")
KEYS = reverse("console:keys")
AUDIT = reverse("console:audit")


@pytest.fixture
def alice(alice: Client) -> Client:
    """Return the browser of Acme's owner, who has just given her password again."""
    reauthenticate(alice)
    return alice


@pytest.mark.parametrize("name", ["member-invite", "key-create"])
def test_access_is_given_away_after_a_fresh_password_only(
    name: str, acme: Company, sign_in: SignIn
) -> None:
    answer = sign_in(acme.owner.user).post(reverse(f"console:{name}"), {})

    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))


# The company -------------------------------------------------------------------------------------


def test_the_profile_is_changed_with_a_trace(acme: Company, alice: Client) -> None:
    facts = {"name": "Acme Ltd", "website": "acme.example", "accent": "#aa3300"}

    alice.post(reverse("console:profile-edit"), facts)

    merchant = Merchant.objects.using("ops").get()
    assert (merchant.name, merchant.website, merchant.accent) == (
        "Acme Ltd",
        "https://acme.example",
        "#aa3300",
    )
    page = words(alice.get(AUDIT, {"q": "merchant.updated"}).content)
    assert "name: Acme → Acme Ltd" in page
    assert "accent: #0e5a6b → #aa3300" in page


def test_a_colour_that_is_none_is_refused(acme: Company, alice: Client) -> None:
    answer = alice.post(reverse("console:profile-edit"), {"name": "Acme", "accent": "red"})

    assert answer.status_code == 422
    assert "Write a colour as #rrggbb." in words(answer.content)
    assert words(answer.content).count("Acme")


# Members -----------------------------------------------------------------------------------------


def test_the_page_says_which_role_may_do_what(alice: Client) -> None:
    page = alice.get(MEMBERS).content

    assert "Owner Manager Finance Sales Viewer" in words(page)
    table = page.decode().partition("Who may do what")[2]
    row = table.partition("Prepare payout batches and mark payouts paid")[2].partition("</tr>")[0]
    yes_or_no = re.findall(r'aria-label="(Yes|No)"', row)
    assert yes_or_no == ["Yes", "No", "Yes", "No", "No"]


def invite(client: Client, email: str, role: Role) -> str:
    """Invite an address; return the link that was shown."""
    answer = client.post(reverse("console:member-invite"), {"email": email, "role": role.value})
    assert "no-store" in answer.headers["Cache-Control"]
    found = re.search(r'value="[^"]*(/console/invitation/\?key=[^"]+)"', answer.content.decode())
    assert found
    return found[1]


def test_an_invited_colleague_becomes_a_member(
    acme: Company, alice: Client, sign_in: SignIn, mailoutbox: list
) -> None:
    link = invite(alice, "Finn@Acme.example", Role.FINANCE)
    finn = make_user("Finn", "acme.example")
    browser = sign_in(finn)

    page = words(browser.get(link).content)
    answer = browser.post(link)

    assert "You are invited as Finance, with finn@acme.example." in page
    assert answer.headers["Location"] == reverse("console:home")
    assert [member.role for member in memberships_of(finn)] == [Role.FINANCE]
    [mail] = mailoutbox
    assert mail.to == ["finn@acme.example"]
    assert link in mail.body
    assert "Alice invites you to Acme" in mail.body


def test_the_link_is_not_shown_again(alice: Client) -> None:
    link = invite(alice, "finn@acme.example", Role.FINANCE)

    again = alice.get(MEMBERS).content.decode()

    assert link not in again
    assert "finn@acme.example" in again


def test_an_invitation_works_once_and_for_its_address_only(
    acme: Company, alice: Client, sign_in: SignIn
) -> None:
    link = invite(alice, "finn@acme.example", Role.FINANCE)
    eve = sign_in(make_user("Eve"))

    refused = eve.post(link)
    finn = sign_in(make_user("Finn", "acme.example"))
    finn.post(link)
    again = finn.get(link)

    assert refused.status_code == 403
    assert "This invitation is for another address" in words(refused.content)
    assert again.status_code == 404
    assert "This invitation is no longer valid" in words(again.content)
    with merchant_context(acme.id):
        assert Member.objects.count() == 2


def test_an_old_or_made_up_invitation_is_none(
    alice: Client, sign_in: SignIn, clock: Traveller
) -> None:
    link = invite(alice, "finn@acme.example", Role.FINANCE)
    finn = sign_in(make_user("Finn", "acme.example"))
    assert finn.get(link).status_code == 200

    clock.move_to(TODAY + timedelta(days=8))

    assert finn.get(link).status_code in (302, 404)  # The session may have ended meanwhile.
    late = sign_in(make_user("Lena"))
    assert late.get(link).status_code == 404
    assert late.get(reverse("console:invitation-accept"), {"key": "fl_iv_x"}).status_code == 404


def test_an_invitation_is_opened_after_signing_in(alice: Client) -> None:
    link = invite(alice, "finn@acme.example", Role.FINANCE)

    answer = Client().get(link)

    assert answer.headers["Location"].startswith("/accounts/login/?next=/console/invitation/")


def test_a_member_is_not_invited_again(acme: Company, alice: Client, mailoutbox: list) -> None:
    add_member(acme, "Finn", Role.FINANCE)

    answer = alice.post(
        reverse("console:member-invite"), {"email": "finn@acme.example", "role": "VIEWER"}
    )

    assert "This address belongs to a member already." in words(answer.content)
    assert mailoutbox == []
    with merchant_context(acme.id):
        assert not MemberInvitation.objects.exists()


def test_roles_change_and_members_are_disabled(acme: Company, alice: Client) -> None:
    finn = add_member(acme, "Finn", Role.FINANCE)

    alice.post(reverse("console:member-role", args=[finn.id]), {"role": "MANAGER"})
    alice.post(reverse("console:member-disable", args=[finn.id]))

    with merchant_context(acme.id):
        finn.refresh_from_db()
    assert (finn.role, finn.disabled_at is None) == (Role.MANAGER, False)
    assert "Finn finn@acme.example Disabled" in words(alice.get(MEMBERS).content)


def test_the_last_owner_stays(acme: Company, alice: Client) -> None:
    for name, data in (("member-role", {"role": "VIEWER"}), ("member-disable", {})):
        url = reverse(f"console:{name}", args=[acme.owner.id])
        assert "Somebody must stay owner" in words(alice.post(url, data, follow=True).content)

    with merchant_context(acme.id):
        acme.owner.refresh_from_db()
    assert (acme.owner.role, acme.owner.disabled_at) == (Role.OWNER, None)


# Keys --------------------------------------------------------------------------------------------


def create(client: Client, **facts: object) -> str:
    """Create a key; return it as it was shown."""
    answer = client.post(reverse("console:key-create"), {"kind": "SECRET", **facts})
    assert "no-store" in answer.headers["Cache-Control"]
    found = re.search(r'value="(fl_[sp]k_[^"]+)"', answer.content.decode())
    assert found
    return found[1]


def test_a_key_is_shown_once_and_may_what_was_chosen(acme: Company, alice: Client) -> None:
    text = create(alice, name="Shop", scopes=["conversions:write"])

    key = key_of(text)
    assert key is not None
    assert key.scopes == [Scope.CONVERSIONS]
    page = alice.get(KEYS).content.decode()
    assert text not in page
    assert f"fl_sk_…{text[-4:]}" in page
    assert "Report conversions and refunds" in page


def test_a_publishable_key_needs_no_scope_and_a_secret_one_does(
    acme: Company, alice: Client
) -> None:
    assert create(alice, name="Pages", kind="PUBLISHABLE").startswith("fl_pk_")

    answer = alice.post(reverse("console:key-create"), {"kind": "SECRET", "name": "Shop"})

    assert answer.status_code == 422
    assert "Choose at least one: this key could do nothing." in words(answer.content)
    with merchant_context(acme.id):
        assert ApiKey.objects.count() == 1


def test_a_test_key_wears_its_badge(acme: Company, alice: Client) -> None:
    text = create(alice, name="Trial", scopes=["conversions:write"], is_test="on")
    create(alice, name="Shop", scopes=["conversions:write"])

    key = key_of(text)

    assert key is not None
    assert key.is_test
    page = words(alice.get(KEYS).content)
    assert f"Trial Test fl_sk_…{text[-4:]}" in page
    assert "Shop fl_sk_…" in page


def test_a_revoked_key_is_out_of_force_at_once(acme: Company, alice: Client) -> None:
    text = create(alice, name="Shop", scopes=["read"])
    with merchant_context(acme.id):
        key = ApiKey.objects.get()

    alice.post(reverse("console:key-revoke", args=[key.id]))

    assert key_of(text) is None
    assert "Revoked" in words(alice.get(KEYS).content)


def test_the_keys_of_a_disabled_member_are_revoked(
    acme: Company, alice: Client, sign_in: SignIn
) -> None:
    olga = add_member(acme, "Olga", Role.OWNER)
    browser = sign_in(olga.user)
    reauthenticate(browser)
    create(browser, name="Olga's", scopes=["read"])

    alice.post(reverse("console:member-disable", args=[olga.id]))

    assert "Olga 2 Mar 2026 Never Revoked" in words(alice.get(KEYS).content)


# History -----------------------------------------------------------------------------------------


def test_the_audit_log_names_who_did_what_and_is_searched(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    alice.post(reverse("console:affiliate-suspend", args=[bob.enrollment.id]), {"reason": "Spam"})

    by_type = words(alice.get(AUDIT, {"q": "enrollment.suspended"}).content)
    by_subject = words(alice.get(AUDIT, {"q": str(bob.enrollment.id)}).content)

    assert "Affiliate: suspended" in by_type
    assert "Alice 127.0.0.1 reason: Spam" in by_type
    assert "Affiliate: applied" in by_subject
    assert "Bob" in by_subject
    assert "Nothing matches." in words(alice.get(AUDIT, {"q": "payout"}).content)


@pytest.mark.parametrize("query", [{"since": "2026-03-03"}, {"until": "2026-03-01"}])
def test_the_audit_log_is_narrowed_by_days(alice: Client, query: dict[str, str]) -> None:
    assert "Nothing matches." in words(alice.get(AUDIT, query).content)


def test_the_audit_log_is_narrowed_by_person_kind_and_subject(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    alice.post(reverse("console:affiliate-suspend", args=[bob.enrollment.id]), {"reason": "Spam"})
    mia = add_member(acme, "Mia", Role.MANAGER)

    def shows(**query: object) -> bool:
        return "Affiliate: suspended" in words(alice.get(AUDIT, query).content)

    assert shows(person=acme.owner.user_id)
    assert not shows(person=mia.user_id)
    assert not shows(person="fairlead")
    assert shows(kind="enrollment")
    assert not shows(kind="program")
    assert shows(subject=bob.enrollment.id)
    assert not shows(subject=acme.program.id)


def test_only_owners_read_the_audit_log(acme: Company, sign_in: SignIn) -> None:
    mia = sign_in(add_member(acme, "Mia", Role.MANAGER).user)

    assert mia.get(AUDIT).status_code == 403
    assert AUDIT not in mia.get(reverse("console:members")).content.decode()


def test_the_audit_log_is_exported_and_no_spreadsheet_executes_it(
    bob: Promoter, alice: Client
) -> None:
    url = reverse("console:affiliate-suspend", args=[bob.enrollment.id])
    alice.post(url, {"reason": '=HYPERLINK("x")'})

    answer = alice.get(reverse("console:audit-export"), {"q": "enrollment.suspended"})

    lines = answer.content.decode().splitlines()
    assert lines[0] == "at,type,subject,who,from,details"
    assert len(lines) == 2
    assert ",enrollment.suspended," in lines[1]
    assert ",Alice,127.0.0.1," in lines[1]


def test_what_a_worker_does_comes_from_nowhere(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        assert set(Event.objects.values_list("ip", flat=True)) == {None}


def test_the_audit_log_shows_no_secret(acme: Company, alice: Client) -> None:
    text = create(alice, name="Shop", scopes=["read"])

    assert text not in alice.get(AUDIT).content.decode()
    with merchant_context(acme.id):
        assert text not in str(list(Event.objects.values_list("data", flat=True)))
