"""POST /imports: a file, its progress and its refusals."""

import pytest
from django.core.files.base import ContentFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from merchants.rights import Scope
from merchants.tenancy import merchant_context
from tests.api.conftest import Answered, Caller, key_for
from tests.cast import NOON, Company
from tracking.imports import FILE_BYTES_MAX, run_imports
from tracking.models import Conversion, Import


def upload(api: Caller, content: bytes | str = "order_id,amount\nA-1,12.50\n", **said: str):
    file = ContentFile(content, name="../orders.csv")
    raw = encode_multipart(BOUNDARY, {**said, "file": file})
    return api.post("imports", raw=raw, content_type=MULTIPART_CONTENT)


@pytest.fixture
def said(acme: Company) -> dict[str, str]:
    return {"program": str(acme.program.id), "profile": "conversions"}


def test_a_file_is_taken_in_and_read_again(acme: Company, api: Caller, said):
    started = upload(api, "order_id,amount\nA-1,12.50\nA-2,x\n", **said)
    while run_imports(merchant_id=acme.id, at=NOON):
        pass
    answer = api.get(f"imports/{started.json['id']}")

    assert (started.status, started.json["status"]) == (201, "waiting")
    assert answer.json | {"id": "", "created_at": ""} == {
        "id": "",
        "program": str(acme.program.id),
        "profile": "conversions",
        "file_name": "orders.csv",
        "dry_run": False,
        "status": "done",
        "detail": None,
        "lines_total": 2,
        "lines_done": 2,
        "created": 1,
        "repeated": 0,
        "refused": 1,
        "created_at": "",
        "finished_at": "2026-03-02T12:00:00Z",
        "refusals": [
            {
                "line": 3,
                "field": "amount",
                "code": "invalid_amount",
                "message": "'x' is not an amount",
            }
        ],
    }
    [row] = api.get("imports?status=done").json["data"]
    assert "refusals" not in row


def test_a_dry_run_stores_nothing(acme: Company, api: Caller, said):
    upload(api, **said, dry_run="true")
    run_imports(merchant_id=acme.id, at=NOON)

    with merchant_context(acme.id):
        assert Import.objects.get().created_count == 1
        assert not Conversion.objects.exists()


def fields(answer: Answered) -> tuple[int, dict[str, str]]:
    return answer.status, answer.fields


def test_what_is_wrong_is_named(api: Caller, said):
    assert fields(upload(api)) == (400, {"program": "required", "profile": "required"})
    assert fields(upload(api, **{**said, "profile": "orders"})) == (
        400,
        {"profile": "invalid_choice"},
    )
    assert fields(upload(api, **said, x="y")) == (400, {"x": "unknown_field"})
    assert fields(upload(api, "", **said)) == (422, {"file": "empty"})
    assert fields(upload(api, **{**said, "program": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b"})) == (
        404,
        {"program": "not_found"},
    )
    assert api.post("imports", said).refusal == (415, "unsupported_media_type")


def test_five_megabytes_are_taken_and_no_more(api: Caller, said):
    line = "A-1,12.50\n"
    whole = "order_id,amount\n" + line * ((FILE_BYTES_MAX - 20) // len(line))

    assert upload(api, whole, **said).status == 201
    assert fields(upload(api, whole + line * 10, **said)) == (422, {"file": "too_large"})
    assert upload(api, whole + line * 5_000, **said).refusal == (413, "too_large")


@pytest.mark.parametrize("raw", [b"", b"x", b"--" + BOUNDARY.encode() + b"\r\n\r\n"])
def test_a_broken_form_is_refused(api: Caller, raw):
    answer = api.post("imports", raw=raw, content_type=MULTIPART_CONTENT)

    assert answer.refusal == (400, answer.json["code"])


def test_coupons_need_the_scope_that_coupons_need(acme: Company, said):
    caller = Caller(key_for(acme.owner, [Scope.READ, Scope.CONVERSIONS]))

    assert upload(caller, **{**said, "profile": "coupons"}).refusal == (403, "missing_scope")
    assert upload(caller, **said).status == 201


def test_the_same_key_gets_the_same_answer(api: Caller, acme: Company, said):
    raw = encode_multipart(BOUNDARY, {**said, "file": ContentFile("a,b\n1,2", name="f.csv")})

    def send() -> Answered:
        return api.post("imports", raw=raw, content_type=MULTIPART_CONTENT, Idempotency_Key="once")

    assert send().response.content == send().response.content
    with merchant_context(acme.id):
        assert Import.objects.count() == 1
