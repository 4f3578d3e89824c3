"""By hand: conversions and customers go to another affiliate, and the money with them."""

from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from tests.api.conftest import Caller
from tests.cast import Company, Promoter, click_of, make_promoter, sell
from tests.facts import sale, settled

WHY = "He showed us the mail."


def earned(answer: dict[str, object]) -> dict[str, int]:
    """Return what each enrollment earns by a conversion."""
    sums: dict[str, int] = {}
    for line in answer["commissions"]:  # type: ignore[attr-defined]
        sums[line["enrollment"]] = sums.get(line["enrollment"], 0) + line["amount_minor"]
    return sums


def test_a_conversion_goes_to_another_with_its_money(
    acme: Company, bob: Promoter, api: Caller, partner: Caller
) -> None:
    dora = make_promoter(acme, "Dora")
    conversion = sell(acme, click=click_of(bob))

    answer = api.post(
        f"conversions/{conversion.id}/reassign",
        {"enrollment": str(dora.enrollment.id), "reason": WHY},
    )

    assert answer.status == 200
    assert [row["enrollment"] for row in answer.json["credits"]] == [str(dora.enrollment.id)]
    assert earned(answer.json) == {str(bob.enrollment.id): 0, str(dora.enrollment.id): 1_000}
    with merchant_context(acme.id):
        assert check_money(acme.id) == []
    why = api.get(f"conversions/{conversion.id}/why").json
    assert why["assigned"] == {"enrollment": str(dora.enrollment.id), "reason": WHY}
    assert partner.get(f"partner/conversions/{conversion.id}/why").status == 404
    lines = partner.get("partner/commissions").json["data"]
    assert sorted((row["kind"], row["conversion"], row["amount_minor"]) for row in lines) == [
        ("adjustment", None, -1_000),
        ("earning", None, 1_000),
    ]


def test_a_reason_and_an_affiliate_of_the_program_are_needed(
    acme: Company, bob: Promoter, carol: Promoter, api: Caller
) -> None:
    conversion = sell(acme, click=click_of(bob))
    path = f"conversions/{conversion.id}/reassign"

    assert api.post(path, {"enrollment": str(bob.enrollment.id), "reason": " "}).status == 400
    foreign = api.post(path, {"enrollment": str(carol.enrollment.id), "reason": WHY})
    assert (foreign.status, foreign.fields) == (404, {"enrollment": "not_found"})


def test_a_customer_goes_to_another_with_what_is_open(
    acme: Company, bob: Promoter, api: Caller
) -> None:
    dora = make_promoter(acme, "Dora")
    first = settled(acme, sale("o-1", customer="c-1", click_token=click_of(bob)))

    answer = api.post(
        f"customers/{first.customer_id}/reassign",
        {"program": str(acme.program.id), "enrollment": str(dora.enrollment.id), "reason": WHY},
    )

    assert answer.status == 200
    assert answer.json == {"customer": str(first.customer_id), "conversions": [str(first.id)]}
    shown = api.get(f"conversions/{first.id}").json
    assert earned(shown) == {str(bob.enrollment.id): 0, str(dora.enrollment.id): 1_000}


def test_an_affiliate_reads_their_own_part_of_why(
    acme: Company, bob: Promoter, partner: Caller
) -> None:
    dora = make_promoter(acme, "Dora")
    conversion = sell(acme, click=click_of(bob), coupon=dora.enrollment.code)

    why = partner.get(f"partner/conversions/{conversion.id}/why").json

    assert [(row["kind"], row["accepted"], row["share_ppm"]) for row in why["touches"]] == [
        ("click", True, 1_000_000)
    ]
    assert [row["level"] for row in why["rules"]] == ["program"]
    assert (why["share_ppm"], why["is_assigned"]) == (1_000_000, False)
    assert str(dora.enrollment.id) not in str(why)
