"""Imports: files of facts, line by line, as often as you like, and killed wherever you like."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection

from common.refusals import BadValue
from merchants.models import ApiKey, Event
from merchants.tenancy import merchant_context
from tests.api.conftest import key_for
from tests.cast import NOON, Company, Promoter, click_of, settle
from tracking.imports import (
    BATCH,
    COLUMNS,
    FILE_BYTES_MAX,
    REFUSALS_KEPT,
    Unreadable,
    read_file,
    run_imports,
    start_import,
)
from tracking.imports.lines import FILE
from tracking.models import (
    Conversion,
    Coupon,
    Import,
    ImportProfile,
    ImportStatus,
    Refund,
    Source,
    StatusReport,
)
from tracking.services import create_coupon

CONVERSIONS, REFUNDS = ImportProfile.CONVERSIONS, ImportProfile.REFUNDS
COUPONS, COUPON_USES = ImportProfile.COUPONS, ImportProfile.COUPON_USES
ORDERS = "order_id,amount\n"


def start(
    company: Company, text: str | bytes, profile: ImportProfile = CONVERSIONS, **options: Any
) -> Import:
    content = text.encode() if isinstance(text, str) else text
    given = {"member": company.owner, "is_dry_run": False, **options}
    with merchant_context(company.id):
        return start_import(
            program=company.program,
            profile=profile,
            file_name="orders.csv",
            content=content,
            at=NOON,
            **given,
        )


def finish(company: Company, found: Import) -> Import:
    while run_imports(merchant_id=company.id, at=NOON):
        pass
    with merchant_context(company.id):
        found.refresh_from_db()
    return found


def taken(company: Company, text: str | bytes, *args: Any, **options: Any) -> Import:
    return finish(company, start(company, text, *args, **options))


def counts(found: Import) -> tuple[int, int, int]:
    return found.created_count, found.repeated_count, found.refused_count


def refusals(found: Import) -> list[tuple[int, str, str]]:
    return [(row["line"], row["field"], row["code"]) for row in found.refusals]


def orders(company: Company) -> list[tuple[str, int, str]]:
    with merchant_context(company.id):
        found = Conversion.objects.order_by("external_id")
        return [(row.external_id, row.amount_minor, row.source) for row in found]


# Reading -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"order_id,amount\nA-1,12.50\n",
        b"order_id;amount\r\nA-1;12,50\r\n",
        b"order_id\tamount\nA-1\t12.50",
        b"\xef\xbb\xbforder_id,amount\nA-1,12.50\n",
        b' Order ID , AMOUNT ,,\n\n "A-1" ,12.50,,\n , \n',
        b'order_id,amount\n"A-1","12.50"\n',
    ],
)
def test_files_of_every_spreadsheet_are_read(content):
    [line] = read_file(content, CONVERSIONS)

    assert line.cells["order_id"].strip('"') == "A-1"
    assert line.cells["amount"].replace(",", ".") == "12.50"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfeo\x00r\x00", "UTF-8"),
        (b"order_id,amount\nM\xfcller,1", "UTF-8"),
        (b"order_id,amount\n\x00,1", "no text"),
        (b"order_id\nA-1", "missing: amount"),
        (b"\n", "missing"),
        (b"order_id,amount,ammount\nA-1,1,1", "unknown: ammount"),
        (b"order_id,amount,amount\nA-1,1,1", "twice: amount"),
        (b'order_id,amount\n"A-1,1', "Line"),
        (b"order_id,amount\n" + b"a,1\n" * 50_001, "50,000"),
    ],
)
def test_what_cannot_be_read_says_why(content, told):
    with pytest.raises(Unreadable, match=told):
        read_file(content, CONVERSIONS)


@pytest.mark.parametrize("profile", list(ImportProfile))
def test_every_column_that_is_documented_is_read(profile):
    names = {column.name for column in COLUMNS[profile]}

    assert names <= set(FILE.words) or profile is COUPONS
    assert any(column.is_required for column in COLUMNS[profile])


# Conversions -------------------------------------------------------------------------------------


def test_orders_are_stored_and_credited(acme: Company, bob: Promoter):
    with merchant_context(acme.id):
        create_coupon(enrollment=bob.enrollment, code="BOB10")
    text = (
        "order_id;amount;coupon;click_id;customer_id;occurred_at;tax;status;meta_shop\n"
        "A-1;12,50;bob10;;c-1;2026-03-02T12:00:00Z;2,00;;north\n"
        f"A-2;1.250,00;;{click_of(bob)};;2026-03-02;;declined;\n"
    )

    found = taken(acme, text)

    assert (found.status, found.lines_total, found.lines_done) == (ImportStatus.DONE, 2, 2)
    assert (counts(found), found.finished_at) == ((2, 0, 0), NOON)
    assert orders(acme) == [("A-1", 1_250, Source.FILE), ("A-2", 125_000, Source.FILE)]
    settle(acme, at=NOON)
    with merchant_context(acme.id):
        first = Conversion.objects.get(external_id="A-1")
        assert [row.enrollment_id for row in first.credits.all()] == [bob.enrollment.id]
        assert (first.tax_minor, first.metadata) == (200, {"meta_shop": "north"})
        assert StatusReport.objects.get().order_id == "A-2"


def test_the_same_file_again_stores_nothing(acme: Company):
    text = ORDERS + "A-1,10\nA-2,20\nA-1,10\n"
    first, again = taken(acme, text), taken(acme, text)

    assert (counts(first), counts(again)) == ((2, 1, 0), (0, 3, 0))
    assert len(orders(acme)) == 2


def test_each_wrong_line_is_refused_by_itself(acme: Company):
    text = (
        "order_id,amount,currency,goal,occurred_at,status,country\n"
        "A-1,10,,,,,\n"
        ",10,,,,,\n"
        "A-3,,,,,,\n"
        "A-4,NaN,,,,,\n"
        "A-5,12.345,,,,,\n"
        "A-6,-1,,,,,\n"
        "A-7,1,XXX,,,,\n"
        "A-8,1,USD,,,,\n"
        "A-9,1,,nothing,,,\n"
        "A-10,1,,,soon,,\n"
        "A-11,1,,,,maybe,\n"
        "A-12,1,,,,,Germany\n"
        "A-13,1,,,,,,too,many\n"
        f"{'x' * 201},1,,,,,\n"
    )

    found = taken(acme, text)

    assert orders(acme) == [("A-1", 1_000, Source.FILE)]
    assert counts(found) == (1, 0, 13)
    assert refusals(found) == [
        (3, "order_id", "required"),
        (4, "amount", "required"),
        (5, "amount", "invalid_amount"),
        (6, "amount", "invalid_amount"),
        (7, "amount", "negative_amount"),
        (8, "currency", "unknown_currency"),
        (9, "currency", "currency_mismatch"),
        (10, "goal", "unknown_goal"),
        (11, "occurred_at", "invalid_time"),
        (12, "status", "unknown_status"),
        (13, "country", "invalid"),
        (14, "", "misshapen"),
        (15, "order_id", "too_long"),
    ]
    assert all(row["message"] for row in found.refusals)


def test_a_thousand_refusals_are_kept_and_all_are_counted(acme: Company):
    found = taken(acme, ORDERS + "".join(f"A-{n},x\n" for n in range(REFUSALS_KEPT + 5)))

    assert (found.refused_count, len(found.refusals)) == (REFUSALS_KEPT + 5, REFUSALS_KEPT)


def test_a_dry_run_stores_nothing_but_its_report(acme: Company):
    text = ORDERS + "".join(f"A-{n},10\n" for n in range(BATCH)) + "A-0,10\nA-1,x\n"
    with merchant_context(acme.id):
        before = Event.objects.count()

    found = taken(acme, text, is_dry_run=True)

    assert (counts(found), found.status) == ((BATCH, 1, 1), ImportStatus.DONE)
    assert orders(acme) == []
    with merchant_context(acme.id):
        new = Event.objects.order_by("at", "id")[before:]
        assert [row.type for row in new] == ["import.started", "import.finished"]
    assert counts(taken(acme, text)) == (BATCH, 1, 1)


def test_an_unreadable_file_fails_and_stores_nothing(acme: Company):
    found = taken(acme, "a,b\n1,2\n")

    assert (found.status, found.detail) == (
        ImportStatus.FAILED,
        "Columns are missing: order_id, amount.",
    )
    assert run_imports(merchant_id=acme.id, at=NOON) == 0


def test_a_test_keys_file_never_reaches_money(acme: Company):
    text = key_for(acme.owner)
    with merchant_context(acme.id):
        key = ApiKey.objects.get(last_four=text[-4:])
        key.is_test = True
        key.save(update_fields=["is_test"])

    taken(acme, ORDERS + "A-1,10\n", member=None, key=key)

    with merchant_context(acme.id):
        assert Conversion.objects.get().is_test
        assert Event.objects.filter(type="import.started").get().actor_id == key.id


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty"), (b" \n", "empty"), (b"x" * (FILE_BYTES_MAX + 1), "too_large")],
)
def test_a_file_that_is_none_is_refused_at_once(acme: Company, content, code):
    with pytest.raises(BadValue) as caught:
        start(acme, content)

    assert (caught.value.field, caught.value.code) == ("file", code)
    with merchant_context(acme.id):
        assert not Import.objects.exists()


# Faults and races --------------------------------------------------------------------------------


def test_a_file_goes_on_where_a_killed_worker_stopped(acme: Company, monkeypatch):
    found = start(acme, ORDERS + "".join(f"A-{n},10\n" for n in range(2 * BATCH + 1)))
    run_imports(merchant_id=acme.id, at=NOON)

    def die(*_args: Any, **_named: Any) -> None:
        raise OperationalError("the connection was cut")

    with monkeypatch.context() as patch:
        patch.setattr("tracking.imports.services._count", die)
        with pytest.raises(OperationalError):
            run_imports(merchant_id=acme.id, at=NOON)
    assert len(orders(acme)) == BATCH
    finish(acme, found)

    assert counts(found) == (2 * BATCH + 1, 0, 0)
    assert len(orders(acme)) == 2 * BATCH + 1


def test_a_fault_of_ours_ends_the_import_and_says_so(acme: Company, monkeypatch):
    def fail(*_args: Any, **_named: Any) -> None:
        raise RuntimeError("broken")

    found = start(acme, ORDERS + "A-1,10\n")
    with monkeypatch.context() as patch:
        patch.setattr("tracking.imports.services._count", fail)
        run_imports(merchant_id=acme.id, at=NOON)
    finish(acme, found)

    assert found.status == ImportStatus.FAILED
    assert orders(acme) == []


def test_two_workers_take_each_line_once(acme: Company):
    found = start(acme, ORDERS + "".join(f"A-{n},10\n" for n in range(3 * BATCH)))

    def work(_number: int) -> None:
        for _round in range(8):
            run_imports(merchant_id=acme.id, at=NOON)
        connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    finish(acme, found)

    assert counts(found) == (3 * BATCH, 0, 0)
    assert len(orders(acme)) == 3 * BATCH


# The other profiles ------------------------------------------------------------------------------


def test_refunds_find_their_orders_or_wait(acme: Company):
    taken(acme, ORDERS + "A-1,10\n")
    text = (
        "order_id,refund_id,refund_amount,currency\n"
        "A-1,r-1,4.00,EUR\nA-2,r-1,1.00,\nA-1,r-1,4.00,\nA-1,r-2,0,\nA-1,r-3,1,USD\nA-1,,1,\n"
    )

    found = taken(acme, text, REFUNDS)

    assert counts(found) == (2, 1, 3)
    assert refusals(found) == [
        (5, "refund_amount", "not_positive"),
        (6, "currency", "currency_mismatch"),
        (7, "refund_id", "required"),
    ]
    with merchant_context(acme.id):
        assert sorted(
            (row.external_id, row.amount_minor, row.conversion is not None)
            for row in Refund.objects.select_related("conversion")
        ) == [("r-1", 100, False), ("r-1", 400, True)]


def test_coupons_are_given_to_affiliates_by_code_or_address(acme: Company, bob: Promoter):
    text = (
        "code;affiliate;valid_from;valid_until;uses_max\n"
        f"bob10;{bob.enrollment.code};2026-03-01;2026-06-01;5\n"
        f"BOB20;{bob.affiliate.email.upper()};;;\n"
        f"BOB10;{bob.enrollment.code};;;\n"
        "X10;nobody;;;\n"
        f"a b;{bob.enrollment.code};;;\n"
        f"BOB30;{bob.enrollment.code};soon;;\n"
        f"BOB40;{bob.enrollment.code};;;many\n"
        f"BOB50;{bob.enrollment.code};2026-03-02;2026-03-01;\n"
    )

    found = taken(acme, text, COUPONS)

    assert counts(found) == (2, 1, 5)
    assert [row[1] for row in refusals(found)] == [
        "affiliate",
        "code",
        "valid_from",
        "uses_max",
        "valid_until",
    ]
    with merchant_context(acme.id):
        assert set(Coupon.objects.values_list("code", "uses_max")) == {
            ("BOB10", 5),
            ("BOB20", None),
        }


def test_a_code_of_another_affiliate_stays_theirs(acme: Company, bob: Promoter):
    from tests.cast import make_promoter

    dave = make_promoter(acme, "Dave")
    with merchant_context(acme.id):
        create_coupon(enrollment=dave.enrollment, code="SUMMER")

    found = taken(acme, f"code,affiliate\nSUMMER,{bob.enrollment.code}\n", COUPONS)

    assert refusals(found) == [(2, "code", "code_taken")]


def test_used_codes_are_orders_of_the_coupons_owner(acme: Company, bob: Promoter):
    with merchant_context(acme.id):
        create_coupon(enrollment=bob.enrollment, code="BOB10")

    found = taken(acme, "coupon,order_id,amount\nbob10,A-1,50\n,A-2,50\nNONE,A-3,50\n", COUPON_USES)

    assert counts(found) == (2, 0, 1)
    assert refusals(found) == [(3, "coupon", "required")]
    settle(acme, at=NOON)
    with merchant_context(acme.id):
        credited = Conversion.objects.filter(credits__enrollment=bob.enrollment)
        assert [row.external_id for row in credited] == ["A-1"]


def test_another_merchants_file_is_not_touched(acme: Company, globex: Company):
    found = start(acme, ORDERS + "A-1,10\n")

    assert run_imports(merchant_id=globex.id, at=NOON) == 0
    with merchant_context(globex.id):
        assert not Import.objects.filter(id=found.id).exists()
