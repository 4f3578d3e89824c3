"""Codes made for many affiliates, and codes that affiliates ask for."""

from django.test import Client

from commissions.services.bulk_jobs import run_bulk_jobs
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter, make_promoter
from tests.codes import take_wishes
from tests.portal.people import browser_of, errors_of, text_of
from tracking.models import Coupon, CouponRequest
from tracking.services import create_coupon

BULK = "/console/affiliates/bulk/"


def test_many_get_a_code_of_their_name(acme: Company, bob: Promoter, alice: Client) -> None:
    anna = make_promoter(acme, "Anna")
    with merchant_context(acme.id):
        create_coupon(enrollment=bob.enrollment, code="KEPT")
    asked = {"action": "GIVE_CODE", "all": "1"}
    said = {"ending": "10", "offer": "10% off", "uses_max": "50", "only_without": "on"}

    first = alice.post(BULK, asked)
    shown = alice.post(BULK, asked | said | {"seen": ""})
    begun = alice.post(BULK, asked | said | {"seen": shown.context["seen"]})
    run_bulk_jobs(merchant_id=acme.id, at=NOON)

    assert "After each name" in text_of(first)
    assert "Do this to 2 affiliates" in text_of(shown)
    with merchant_context(acme.id):
        made = Coupon.objects.exclude(code="KEPT").get()
        assert (made.code, made.enrollment_id) == ("ANNA10", anna.enrollment.id)
        assert (made.offer, made.uses_max) == ("10% off", 50)
    job = text_of(alice.get(begun.headers["Location"]))
    assert "Has a valid code already." in job


def test_a_wish_is_asked_given_and_copied(acme: Company, bob: Promoter, alice: Client) -> None:
    take_wishes(acme)
    partner = browser_of(bob.user)
    form = {"enrollment": str(bob.enrollment.id)}

    assert errors_of(partner.post("/portal/codes/wish/", form | {"code": "<b>"})) != []
    partner.post("/portal/codes/wish/", form | {"code": "bobby"})
    again = partner.post("/portal/codes/wish/", form | {"code": "other"})
    assert errors_of(again) == ["The answer to your last wish is still to come."]
    assert "BOBBY Acme Partners Waits for an answer" in text_of(partner.get("/portal/links/"))
    assert "Codes asked for" in text_of(alice.get("/console/"))
    asked = _asked(acme)
    at = f"/console/coupons/requests/{asked.id}/"
    assert alice.post(at + "give/", {"uses_max": "0"}).status_code == 422
    given = alice.post(at + "give/", {"uses_max": "7", "offer": "A <i>gift</i>"}, follow=True)

    assert "BOBBY is theirs." in text_of(given)
    page = partner.get("/portal/links/")
    assert 'value="BOBBY"' in page.content.decode()
    assert "A <i>gift</i> · Acme Partners Valid 7 uses left" in text_of(page)
    assert b"<i>gift" not in page.content
    late = alice.post(at + "refuse/", {"reason": "No."}, follow=True)
    assert "Refused" not in text_of(late)


def _asked(company: Company) -> CouponRequest:
    with merchant_context(company.id):
        return CouponRequest.objects.get()
