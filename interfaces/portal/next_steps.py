"""What an affiliate does next, and what they should know before anything else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from affiliates.models import Channel
from interfaces.portal.charts import day_label
from interfaces.portal.door import Visit
from interfaces.portal.questionnaire import question_notices
from payouts.models import PayoutMethod
from programs.models import Terms
from reports.affiliate_programs import Membership
from reports.affiliate_traffic import has_clicks


def steps_of(
    visit: Visit, is_in: bool, method: PayoutMethod | None, has_sales: bool
) -> list[dict[str, Any]]:
    """Return what a newcomer does, until all of it is done or the list is put away."""
    if visit.affiliate.checklist_hidden_at is not None:
        return []
    steps: list[dict[str, Any]] = [
        {
            "title": _("Join a program"),
            "text": _("Open the page of a program you like, and join there."),
            "done": is_in,
            "url": reverse("portal:programs"),
            "label": _("Programs"),
        },
        {
            "title": _("Share your link"),
            "text": _("Post it where people trust you. The first click shows up within seconds."),
            "done": has_clicks(visit.affiliate.id),
            "url": reverse("portal:links"),
            "label": _("Links"),
        },
        {
            "title": _("Say where you promote"),
            "text": _("Your site, newsletter or channel. What is proven counts when you apply."),
            "done": has_sales or Channel.objects.filter(affiliate=visit.affiliate).exists(),
            "url": reverse("portal:reach"),
            "label": _("Add channel"),
        },
        {
            "title": _("Say where we pay you"),
            "text": _("A bank account or PayPal. Without it you are left out of payouts."),
            "done": method is not None,
            "url": reverse("portal:payout-method"),
            "label": _("Add payout method"),
        },
        {
            "title": _("Earn your first commission"),
            "text": _("It shows up here with the reason and the day it becomes payable."),
            "done": has_sales,
        },
    ]
    if all(step["done"] for step in steps):
        return []
    for step in steps:
        if not step["done"]:
            step["current"] = True
            break
    return steps


def notices_of(
    visit: Visit, memberships: Sequence[Membership], method: PayoutMethod | None
) -> list[dict[str, str]]:
    """Return new terms to accept, questions to answer, and a payout method that still cools off."""
    notices = [_new_terms(row) for row in memberships if row.has_news]
    notices += question_notices([row.enrollment for row in memberships])
    if method is not None and method.usable_from > visit.at:
        notices.append(_cooling_off(method.usable_from))
    return notices


def _new_terms(membership: Membership) -> dict[str, str]:
    enrollment = membership.enrollment
    return {
        "tone": "wait",
        "title": _("New terms for %(program)s") % {"program": enrollment.program.name},
        "text": _asked(membership.terms),
        "label": _("Look"),
        "href": reverse("portal:program", args=[enrollment.id]),
    }


def _asked(terms: Terms | None) -> str:
    if terms is None or terms.accept_by is None:
        return _("Look at them and accept them.")
    return _("Look at them and accept them until %(day)s.") % {"day": day_label(terms.accept_by)}


def _cooling_off(usable_from: datetime) -> dict[str, str]:
    return {
        "tone": "info",
        "title": _("Your payout method was changed"),
        "text": _("For your safety it is used from %(day)s on.") % {"day": day_label(usable_from)},
        "label": _("Look"),
        "href": reverse("portal:payout-method"),
    }
