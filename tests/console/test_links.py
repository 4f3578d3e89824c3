"""Links, smart links, coupons and unknown codes."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from common.ids import new_id
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter, make_promoter, sell
from tests.console.clicks import store_clicks
from tests.console.conftest import TODAY, words
from tests.console.handed_out import hand_out
from tracking.models import Branch, ClickClass, Coupon, Link, SmartRule
from tracking.services import create_link

LINKS = "/console/links/"
BRANCH = {"weight": "100", "priority": "100", "time_zone": "UTC"}


def test_the_list_says_whose_what_and_whether_it_works(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    store_clicks(acme, bob, at=NOON, count=3)
    with merchant_context(acme.id):
        create_link(enrollment=bob.enrollment, code="later", starts_at=TODAY + timedelta(days=1))

    page = words(alice.get(LINKS).content)

    assert "later Bob Acme Partners The program's pages Not started from 3 Mar 2026 0 0" in page
    assert f"{bob.link.code} Bob Acme Partners The program's pages Works 3 0" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "LATER"}, {"later"}),
        ({"q": "bob@example.com"}, {"later", "gone", "bobs"}),
        ({"state": "waiting"}, {"later"}),
        ({"state": "archived"}, {"gone"}),
        ({"state": "used"}, {"bobs"}),
        ({"state": "smart"}, set()),
    ],
)
def test_links_are_found_by_word_and_state(
    acme: Company, bob: Promoter, alice: Client, query: dict[str, str], found: set[str]
) -> None:
    with merchant_context(acme.id):
        Link.objects.filter(id=bob.link.id).update(code="bobs")
        create_link(enrollment=bob.enrollment, code="later", starts_at=TODAY + timedelta(days=1))
        gone = create_link(enrollment=bob.enrollment, code="gone")
        Link.objects.filter(id=gone.id).update(archived_at=NOON)

    page = words(alice.get(LINKS, query).content)

    assert {code for code in ("later", "gone", "bobs") if f" {code} Bob" in page} == found


def test_a_link_is_made_for_an_affiliate_and_its_code_is_for_good(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    answer = alice.post(
        reverse("console:link-create"),
        {
            "affiliate": "bob@example.com",
            "code": "spring",
            "name": "Spring",
            "destination_url": "https://shop.acme.example/spring",
            "ends_at": "2026-05-01T00:00",
        },
    )

    with merchant_context(acme.id):
        made = Link.objects.get(code="spring")
    assert answer.headers["Location"] == reverse("console:link", args=[made.id])
    page = words(alice.get(answer.headers["Location"]).content)
    assert "until 1 May 2026, 00:00 UTC" in page
    alice.post(reverse("console:link-edit", args=[made.id]), {"name": "Summer", "code": "other"})
    with merchant_context(acme.id):
        made.refresh_from_db()
    assert (made.name, made.code, made.ends_at) == ("Summer", "spring", None)


def test_what_is_wrong_with_a_link_stands_beside_its_field(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    address = reverse("console:link-create")

    taken = alice.post(address, {"affiliate": bob.enrollment.code, "code": bob.link.code})
    foreign = alice.post(
        address,
        {"affiliate": bob.enrollment.code, "destination_url": "https://evil.example/"},
    )

    assert "This code is taken." in words(taken.content)
    assert "only lead to: shop.acme.example" in words(foreign.content)
    with merchant_context(acme.id):
        assert Link.objects.count() == 1


def test_many_links_are_made_and_the_wrong_lines_come_back(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    lines = "url,name,code\nhttps://shop.acme.example/a,First,first\nhttps://evil.example/b\n"

    page = alice.post(
        reverse("console:links-create"), {"affiliate": bob.enrollment.code, "lines": lines}
    )

    said = words(page.content)
    assert "1 link is ready." in said
    assert "/c/first" in said
    assert "1 line was left out" in said
    assert "3 https://evil.example/b Links of this program may only lead to" in said
    with merchant_context(acme.id):
        assert Link.objects.get(code="first").name == "First"


def test_what_is_typed_is_completed(acme: Company, bob: Promoter, alice: Client) -> None:
    make_promoter(acme, "Dora")

    part = alice.get(reverse("console:affiliate-suggest"), {"affiliate": "bo"}).content.decode()

    assert f'<option value="{bob.enrollment.code}">Bob' in part
    assert "Dora" not in part


def test_the_qr_code_is_to_be_had_as_drawing_and_picture(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    drawing = alice.get(reverse("console:link-qr", args=[bob.link.id]))
    picture = alice.get(reverse("console:link-qr-png", args=[bob.link.id]))

    assert drawing.headers["Content-Type"] == "image/svg+xml"
    assert picture.content.startswith(b"\x89PNG")
    assert f'filename="{bob.link.code}.png"' in picture.headers["Content-Disposition"]


# Smart links -------------------------------------------------------------------------------------


def test_the_first_branch_makes_a_link_smart_and_the_last_gone_makes_it_plain(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    with merchant_context(acme.id):
        smart = create_link(enrollment=bob.enrollment, code="best", name="Best")
    here = reverse("console:link", args=[smart.id])

    alice.post(f"{here}branches/new/", {**BRANCH, "target": str(bob.link.id), "countries": ["DE"]})

    with merchant_context(acme.id):
        smart.refresh_from_db()
        branch = Branch.objects.get()
    assert (smart.smart_rule, branch.countries) == (SmartRule.MATCH, ["DE"])
    assert "Germany" in words(alice.get(here).content)

    alice.post(f"{here}rule/", {"rule": "BEST"})
    with merchant_context(acme.id):
        smart.refresh_from_db()
        branch = Branch.objects.get()
    assert smart.smart_rule == SmartRule.BEST

    alice.post(f"{here}branches/{branch.id}/remove/")
    with merchant_context(acme.id):
        smart.refresh_from_db()
        assert (smart.smart_rule, Branch.objects.count()) == ("", 0)


def test_a_branch_is_changed_and_the_others_stay(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    with merchant_context(acme.id):
        ids = hand_out(acme, bob)
    address = reverse("console:branch-edit", args=[ids["link_id"], ids["branch_id"]])

    answer = alice.post(address, {**BRANCH, "target": str(bob.link.id), "weight": "7"})

    assert answer.status_code == 302
    with merchant_context(acme.id):
        weights = sorted(Branch.objects.values_list("weight", flat=True))
    assert weights == [7, 100]


def test_a_branch_leads_through_links_of_the_same_affiliate_only(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    dora = make_promoter(acme, "Dora")
    here = reverse("console:branch-create", args=[bob.link.id])

    answer = alice.post(here, {**BRANCH, "target": str(dora.link.id)})

    assert "There is no other link yet" in words(answer.content)
    with merchant_context(acme.id):
        assert not Branch.objects.exists()


# Coupons -----------------------------------------------------------------------------------------


def test_codes_are_made_in_bulk_and_downloaded(acme: Company, bob: Promoter, alice: Client) -> None:
    answer = alice.post(
        reverse("console:coupons-create"),
        {
            "affiliate": bob.enrollment.code,
            "count": "40",
            "beginning": "spring-",
            "uses_max": "3",
            "valid_until": "2026-05-01T00:00",
        },
    )

    listed = alice.get(answer.headers["Location"])
    assert "40 codes are ready." in words(listed.content)
    query = answer.headers["Location"].partition("?")[2]
    text = alice.get(f"{reverse('console:coupons-export')}?{query}").content.decode()
    rows = list(csv.DictReader(StringIO(text)))
    assert len({row["code"] for row in rows}) == 40
    assert all(row["code"].startswith("SPRING-") for row in rows)
    assert {(row["uses_max"], row["email"]) for row in rows} == {("3", "bob@example.com")}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Write one code, or say how many random ones."),
        ({"code": "BOB5", "count": "3"}, "Write one code, or say how many random ones."),
        ({"count": "1001"}, "less than or equal to 1000"),
        ({"code": "B"}, "Use 3 to 40 letters"),
        ({"code": "BOBS"}, "This code is taken."),
    ],
)
def test_what_is_wrong_with_codes_is_said(
    acme: Company, bob: Promoter, alice: Client, typed: dict[str, str], said: str
) -> None:
    address = reverse("console:coupons-create")
    alice.post(address, {"affiliate": bob.enrollment.code, "code": "bobs"})

    answer = alice.post(address, {"affiliate": bob.enrollment.code, **typed})

    assert answer.status_code == 422
    assert said in words(answer.content)
    with merchant_context(acme.id):
        assert Coupon.objects.count() == 1


def test_a_coupon_counts_its_uses_and_ends(acme: Company, bob: Promoter, alice: Client) -> None:
    address = reverse("console:coupons-create")
    alice.post(address, {"affiliate": bob.enrollment.code, "code": "bob2", "uses_max": "1"})
    sell(acme, coupon="BOB2")

    assert "1 of 1 Used up" in words(alice.get(reverse("console:coupons")).content)

    with merchant_context(acme.id):
        coupon = Coupon.objects.get()
    alice.post(reverse("console:coupon-archive", args=[coupon.id]))
    page = words(alice.get(reverse("console:coupons"), {"state": "archived"}).content)
    assert "BOB2 Bob Acme Partners Always 1 of 1 Archived" in page


# Clicks and unknown codes ------------------------------------------------------------------------


def test_clicks_are_filtered_by_whether_they_count(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    store_clicks(acme, bob, at=NOON, count=2)
    store_clicks(acme, bob, at=NOON, refusal="cap_reached")
    store_clicks(acme, bob, at=NOON, kind=ClickClass.STAFF, refusal="staff")

    refused = words(alice.get(reverse("console:clicks"), {"show": "refused"}).content)
    credited = words(alice.get(reverse("console:clicks"), {"show": "credited"}).content)

    assert "A cap was reached" in refused
    assert "From a network of your staff" in refused
    assert "Yes" not in refused.partition("Device")[2]
    assert credited.partition("Device")[2].count("Yes") == 2
    assert "Everything that asked 4 People 3" in credited


def store_missed(merchant: Company, code: str, hits: int) -> None:
    """Store visits to a code that leads nowhere, as the edge does."""
    with connections["ops"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO tracking_missedcode (id, merchant_id, day, host, code, reason, hits,"
            " referrer_host, last_at) VALUES (%s, %s, %s, 'go.acme.example', %s, 'unknown_code',"
            " %s, 'forum.example', %s)",
            [new_id(), merchant.id, TODAY.date(), code, hits, TODAY],
        )


def test_unknown_codes_say_what_was_probably_meant(
    acme: Company, globex: Company, bob: Promoter, alice: Client
) -> None:
    with merchant_context(acme.id):
        create_link(enrollment=bob.enrollment, code="spring-sale")
    store_missed(acme, "Spring-Sal.", 12)
    store_missed(acme, "zzz", 3)
    store_missed(globex, "theirs", 9)

    page = alice.get(reverse("console:missed-codes"))

    said = words(page.content)
    assert "Spring-Sal. Did you mean spring-sale? Create it as a link" in said
    assert "No link has this code go.acme.example forum.example" in said
    assert "zzz Create it as a link" in said
    assert "theirs" not in said
    assert f"{reverse('console:link-create')}?code=zzz" in page.content.decode()
