"""Idempotency-Key: one effect and one answer, whatever happens at once or in between."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connections, transaction

from common import clock
from interfaces.api import idempotency
from interfaces.api.idempotency import forget_answers
from interfaces.api.models import IdempotentAnswer
from interfaces.api.v1 import conversions
from merchants.tenancy import affiliate_context, merchant_context
from tests.api.conftest import Answered, Caller, key_for
from tests.api.test_report_conversion import sale, stored
from tests.cast import Company, Promoter

NAME = "Idempotency_Key"


def post(api: Caller, body: Any, key: str = "k-1", path: str = "conversions") -> Answered:
    """POST with an Idempotency-Key."""
    return api.post(path, body, **{NAME: key})


def kept(company: Company) -> int:
    """Return how many answers of the company are kept."""
    with merchant_context(company.id):
        return IdempotentAnswer.objects.count()


def test_the_first_answer_is_given_again_byte_for_byte(acme: Company, api: Caller) -> None:
    first = post(api, sale(acme))
    again = post(api, sale(acme))

    assert (first.status, again.status) == (201, 201)
    assert again.response.content == first.response.content
    assert again.response.headers["Content-Type"] == "application/json"
    assert "Idempotency-Replayed" not in first.response.headers
    assert again.response.headers["Idempotency-Replayed"] == "true"
    assert (stored(acme), kept(acme)) == (1, 1)


def test_the_answer_stays_the_first_when_the_row_has_moved_on(acme: Company, api: Caller) -> None:
    first = post(api, sale(acme))
    with merchant_context(acme.id):
        conversions.Conversion.objects.update(external_id="changed")

    assert post(api, sale(acme)).response.content == first.response.content


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("conversions", {"amount_minor": 1}),
        ("conversions", {"colour": "red"}),
        ("conversions?x=1", {}),
        ("conversions/bulk", {}),
    ],
)
def test_another_request_with_the_key_is_refused(
    acme: Company, api: Caller, path: str, changes: dict[str, Any]
) -> None:
    post(api, sale(acme))

    answer = post(api, sale(acme, **changes), path=path)

    assert answer.refusal == (422, "idempotency_key_reused")
    assert stored(acme) == 1


def test_the_keys_of_merchants_are_their_own(
    acme: Company, globex: Company, api: Caller, other_api: Caller
) -> None:
    assert post(api, sale(acme)).status == 201
    assert post(other_api, sale(globex)).status == 201

    assert (stored(acme), stored(globex)) == (1, 1)


def test_two_keys_of_one_merchant_share_their_names(acme: Company, api: Caller) -> None:
    first = post(api, sale(acme))

    second = post(Caller(key_for(acme.owner)), sale(acme))

    assert second.response.content == first.response.content


def test_a_refusal_is_not_kept_and_may_be_corrected(acme: Company, api: Caller) -> None:
    assert post(api, sale(acme, amount_minor=-1)).refusal == (400, "invalid")
    assert post(api, sale(acme, goal="nope")).refusal == (422, "unknown_goal")
    assert kept(acme) == 0

    assert post(api, sale(acme)).status == 201


def test_a_fault_is_not_kept_and_leaves_nothing(
    acme: Company, api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def store_and_fail(**facts: Any) -> None:
        record(**facts)
        raise RuntimeError("the process dies here")

    record = conversions.record_reported
    monkeypatch.setattr(conversions, "record_reported", store_and_fail)
    with pytest.raises(RuntimeError):
        post(api, sale(acme))
    assert (stored(acme), kept(acme)) == (0, 0)

    monkeypatch.undo()
    assert post(api, sale(acme)).status == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "caf\xe9", "tab\tkey"])
def test_a_key_is_of_visible_characters(acme: Company, api: Caller, key: str) -> None:
    answer = post(api, sale(acme), key)

    assert answer.refusal == (400, "bad_idempotency_key")
    assert stored(acme) == 0


def test_a_key_may_be_long_and_odd(acme: Company, api: Caller) -> None:
    odd = "!~" + "x" * 253

    assert post(api, sale(acme), odd).status == 201
    assert post(api, sale(acme), odd).status == 201


def test_reading_and_patching_take_no_notice_of_a_key(api: Caller) -> None:
    assert api.get("me", Idempotency_Key="").status == 200


THREADS = 16  # Each has two connections, and the server is shared.


def at_once(calls: int, do: Any) -> list[Any]:
    """Do the same so many times, THREADS at once from one start; return what each gave."""
    threads = min(calls, THREADS)
    start = threading.Barrier(threads)
    with ThreadPoolExecutor(threads, initializer=start.wait) as pool:
        answers = list(pool.map(do, range(calls)))
        list(pool.map(lambda _number: _hang_up(start), range(threads)))
    return answers


def _hang_up(everybody: threading.Barrier) -> None:
    everybody.wait()  # So that each thread closes its own connections.
    connections.close_all()


def test_fifty_at_once_have_one_effect_and_one_answer(acme: Company, api: Caller) -> None:
    answers = at_once(50, lambda _number: post(api, sale(acme)))

    ended = [answer for answer in answers if answer.status != 409]
    assert {answer.status for answer in ended} == {201}
    assert len({answer.response.content for answer in ended}) == 1
    assert all(
        answer.refusal == (409, "idempotency_in_progress")
        for answer in answers
        if answer.status == 409
    )
    assert (stored(acme), kept(acme)) == (1, 1)


def test_ten_at_once_without_a_key_store_one_conversion(acme: Company, api: Caller) -> None:
    answers = at_once(10, lambda _number: api.post("conversions", sale(acme)))

    assert sorted(answer.status for answer in answers) == [200] * 9 + [201]
    assert len({answer.json["id"] for answer in answers}) == 1
    assert stored(acme) == 1


def test_while_the_first_runs_the_second_is_told_so(
    acme: Company, api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "WAIT_MS", 50)
    entered, leave = threading.Event(), threading.Event()
    record = conversions.record_reported

    def record_slowly(**facts: Any) -> Any:
        entered.set()
        assert leave.wait(10)
        return record(**facts)

    monkeypatch.setattr(conversions, "record_reported", record_slowly)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lambda: (post(api, sale(acme)), connections.close_all())[0])
        assert entered.wait(10)

        second = post(api, sale(acme))
        leave.set()

        assert second.refusal == (409, "idempotency_in_progress")
        assert first.result().status == 201
    assert post(api, sale(acme)).response.content == first.result().response.content
    assert stored(acme) == 1


def test_a_key_whose_call_was_killed_is_free_again(
    acme: Company, api: Caller, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = conversions.record_reported

    def record_and_die(**facts: Any) -> Any:
        result = record(**facts)
        backend = transaction.get_connection().connection.info.backend_pid
        admin.execute("SELECT pg_terminate_backend(%s)", [backend])
        return result

    monkeypatch.setattr(conversions, "record_reported", record_and_die)
    killed = post(api, sale(acme))
    connections.close_all()
    monkeypatch.undo()

    assert killed.refusal == (503, "unavailable")
    assert killed.response.headers["Retry-After"] == "5"
    assert (stored(acme), kept(acme)) == (0, 0)
    assert post(api, sale(acme)).status == 201


def test_answers_are_forgotten_after_thirty_days(
    acme: Company, globex: Company, api: Caller, other_api: Caller, bob: Promoter, partner: Caller
) -> None:
    post(api, sale(acme))
    post(other_api, sale(globex))
    post(partner, {"enrollment": str(bob.enrollment.id)}, path="partner/links")
    given = clock.now()

    assert forget_answers(before=given - timedelta(days=1)) == 0
    assert (kept(acme), kept(globex)) == (1, 1)
    assert forget_answers(before=given + timedelta(seconds=1)) == 3
    assert (kept(acme), kept(globex)) == (0, 0)


def test_affiliates_keys_are_their_own(
    bob: Promoter, carol: Promoter, partner: Caller, other_partner: Caller, api: Caller
) -> None:
    mine = {"enrollment": str(bob.enrollment.id), "name": "Mine"}

    first = post(partner, mine, path="partner/links")
    again = post(partner, mine, path="partner/links")
    other = post(partner, {**mine, "name": "Other"}, path="partner/links")
    hers = post(other_partner, {"enrollment": str(carol.enrollment.id)}, path="partner/links")

    assert (first.status, again.status, hers.status) == (201, 201, 201)
    assert again.response.content == first.response.content
    assert other.refusal == (422, "idempotency_key_reused")
    with affiliate_context(bob.affiliate.id):
        assert bob.affiliate.enrollments.get().links.count() == 2
