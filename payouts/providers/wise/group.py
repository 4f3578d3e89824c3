"""One group of transfers: quotes, recipients, transfers, closing, and the one call that pays.

Only the funding moves money. Whatever happens before it can be done again, as each step is kept and
a transfer is named by its payout; whatever happens at it is answered by the transfers' states.
"""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from common.outgoing import Failed, Refused
from payouts.providers.base import (
    Accepted,
    Call,
    Fate,
    News,
    NotNow,
    Outcome,
    Trace,
    Unclear,
)
from payouts.providers.base import Found as FoundCall
from payouts.providers.base import NotFound as NotFoundCall
from payouts.providers.wise.client import Client, Pause, retry_after, said_by
from payouts.providers.wise.states import UNFUNDED, around, news_of, payout_of

SECONDS_MAX = 120  # A submission that takes longer goes on later: a task must not run for ever.
KEEP_EVERY = 25


class Group:
    """The group of one call. `progress` holds what was reached:

    group, closed, funding (begun), items {payout: {recipient, quote, transfer, refused}},
    created [first, last], refs {transfer: payout}.
    """

    def __init__(self, client: Client, call: Call) -> None:
        self._client = client
        self._call = call
        self._plan: dict[str, Any] = json.loads(call.body)
        self._progress: dict[str, Any] = {"items": {}, "refs": {}, **call.progress}
        self._path = f"/v3/profiles/{client.profile}"
        self._until = time.monotonic() + SECONDS_MAX
        self._unkept = 0

    # What is asked of a group -----------------------------------------------------------------

    def pay(self) -> Outcome:
        """Take the steps that were not taken yet; the last of them pays."""
        if self._progress.get("funding"):
            return self._go_on_after_funding()
        try:
            self._open()
            for item in self._plan["transfers"]:
                self._prepare(item)
            self._keep()
            for item in self._plan["transfers"]:
                self._transfer(item)
            self._keep()
            self._close()
        except Pause as pause:
            self._keep()
            return NotNow(pause.reason, pause.after)
        if not self._progress["refs"]:  # Each was refused: there is nothing to fund.
            return self._accepted()
        return self._fund()

    def trace(self) -> Trace:
        """Say whether it was funded, by the states of its transfers."""
        if not self._progress.get("funding"):
            return NotFoundCall("nothing was funded")
        try:
            transfers = self.transfers()
        except Pause as pause:
            return Unclear(pause.reason)
        if _is_waiting(transfers):
            return NotFoundCall("its transfers wait for funding")
        return FoundCall(self._progress["group"], self._news(transfers))

    def transfers(self) -> list[Mapping[str, Any]]:
        """Return its transfers as they are now.

        :raises Pause: if they cannot be had.
        """
        refs: Mapping[str, str] = self._progress["refs"]
        if not refs:
            return []
        since, until = around(self._progress["created"])
        all_of_then = self._client.transfers(since=since, until=until)
        ours = [transfer for transfer in all_of_then if str(transfer.get("id")) in refs]
        if len(ours) < len(refs):
            raise Pause("Wise: the list lacks transfers that it gave us")
        return ours

    # Before the money: steps that can be taken again ------------------------------------------

    def _open(self) -> None:
        if "group" in self._progress:
            return
        body = {"name": str(self._call.key), "sourceCurrency": self._plan["source_currency"]}
        answer = self._client.step("POST", f"{self._path}/batch-groups", body)
        group = answer.get("id")
        if not answer.is_ok or not group:
            raise Pause(said_by(answer))
        self._progress["group"] = str(group)
        self._keep()  # Before any transfer is in it: a group that was forgotten stays empty.

    def _prepare(self, item: Mapping[str, Any]) -> None:
        kept = self._item(item)
        if "refused" in kept or "quote" in kept:
            return
        recipient = self._made("/v1/accounts", item["recipient"], kept)
        if recipient is None:
            return
        quote = {
            "sourceCurrency": self._plan["source_currency"],
            "targetCurrency": self._plan["currency"],
            "targetAmount": float(item["amount"]),  # To 15 digits that is the same decimal.
            "targetAccount": recipient,
            "preferredPayIn": "BALANCE",
        }
        quoted = self._made(f"{self._path}/quotes", quote, kept)
        if quoted is not None:
            kept.update(recipient=recipient, quote=quoted)
        self._keep_sometimes()

    def _transfer(self, item: Mapping[str, Any]) -> None:
        kept = self._item(item)
        if "refused" in kept or "transfer" in kept or self._progress.get("closed"):
            return
        body = {
            "targetAccount": kept["recipient"],
            "quoteUuid": kept["quote"],
            "customerTransactionId": item["payout"],
            "details": {"reference": item["reference"]},
        }
        self._hurry()
        path = f"{self._path}/batch-groups/{self._progress['group']}/transfers"
        answer = self._client.step("POST", path, body)
        if answer.is_ok and answer.get("id"):
            self._take_in(answer.data, item["payout"])
        elif "quote" in said_by(answer).lower() and "expired" in said_by(answer).lower():
            del kept["quote"]  # They hold for half an hour: the next time has another.
            raise Pause(said_by(answer), timedelta(0))
        else:
            kept["refused"] = said_by(answer)
        self._keep_sometimes()

    def _made(self, path: str, body: Any, kept: dict[str, Any]) -> Any:
        """Return the id of what a call made; None if that was refused, and note why."""
        self._hurry()
        answer = self._client.step("POST", path, body)
        if answer.is_ok and answer.get("id"):
            return answer.get("id")
        kept["refused"] = said_by(answer)
        return None

    def _close(self) -> None:
        """Close the group as it is by now; it may hold transfers whose answer never reached us."""
        if self._progress.get("closed"):
            return
        path = f"{self._path}/batch-groups/{self._progress['group']}"
        group = self._client.step("GET", path)
        if not group.is_ok:
            raise Pause(said_by(group))
        for id in group.get("transferIds") or []:
            if str(id) not in self._progress["refs"]:
                self._adopt(str(id))
        if group.get("status") == "NEW":
            body = {"status": "COMPLETED", "version": group.get("version")}
            closed = self._client.step("PATCH", path, body)
            if not closed.is_ok:  # The version is another by now, or it was closed: look again.
                raise Pause(said_by(closed), timedelta(0))
        elif group.get("status") != "COMPLETED":
            raise Pause(f"Wise: the group is {group.get('status')}")
        self._progress["closed"] = True
        self._keep()

    def _adopt(self, id: str) -> None:
        answer = self._client.step("GET", f"/v1/transfers/{id}")
        payout = payout_of(answer.data) if answer.is_ok else None
        if payout not in self._call.payout_ids:
            raise Pause(f"Wise: the group holds a transfer that is not ours: {id}")
        self._take_in(answer.data, str(payout))

    # The money --------------------------------------------------------------------------------

    def _fund(self) -> Outcome:
        self._progress["funding"] = True
        self._keep()
        path = f"{self._path}/batch-payments/{self._progress['group']}/payments"
        try:
            answer = self._client.ask("POST", path, {"type": "BALANCE"})
        except Refused as refused:
            return NotNow(f"Wise: {refused}")
        except Failed as failed:
            outcome = Unclear if failed.sent else NotNow
            return outcome(f"Wise: {failed}")
        if answer.is_ok and (answer.get("alreadyPaid") or answer.get("status") == "COMPLETED"):
            return self._accepted()
        if answer.status == 429 or answer.status in (401, 403):
            return NotNow(said_by(answer), retry_after(answer))
        if answer.is_ok or answer.status >= 500:
            return Unclear(said_by(answer))
        return self._after_refusal(said_by(answer))

    def _after_refusal(self, reason: str) -> Outcome:
        """Too little money, or it was funded before: the transfers tell."""
        try:
            transfers = self.transfers()
        except Pause:
            return Unclear(reason)
        if _is_waiting(transfers):
            return NotNow(reason)
        return self._accepted(transfers)

    def _go_on_after_funding(self) -> Outcome:
        try:
            transfers = self.transfers()
        except Pause as pause:
            return Unclear(pause.reason)
        if _is_waiting(transfers):
            return self._fund()
        return self._accepted(transfers)

    # What it keeps, and what it says ----------------------------------------------------------

    def _accepted(self, transfers: Sequence[Mapping[str, Any]] = ()) -> Accepted:
        return Accepted(self._progress["group"], self._news(transfers))

    def _news(self, transfers: Sequence[Mapping[str, Any]]) -> tuple[News, ...]:
        """Return what each transfer says; without their states, that they are under way.

        Notices name transfers only: so each is told with its payout.
        """
        under_way = [
            News(Fate.PENDING, payout_id=UUID(payout), provider_ref=id)
            for id, payout in self._progress["refs"].items()
        ]
        refused = [
            News(Fate.FAILED, payout_id=UUID(payout), reason=kept["refused"])
            for payout, kept in self._progress["items"].items()
            if "refused" in kept and "transfer" not in kept
        ]
        return (*refused, *(map(news_of, transfers) if transfers else under_way))

    def _item(self, item: Mapping[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = self._progress["items"].setdefault(item["payout"], {})
        return kept

    def _take_in(self, transfer: Mapping[str, Any], payout: str) -> None:
        id, created = str(transfer["id"]), str(transfer.get("created"))
        self._progress["items"].setdefault(payout, {})["transfer"] = id
        self._progress["refs"][id] = payout
        first, last = self._progress.get("created") or [created, created]
        self._progress["created"] = [min(first, created), max(last, created)]

    def _keep_sometimes(self) -> None:
        self._unkept += 1
        if self._unkept >= KEEP_EVERY:
            self._keep()

    def _keep(self) -> None:
        self._unkept = 0
        self._call.keep(self._progress)

    def _hurry(self) -> None:
        if time.monotonic() > self._until:
            raise Pause("Wise: it goes on in a moment", timedelta(0))


def _is_waiting(transfers: Sequence[Mapping[str, Any]]) -> bool:
    """Whether nothing of them was funded, and something still could be."""
    states = {transfer.get("status") for transfer in transfers}
    return UNFUNDED in states and states <= {UNFUNDED, "cancelled"}
