"""Who may open what: a row for each route of the portal and the public pages."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from affiliates.models import AccountRole
from affiliates.reach import add_channel
from merchants.tenancy import OPS
from tests.cast import Promoter, make_promoter
from tests.channel.dealing import store_deal
from tests.cobranded import piece_code, store_cobranded
from tests.codes import take_wishes
from tests.collaborating import store_pitch
from tests.console.program_pages import store_policy
from tests.materials.making import store_material
from tests.messaging.writing import affiliate_of, attach, begin
from tests.partnerships.making import store_partnership
from tests.payouts.documents.paying import papers
from tests.payouts.tax.signing import asks
from tests.portal.accounts import add_person, invite
from tests.portal.asking import ask_more, name_reference, store_withdrawal
from tests.portal.conftest import TODAY, Story
from tests.portal.people import browser_of
from tests.proposals import propose
from tests.recruiting.prospecting import mail_letter, store_prospect
from tests.routes import routes
from tracking.models import Link

LOGIN, AWAY, MISSING, SHOWN = "login", "away", 404, 200


class Row(NamedTuple):
    """What each visitor gets. Ids are Bob's; `away` is a redirect inside the portal.

    What other users of Bob's account get, follows from who may send what: see `for_role`.
    """

    method: str
    arguments: Callable[[Story], list[object]]
    anonymous: str | int
    bob: str | int
    carol: str | int  # Another affiliate, with Bob's ids.
    alice: str | int  # Owns Acme, promotes nothing.


def nothing(_story: Story) -> list[object]:
    return []


def enrollment(story: Story) -> list[object]:
    return [story.promoter.enrollment.id]


def link(story: Story) -> list[object]:
    return [story.promoter.link.id]


def conversion(story: Story) -> list[object]:
    return [story.paid.id]


def payout(story: Story) -> list[object]:
    return [story.payout.id]


def withdrawal(story: Story) -> list[object]:
    return [store_withdrawal(story.company, story.promoter).id]


def pitched(story: Story) -> list[object]:
    return [store_pitch(story.company, story.promoter).id]


def lesson(story: Story) -> list[object]:
    return [store_material(story.company, "LESSON").id]


def cobranded(story: Story) -> list[object]:
    return [store_cobranded(story.company, story.promoter)["template_id"]]


def cobranded_page(story: Story) -> list[object]:
    made = store_cobranded(story.company, story.promoter, is_live=True)
    return [piece_code(story.company, made["piece_id"])]


def wishes_taken(story: Story) -> list[object]:
    take_wishes(story.company)
    return []


def merchant_id(story: Story) -> list[object]:
    asks(story.company)
    return [story.company.id]


def document(story: Story) -> list[object]:
    (paper, *_others) = papers(story.company)
    return [paper.id]


def claim(story: Story) -> list[object]:
    return [story.claim.id]


def thread(story: Story) -> list[object]:
    return [begin(story.company, story.promoter).id]


def partnership(story: Story) -> list[object]:
    return [partner_ids(story)["partnership_id"]]


def partner_ids(story: Story) -> dict[str, UUID | str]:
    return store_partnership(story.company, story.promoter)


def partner_thing(name: str) -> Callable[[Story], list[object]]:
    def of(story: Story) -> list[object]:
        ids = partner_ids(story)
        return [ids["partnership_id"], ids[name]]

    return of


def thread_file(story: Story) -> list[object]:
    begun = begin(story.company, story.promoter)
    return [begun.id, attach(begun, affiliate_of(story.promoter)).id]


def asked_more(story: Story) -> list[object]:
    ask_more(story.company)
    return [story.promoter.enrollment.id]


def channel(story: Story) -> list[object]:
    return [add_channel(affiliate=story.promoter.affiliate, network="X", url="https://x.com/b").id]


def named(story: Story) -> list[object]:
    return [name_reference(story.promoter)[0].id]


def named_key(story: Story) -> list[object]:
    return [name_reference(story.promoter)[1]]


def proposal(story: Story) -> list[object]:
    return [propose(story.company, story.promoter, at=TODAY).id]


def deal(story: Story) -> list[object]:
    return [store_deal(story.company, story.promoter).id]


def recruiter(story: Story) -> list[object]:
    return ["acme", "partners", story.promoter.enrollment.code]


def invited(story: Story) -> list[object]:
    return [mail_letter(story.company, store_prospect(story.company), at=TODAY)]


def policed(story: Story) -> list[object]:
    store_policy(story.company)
    return [story.promoter.enrollment.id]


def material(story: Story) -> list[object]:
    return [store_material(story.company, "FILE").id]


def person(story: Story) -> list[object]:
    return [add_person(story.promoter, "Pia", AccountRole.VIEWER).id]


def waiting(story: Story) -> list[object]:
    return [invite(story.promoter, "new@example.com", AccountRole.VIEWER)[0].id]


def page(_story: Story) -> list[object]:
    return ["acme", "partners"]


def merchant(_story: Story) -> list[object]:
    return ["acme"]


ROWS = {
    "portal:home": Row("get", nothing, LOGIN, SHOWN, SHOWN, SHOWN),
    "portal:checklist-hide": Row("post", nothing, LOGIN, AWAY, AWAY, AWAY),
    "portal:programs": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:program": Row("get", enrollment, LOGIN, SHOWN, MISSING, AWAY),
    "portal:terms": Row("get", enrollment, LOGIN, SHOWN, MISSING, AWAY),
    "portal:proposal-create": Row("get", enrollment, LOGIN, SHOWN, MISSING, AWAY),
    "portal:proposal": Row("get", proposal, LOGIN, SHOWN, MISSING, AWAY),
    "portal:proposal-accept": Row("post", proposal, LOGIN, 422, MISSING, AWAY),
    "portal:proposal-counter": Row("post", proposal, LOGIN, 422, MISSING, AWAY),
    "portal:proposal-decline": Row("post", proposal, LOGIN, AWAY, MISSING, AWAY),
    "portal:proposal-withdraw": Row("post", proposal, LOGIN, AWAY, MISSING, AWAY),
    "portal:rates-seen": Row("post", enrollment, LOGIN, AWAY, MISSING, AWAY),
    "portal:terms-accept": Row("post", enrollment, LOGIN, AWAY, MISSING, AWAY),
    "portal:invitation-decline": Row("post", enrollment, LOGIN, AWAY, MISSING, AWAY),
    "portal:glossary": Row("get", nothing, LOGIN, SHOWN, SHOWN, SHOWN),
    "portal:directory": Row("get", nothing, LOGIN, SHOWN, SHOWN, SHOWN),
    "portal:friction-report": Row("get", policed, LOGIN, SHOWN, MISSING, AWAY),
    "portal:links": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:link-create": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:links-create": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:link": Row("get", link, LOGIN, SHOWN, MISSING, AWAY),
    "portal:link-archive": Row("post", link, LOGIN, AWAY, MISSING, AWAY),
    "portal:link-qr": Row("get", link, LOGIN, SHOWN, MISSING, AWAY),
    "portal:link-qr-png": Row("get", link, LOGIN, SHOWN, MISSING, AWAY),
    "portal:cobranding": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:cobrand-piece": Row("get", cobranded, LOGIN, SHOWN, MISSING, AWAY),
    "portal:cobrand-publish": Row("post", cobranded, LOGIN, AWAY, MISSING, AWAY),
    "portal:cobrand-preview": Row("get", cobranded, LOGIN, SHOWN, MISSING, AWAY),
    "public:with-partner": Row("get", cobranded_page, SHOWN, SHOWN, SHOWN, SHOWN),
    "portal:code-wish": Row("get", wishes_taken, LOGIN, SHOWN, AWAY, AWAY),
    "portal:materials": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:material": Row("get", material, LOGIN, SHOWN, MISSING, AWAY),
    "portal:material-used": Row("post", material, LOGIN, 204, MISSING, AWAY),
    "portal:material-download": Row("post", material, LOGIN, AWAY, MISSING, AWAY),
    "portal:collaborations": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:collaboration-pitch": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:collaboration": Row("get", pitched, LOGIN, SHOWN, MISSING, AWAY),
    "portal:collaboration-act": Row("post", pitched, LOGIN, MISSING, MISSING, AWAY),
    "portal:lessons": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:lesson-done": Row("post", lesson, LOGIN, AWAY, MISSING, AWAY),
    "portal:products": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:clicks": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:conversions": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:conversion": Row("get", conversion, LOGIN, SHOWN, MISSING, AWAY),
    "portal:deals": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:deal-create": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:deal": Row("get", deal, LOGIN, SHOWN, MISSING, AWAY),
    "portal:deal-withdraw": Row("post", deal, LOGIN, AWAY, MISSING, AWAY),
    "portal:deal-extend": Row("post", deal, LOGIN, AWAY, MISSING, AWAY),
    "portal:claims": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:claim-create": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:claim": Row("get", claim, LOGIN, SHOWN, MISSING, AWAY),
    "portal:claim-withdraw": Row("post", claim, LOGIN, AWAY, MISSING, AWAY),
    "portal:earnings": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:payouts": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:payout": Row("get", payout, LOGIN, SHOWN, MISSING, AWAY),
    "portal:withdrawal-create": Row("post", merchant_id, LOGIN, AWAY, MISSING, AWAY),
    "portal:withdrawal-cancel": Row("post", withdrawal, LOGIN, AWAY, MISSING, AWAY),
    "portal:payout-method": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    # Bob and Carol prove first who they are; so does Alice, who then is led away.
    "portal:payout-method-change": Row("get", nothing, LOGIN, "prove", "prove", "prove"),
    "portal:tax": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:tax-form": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:tax-sign": Row("get", nothing, LOGIN, "prove", "prove", "prove"),
    "portal:self-billing": Row("get", merchant_id, LOGIN, SHOWN, MISSING, AWAY),
    "portal:self-billing-end": Row("post", merchant_id, LOGIN, AWAY, MISSING, AWAY),
    "portal:documents": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:document": Row("get", document, LOGIN, SHOWN, MISSING, AWAY),
    "portal:messages": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:thread-create": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:thread": Row("get", thread, LOGIN, SHOWN, MISSING, AWAY),
    "portal:thread-file": Row("get", thread_file, LOGIN, SHOWN, MISSING, AWAY),
    "portal:partnerships": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:partnership": Row("get", partnership, LOGIN, SHOWN, MISSING, AWAY),
    "portal:partner-plan": Row("get", partnership, LOGIN, SHOWN, MISSING, AWAY),
    "portal:partner-item-add": Row("post", partnership, LOGIN, 422, MISSING, AWAY),
    "portal:partner-item": Row("get", partner_thing("item_id"), LOGIN, SHOWN, MISSING, AWAY),
    "portal:partner-item-move": Row("post", partner_thing("item_id"), LOGIN, AWAY, MISSING, AWAY),
    "portal:partner-item-comment": Row(
        "post", partner_thing("item_id"), LOGIN, AWAY, MISSING, AWAY
    ),
    "portal:partner-goal": Row("get", partner_thing("shared_goal_id"), LOGIN, SHOWN, MISSING, AWAY),
    "portal:partner-goal-note": Row(
        "post", partner_thing("shared_goal_id"), LOGIN, 422, MISSING, AWAY
    ),
    "portal:partner-reviews": Row("get", partnership, LOGIN, SHOWN, MISSING, AWAY),
    "portal:partner-review": Row("get", partner_thing("review_id"), LOGIN, SHOWN, MISSING, AWAY),
    "portal:partner-review-notes": Row(
        "post", partner_thing("review_id"), LOGIN, AWAY, MISSING, AWAY
    ),
    "portal:partner-review-action": Row(
        "post", partner_thing("review_id"), LOGIN, 422, MISSING, AWAY
    ),
    "portal:partner-review-comment": Row(
        "post", partner_thing("review_id"), LOGIN, AWAY, MISSING, AWAY
    ),
    "portal:partner-sheet": Row("get", partner_thing("sheet"), LOGIN, SHOWN, MISSING, AWAY),
    "portal:partner-sheet-fill": Row("post", partner_thing("sheet"), LOGIN, AWAY, MISSING, AWAY),
    "portal:partner-sheet-comment": Row("post", partner_thing("sheet"), LOGIN, AWAY, MISSING, AWAY),
    "portal:thread-answer": Row("post", thread, LOGIN, 422, MISSING, AWAY),
    "portal:profile": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:notifications": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:people": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:person-invite": Row("post", nothing, LOGIN, 422, 422, AWAY),
    "portal:person-role": Row("post", person, LOGIN, MISSING, MISSING, AWAY),
    "portal:person-remove": Row("post", person, LOGIN, AWAY, MISSING, AWAY),
    "portal:person-invitation-withdraw": Row("post", waiting, LOGIN, AWAY, MISSING, AWAY),
    # Outside the account's door: for whoever holds the mailed key, or has several accounts.
    "portal:account-invitation": Row("get", nothing, LOGIN, MISSING, MISSING, MISSING),
    "portal:account-switch": Row("post", nothing, LOGIN, MISSING, MISSING, MISSING),
    "portal:questionnaire": Row("get", asked_more, LOGIN, SHOWN, MISSING, AWAY),
    "portal:reach": Row("get", nothing, LOGIN, SHOWN, SHOWN, AWAY),
    "portal:phone-edit": Row("post", nothing, LOGIN, AWAY, AWAY, AWAY),
    "portal:channel-add": Row("post", nothing, LOGIN, 422, 422, AWAY),
    "portal:channel-check": Row("post", channel, LOGIN, AWAY, MISSING, AWAY),
    "portal:channel-remove": Row("post", channel, LOGIN, AWAY, MISSING, AWAY),
    "portal:reference-add": Row("post", nothing, LOGIN, 422, 422, AWAY),
    "portal:reference-ask": Row("post", named, LOGIN, AWAY, MISSING, AWAY),
    "portal:reference-remove": Row("post", named, LOGIN, AWAY, MISSING, AWAY),
    "public:reference": Row("get", named_key, SHOWN, SHOWN, SHOWN, SHOWN),
    "public:started": Row("post", page, 204, 204, 204, 204),
    "public:join-outside": Row("post", page, SHOWN, SHOWN, SHOWN, SHOWN),
    "public:recruited": Row("get", recruiter, AWAY, AWAY, AWAY, AWAY),
    "public:prospect-invitation": Row("get", invited, AWAY, AWAY, AWAY, AWAY),
    "public:no-letters": Row("get", nothing, SHOWN, SHOWN, SHOWN, SHOWN),
    "public:join": Row("get", page, SHOWN, SHOWN, SHOWN, SHOWN),
    "public:brand-css": Row("get", merchant, SHOWN, SHOWN, SHOWN, SHOWN),
}
# They act for nobody and store nothing of anybody, so other sites may post to them.
FOR_ANYBODY = {"public:started", "public:join-outside"}
# Nothing but a form: whoever may send it sees it.
FORMS = {
    "portal:link-create",
    "portal:links-create",
    "portal:claim-create",
    "portal:deal-create",
    "portal:code-wish",
    "portal:collaboration-pitch",
    "portal:thread-create",
    "portal:proposal-create",
    "portal:questionnaire",
}
OWNERS = {
    "portal:people",
    "portal:person-invite",
    "portal:person-role",
    "portal:person-remove",
    "portal:person-invitation-withdraw",
    "portal:payout-method-change",
    "portal:tax-form",
    "portal:tax-sign",
    "portal:self-billing",
    "portal:self-billing-end",
}
WITHOUT_ROLE = {"portal:account-invitation", "portal:account-switch"}
# What users have of their own, whatever their role in the account.
OWN = {"portal:notifications"}
ROUTES = [route.name for space in ("portal", "public") for route in routes(space)]


def test_each_route_has_a_row() -> None:
    assert set(ROUTES) == set(ROWS)


@pytest.mark.parametrize("name", ROUTES)
def test_each_visitor_gets_what_the_row_says(name: str, story: Story, carol: Promoter) -> None:
    row = ROWS[name]
    url = reverse(name, args=row.arguments(story))
    visitors = {
        "anonymous": Client(),
        "carol": browser_of(carol.user),
        "alice": browser_of(story.company.owner.user),
        "bob": browser_of(story.promoter.user),
    }

    got = {who: _outcome(getattr(browser, row.method)(url)) for who, browser in visitors.items()}

    assert got == {who: getattr(row, who) for who in visitors}


OF_ACCOUNT = [name for name in ROUTES if name.startswith("portal:") and name not in WITHOUT_ROLE]


def for_role(name: str, role: AccountRole) -> str | int:
    """Return what a user of Bob's account gets where Bob, its owner, gets what his row says."""
    row = ROWS[name]
    if row.bob == "prove" or role == AccountRole.OWNER:
        return row.bob
    if name in OWNERS:
        return 403
    looks_only = role == AccountRole.VIEWER
    return 403 if looks_only and (row.method == "post" or name in FORMS) else row.bob


@pytest.mark.parametrize("role", [AccountRole.MANAGER, AccountRole.VIEWER])
@pytest.mark.parametrize("name", OF_ACCOUNT)
def test_each_role_gets_what_follows_from_the_row(
    name: str, role: AccountRole, story: Story
) -> None:
    mia = add_person(story.promoter, "Mia", role)
    url = reverse(name, args=ROWS[name].arguments(story))

    answer = getattr(browser_of(mia.user), ROWS[name].method)(url)

    assert _outcome(answer) == for_role(name, role)


@pytest.mark.parametrize("name", [name for name in OF_ACCOUNT if name not in OWN])
def test_a_viewer_writes_nothing_wherever_they_post(name: str, story: Story) -> None:
    vera = add_person(story.promoter, "Vera", AccountRole.VIEWER)

    answer = browser_of(vera.user).post(reverse(name, args=ROWS[name].arguments(story)))

    # Two ask first who posts; what is posted to them is asked for again, not taken.
    assert answer.status_code in (403, 405) or ROWS[name].bob == "prove"


def _outcome(response: object) -> str | int:
    status: int = response.status_code  # type: ignore[attr-defined]
    if status != 302:
        return status
    location: str = response["Location"]  # type: ignore[index]
    if location.startswith("/accounts/login/"):
        return LOGIN
    return "prove" if location.startswith("/accounts/reauthenticate/") else AWAY


@pytest.mark.parametrize(
    ("page", "parameter"),
    [
        ("", "program"),
        ("clicks/", "program"),
        ("clicks/", "link"),
        ("conversions/", "program"),
        ("conversions/", "link"),
        ("earnings/", "program"),
        ("links/", "program"),
    ],
)
def test_filters_do_not_reach_other_affiliates(
    story: Story, carol: Promoter, page: str, parameter: str
) -> None:
    own = {"program": story.company.program.id, "link": story.promoter.link.id}[parameter]
    unknown = UUID(int=7)

    for value in (own, unknown, "nonsense"):
        answer = browser_of(carol.user).get(f"/portal/{page}?{parameter}={value}")
        assert answer.status_code == 404


def test_a_foreign_id_looks_exactly_like_a_missing_one(story: Story, carol: Promoter) -> None:
    browser = browser_of(carol.user)

    for name, found in [
        ("portal:link", story.promoter.link.id),
        ("portal:conversion", story.paid.id),
        ("portal:payout", story.payout.id),
        ("portal:claim", story.claim.id),
        ("portal:thread", begin(story.company, story.promoter).id),
    ]:
        foreign = browser.get(reverse(name, args=[found]))
        missing = browser.get(reverse(name, args=[UUID(int=7)]))
        assert foreign.content == missing.content


def test_two_affiliates_of_one_program_see_nothing_of_each_other(story: Story) -> None:
    dave = make_promoter(story.company, "Dave")
    browser = browser_of(dave.user)

    for name, found in [
        ("portal:link", story.promoter.link.id),
        ("portal:conversion", story.paid.id),
        ("portal:payout", story.payout.id),
        ("portal:program", story.promoter.enrollment.id),
    ]:
        assert browser.get(reverse(name, args=[found])).status_code == 404
    assert "Nothing earned yet" in browser.get("/portal/earnings/").content.decode()


@pytest.mark.parametrize(
    "name",
    [name for name in ROUTES if ROWS[name].method == "post" and name not in FOR_ANYBODY]
    + ["portal:link-create"],
)
def test_a_form_without_its_token_changes_nothing(name: str, story: Story) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(story.promoter.user, backend="django.contrib.auth.backends.ModelBackend")

    address = reverse(name, args=ROWS[name].arguments(story))
    before = Link.objects.using(OPS).count()
    answer = browser.post(address, {"name": "x"})

    assert answer.status_code == 403
    assert Link.objects.using(OPS).filter(archived_at__isnull=False).count() == 0
    assert Link.objects.using(OPS).count() == before


def test_a_disabled_user_is_out_with_the_next_request(story: Story) -> None:
    browser = browser_of(story.promoter.user)
    assert browser.get("/portal/").status_code == 200
    story.promoter.user.is_active = False
    story.promoter.user.save(update_fields=["is_active"])

    assert browser.get("/portal/").status_code == 302
