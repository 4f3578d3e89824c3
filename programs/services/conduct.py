"""How a program may be promoted: said by a member, logged for its affiliates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common.refusals import BadValue, cleaned
from merchants.models import Actor
from programs.models import ChangeKind, Conduct, Method, Permission, Program
from programs.services.changes import log_change
from programs.services.history import record
from programs.services.targeting import languages

KEYWORDS_MAX = 200
KEYWORD_LENGTH_MAX = 80
DISCLOSURE_LENGTH_MAX = 500
DISCLOSURES_MAX = 30


@dataclass(frozen=True, slots=True)
class ConductDraft:
    """What is allowed, asked and forbidden, and what is to be said, by language."""

    methods: Mapping[str, str] = field(default_factory=dict)
    keywords: Sequence[str] = ()
    note: str = ""
    disclosures: Mapping[str, str] = field(default_factory=dict)


def set_conduct(
    *, program: Program, draft: ConductDraft, by: Actor, at: datetime, tells: bool = True
) -> Conduct:
    """Say how the program may be promoted; return it. A change stands in the change log.

    With `tells` those who are in are mailed. The same again changes nothing.

    :raises BadValue: if a method, word or language cannot be.
    """
    facts = _cleaned(draft)
    with transaction.atomic():
        Program.objects.select_for_update(of=("self",), no_key=True).get(id=program.id)
        conduct = conduct_row(program)
        before = {name: getattr(conduct, name) for name in facts}
        if before == facts:
            return conduct
        for name, value in facts.items():
            setattr(conduct, name, value)
        conduct.save()
        record(program, "program.conduct_changed", by, at, {"before": before, "after": facts})
        log_change(program, ChangeKind.CONDUCT, at=at, tells=tells)
    return conduct


def conduct_row(program: Program) -> Conduct:
    """Return how the program may be promoted; an unsaved, empty row if nothing is said."""
    found = Conduct.objects.filter(merchant_id=program.merchant_id, program=program).first()
    return found or Conduct(merchant_id=program.merchant_id, program=program)


def _cleaned(draft: ConductDraft) -> dict[str, Any]:
    return {
        "methods": _methods(draft.methods),
        "keywords": _keywords(draft.keywords),
        "note": cleaned(Conduct, "note", draft.note.strip()),
        "disclosures": _disclosures(draft.disclosures),
    }


def _methods(said: Mapping[str, str]) -> dict[str, str]:
    for method, permission in said.items():
        if method not in Method.values or permission not in Permission.values:
            raise BadValue("methods", "invalid_choice", _("This is no way to promote."))
    return {method: said[method] for method in Method.values if method in said}


def _keywords(words: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(" ".join(word.split()) for word in words if word.strip()))
    if len(found) > KEYWORDS_MAX:
        raise BadValue("keywords", "too_many", _("%d words at the most.") % KEYWORDS_MAX)
    for word in found:
        if len(word) > KEYWORD_LENGTH_MAX or "\0" in word:
            message = _("%d characters at the most.") % KEYWORD_LENGTH_MAX
            raise BadValue("keywords", "max_length", message)
    return found


def _disclosures(texts: Mapping[str, str]) -> dict[str, str]:
    known = languages()
    found = {code: text.strip() for code, text in texts.items() if text.strip()}
    if len(found) > DISCLOSURES_MAX:
        raise BadValue("disclosures", "too_many", _("%d texts at the most.") % DISCLOSURES_MAX)
    for code, text in found.items():
        if code not in known:
            raise BadValue("disclosures", "invalid_choice", _("This is no language."))
        if len(text) > DISCLOSURE_LENGTH_MAX or "\0" in text:
            message = _("%d characters at the most.") % DISCLOSURE_LENGTH_MAX
            raise BadValue("disclosures", "max_length", message)
    return dict(sorted(found.items()))
