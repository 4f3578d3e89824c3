"""Every write to prospects and the log of contacts with them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from common.addresses import require_address
from common.countries import country_codes
from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import Actor, Member
from messaging.text import plain_line, plain_text
from programs.models import Program
from recruiting.known import Known, Match, Named
from recruiting.models import Contact, ContactKind, Prospect, ProspectSource, Stage, stage_of

PROSPECTS_MAX: Final = 20_000  # Of a program.
CONTACTS_MAX: Final = 500  # Of a prospect.
# Which entry of the log says that a prospect has come further, and from where.
LOGGED: Final = {
    ContactKind.MAIL: Stage.CONTACTED,
    ContactKind.CALL: Stage.CONTACTED,
    ContactKind.MEETING: Stage.ANSWERED,
    ContactKind.MESSAGE: Stage.CONTACTED,
    ContactKind.ANSWER: Stage.ANSWERED,
}
EARLIER: Final = {
    Stage.CONTACTED: [Stage.FOUND],
    Stage.ANSWERED: [Stage.FOUND, Stage.CONTACTED],
}


class LooksKnown(Exception):
    """Somebody known looks the same; whoever asked may say that it is another."""

    def __init__(self, matches: Sequence[Match]) -> None:
        super().__init__(", ".join(match.name for match in matches))
        self.matches = matches


class ProspectExists(Exception):
    """The program has a prospect with this address."""


@dataclass(frozen=True, slots=True)
class ProspectDraft:
    """What is known of somebody who might become an affiliate."""

    name: str
    email: str = ""
    website: str = ""
    channels: str = ""
    audience: str = ""
    country: str = ""
    source: str = ProspectSource.SEARCH
    introduced_by: str = ""
    notes: str = ""
    owner: Member | None = None


def clean_prospect(draft: ProspectDraft) -> dict[str, Any]:
    """Return the columns of a draft.

    :raises BadValue: naming the first that cannot be.
    """
    facts = {field.name: getattr(draft, field.name) for field in fields(draft)}
    for name in ("name", "channels", "audience", "introduced_by"):
        facts[name] = cleaned(Prospect, name, plain_line(facts[name]))
    facts["notes"] = cleaned(Prospect, "notes", plain_text(facts["notes"]))
    facts["email"] = cleaned(Prospect, "email", facts["email"].strip().lower())
    facts["website"] = _website(facts["website"].strip())
    facts["country"] = _country(facts["country"].strip().upper())
    facts["source"] = cleaned(Prospect, "source", facts["source"])
    return facts


def _website(text: str) -> str:
    if not text:
        return ""
    address = text if "//" in text else f"https://{text}"
    return require_address(str(cleaned(Prospect, "website", address)), field="website")


def _country(text: str) -> str:
    if text and text not in country_codes():
        raise BadValue("country", "unknown", _("Write a country as two letters: DE."))
    return text


def add_prospect(
    *,
    program: Program,
    draft: ProspectDraft,
    by: Actor,
    at: datetime,
    despite_known: bool = False,
) -> Prospect:
    """Store somebody who might become an affiliate; return them.

    :raises BadValue: if a value cannot be, or there are PROSPECTS_MAX.
    :raises ProspectExists: if the program has a prospect with this address.
    :raises LooksKnown: if somebody known looks the same, unless `despite_known`.
    """
    facts = clean_prospect(draft)
    if not despite_known:
        named = Named(facts["name"], facts["email"], facts["website"])
        if matches := Known(program.merchant_id).matches(named):
            raise LooksKnown(matches)
    if Prospect.objects.filter(merchant_id=program.merchant_id, program=program).count() >= (
        PROSPECTS_MAX
    ):
        raise BadValue("", "too_many", _("%d prospects at the most.") % PROSPECTS_MAX)
    with transaction.atomic():
        prospect = _stored(Prospect(program=program, found_at=at, stage_changed_at=at, **facts))
        record(prospect, "added", by, at)
    return prospect


def _stored(prospect: Prospect) -> Prospect:
    prospect.merchant_id = prospect.program.merchant_id
    try:
        with transaction.atomic():
            prospect.save(force_insert=True)
    except IntegrityError as error:
        raise ProspectExists(prospect.email) from error
    return prospect


def update_prospect(
    *, prospect: Prospect, draft: ProspectDraft, by: Actor, at: datetime
) -> Prospect:
    """Change what is known of a prospect; return them. Safe to repeat.

    :raises BadValue: if a value cannot be.
    :raises ProspectExists: if another prospect of the program has the address.
    """
    facts = clean_prospect(draft)
    for name, value in facts.items():
        setattr(prospect, name, value)
    try:
        with transaction.atomic():
            prospect.save(update_fields=list(facts))
            record(prospect, "changed", by, at)
    except IntegrityError as error:
        raise ProspectExists(facts["email"]) from error
    return prospect


def move_prospect(*, prospect: Prospect, to: Stage, by: Actor, at: datetime) -> Prospect:
    """Say how far a prospect has come; return them. Safe to repeat.

    :raises IllegalMove: if they have applied or are in: then their enrollment says it.
    :raises BadValue: if it is nothing that people say.
    """
    if to in (Stage.APPLIED, Stage.JOINED):
        message = _("That somebody applied or joined, they say themselves.")
        raise BadValue("stage", "not_by_hand", message)
    rows = Prospect.objects.filter(merchant_id=prospect.merchant_id, id=prospect.id)
    with transaction.atomic():
        before = prospect.stage
        if rows.move(to=to, at=at):
            record(prospect, "moved", by, at, {"before": before, "after": to})
    stage = stage_of(rows.staged().get())
    if stage != to:
        raise IllegalMove("The prospect", to=to, status=stage)
    prospect.refresh_from_db(fields=["stage", "stage_changed_at"])
    return prospect


def log_contact(
    *,
    prospect: Prospect,
    kind: ContactKind,
    text: str,
    member: Member | None,
    at: datetime,
) -> Contact:
    """Write down what was said with a prospect; return it. Stages follow where they are behind.

    :raises BadValue: if nothing was said, or the log is full.
    """
    text = str(cleaned(Contact, "text", plain_text(text)))
    if prospect.contacts.count() >= CONTACTS_MAX:
        raise BadValue("", "too_many", _("%d entries at the most.") % CONTACTS_MAX)
    with transaction.atomic():
        contact = Contact.objects.create(
            merchant_id=prospect.merchant_id,
            prospect=prospect,
            kind=kind,
            text=text,
            member=member,
            at=at,
        )
        if (to := LOGGED.get(kind)) is not None:
            rows = Prospect.objects.filter(merchant_id=prospect.merchant_id, id=prospect.id)
            rows.filter(stage__in=EARLIER[to]).move(to=to, at=at)
    return contact


def forget_prospect(*, prospect: Prospect, by: Actor, at: datetime) -> None:
    """Delete a prospect with their log and letters: they never agreed to be kept."""
    with transaction.atomic():
        record(prospect, "forgotten", by, at)
        prospect.delete()


def link_enrollment(*, prospect: Prospect, enrollment: Enrollment) -> None:
    """Note what a prospect became; the first that is known stays. Safe to repeat."""
    taken = Prospect.objects.filter(merchant_id=enrollment.merchant_id, enrollment=enrollment)
    if not taken.exists():
        rows = Prospect.objects.filter(id=prospect.id, enrollment=None)
        rows.update(enrollment=enrollment)


def record(
    prospect: Prospect, verb: str, by: Actor, at: datetime, facts: dict[str, Any] | None = None
) -> None:
    """Write down what happened to a prospect: without their name, which may be forgotten."""
    record_event(
        merchant_id=prospect.merchant_id,
        type=f"prospect.{verb}",
        subject_id=prospect.id,
        by=by,
        at=at,
        data={"program": str(prospect.program_id), "source": prospect.source, **(facts or {})},
    )
