"""Products fetched from an address of the merchant's, once a day.

What was fetched last goes on while a fetch fails: nothing is lost by a shop that is away.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from common.outgoing import Failed, Refused, call, require_public_url
from common.refusals import BadValue, cleaned
from materials.feed import FILE_BYTES_MAX
from materials.models import ProductFeed
from materials.products import replace_products
from merchants.events import record_event
from merchants.models import SYSTEM, Actor
from merchants.tenancy import merchant_context
from programs.models import Program

EVERY: Final = timedelta(days=1)
RETRY: Final = timedelta(hours=1)
TIMEOUT_SECONDS: Final = 60.0
PROBLEM_MAX: Final = 1000


def feed_of(program: Program) -> ProductFeed | None:
    """Return where the program's products come from, if from an address."""
    return ProductFeed.objects.filter(merchant_id=program.merchant_id, program=program).first()


def set_feed(*, program: Program, url: str, by: Actor, at: datetime) -> ProductFeed | None:
    """Fetch the program's products from an address from now on; empty: no more. Return the feed.

    Its name is looked up, so this waits for a name server.

    :raises BadValue: if we may not call the address.
    """
    url = cleaned(ProductFeed, "url", url.strip()) if url.strip() else ""
    rows = ProductFeed.objects.filter(merchant_id=program.merchant_id, program=program)
    if url:
        require_public_url(url, name="url", trusted_hosts=settings.OUTGOING_HOSTS)
    with transaction.atomic():
        if url:
            ProductFeed.objects.update_or_create(
                merchant_id=program.merchant_id,
                program=program,
                defaults={"url": url, "due_at": at, "problem": ""},
            )
        else:
            rows.delete()
        record_event(
            merchant_id=program.merchant_id,
            type="program.product_feed_set",
            subject_id=program.id,
            by=by,
            at=at,
            data={"url": url},
        )
    return rows.first()


def fetch_soon(*, program: Program, at: datetime) -> None:
    """Let the worker fetch the feed now instead of tomorrow. Safe to repeat."""
    rows = ProductFeed.objects.filter(merchant_id=program.merchant_id, program=program)
    rows.update(due_at=at)


def fetch_feeds(*, merchant_id: UUID, at: datetime) -> int:
    """Fetch one feed of the merchant that is due; return how many. No transaction is open then.

    A feed is claimed first: of two workers one has it, and one that dies tries again in an hour.
    """
    feed = _claimed(merchant_id, at)
    if feed is None:
        return 0
    with override(settings.LANGUAGE_CODE):
        problem = _fetch(feed, at)
    facts = {"problem": problem[:PROBLEM_MAX], "tried_at": at}
    if not problem:
        facts |= {"fetched_at": at, "due_at": at + EVERY}
    with merchant_context(merchant_id):
        rows = ProductFeed.objects.filter(merchant_id=merchant_id, id=feed.id, url=feed.url)
        rows.update(**facts)
    return 1


def _claimed(merchant_id: UUID, at: datetime) -> ProductFeed | None:
    with merchant_context(merchant_id):
        due = ProductFeed.objects.filter(merchant_id=merchant_id, due_at__lte=at)
        locked = due.select_for_update(of=("self",), skip_locked=True)
        feed = locked.select_related("program").order_by("due_at", "id").first()
        if feed is not None:
            ProductFeed.objects.filter(id=feed.id).update(due_at=at + RETRY)
    return feed


def _fetch(feed: ProductFeed, at: datetime) -> str:
    """Replace the products by what is at the address; return what went wrong, or nothing."""
    try:
        answer = call(
            "GET",
            feed.url,
            timeout=TIMEOUT_SECONDS,
            max_bytes=FILE_BYTES_MAX,
            trusted_hosts=settings.OUTGOING_HOSTS,
        )
    except (Refused, Failed) as problem:
        return _("The feed cannot be fetched: %s.") % problem
    if answer.status != 200:
        return _("The feed cannot be fetched: the answer is %d.") % answer.status
    try:
        with merchant_context(feed.merchant_id):
            replace_products(program=feed.program, content=answer.body, by=SYSTEM, at=at)
    except BadValue as problem:
        return str(problem)
    return ""
