"""Every write to templates and to what affiliates make of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from cobranding.models import CobrandPiece, CobrandTemplate, PieceStatus, TemplateKind
from common.ids import new_code
from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from common.uploads import Upload
from materials.models import MaterialKind, StoredFile
from materials.services import store_file
from merchants.events import record_event
from merchants.models import Actor, Merchant
from programs.models import Program
from programs.services import require_allowed_host
from tracking.models import Link
from tracking.services import NotEnrolled, create_link

TEMPLATES_MAX: Final = 50  # In use, of a program.
CODE_LENGTH: Final = 10  # 29 letters each: nobody finds a page by trying.
TEXTS: Final = ("title", "headline", "body", "button")


@dataclass(frozen=True, slots=True)
class TemplateDraft:
    """What a template is made from. A new picture comes as `upload`, one that is there as such."""

    kind: str
    title: str
    headline: str
    body: str
    button: str
    target_url: str = ""
    needs_review: bool = True
    upload: Upload | None = None
    picture: StoredFile | None = None


@dataclass(frozen=True, slots=True)
class PieceDraft:
    """What an affiliate puts into a template."""

    name: str
    text: str = ""
    upload: Upload | None = None  # A new logo.
    drops_logo: bool = False


# Templates ---------------------------------------------------------------------------------------


def add_template(
    *, program: Program, draft: TemplateDraft, by: Actor, at: datetime
) -> CobrandTemplate:
    """Give the program's affiliates a page or flyer to put their name on; return it.

    :raises BadValue: if a value or the picture cannot be, or there are too many.
    :raises HostNotAllowed: if it leads where the program's links may not lead.
    """
    facts = _template_facts(program, draft)
    with transaction.atomic():
        Program.objects.select_for_update(of=("self",), no_key=True).get(id=program.id)
        in_use = CobrandTemplate.objects.filter(
            merchant_id=program.merchant_id, program=program, archived_at=None
        )
        if in_use.count() >= TEMPLATES_MAX:
            raise BadValue("", "too_many", _("%d templates at the most.") % TEMPLATES_MAX)
        template = CobrandTemplate(merchant_id=program.merchant_id, program=program, **facts)
        template.picture = _picture(program.merchant, draft.upload, field="picture")
        template.picture = template.picture or draft.picture
        template.save(force_insert=True)
        _record_template(template, "cobrand_template_added", by, at)
    return template


def update_template(
    *, template: CobrandTemplate, draft: TemplateDraft, by: Actor, at: datetime
) -> CobrandTemplate:
    """Change a template, its kind stays. What affiliates made of it shows the change at once.

    :raises BadValue: as for a new one.
    :raises HostNotAllowed: if it leads where the program's links may not lead.
    """
    facts = _template_facts(template.program, draft) | {"kind": template.kind}
    with transaction.atomic():
        for name, value in facts.items():
            setattr(template, name, value)
        picture = _picture(template.program.merchant, draft.upload, field="picture")
        template.picture = picture or draft.picture
        template.save(update_fields=[*facts, "picture"])
        _record_template(template, "cobrand_template_changed", by, at)
    return template


def archive_template(*, template: CobrandTemplate, by: Actor, at: datetime) -> None:
    """Take a template and all pages made of it away: visitors go on to where it led to."""
    rows = CobrandTemplate.objects.filter(
        merchant_id=template.merchant_id, id=template.id, archived_at=None
    )
    if rows.update(archived_at=at):
        template.archived_at = at
        _record_template(template, "cobrand_template_archived", by, at)


def _template_facts(program: Program, draft: TemplateDraft) -> dict[str, Any]:
    kind = TemplateKind(cleaned(CobrandTemplate, "kind", draft.kind))
    facts: dict[str, Any] = {
        name: _text(CobrandTemplate, name, getattr(draft, name)) for name in TEXTS
    }
    for name in TEXTS:
        if not facts[name]:
            raise BadValue(name, "required", _("Write something."))
    address = draft.target_url.strip()
    if address:
        cleaned(CobrandTemplate, "target_url", address)
        require_allowed_host(program=program, url=address, field="target_url")
    return facts | {"kind": kind, "target_url": address, "needs_review": draft.needs_review}


# Pieces ------------------------------------------------------------------------------------------


def save_piece(
    *,
    template: CobrandTemplate,
    enrollment: Enrollment,
    draft: PieceDraft,
    by: Actor,
    at: datetime,
) -> CobrandPiece:
    """Put an affiliate's name, words and logo into a template; return the draft that it is now.

    The first time it gets a link of its own. What is in use already leaves use with the change.

    :raises NotEnrolled: if the enrollment is not approved, or of another program.
    :raises BadValue: if the template is gone, or a value or the logo cannot be.
    """
    if not enrollment.is_active or enrollment.program_id != template.program_id:
        raise NotEnrolled(str(enrollment.id))
    if template.archived_at is not None:
        raise BadValue("", "archived", _("The merchant has taken this template away."))
    facts: dict[str, Any] = {
        "name": _text(CobrandPiece, "name", draft.name),
        "text": _text(CobrandPiece, "text", draft.text),
    }
    facts["saved_at"] = at
    if not facts["name"]:
        raise BadValue("name", "required", _("Write the name that visitors shall read."))
    with transaction.atomic():
        piece = _own_piece(template, enrollment)
        logo = _picture(template.program.merchant, draft.upload, field="logo")
        facts["logo"] = logo or (None if draft.drops_logo else piece.logo)
        for name, value in facts.items():
            setattr(piece, name, value)
        if piece._state.adding:
            piece.save(force_insert=True)
        else:
            piece.save(update_fields=list(facts))
            _move(piece, PieceStatus.DRAFT)
        _record(piece, "saved", by, at)
    return piece


def _own_piece(template: CobrandTemplate, enrollment: Enrollment) -> CobrandPiece:
    """Return the affiliate's piece of a template, locked; or a new one, not stored yet."""
    locked = CobrandPiece.objects.select_for_update(of=("self",))
    rows = locked.filter(merchant_id=template.merchant_id, template=template, enrollment=enrollment)
    found = rows.select_related("logo").defer("logo__content").first()
    if found is not None:
        return found
    return CobrandPiece(
        merchant_id=template.merchant_id,
        template=template,
        program_id=template.program_id,
        enrollment=enrollment,
        affiliate_id=enrollment.affiliate_id,
        link=_own_link(template, enrollment),
        code=new_code(CODE_LENGTH),
    )


def _own_link(template: CobrandTemplate, enrollment: Enrollment) -> Link:
    return create_link(enrollment=enrollment, name=template.title[:80])


def publish_piece(*, piece: CobrandPiece, by: Actor, at: datetime) -> CobrandPiece:
    """Put a draft to use, or before the merchant's eyes if the template says so; return it.

    :raises BadValue: if the template is gone.
    :raises IllegalMove: if it is no draft.
    """
    if piece.template.archived_at is not None:
        raise BadValue("", "archived", _("The merchant has taken this template away."))
    with transaction.atomic():
        to = PieceStatus.WAITING if piece.template.needs_review else PieceStatus.LIVE
        _move(piece, to)
        _record(piece, "submitted" if to == PieceStatus.WAITING else "published", by, at)
    return piece


def approve_piece(
    *, piece: CobrandPiece, saved_at: datetime, by: Actor, at: datetime
) -> CobrandPiece:
    """Let an affiliate use what they made, as it was at `saved_at`; return it.

    :raises BadValue: if the affiliate has changed it since.
    :raises IllegalMove: if it does not wait for review.
    """
    with transaction.atomic():
        rows = CobrandPiece.objects.filter(merchant_id=piece.merchant_id, id=piece.id)
        now = rows.select_for_update(of=("self",)).get()
        if now.status != PieceStatus.WAITING:  # A draft is the affiliate's own business.
            raise IllegalMove("The piece", to=PieceStatus.LIVE, status=now.status)
        if now.saved_at != saved_at:
            raise BadValue("saved_at", "changed", _("It was changed meanwhile: look again."))
        _move(piece, PieceStatus.LIVE)
        _record(piece, "approved", by, at)
    return piece


def refuse_piece(*, piece: CobrandPiece, reason: str, by: Actor, at: datetime) -> CobrandPiece:
    """Say no to what waits, or take down what is in use; the affiliate reads why. Return it.

    :raises BadValue: if there is no reason.
    :raises IllegalMove: if it neither waits nor is in use.
    """
    reason = _text(CobrandPiece, "reason", reason)
    if not reason:
        raise BadValue("reason", "required", _("Say why: the affiliate reads it."))
    with transaction.atomic():
        _move(piece, PieceStatus.REFUSED, reason)
        _record(piece, "refused", by, at)
    return piece


def _move(piece: CobrandPiece, to: PieceStatus, reason: str = "") -> None:
    rows = CobrandPiece.objects.filter(merchant_id=piece.merchant_id, id=piece.id)
    if not rows.move(to=to, reason=reason):
        raise IllegalMove("The piece", to=to, status=piece.status)
    piece.status, piece.reason = to, reason


# What both share ---------------------------------------------------------------------------------


def _text(model: type[CobrandTemplate | CobrandPiece], name: str, value: str) -> str:
    text: str = cleaned(model, name, value.replace("\r\n", "\n").strip())
    return text


def _picture(merchant: Merchant, upload: Upload | None, *, field: str) -> StoredFile | None:
    if upload is None:
        return None
    try:
        return store_file(merchant=merchant, upload=upload, kind=MaterialKind.BANNER)
    except BadValue as error:
        raise BadValue(field, error.code, str(error)) from error


def _record_template(template: CobrandTemplate, verb: str, by: Actor, at: datetime) -> None:
    record_event(
        merchant_id=template.merchant_id,
        type=f"program.{verb}",
        subject_id=template.program_id,
        by=by,
        at=at,
        data={"template": str(template.id), "kind": template.kind, "title": template.title},
    )


def _record(piece: CobrandPiece, verb: str, by: Actor, at: datetime) -> None:
    record_event(
        merchant_id=piece.merchant_id,
        type=f"cobrand.{verb}",
        subject_id=piece.id,
        by=by,
        at=at,
        data={"template": str(piece.template_id), "enrollment": str(piece.enrollment_id)},
    )
