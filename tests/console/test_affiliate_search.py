"""The list of affiliates: found by parts and in spite of typing errors, and filtered."""

import pytest
from django.test import Client
from django.urls import reverse

from affiliates.care.tags import assign_owner, tag_enrollment
from affiliates.models import Enrollment
from affiliates.profiles import Profile, edit_profile
from affiliates.services import create_affiliate
from merchants.models import SYSTEM
from merchants.tenancy import affiliate_context, merchant_context
from tests.cast import NOON, Company, Promoter, make_promoter

LIST = reverse("console:affiliates")


def names(client: Client, **query: str) -> set[str]:
    table = client.get(LIST, query).context["table"]
    return {row.record.affiliate.name for row in table.page.object_list}


@pytest.fixture
def crowd(acme: Company) -> dict[str, Promoter]:
    """Return promoters with names of two words."""
    first_names = ("Gustav", "Fletcher", "Berta", "Ömer", "Bartholomew")
    crowd = {name: make_promoter(acme, name) for name in first_names}
    for name, promoter in crowd.items():
        edit_profile(
            affiliate=promoter.affiliate,
            profile=Profile(
                name=f"{name} Cooper",
                email=promoter.affiliate.email,
                website=f"https://{promoter.enrollment.code.lower()}.blog.example/",
                country="DE" if name == "Berta" else "FR",
            ),
            by=promoter.user,
            at=NOON,
        )
    return crowd


@pytest.mark.parametrize(
    ("_case", "text", "found"),
    [
        ("part of a name", "ustav", {"Gustav Cooper"}),
        ("words in another order", "cooper gustav", {"Gustav Cooper"}),
        ("part of an address", "berta@exam", {"Berta Cooper"}),
        ("capitals of other alphabets", "ÖMER", {"Ömer Cooper"}),
        ("a wrong letter", "gustaf", {"Gustav Cooper"}),
        ("swapped letters", "fletchre", {"Fletcher Cooper"}),
        ("letters of two pieces swapped", "batrholomew", {"Bartholomew Cooper"}),
        ("letters of two others swapped", "barthoolmew", {"Bartholomew Cooper"}),
        ("a missing letter", "flecher", {"Fletcher Cooper"}),
        ("a letter too many, and a second word", "bertta cooper", {"Berta Cooper"}),
        ("nothing alike", "xylophone", set()),
        ("signs that mean something to the database", "100%", set()),
    ],
)
def test_finds(
    _case: str, text: str, found: set[str], crowd: dict[str, Promoter], alice: Client
) -> None:
    assert names(alice, q=text) == found


def test_a_code_and_a_website_are_searched_too(crowd: dict[str, Promoter], alice: Client) -> None:
    code = crowd["Berta"].enrollment.code

    assert names(alice, q=code) == {"Berta Cooper"}
    assert names(alice, q=f"{code}.blog") == {"Berta Cooper"}


def test_what_is_alike_is_looked_for_among_what_the_filters_leave(
    crowd: dict[str, Promoter], alice: Client
) -> None:
    assert names(alice, q="gustaf", country="FR") == {"Gustav Cooper"}
    assert names(alice, q="gustaf", country="DE") == set()


def test_tags_owners_and_health_filter(
    acme: Company, crowd: dict[str, Promoter], alice: Client
) -> None:
    berta, gustav = crowd["Berta"].enrollment, crowd["Gustav"].enrollment
    with merchant_context(acme.id):
        tag = tag_enrollment(enrollment=berta, name=" Spring  sale ", by=SYSTEM, at=NOON)
        again = tag_enrollment(enrollment=gustav, name="spring SALE", by=SYSTEM, at=NOON)
        assign_owner(enrollment=berta, owner=acme.owner, by=SYSTEM, at=NOON)
        Enrollment.objects.filter(id=gustav.id).update(health=39)

    assert again == tag
    assert names(alice, tag=str(tag.id)) == {"Berta Cooper", "Gustav Cooper"}
    assert names(alice, owner=str(acme.owner.id)) == {"Berta Cooper"}
    assert "Berta Cooper" not in names(alice, owner="nobody")
    assert names(alice, health="POOR") == {"Gustav Cooper"}
    assert names(alice, health="GOOD") == set()


def test_a_new_name_is_found_with_each_merchant(
    acme: Company, globex: Company, bob: Promoter, alice: Client
) -> None:
    before = create_affiliate(name="Somebody else", email="else@example.com")

    edit_profile(
        affiliate=bob.affiliate,
        profile=Profile(
            name="Robert",
            email="robert@else.where.org",
            website="",
            country="",
        ),
        by=bob.user,
        at=NOON,
    )

    assert names(alice, q="robert") == {"Robert"}
    assert names(alice, q="bob@example.com") == set()
    with affiliate_context(bob.affiliate.id):
        assert Enrollment.objects.get().search_text.startswith("robert robert@else.where.org ")
    with merchant_context(globex.id):
        assert not Enrollment.objects.exists()
    assert before.name == "Somebody else"
