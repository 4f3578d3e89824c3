"""Every write to materials."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from common.addresses import place_of, require_address
from common.ids import new_id
from common.refusals import BadValue, cleaned
from common.rows import insert_rows
from common.uploads import SafeFile, Upload, read_pdf, read_picture
from materials.filling import has_tag, unknown_tags
from materials.models import (
    LINKED,
    OF_FILES,
    Material,
    MaterialKind,
    MaterialTier,
    MaterialUse,
    StoredFile,
)
from materials.rotation import set_parts
from merchants.events import record_event
from merchants.models import Actor, Merchant
from programs.models import Program, Tier
from programs.services import languages, require_allowed_host

MATERIALS_MAX: Final = 500  # In use, of a program.
WORDS_MAX: Final = 500
VIDEO_HOSTS: Final = (
    "www.youtube.com",
    "youtube.com",
    "youtu.be",
    "vimeo.com",
    "player.vimeo.com",
    "www.loom.com",
)
TEXTS: Final = ("title", "description", "category", "subject", "body")
LISTS: Final = ("allowed", "negative", "protected")
WRITTEN: Final = frozenset(
    {MaterialKind.TEXT_LINK, MaterialKind.EMAIL, MaterialKind.COPY, MaterialKind.LESSON}
)
WATCHED: Final = frozenset({MaterialKind.VIDEO, MaterialKind.LESSON})
USES: Final = ("views", "copies", "downloads")
LOCK_WAIT: Final = "200ms"


@dataclass(frozen=True, slots=True)
class MaterialDraft:
    """What a material is made from. What its kind has not is left out.

    A new file comes as `upload`, or was stored before and is named as `file`.
    """

    kind: str
    title: str
    description: str = ""
    category: str = ""
    language: str = ""
    subject: str = ""
    body: str = ""
    allowed: Sequence[str] = ()
    negative: Sequence[str] = ()
    protected: Sequence[str] = ()
    video_url: str = ""
    target_url: str = ""
    visible_from: date | None = None
    visible_until: date | None = None
    tiers: Sequence[Tier] = ()
    upload: Upload | None = None
    file: StoredFile | None = None
    banners: Sequence[Material] = ()  # Of rotating ones.


def store_file(*, merchant: Merchant, upload: Upload, kind: str) -> StoredFile:
    """Keep a file that a material of this kind may be made of; return it. Once for each content.

    :raises BadValue: if it is not what it should be. Then nothing is stored.
    """
    if kind not in OF_FILES:
        raise BadValue("kind", "no_file", _("Materials of this kind are not made of files."))
    return _keep_file(merchant, _read(kind, upload))


def add_material(*, program: Program, draft: MaterialDraft, by: Actor, at: datetime) -> Material:
    """Give the program's affiliates something to use; return it.

    :raises BadValue: if a value cannot be, the file is none that is taken, or there are too many.
    :raises HostNotAllowed: if it leads where the program's links may not lead.
    """
    facts = _cleaned(program, draft)
    with transaction.atomic():
        Program.objects.select_for_update(of=("self",), no_key=True).get(id=program.id)
        in_use = Material.objects.filter(
            merchant_id=program.merchant_id, program=program, archived_at=None
        )
        if in_use.count() >= MATERIALS_MAX:
            raise BadValue("", "too_many", _("%d materials at the most.") % MATERIALS_MAX)
        material = Material(merchant_id=program.merchant_id, program=program, **facts)
        material.file = _file_of(program, draft, None)
        material.save(force_insert=True)
        _set_tiers(material, draft.tiers)
        set_parts(material, draft.banners)
        _record(material, "material_added", by, at)
    return material


def update_material(
    *, material: Material, draft: MaterialDraft, by: Actor, at: datetime
) -> Material:
    """Change a material, its kind stays; without a new file it keeps its own. Return it.

    :raises BadValue: as for a new one.
    :raises HostNotAllowed: if it leads where the program's links may not lead.
    """
    facts = _cleaned(material.program, draft)
    if facts["kind"] != material.kind:
        raise BadValue("kind", "for_good", _("The kind of a material stays."))
    with transaction.atomic():
        for name, value in facts.items():
            setattr(material, name, value)
        material.file = _file_of(material.program, draft, material.file)
        material.save(update_fields=[*facts, "file"])
        _set_tiers(material, draft.tiers)
        set_parts(material, draft.banners)
        _record(material, "material_changed", by, at)
    return material


def archive_material(*, material: Material, by: Actor, at: datetime) -> Material:
    """Take a material away from affiliates; banners on their pages stay. Safe to repeat."""
    with transaction.atomic():
        unarchived = Material.objects.filter(
            merchant_id=material.merchant_id, id=material.id, archived_at=None
        )
        if unarchived.update(archived_at=at):
            material.archived_at = at
            _record(material, "material_archived", by, at)
    return material


def count_use(*, material: Material, enrollment: Enrollment, what: str, on: date) -> None:
    """Count one more of `what` (views, copies or downloads) in the day's row: one statement."""
    assert what in USES
    row = {
        "id": new_id(),
        "merchant_id": material.merchant_id,
        "material_id": material.id,
        "enrollment_id": enrollment.id,
        "day": on,
        **{use: int(use == what) for use in USES},
    }
    table = MaterialUse._meta.db_table
    counted = ", ".join(f"{use} = {table}.{use} + EXCLUDED.{use}" for use in USES)
    once = "(merchant_id, material_id, enrollment_id, day)"
    insert_rows(MaterialUse, [row], on_conflict=f"{once} DO UPDATE SET {counted}")


def count_view(*, material: Material, enrollment: Enrollment, on: date) -> None:
    """Count that a banner was seen. Rather than keep a stranger's page waiting, it gives up.

    :raises OperationalError: if others count the same for longer than LOCK_WAIT.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_WAIT])
        count_use(material=material, enrollment=enrollment, what="views", on=on)


# What a draft says -------------------------------------------------------------------------------


def _cleaned(program: Program, draft: MaterialDraft) -> dict[str, Any]:
    kind = MaterialKind(cleaned(Material, "kind", draft.kind))
    facts: dict[str, Any] = {name: _text(name, getattr(draft, name)) for name in TEXTS}
    facts["title"] = " ".join(facts["title"].split())
    facts |= {name: _word_list(name, getattr(draft, name)) for name in LISTS}
    facts |= {"kind": kind, "language": _language(draft.language)}
    facts["video_url"] = _video(kind, draft.video_url.strip())
    facts["target_url"] = _target(program, kind, draft.target_url.strip())
    facts |= {"visible_from": draft.visible_from, "visible_until": draft.visible_until}
    _require_whole(kind, facts)
    if draft.visible_from and draft.visible_until and draft.visible_until < draft.visible_from:
        raise BadValue("visible_until", "ends_before_it_starts", _("It ends before it begins."))
    return facts


def _text(name: str, value: str) -> str:
    text: str = cleaned(Material, name, value.replace("\r\n", "\n").strip())
    unknown = unknown_tags(text) if name in ("subject", "body") else []
    if unknown:
        message = _("There is no such tag: %(tags)s") % {"tags": ", ".join(unknown)}
        raise BadValue(name, "unknown_tag", message)
    return text


def _require_whole(kind: MaterialKind, facts: dict[str, Any]) -> None:
    """Check that nothing is missing that makes no sense without."""
    if kind in WRITTEN and not facts["body"]:
        raise BadValue("body", "required", _("Write something."))
    if kind == MaterialKind.EMAIL and not facts["subject"]:
        raise BadValue("subject", "required", _("Give the e-mail a subject."))
    if kind == MaterialKind.EMAIL and not has_tag(facts["body"], "link"):
        message = _("Write {link} where the affiliate's link belongs: without it nobody earns.")
        raise BadValue("body", "no_link", message)
    if kind == MaterialKind.KEYWORDS and not any(facts[name] for name in LISTS):
        raise BadValue("allowed", "required", _("Write at least one word into one of the lists."))


def _word_list(name: str, words: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(" ".join(word.split()) for word in words if word.strip()))
    if len(found) > WORDS_MAX:
        raise BadValue(name, "too_many", _("%d words at the most.") % WORDS_MAX)
    clean: list[str] = cleaned(Material, name, found)
    return clean


def _language(code: str) -> str:
    if code and code not in languages():
        raise BadValue("language", "invalid_choice", _("This is no language."))
    return code


def _video(kind: MaterialKind, address: str) -> str:
    if kind not in WATCHED or (kind == MaterialKind.LESSON and not address):
        return ""
    address = require_address(cleaned(Material, "video_url", address), field="video_url")
    if not address.startswith("https://") or place_of(address) not in VIDEO_HOSTS:
        message = _("Videos may be at these places: %(hosts)s")
        hosts = ", ".join(VIDEO_HOSTS)
        raise BadValue("video_url", "host_not_allowed", message % {"hosts": hosts})
    return address


def _target(program: Program, kind: MaterialKind, address: str) -> str:
    if kind not in LINKED or not address:
        return ""
    cleaned(Material, "target_url", address)
    require_allowed_host(program=program, url=address, field="target_url")
    return address


# Files and tiers ---------------------------------------------------------------------------------


def _file_of(
    program: Program, draft: MaterialDraft, current: StoredFile | None
) -> StoredFile | None:
    """Return the file that the material is made of from now on."""
    if draft.kind not in OF_FILES:
        return None
    if draft.upload is not None:
        return _keep_file(program.merchant, _read(draft.kind, draft.upload))
    file = draft.file or current
    if file is None:
        raise BadValue("file", "required", _("Choose a file."))
    if file.is_picture != (draft.kind == MaterialKind.BANNER):
        raise BadValue("file", "wrong_type", _("A banner is a picture, and a PDF is a PDF."))
    return file


def _read(kind: str, upload: Upload) -> SafeFile:
    read = read_picture if kind == MaterialKind.BANNER else read_pdf
    return read(upload, field="file")


def _keep_file(merchant: Merchant, file: SafeFile) -> StoredFile:
    stored, _created = StoredFile.objects.get_or_create(
        merchant=merchant,
        sha256=hashlib.sha256(file.content).hexdigest(),
        defaults={
            "name": file.name,
            "content_type": file.content_type,
            "size_bytes": len(file.content),
            "width": file.width,
            "height": file.height,
            "content": file.content,
        },
    )
    return stored


def _set_tiers(material: Material, tiers: Sequence[Tier]) -> None:
    if any(tier.program_id != material.program_id for tier in tiers):
        raise BadValue("tiers", "invalid_choice", _("This is no tier of the program."))
    wanted = {tier.id for tier in tiers}
    rows = MaterialTier.objects.filter(merchant_id=material.merchant_id, material=material)
    rows.exclude(tier_id__in=wanted).delete()
    missing = wanted - set(rows.values_list("tier_id", flat=True))
    MaterialTier.objects.bulk_create(
        MaterialTier(merchant_id=material.merchant_id, material=material, tier_id=tier_id)
        for tier_id in sorted(missing)
    )


def _record(material: Material, verb: str, by: Actor, at: datetime) -> None:
    record_event(
        merchant_id=material.merchant_id,
        type=f"program.{verb}",
        subject_id=material.program_id,
        by=by,
        at=at,
        data={"material": str(material.id), "kind": material.kind, "title": material.title},
    )
