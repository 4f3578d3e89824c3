"""Messages by the API: threads of both sides, and broadcasts."""

from datetime import UTC, datetime

from affiliates.keys import create_key
from affiliates.models import Enrollment, Status
from merchants.rights import Scope
from merchants.tenancy import merchant_context
from messaging.models import Message, Thread
from messaging.sending import run_broadcasts
from tests.api.conftest import Caller, key_for
from tests.cast import Company, Promoter
from tests.messaging.writing import affiliate_of, attach, begin, draft


def partner(promoter: Promoter) -> Caller:
    """Return the promoter's own key."""
    return Caller(create_key(affiliate=promoter.affiliate, name="K")[1])


def test_a_thread_goes_back_and_forth(acme: Company, bob: Promoter) -> None:
    merchant, own = Caller(key_for(acme.owner)), partner(bob)
    said = {"enrollment": str(bob.enrollment.id), "subject": "Hi\u202e", "body": "One\r\ntwo"}

    begun = merchant("POST", "threads", said)
    id = begun.json["id"]
    answered = own("POST", f"partner/threads/{id}/messages", {"body": "Three"})
    listed = merchant("GET", f"threads/{id}/messages").json["data"]
    seen = own("GET", f"partner/threads/{id}").json

    assert (begun.status, begun.json["subject"], begun.json["status"]) == (201, "Hi", "open")
    assert answered.status == 201
    assert [(row["side"], row["writer"], row["body"]) for row in listed] == [
        ("affiliate", "Bob", "Three"),
        ("merchant", "Alice", "One\ntwo"),
    ]
    assert seen.keys() == {
        *("id", "enrollment", "subject", "status", "created_at"),
        *("merchant_wrote_at", "affiliate_wrote_at"),
    }


def test_threads_are_closed_opened_and_filtered(acme: Company, bob: Promoter) -> None:
    merchant, thread = Caller(key_for(acme.owner)), begin(acme, bob)

    closed = merchant("POST", f"threads/{thread.id}/close")
    again = merchant("POST", f"threads/{thread.id}/close")
    listed = merchant("GET", "threads?status=closed").json["data"]
    opened = merchant("POST", f"threads/{thread.id}/reopen")

    assert closed.json["status"] == "closed"
    assert again.refusal == (409, "illegal_move")
    assert [row["id"] for row in listed] == [str(thread.id)]
    assert opened.json["status"] == "open"


def test_files_are_named_and_not_given(acme: Company, bob: Promoter) -> None:
    merchant, thread = Caller(key_for(acme.owner)), begin(acme, bob)
    file = attach(thread, affiliate_of(bob))

    [first, _second] = merchant("GET", f"threads/{thread.id}/messages").json["data"]

    assert first["attachments"] == [
        {"id": str(file.id), "name": "offer.pdf", "kind": "pdf", "size": file.size}
    ]


def test_what_cannot_be_is_refused(acme: Company, bob: Promoter, carol: Promoter) -> None:
    own = partner(bob)
    said = {"enrollment": str(bob.enrollment.id), "subject": "S", "body": "B"}
    with merchant_context(acme.id):
        Enrollment.objects.filter(id=bob.enrollment.id).move(to=Status.LEFT, at=datetime.now(UTC))

    gone = own("POST", "partner/threads", said)
    foreign = own("POST", "partner/threads", {**said, "enrollment": str(carol.enrollment.id)})
    empty = own("POST", "partner/threads", {**said, "subject": ""})

    assert gone.refusal == (409, "not_reachable")
    assert foreign.refusal == (404, "not_found")
    assert empty.refusal == (400, "invalid")
    with merchant_context(acme.id):
        assert not Thread.objects.exists()


def test_a_broadcast_is_counted_sent_and_read_back(acme: Company, bob: Promoter) -> None:
    merchant = Caller(key_for(acme.owner))
    said = {"subject": "S", "body": "Hi {name}", "filter": {"status": "approved"}}

    counted = merchant("POST", "broadcasts", {**said, "dry_run": True})
    wrong = merchant("POST", "broadcasts", {**said, "body": "{nmae}"})
    nobody = merchant("POST", "broadcasts", {**said, "filter": {"status": "invited"}})
    sent = merchant("POST", "broadcasts", said)
    while run_broadcasts(merchant_id=acme.id, at=datetime.now(UTC)):
        pass
    run_broadcasts(merchant_id=acme.id, at=datetime.now(UTC))
    found = merchant("GET", f"broadcasts/{sent.json['id']}").json

    assert (counted.status, counted.json["applies"]) == (200, 1)
    assert (wrong.refusal, wrong.fields) == ((422, "bad_value"), {"body": "unknown_tag"})
    assert nobody.fields == {"rows": "nobody"}
    assert (sent.status, sent.json["status"], sent.json["total"]) == (202, "scheduled", 1)
    assert (found["status"], found["sent"], found["read"]) == ("done", 1, 0)
    with merchant_context(acme.id):
        assert Message.objects.get().body == "Hi Bob"
    assert [row["id"] for row in merchant("GET", "broadcasts").json["data"]] == [sent.json["id"]]


def test_a_scheduled_broadcast_is_cancelled(acme: Company, bob: Promoter) -> None:
    merchant = Caller(key_for(acme.owner))
    reading = Caller(key_for(acme.owner, [Scope.READ]))
    broadcast = draft(acme)
    path = f"broadcasts/{broadcast.id}/cancel"

    assert reading("POST", path).refusal == (403, "missing_scope")
    assert merchant("POST", path).json["status"] == "cancelled"
    assert merchant("POST", path).refusal == (409, "illegal_move")
