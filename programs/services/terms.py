"""Terms: published in versions, never edited; for a program, one of its tiers, or one affiliate."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from common.refusals import BadValue, cleaned
from merchants.models import Actor
from programs.models import ChangeKind, Program, Terms, Tier
from programs.services.changes import log_change
from programs.services.history import record


def publish_terms(
    *,
    program: Program,
    body: str,
    summary: str,
    by: Actor,
    at: datetime,
    tier: Tier | None = None,
    is_contract: bool = False,
    accept_by: datetime | None = None,
) -> Terms:
    """Publish the next version of a program's terms; return it.

    With `tier` it holds for that tier's affiliates, and as a contract for the one whose enrollment
    names it (affiliates.terms.set_contract). `accept_by`: until when who is in is asked to accept.
    The program's row is locked, so two publishers get two numbers.

    :raises BadValue: if a text is too long, the tier is another program's or has ended, or the
        date has passed.
    """
    if tier is not None and tier.program_id != program.id:
        raise BadValue("tier", "other_program", _("This is of another program."))
    if tier is not None and tier.archived_at is not None:
        raise BadValue("tier", "archived", _("This has ended."))
    if accept_by is not None and accept_by <= at:
        raise BadValue("accept_by", "past", _("This lies in the past."))
    facts = {"summary": cleaned(Terms, "summary", summary), "body": cleaned(Terms, "body", body)}
    with transaction.atomic():
        Program.objects.select_for_update(of=("self",), no_key=True).get(id=program.id)
        latest = Terms.objects.filter(merchant_id=program.merchant_id, program=program)
        version = (latest.aggregate(Max("version"))["version__max"] or 0) + 1
        terms = Terms.objects.create(
            merchant_id=program.merchant_id,
            program=program,
            tier=tier,
            is_contract=is_contract,
            version=version,
            body_sha256=hashlib.sha256(body.encode()).hexdigest(),
            published_at=at,
            accept_by=accept_by,
            **facts,
        )
        whose = {"tier": str(tier.id)} if tier else {}
        data = {"version": version, **whose}
        record(program, "program.terms_published", by, at, data)
        if tier is None and not is_contract:
            log_change(program, ChangeKind.TERMS, at=at, version=version)
    return terms
