"""POST /statements: what a bank booked settles payouts, and a dry run settles nothing."""

import pytest
from django.core.files.base import ContentFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from merchants.tenancy import merchant_context
from payouts.models import Statement, StatementLine
from payouts.statements.lines import FILE_BYTES_MAX
from tests.api.conftest import Answered, Caller
from tests.cast import Company, Promoter
from tests.payouts.statements.conftest import HandedOver, handed_over
from tests.payouts.statements.samples import Booking, camt

BOB = Booking("10.00", "FL-1-1", "B-1")
RENT = Booking("700.00", "RENT", "B-0")


@pytest.fixture
def sent(acme: Company, bob: Promoter) -> HandedOver:
    return handed_over(acme, bob)


def upload(api: Caller, content: bytes, **said: str) -> Answered:
    file = ContentFile(content, name="../march.xml")
    raw = encode_multipart(BOUNDARY, {**said, "file": file})
    return api.post("statements", raw=raw, content_type=MULTIPART_CONTENT)


def test_a_statement_settles_what_it_proves(sent: HandedOver, api: Caller) -> None:
    answer = upload(api, camt([RENT, BOB]))

    assert answer.status == 201
    assert (answer.json["name"], answer.json["format"]) == ("march.xml", "camt053")
    assert answer.json["applied_at"] is not None
    lines = api.get(f"statements/{answer.json['id']}/lines").json["data"]
    assert {(line["reference"], line["outcome"], line["amount_minor"]) for line in lines} == {
        ("RENT", "not_ours", -70_000),
        ("FL-1-1", "paid", -1_000),
    }
    [paid] = api.get(f"statements/{answer.json['id']}/lines?outcome=paid").json["data"]
    assert api.get(f"payouts/{paid['payout']}").json["status"] == "paid"


def test_a_dry_run_says_what_would_be_settled(sent: HandedOver, api: Caller) -> None:
    answer = upload(api, camt([RENT, BOB]), dry_run="true")

    assert answer.status == 200
    assert {name: value for name, value in answer.json.items() if name != "lines"} == {
        "paid": 1,
        "returned": 0,
        "known": 0,
        "not_ours": 1,
        "differs": 0,
        "repeated": 0,
    }
    assert [line["outcome"] for line in answer.json["lines"]] == ["not_ours", "paid"]
    with merchant_context(sent.company.id):
        assert not Statement.objects.exists()
        assert sent.statuses() == {"Bob": "SUBMITTED", "Dora": "SUBMITTED"}


def test_the_same_file_again_is_the_same_statement(sent: HandedOver, api: Caller) -> None:
    first, again = upload(api, camt([BOB])), upload(api, camt([BOB]))

    assert first.json == again.json
    with merchant_context(sent.company.id):
        assert StatementLine.objects.count() == 1


def test_every_line_that_cannot_be_read_is_named(api: Caller) -> None:
    content = b"date,amount,currency,reference\nsoon,1.00,EUR,a\n2026-03-10,x,EUR,b\n"

    answer = upload(api, content)

    assert answer.refusal == (422, "bad_statement")
    assert [row["message"] for row in answer.json["errors"]] == [
        "Line 2: Write the date as 2026-03-31: soon",
        "Line 3: This is no amount: x",
    ]


def test_a_file_that_is_too_large_is_not_read(api: Caller) -> None:
    answer = upload(api, b"x" * (FILE_BYTES_MAX + 30_000))

    assert answer.status == 413
