"""What is the customer's or the merchant's own never reaches an affiliate's page."""

from django.urls import reverse

from affiliates.profiles import Profile, edit_profile
from commissions.models import Claim, Commission
from merchants.models import SYSTEM, Merchant
from merchants.tenancy import merchant_context
from programs.models import Goal, Program
from programs.services import publish_terms
from tests.cast import NOON, Promoter
from tests.portal.conftest import Story
from tests.portal.people import browser_of
from tracking.models import Click, Coupon, Link

SECRETS = [
    "ORDER-777001",  # The merchant's order numbers.
    "ORDER-777002",
    "ORDER-777003",
    "jane-doe-42",  # The customer.
    "Jane",  # In metadata, in the refund's reason, in the private reason of a decline.
    "RMA-55",
    "BOOT-43",
    "198.51.100",  # The visitor's network.
    "fl_pb_",  # The program's secret.
    "DE89370400440532013000",
    "Finn",  # Who pays at the merchant's.
    "alice@",
]
EVIL = "<script>alert(1)</script>"


def pages(story: Story) -> dict[str, str]:
    """Return every page that Bob can open, by address."""
    browser = browser_of(story.promoter.user)
    own = {
        "portal:program": [story.promoter.enrollment.id],
        "portal:link": [story.promoter.link.id],
        "portal:payout": [story.payout.id],
        "portal:claim": [story.claim.id],
        "portal:terms": [story.promoter.enrollment.id],
    }
    names = ["home", "programs", "links", "link-create", "clicks", "conversions", "earnings"]
    names += ["payouts", "payout-method", "profile", "claims", "claim-create"]
    urls = [reverse(f"portal:{name}") for name in names]
    urls += [reverse(name, args=arguments) for name, arguments in own.items()]
    urls += [
        reverse("portal:conversion", args=[row.id])
        for row in (story.paid, story.refunded, story.declined)
    ]
    urls += ["/portal/clicks/?show=all", "/portal/earnings/?state=declined", "/join/acme/partners/"]
    answers = {url: browser.get(url) for url in urls}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {url: answer.content.decode() for url, answer in answers.items()}


def test_no_page_says_who_bought_or_which_order(story: Story, carol: Promoter) -> None:
    others = [carol.link.code, carol.enrollment.code, "Carol"]

    found = [
        (url, secret)
        for url, page in pages(story).items()
        for secret in [*SECRETS, *others]
        if secret in page
    ]

    assert found == []


def test_order_numbers_are_masked_down_to_their_end(story: Story) -> None:
    page = pages(story)[reverse("portal:conversion", args=[story.refunded.id])]

    assert "…7002" in page


def test_what_anybody_typed_is_shown_as_text(story: Story) -> None:
    acme, bob = story.company, story.promoter
    edit_profile(
        affiliate=bob.affiliate,
        profile=Profile(
            name=f"Bob{EVIL}",
            email="bob@example.com",
            website="https://bob.example",
            country="",
        ),
        by=bob.user,
        at=NOON,
    )
    with merchant_context(acme.id):
        Merchant.objects.update(name=f"Acme{EVIL}")
        Program.objects.update(name=f"P{EVIL}", summary=f"S{EVIL}", description=f"D{EVIL}")
        Goal.objects.update(name=f"G{EVIL}", definition=f"W{EVIL}")
        Link.objects.update(name=f"L{EVIL}"[:80])
        Click.objects.update(referrer_host=f"r{EVIL}", browser=f"b{EVIL}", subs={"sub1": EVIL})
        Coupon.objects.update(code="BOB10")
        Commission.objects.update(status_reason=EVIL)
        Claim.objects.update(order_id=f"O{EVIL}", message=f"M{EVIL}", answer=f"A{EVIL}")
        publish_terms(program=acme.program, body=f"B{EVIL}", summary=f"T{EVIL}", by=SYSTEM, at=NOON)
        bob.enrollment.refresh_from_db()
        type(bob.enrollment).objects.update(status_reason=f"E{EVIL}")

    answers = pages(story)
    built = browser_of(bob.user).get(f"/portal/links/{bob.link.id}/?sub1={EVIL}")

    assert [url for url, page in answers.items() if "<script>alert" in page] == []
    assert "<script>alert" not in built.content.decode()
    shown = "".join(answers.values())
    for mark in "PSDGWLrbBTEOM":
        assert f"{mark}&lt;script&gt;alert(1)&lt;/script&gt;" in shown, mark


def test_pages_have_nothing_inline(story: Story) -> None:
    for url, page in pages(story).items():
        assert " style=" not in page, url
        assert "<style" not in page, url
        assert " onclick=" not in page, url
        for tag in page.split("<script")[1:]:
            head = tag.split(">", 1)[0]
            assert "src=" in head or 'type="application/json"' in head, url
