"""Several users act for one affiliate: the owner invites, roles bind, one owner stays."""

import re

import pytest
from django.core import mail
from django.test import Client

from affiliates.directory import accounts_of, affiliate_of
from affiliates.models import AccountEvent, AccountInvitation, AccountRole, AffiliateUser
from affiliates.people import LastOwner, change_account_role, invite_user, remove_user
from affiliates.profiles import Profile, edit_profile
from common.refusals import BadValue
from merchants.tenancy import OPS, affiliate_context
from tests.cast import NOON, Promoter, make_user
from tests.portal.accounts import add_person, invite
from tests.portal.people import browser_of, text_of

EVIL = "<script>alert(1)</script>"


def link_in_mail() -> str:
    """Return the path and query of the invitation that was mailed last."""
    found = re.search(r"http://[^/]+(/portal/invitation/\S+)", mail.outbox[-1].body)
    assert found
    return found[1]


def own(promoter: Promoter) -> AffiliateUser:
    """Return the promoter's own place in their account."""
    with affiliate_context(promoter.affiliate.id):
        return AffiliateUser.objects.select_related("affiliate", "user").get(user=promoter.user)


def test_an_owner_invites_by_mail_and_the_invited_acts_for_the_affiliate(bob: Promoter) -> None:
    mia = make_user("Mia")

    asked = browser_of(bob.user).post(
        "/portal/people/invite/", {"email": "MIA@example.com", "role": "MANAGER"}, follow=True
    )
    path = link_in_mail()
    browser = browser_of(mia)
    shown = browser.get(path)
    accepted = browser.post(path, follow=True)

    assert mail.outbox[-1].to == ["mia@example.com"]
    assert "mia@example.com" in text_of(asked)
    assert "You are invited as Manager" in text_of(shown)
    assert "You act for Bob now." in text_of(accepted)
    (place,) = accounts_of(mia)
    assert (place.affiliate, place.role) == (bob.affiliate, "MANAGER")
    assert [row.type for row in AccountEvent.objects.using(OPS).order_by("at", "id")] == [
        "user.invited",
        "user.joined",
    ]
    assert browser.get(path).status_code == 404  # It works once.


def test_an_invitation_is_of_use_to_nobody_else(bob: Promoter, carol: Promoter) -> None:
    _invitation, key = invite(bob, "mia@example.com", AccountRole.OWNER)

    answer = browser_of(carol.user).post(f"/portal/invitation/?key={key}")
    wrong = browser_of(carol.user).get("/portal/invitation/?key=fl_ai_guess")

    assert (answer.status_code, wrong.status_code) == (403, 404)
    assert [row.affiliate for row in accounts_of(carol.user)] == [carol.affiliate]


def test_a_second_invitation_replaces_the_first_and_a_withdrawn_one_is_gone(bob: Promoter) -> None:
    mia = make_user("Mia")
    _first, old = invite(bob, mia.email, AccountRole.VIEWER)
    second, new = invite(bob, mia.email, AccountRole.MANAGER)

    assert browser_of(mia).get(f"/portal/invitation/?key={old}").status_code == 404
    browser_of(bob.user).post(f"/portal/people/invitations/{second.id}/withdraw/")
    assert browser_of(mia).post(f"/portal/invitation/?key={new}").status_code == 404
    assert not AccountInvitation.objects.using(OPS).exists()


def test_who_acts_for_the_affiliate_is_not_invited_again(bob: Promoter) -> None:
    answer = browser_of(bob.user).post(
        "/portal/people/invite/", {"email": bob.user.email, "role": "VIEWER"}
    )

    assert answer.status_code == 422
    assert "This person acts for you already." in text_of(answer)
    assert mail.outbox == []


def test_an_account_has_room_for_so_many(bob: Promoter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("affiliates.people.PEOPLE_MAX", 2)
    invite(bob, "one@example.com", AccountRole.VIEWER)

    with pytest.raises(BadValue, match="2 people"):
        invite_user(
            affiliate=bob.affiliate,
            email="two@example.com",
            role=AccountRole.VIEWER,
            by=bob.user,
            at=NOON,
        )


def test_a_role_holds_from_the_next_request_on(bob: Promoter) -> None:
    mia = add_person(bob, "Mia", AccountRole.MANAGER)
    browser = browser_of(mia.user)
    assert browser.get("/portal/links/new/").status_code == 200

    browser_of(bob.user).post(f"/portal/people/{mia.id}/role/", {"role": "VIEWER"})

    assert browser.get("/portal/links/new/").status_code == 403
    event = AccountEvent.objects.using(OPS).get()
    assert event.data == {"user": "mia@example.com", "before": "MANAGER", "after": "VIEWER"}


def test_who_is_removed_is_out_with_the_next_request(bob: Promoter) -> None:
    mia = add_person(bob, "Mia", AccountRole.OWNER)
    browser = browser_of(mia.user)
    assert browser.get("/portal/").status_code == 200

    browser_of(bob.user).post(f"/portal/people/{mia.id}/remove/")

    assert "You are in no program yet" in text_of(browser.get("/portal/"))
    assert affiliate_of(mia.user) is None


def test_the_last_owner_stays(bob: Promoter) -> None:
    add_person(bob, "Mia", AccountRole.MANAGER)
    place = own(bob)

    with pytest.raises(LastOwner):
        remove_user(person=place, by=bob.user, at=NOON)
    with pytest.raises(LastOwner):
        change_account_role(person=place, role=AccountRole.VIEWER, by=bob.user, at=NOON)
    answer = browser_of(bob.user).post(f"/portal/people/{place.id}/remove/", follow=True)

    assert "Somebody must stay owner" in text_of(answer)
    assert own(bob).role == "OWNER"
    assert not AccountEvent.objects.using(OPS).exists()


def test_an_owner_may_leave_to_another_owner(bob: Promoter) -> None:
    add_person(bob, "Mia", AccountRole.OWNER)

    remove_user(person=own(bob), by=bob.user, at=NOON)

    assert accounts_of(bob.user) == []


def test_a_viewer_sees_no_button_that_does_nothing(bob: Promoter) -> None:
    vera = add_person(bob, "Vera", AccountRole.VIEWER)

    links = text_of(browser_of(vera.user).get("/portal/links/"))
    method = text_of(browser_of(vera.user).get("/portal/payout-method/"))

    assert "You are a viewer of Bob" in links
    assert "Create link" not in links
    assert "People" not in links
    assert "Change" not in method


def test_a_denied_page_names_whom_to_ask(bob: Promoter) -> None:
    vera = add_person(bob, "Vera", AccountRole.VIEWER)

    answer = browser_of(vera.user).get("/portal/people/")

    assert answer.status_code == 403
    assert "You are Viewer of Bob, and nothing was changed. Ask Bob for" in text_of(answer)


def test_a_user_of_two_accounts_switches_between_them(bob: Promoter, carol: Promoter) -> None:
    with affiliate_context(carol.affiliate.id):
        AffiliateUser.objects.create(affiliate=carol.affiliate, user=bob.user, role="VIEWER")
    browser = browser_of(bob.user)
    assert "Switch to Carol" in text_of(browser.get("/portal/"))

    browser.post("/portal/account/", {"account": str(carol.affiliate.id)})

    assert "Switch to Bob" in text_of(browser.get("/portal/"))
    assert browser.get(f"/portal/links/{bob.link.id}/").status_code == 404
    assert browser.get(f"/portal/links/{carol.link.id}/").status_code == 200
    assert browser.get("/portal/links/new/").status_code == 403


def test_a_viewer_joins_programs_as_themselves_alone(bob: Promoter) -> None:
    vera = add_person(bob, "Vera", AccountRole.VIEWER)

    assert affiliate_of(vera.user) is None


def test_nobody_switches_into_an_account_of_others(bob: Promoter, carol: Promoter) -> None:
    answer = browser_of(bob.user).post("/portal/account/", {"account": str(carol.affiliate.id)})

    assert answer.status_code == 404


def test_people_of_another_account_are_not_there(bob: Promoter, carol: Promoter) -> None:
    mia = add_person(bob, "Mia", AccountRole.MANAGER)
    invitation, _key = invite(bob, "new@example.com", AccountRole.VIEWER)
    browser: Client = browser_of(carol.user)

    answers = [
        browser.post(f"/portal/people/{mia.id}/role/", {"role": "OWNER"}),
        browser.post(f"/portal/people/{mia.id}/remove/"),
        browser.post(f"/portal/people/invitations/{invitation.id}/withdraw/"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert "Mia" not in text_of(browser.get("/portal/people/"))


def test_the_profile_says_what_one_does_and_for_whom(bob: Promoter) -> None:
    said = {
        "name": "Bob",
        "email": bob.user.email,
        "website": "https://bob.example",
        "country": "DE",
        "type": "NEWSLETTER",
        "about": f"I write.{EVIL}",
        "audience_countries": ["FR", "DE"],
        "audience_topics": "Running, parents,  RUNNING ,",
    }

    browser_of(bob.user).post("/portal/profile/", said)

    with affiliate_context(bob.affiliate.id):
        bob.affiliate.refresh_from_db()
    assert bob.affiliate.audience_countries == ["DE", "FR"]
    assert bob.affiliate.audience_topics == ["running", "parents"]
    (event,) = AccountEvent.objects.using(OPS)
    assert event.data["before"]["type"] == "OTHER"
    assert event.data["after"]["type"] == "NEWSLETTER"
    history = browser_of(bob.user).get("/portal/people/").content.decode()
    assert EVIL not in history


def test_a_profile_that_stays_leaves_no_trace(bob: Promoter) -> None:
    same = Profile(name="Bob", email=bob.affiliate.email)

    edit_profile(affiliate=bob.affiliate, profile=same, by=bob.user, at=NOON)

    assert not AccountEvent.objects.using(OPS).exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("audience_countries", ("XX",)),
        ("audience_topics", tuple(f"topic {number}" for number in range(13))),
        ("audience_topics", ("x" * 41,)),
        ("type", "KING"),
        ("about", "x" * 2001),
    ],
)
def test_a_profile_that_cannot_be_is_refused(bob: Promoter, field: str, value: object) -> None:
    profile = Profile(**{"name": "Bob", "email": bob.affiliate.email, field: value})

    with pytest.raises(BadValue) as refused:
        edit_profile(affiliate=bob.affiliate, profile=profile, by=bob.user, at=NOON)

    assert refused.value.field == field
