"""Files of facts: accepted at once, taken in by a worker, batch by batch."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from common.refusals import BadValue
from merchants.events import record_event
from merchants.models import SYSTEM, Actor, ActorKind, ApiKey, Member
from merchants.tenancy import merchant_context
from programs.models import Program
from tracking.imports.file import FILE_BYTES_MAX, Line, Unreadable, read_file
from tracking.imports.lines import KEYS, STORES, Batch, LineOutcome
from tracking.intake.facts import offer_of
from tracking.models import Import, ImportProfile, ImportStatus
from tracking.parameters import tidy
from tracking.postbacks import Refused

log = structlog.get_logger()
BATCH: Final = 500
REFUSALS_KEPT: Final = 1_000
TRIED_KEPT: Final = timedelta(days=1)  # So long a dry run may be followed by the real one.
DUE: Final = (ImportStatus.WAITING, ImportStatus.RUNNING)


def start_import(
    *,
    program: Program,
    profile: ImportProfile,
    file_name: str,
    content: bytes,
    is_dry_run: bool,
    at: datetime,
    member: Member | None = None,
    key: ApiKey | None = None,
) -> Import:
    """Accept a file on behalf of a member or a key; return the import that a worker will run.

    A dry run stores nothing but its own report. Repeating a file is safe: facts that are known
    are counted as such.

    :raises BadValue: if the file is empty or longer than FILE_BYTES_MAX.
    """
    if not content.strip():
        raise BadValue("file", "empty", _("The file is empty."))
    if len(content) > FILE_BYTES_MAX:
        raise BadValue("file", "too_large", _("At most 5 MB: divide the file."))
    with transaction.atomic():
        _forget_tried_files(program.merchant_id, at)
        found = Import.objects.create(
            merchant_id=program.merchant_id,
            program=program,
            member=member,
            key_id=key.id if key else None,
            profile=profile,
            file_name=tidy(file_name, 200),
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            is_dry_run=is_dry_run,
        )
        _record(found, "import.started", at)
    return found


def _forget_tried_files(merchant_id: UUID, at: datetime) -> None:
    """Delete the contents of files that were only tried out, a day ago or earlier."""
    tried = Import.objects.filter(
        merchant_id=merchant_id, is_dry_run=True, finished_at__lt=at - TRIED_KEPT
    )
    tried.exclude(content=b"").update(content=b"")


def run_imports(*, merchant_id: UUID, at: datetime) -> int:
    """Take in the next batch of the merchant's oldest import; return how many lines it had.

    A batch and the progress it makes are one transaction: whoever dies leaves nothing half done,
    and of two workers the second leaves the file to the first.
    """
    try:
        with merchant_context(merchant_id):
            found = _next(merchant_id)
            return _advance(found, at) if found else 0
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("import.failed", merchant=str(merchant_id))
        with merchant_context(merchant_id):
            found = _next(merchant_id)
            if found:
                message = _("Our fault, and logged. It stopped after %s lines.")
                _finish(found, ImportStatus.FAILED, at, message % found.lines_done)
        return 0


def _next(merchant_id: UUID) -> Import | None:
    due = Import.objects.filter(merchant_id=merchant_id, status__in=DUE)
    locked = due.select_for_update(of=("self",), skip_locked=True)
    return locked.select_related("program", "member").order_by("created_at", "id").first()


def _advance(found: Import, at: datetime) -> int:
    profile = ImportProfile(found.profile)
    try:
        lines = read_file(bytes(found.content), profile)
    except Unreadable as error:
        _finish(found, ImportStatus.FAILED, at, str(error))
        return 1
    batch = lines[found.lines_done : found.lines_done + BATCH]
    if batch:
        outcomes = _store(found, profile, batch, at)
        if found.is_dry_run:
            outcomes = _without_repeats(profile, lines[: found.lines_done], batch, outcomes)
        _count(found, batch, outcomes)
    found.lines_total = len(lines)
    if found.lines_done == len(lines):
        _finish(found, ImportStatus.DONE, at)
    else:
        found.status = ImportStatus.RUNNING
        found.save(update_fields=PROGRESS)
    return len(batch) or 1


def _store(
    found: Import, profile: ImportProfile, lines: tuple[Line, ...], at: datetime
) -> list[LineOutcome]:
    program = found.program
    batch = Batch(
        program=program,
        offer=offer_of(program),
        lines=lines,
        is_test=_by_test_key(found),
        by=_actor(found),
        at=at,
    )
    savepoint = transaction.savepoint()
    outcomes = STORES[profile](batch)
    if found.is_dry_run:
        transaction.savepoint_rollback(savepoint)
    else:
        transaction.savepoint_commit(savepoint)
    return outcomes


def _without_repeats(
    profile: ImportProfile,
    before: tuple[Line, ...],
    batch: tuple[Line, ...],
    outcomes: list[LineOutcome],
) -> list[LineOutcome]:
    """Return what the lines would have come to, had those of earlier batches been stored."""
    seen = {_key(profile, line) for line in before}
    return [
        False if outcome is True and _key(profile, line) in seen else outcome
        for line, outcome in zip(batch, outcomes, strict=True)
    ]


def _key(profile: ImportProfile, line: Line) -> tuple[str, ...]:
    return tuple(line.cells.get(name, "").lower() for name in KEYS[profile])


def _by_test_key(found: Import) -> bool:
    if found.key_id is None:
        return False
    keys = ApiKey.objects.filter(merchant_id=found.merchant_id, id=found.key_id)
    return keys.filter(is_test=True).exists()


def _actor(found: Import) -> Actor:
    if found.key_id is not None:
        return Actor(ActorKind.KEY, found.key_id)
    return Actor(ActorKind.USER, found.member.user_id) if found.member else SYSTEM


# Progress ----------------------------------------------------------------------------------------

PROGRESS: Final = (
    *("status", "detail", "lines_total", "lines_done", "created_count", "repeated_count"),
    *("refused_count", "refusals", "finished_at"),
)


def _count(found: Import, batch: tuple[Line, ...], outcomes: list[LineOutcome]) -> None:
    for line, outcome in zip(batch, outcomes, strict=True):
        if isinstance(outcome, Refused):
            found.refused_count += 1
            if len(found.refusals) < REFUSALS_KEPT:
                found.refusals.append(_refusal(line, outcome))
        elif outcome:
            found.created_count += 1
        else:
            found.repeated_count += 1
    found.lines_done += len(batch)


def _refusal(line: Line, refusal: Refused) -> dict[str, Any]:
    return {
        "line": line.number,
        "field": refusal.parameter,
        "code": refusal.code,
        "message": tidy(refusal.message, 300),
    }


def _finish(found: Import, status: ImportStatus, at: datetime, detail: str = "") -> None:
    found.status, found.detail, found.finished_at = status, tidy(detail, 500), at
    if not found.is_dry_run:
        found.content = b""  # It names people; what it said is in rows that can be erased.
    found.save(update_fields=[*PROGRESS, "content"])
    _record(found, "import.finished", at)


def _record(found: Import, type: str, at: datetime) -> None:
    record_event(
        merchant_id=found.merchant_id,
        type=type,
        subject_id=found.id,
        by=_actor(found),
        at=at,
        data={
            "profile": found.profile,
            "file_name": found.file_name,
            "is_dry_run": found.is_dry_run,
            "status": found.status,
            "created": found.created_count,
            "repeated": found.repeated_count,
            "refused": found.refused_count,
        },
    )
