"""create_link, update_link and create_links: windows, addresses, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest

from common.refusals import BadValue
from merchants.tenancy import merchant_context
from programs.services import HostNotAllowed
from tests.cast import NOON, Company, Promoter
from tracking.bulk import LinkDraft, create_links
from tracking.models import Link
from tracking.services import create_link, update_link

PAGE = "https://shop.acme.example/sale"
LATER = NOON + timedelta(days=7)


def test_a_link_has_a_window_and_a_fallback(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        link = create_link(
            enrollment=bob.enrollment,
            code="spring",
            destination_url=PAGE,
            fallback_url=f"{PAGE}/over",
            starts_at=NOON,
            ends_at=LATER,
        )

        found = Link.objects.get(id=link.id)
        assert (found.fallback_url, found.starts_at, found.ends_at) == (
            f"{PAGE}/over",
            NOON,
            LATER,
        )


def test_a_change_touches_what_it_names(acme: Company, bob: Promoter) -> None:
    with merchant_context(acme.id):
        link = create_link(
            enrollment=bob.enrollment, name="N", destination_url=PAGE, starts_at=NOON, ends_at=LATER
        )

        update_link(link=link, ends_at=None)
        update_link(link=link, destination_url="")
        update_link(link=link)

        found = Link.objects.get(id=link.id)
        assert (found.name, found.destination_url, found.starts_at, found.ends_at) == (
            "N",
            "",
            NOON,
            None,
        )


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"code": "a b"}, "code"),
    ({"code": "x" * 41}, "code"),
    ({"name": "x" * 81}, "name"),
    ({"name": "a\0b"}, "name"),
    ({"destination_url": "https://evil.example/"}, "destination_url"),
    ({"destination_url": "javascript:alert(1)"}, "destination_url"),
    ({"destination_url": "https://shop.acme.example:444/"}, "destination_url"),
    ({"destination_url": "https://shop.acme.example/" + "a" * 2_000}, "destination_url"),
    ({"fallback_url": "https://evil.example/"}, "fallback_url"),
    ({"fallback_url": "//shop.acme.example/"}, "fallback_url"),
    ({"starts_at": LATER, "ends_at": NOON}, "ends_at"),
    ({"starts_at": NOON, "ends_at": NOON}, "ends_at"),
]


@pytest.mark.parametrize(("facts", "field"), REFUSED)
def test_what_cannot_be_is_refused_by_name(
    acme: Company, bob: Promoter, facts: dict[str, Any], field: str
) -> None:
    with merchant_context(acme.id):
        before = list(Link.objects.values())

        with pytest.raises((BadValue, HostNotAllowed)) as refused:
            create_link(enrollment=bob.enrollment, **facts)
        [outcome] = create_links(merchant_id=acme.id, drafts=[LinkDraft(bob.enrollment, **facts)])

        assert getattr(refused.value, "field", "") == field
        assert type(outcome) is type(refused.value)
        if "code" not in facts:
            with pytest.raises((BadValue, HostNotAllowed)):
                update_link(link=bob.link, **facts)
        assert list(Link.objects.values()) == before


def test_many_links_take_every_field(acme: Company, bob: Promoter) -> None:
    draft = LinkDraft(
        bob.enrollment,
        code="many",
        name="N",
        destination_url=PAGE,
        fallback_url=PAGE,
        starts_at=NOON,
        ends_at=LATER,
    )

    with merchant_context(acme.id):
        create_links(merchant_id=acme.id, drafts=[draft])

        link = Link.objects.get(code="many")
        assert (link.name, link.destination_url, link.fallback_url) == ("N", PAGE, PAGE)
        assert (link.starts_at, link.ends_at) == (NOON, LATER)
