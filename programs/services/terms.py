"""Terms: published in versions, never edited."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from merchants.models import Actor
from programs.models import Program, Terms
from programs.services.history import record


def publish_terms(*, program: Program, body: str, summary: str, by: Actor, at: datetime) -> Terms:
    """Publish the next version of a program's terms; return it.

    The program's row is locked, so two publishers get two numbers.
    """
    with transaction.atomic():
        Program.objects.select_for_update(of=("self",), no_key=True).get(id=program.id)
        latest = Terms.objects.filter(merchant_id=program.merchant_id, program=program)
        version = (latest.aggregate(Max("version"))["version__max"] or 0) + 1
        terms = Terms.objects.create(
            merchant_id=program.merchant_id,
            program=program,
            version=version,
            summary=summary,
            body=body,
            body_sha256=hashlib.sha256(body.encode()).hexdigest(),
            published_at=at,
        )
        record(program, "program.terms_published", by, at, {"version": version})
    return terms
