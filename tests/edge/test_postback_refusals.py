"""What a postback is refused for: named in the caller's words, and nothing is stored."""

from types import SimpleNamespace

import pytest

from common.clock import now
from interfaces.edge import meter
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from programs.models import Program
from programs.services import rotate_postback_token
from tests.cast import Company, click_of, make_company
from tests.edge.postbacks import WRONG_CLICK, logged, send, settled, stored
from tracking.models import Conversion, Customer, IntakeCall, Refund, StatusReport


def nothing_stored(company: Company) -> bool:
    with merchant_context(company.id):
        models = (Conversion, Customer, Refund, StatusReport)
        return not any(model.objects.exists() for model in models)


@pytest.mark.parametrize(
    ("path", "said", "expected"),
    [
        ("/postback", {}, (401, "token_missing", "token")),
        ("/postback", {"token": "fl_pb_" + 43 * "x"}, (401, "unknown_token", "token")),
        ("/postback", {"token": "\x00"}, (401, "unknown_token", "token")),
        ("/pb/tapfiliate", {"token": "nonsense"}, (401, "unknown_token", "token")),
    ],
)
def test_without_a_token_in_force_nothing_is_taken(edge, acme, click, path, said, expected):
    answer = send(edge, path, order_id="A-1", amount="10", click_id=click, **said)

    assert answer.headers["content-type"] == "application/problem+json"
    errors = answer.json["errors"]
    assert (answer.status, answer.json["code"], errors[0]["field"]) == expected
    assert nothing_stored(acme)
    with merchant_context(acme.id):
        [row] = IntakeCall.objects.all()  # The click says whose it is.
    assert (row.outcome, row.reason) == ("REFUSED", expected[1])


@pytest.mark.parametrize(
    ("path", "said", "status", "body"),
    [
        ("/postback", {"clickid": "{click}", "secure": "wrong"}, 403,
         b'{"status": 2, "message": "Access denied"}'),
        ("/postback", {"secure": "{token}", "action_id": "A-1"}, 422,
         b'{"status": 2, "message":'
         b' "Missing mandatory parameter clickid/click_id or ref_id or aimp_id"}'),
        ("/postback", {"secure": "{token}", "clickid": WRONG_CLICK}, 422,
         b'{"status": 2, "message": "Broken clickid"}'),
        ("/aff_lsr", {"transaction_id": WRONG_CLICK, "security_token": "{token}"}, 200,
         f"success=false; err_msg=Invalid Trans. ID #{WRONG_CLICK}.;".encode()),
        ("/aff_lsr", {"transaction_id": "{click}", "security_token": "wrong"}, 200,
         b"success=false; err_msg=security_token: This is the token of no program.;"),
        ("/aff_lsr", {"transaction_id": "{click}", "security_token": "{token}", "amount": "-1"},
         200, b"success=false; err_msg=amount: This cannot be negative:"
         b" report a refund or a declined status instead.;"),
        ("/pb/everflow", {"transaction_id": WRONG_CLICK, "verification_token": "{token}"}, 422,
         b"transaction_id: We never gave this click id."),
        ("/pb/partnershare", {"conversion_token": "{token}", "conversion_type": "2"}, 422,
         b'{"code": 422, "message": "source_user_id: This is required.", "data": null}'),
    ],
)  # fmt: skip
def test_each_system_is_refused_in_its_own_words(
    edge, acme, token, click, path, said, status, body
):
    filled = {name: value.format(click=click, token=token) for name, value in said.items()}

    answer = send(edge, path, **filled)

    assert (answer.status, answer.body) == (status, body)
    assert nothing_stored(acme)
    assert all(row[1] == "REFUSED" for row in logged(acme))


@pytest.mark.parametrize(
    ("amount", "currency", "field"),
    [
        ("-1", "EUR", "amount"),
        ("1e309", "EUR", "amount"),
        ("NaN", "EUR", "amount"),
        ("12.345", "EUR", "amount"),
        ("10", "XXX", "currency"),
        ("10", "USD", "currency"),
    ],
)
def test_an_amount_that_cannot_be_is_refused_by_name(edge, acme, token, amount, currency, field):
    answer = send(edge, "/postback", order_id="A-1", amount=amount, currency=currency, token=token)

    assert answer.status == 422
    assert [row["field"] for row in answer.json["errors"]] == [field]
    assert nothing_stored(acme)
    [(intake, outcome, _reason, order)] = logged(acme)
    assert (intake, outcome, order) == ("postback", "REFUSED", "A-1")


@pytest.mark.parametrize(
    ("currency", "amount", "expected"),
    [("JPY", "10.5", None), ("JPY", "10", 10), ("KWD", "1.234", 1_234), ("KWD", "1.2345", None)],
)
def test_currencies_have_their_own_decimals(start_edge, currency, amount, expected):
    company = make_company("Initech", "Bill", currency=currency)
    edge = start_edge()

    answer = send(
        edge, "/postback", order_id="A-1", amount=amount, token=company.program.postback_token
    )

    assert answer.status == (200 if expected else 422)
    assert [row[2] for row in stored(company)] == ([expected] if expected else [])


def test_a_goal_of_the_services_is_refused_by_the_callers_name(edge, acme, token, click):
    answer = send(edge, "/aff_lsr", transaction_id=click, goal_id="nothing", security_token=token)

    assert answer.body == b"success=false; err_msg=goal_id: The program has no such goal.;"


def test_a_rotated_token_opens_nothing(edge, acme, token):
    with merchant_context(acme.id):
        by = acting_user(acme.owner.user)
        program = Program.objects.get(id=acme.program.id)
        rotate_postback_token(program=program, by=by, at=now())

    assert send(edge, "/postback", order_id="A-1", token=token).status == 401


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        ([], "203.0.113.9", 200),
        (["203.0.113.0/24"], "203.0.113.9", 200),
        (["203.0.113.9/32", "2001:db8::/32"], "2001:db8::7", 200),
        (["203.0.113.0/24"], "::ffff:203.0.113.9", 200),
        (["203.0.113.0/24"], "198.51.100.1", 403),
        (["203.0.113.0/24"], "unknown", 403),
    ],
)
def test_a_program_may_name_who_sends(edge, acme, token, networks, address, status):
    with merchant_context(acme.id):
        Program.objects.filter(id=acme.program.id).update(postback_networks=networks)

    answer = edge.get(f"/postback?order_id=A-1&token={token}", client=address)

    assert answer.status == status
    with merchant_context(acme.id):
        assert Conversion.objects.count() == (status == 200)
        assert IntakeCall.objects.get().address == address[:50]


def test_another_merchants_click_earns_nothing(edge, acme, carol, token):
    send(edge, "/postback", order_id="A-1", amount="10", click_id=click_of(carol), token=token)

    assert settled(acme).reason == "unattributed"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, "application/json"),
        (b"{" + b'"a":{' * 12 + b"}" * 13, "application/json"),
        (b"&".join(b"a%d=1" % number for number in range(101)), ""),
        (b"\xff\xfe{", "application/json"),
    ],
)
def test_what_cannot_be_read_is_refused(edge, acme, token, body, content_type):
    answer = edge.post(f"/postback?token={token}", body, headers={"content-type": content_type})

    assert (answer.status, answer.json["code"]) == (422, "malformed")
    assert nothing_stored(acme)


def test_an_endless_body_is_not_read(edge, token):
    answer = edge.post(f"/postback?token={token}", b"x" * 64_001)

    assert (answer.status, answer.json["code"]) == (413, "too_large")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "PATCH"])
def test_other_methods_mean_nothing(edge, token, method):
    answer = edge.run(edge.ask(method, f"/postback?order_id=A-1&token={token}"))

    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")


def test_whoever_guesses_tokens_is_asked_to_stop(edge, acme, token, monkeypatch):
    monkeypatch.setattr(meter, "time", SimpleNamespace(monotonic=lambda: 30.0))

    answers = [
        edge.get(f"/postback?token=wrong{number}", client="198.51.100.1") for number in range(61)
    ]

    assert [row.status for row in answers[58:]] == [401, 401, 429]
    assert answers[-1].headers["retry-after"] == "30"
    right = edge.get(f"/postback?order_id=A-1&token={token}", client="203.0.113.9")
    assert right.status == 200


def test_one_merchants_old_token_stops_nobody_else_behind_the_same_sender(
    edge, acme, token, monkeypatch
):
    monkeypatch.setattr(meter, "time", SimpleNamespace(monotonic=lambda: 30.0))
    sender, right = "198.51.100.1", f"/postback?order_id=A-1&token={token}"
    assert edge.get(right, client=sender).status == 200
    for _number in range(61):
        stale = edge.get("/postback?token=old", client=sender)

    assert stale.status == 429
    assert edge.get(right, client=sender).status == 200
    with merchant_context(acme.id):
        program = Program.objects.get(id=acme.program.id)
        rotate_postback_token(program=program, by=acting_user(acme.owner.user), at=now())
    assert [edge.get(right, client=sender).status for _ in range(2)] == [401, 429]
    postbacks = edge.app.routes["/postback"].__self__
    assert token not in str(vars(postbacks))


def test_a_click_alone_proves_no_server_so_only_its_network_is_kept(edge, acme, click):
    edge.get(f"/postback?order_id=A-1&click_id={click}", client="203.0.113.9")

    with merchant_context(acme.id):
        assert IntakeCall.objects.get().address == "203.0.113.0/24"
