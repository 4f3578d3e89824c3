"""find_duplicates: accounts that look like one person's are suggested, with why."""

from uuid import UUID

import pytest

from affiliates.models import Enrollment, Status
from merchants.tenancy import affiliate_context, merchant_context
from reports.duplicates import (
    Person,
    Sign,
    find_duplicates,
    mailbox,
    one_letter_apart,
    pair_up,
    plain_name,
    site,
)
from tests.cast import Company, Promoter, make_promoter


def person(number: int, name: str = "", **facts: str) -> Person:
    """Return somebody to compare."""
    said = {"email": f"{number}@example.com", "phone": "", "website": ""} | facts
    return Person(UUID(int=number), UUID(int=100 + number), name or f"Person {number}", **said)


@pytest.mark.parametrize(
    ("one", "two", "sign"),
    [
        ({"email": "Bob@example.com"}, {"email": "bob+shop@example.com"}, Sign.EMAIL),
        ({"phone": "+49301234"}, {"phone": "+49301234"}, Sign.PHONE),
        ({"website": "https://www.bob.example/a"}, {"website": "http://bob.example"}, Sign.WEBSITE),
        (
            {"website": "https://x.com/bob"},
            {"website": "https://x.com/bob/posts"},
            Sign.WEBSITE,
        ),
        ({"name": "Müller Media GmbH"}, {"name": "Media Muller"}, Sign.NAME),
        ({"name": "Gustav Fletcher"}, {"name": "Gustaf Fletcher"}, Sign.NAME),
    ],
)
def test_what_two_have_in_common(one: dict[str, str], two: dict[str, str], sign: Sign) -> None:
    (pair,) = pair_up([person(1, **{"name": "Xx", **one}), person(2, **{"name": "Yy", **two})], [])

    assert pair.signs == (sign,)
    assert (pair.older.affiliate_id.int, pair.newer.affiliate_id.int) == (1, 2)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"website": "https://x.com/bob"}, {"website": "https://x.com/eve"}),
        ({"website": ""}, {"website": ""}),
        ({"name": "Ann"}, {"name": "Anna"}),  # Too short to say anything.
        ({"name": "Gustav Fletcher"}, {"name": "Gunther Fletcher"}),
    ],
)
def test_what_says_nothing(one: dict[str, str], two: dict[str, str]) -> None:
    assert (
        pair_up([person(1, **{"name": "Xx", **one}), person(2, **{"name": "Yy", **two})], []) == []
    )


def test_the_most_alike_come_first_and_three_make_two_pairs() -> None:
    people = [
        person(1, phone="+491"),
        person(2, phone="+491"),
        person(3, phone="+491", email="three@a.example"),
        person(4, name="Gustav Fletcher", email="g@a.example"),
        person(5, name="Fletcher Gustav", email="g+2@a.example"),
    ]

    pairs = pair_up(people, [(UUID(int=2), "f"), (UUID(int=3), "f"), (UUID(int=99), "f")])

    assert [(pair.older.affiliate_id.int, pair.newer.affiliate_id.int) for pair in pairs] == [
        (2, 3),
        (4, 5),
        (1, 2),
    ]
    assert pairs[0].signs == (Sign.PAYOUT, Sign.PHONE)


def test_texts_are_compared_without_what_makes_no_difference() -> None:
    assert mailbox("Ann+News@Example.com") == "ann@example.com"
    assert site("HTTPS://WWW.Shop.Example:8080/x") == "shop.example"
    assert site("no address") == ""
    assert plain_name("Café  Ñandú, S.A.") == "a cafe nandu s"
    assert one_letter_apart("gustav", "gusta")
    assert not one_letter_apart("gustav", "gutsav")
    assert not one_letter_apart("person 1", "person 2")


def test_only_those_in_force_of_this_merchant_are_compared(
    acme: Company, globex: Company, bob: Promoter
) -> None:
    twin = make_promoter(acme, "Bobby")
    other = make_promoter(globex, "Robert")
    with merchant_context(acme.id):
        assert find_duplicates(acme.id) == []
    for promoter in (bob, twin, other):
        rename(promoter, "Gustav Fletcher")

    with merchant_context(acme.id):
        (pair,) = find_duplicates(acme.id)
        assert find_duplicates(acme.id, affiliate_id=other.affiliate.id) == []
        Enrollment.objects.filter(id=twin.enrollment.id).move(
            to=Status.LEFT, at=twin.enrollment.created_at
        )
        assert find_duplicates(acme.id) == []

    assert {pair.older.affiliate_id, pair.newer.affiliate_id} == {
        bob.affiliate.id,
        twin.affiliate.id,
    }


def rename(promoter: Promoter, name: str) -> None:
    """Give an affiliate another name."""
    with affiliate_context(promoter.affiliate.id):
        promoter.affiliate.name = name
        promoter.affiliate.save(update_fields=["name"])
