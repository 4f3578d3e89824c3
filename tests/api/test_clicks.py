"""Clicks: listed by time, the merchant's own."""

from common.ids import new_id
from merchants.tenancy import merchant_context
from tests.api.conftest import Caller
from tests.cast import Company, Promoter
from tracking.models import Click, ClickClass


def click(promoter: Promoter, *, kind: ClickClass = ClickClass.HUMAN, refusal: str = "") -> Click:
    """Store a click of this moment through the promoter's link, as the edge would."""
    enrollment = promoter.enrollment
    with merchant_context(enrollment.merchant_id):
        return Click.objects.create(
            merchant_id=enrollment.merchant_id,
            id=new_id(),
            program_id=enrollment.program_id,
            enrollment_id=enrollment.id,
            affiliate_id=enrollment.affiliate_id,
            link_id=promoter.link.id,
            kind=kind,
            refusal=refusal,
            destination_host="shop.acme.example",
            referrer_host="blog.example",
            device="desktop",
            os="Linux",
            browser="Firefox",
            ip_net="192.0.2.0/24",
            source="newsletter",
            ext_click_id="x-1",
            subs={"sub1": "a"},
            country="DE",
            language="de",
            visitor="",
            is_unique=True,
        )


def test_a_click_is_shown_whole(acme: Company, bob: Promoter, api: Caller) -> None:
    stored = click(bob)

    [found] = api.get("clicks").json["data"]

    assert found.pop("at") == stored.at.isoformat().replace("+00:00", "Z")
    assert found == {
        "id": str(stored.id),
        "program": str(acme.program.id),
        "enrollment": str(bob.enrollment.id),
        "affiliate": str(bob.affiliate.id),
        "link": str(bob.link.id),
        "kind": "human",
        "reason": None,
        "is_unique": True,
        "destination": None,
        "destination_host": "shop.acme.example",
        "referrer_host": "blog.example",
        "device": "desktop",
        "os": "Linux",
        "browser": "Firefox",
        "country": "DE",
        "language": "de",
        "ip_net": "192.0.2.0/24",
        "source": "newsletter",
        "ext_click_id": "x-1",
        "subs": {"sub1": "a"},
    }


def test_clicks_are_bound_by_time_and_filtered(acme: Company, bob: Promoter, api: Caller) -> None:
    first = click(bob)
    second = click(bob, kind=ClickClass.BOT, refusal="bot")
    while second.at == first.at:  # The bound is a millisecond.
        second = click(bob, kind=ClickClass.BOT, refusal="bot")
    bound = second.at.isoformat().replace("+00:00", "Z")

    def kinds(query: str) -> set[str]:
        return {row["kind"] for row in api.get(f"clicks?{query}").json["data"]}

    assert kinds(f"created_from={bound}") == {"bot"}
    assert "human" in kinds(f"created_to={bound}")
    assert kinds("kind=bot") == {"bot"}
    assert kinds(f"link={bob.link.id}&kind=human") == {"human"}
    assert kinds(f"link={new_id()}") == set()
    newest = api.get("clicks?limit=1").json
    assert newest["data"][0]["id"] == str(second.id)
    rest = api.get(f"clicks?cursor={newest['next_cursor']}&created_to={bound}").json["data"]
    assert [row["id"] for row in rest][-1] == str(first.id)


def test_another_merchants_clicks_are_not_shown(
    acme: Company, carol: Promoter, api: Caller
) -> None:
    click(carol)

    assert api.get("clicks").json["data"] == []
    assert api.get(f"clicks?link={carol.link.id}").json["data"] == []
