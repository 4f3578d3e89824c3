"""Your terms: what one affiliate is paid in a program, now, from a day on, and in the past."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from affiliates.models import Enrollment
from commissions.agreements import proposals_with
from commissions.models import Change, Level, RateNotice, Reward, Rule
from commissions.selectors import RuleTerms, Term, terms_of_enrollment
from commissions.services.rate_notices import mark_rates_seen
from commissions.words.speaking import Speaker
from interfaces.portal.charts import day_label
from interfaces.portal.door import Visit, affiliate_page
from interfaces.portal.proposals import told
from interfaces.portal.text import language, rule_in_words
from interfaces.portal.tier import tier_told
from merchants.tenancy import merchant_context
from reports.affiliate_volume import VolumeReached, volume_reached


@require_safe
@affiliate_page
def terms(visit: Visit, enrollment_id: UUID) -> HttpResponse:
    """Show the rates that apply to the affiliate, in the order in which they are asked."""
    enrollment = visit.enrollment(enrollment_id)
    rows = terms_of_enrollment(enrollment, at=visit.at)
    currency = enrollment.program.currency
    context = {
        "enrollment": enrollment,
        "program": enrollment.program,
        "notices": rate_notices_of(visit, [enrollment]),
        "standing": tier_told(enrollment, at=visit.at),
        "proposals": [told(row) for row in proposals_with(enrollment)],
        "current": [_current(row, enrollment, visit.at) for row in rows if row.current],
        "coming": [_told(row, term, currency) for row in rows for term in row.coming],
        "past": [_told(row, term, currency) for row in rows for term in row.past],
    }
    context["coming"].sort(key=lambda told: told["since"])
    context["past"].sort(key=lambda told: told["until"], reverse=True)
    return visit.show("portal/terms.html", context, nav="programs")


def _current(row: RuleTerms, enrollment: Enrollment, at: datetime) -> dict[str, Any]:
    assert row.current is not None
    told = _told(row, row.current, enrollment.program.currency)
    if row.current.version.reward == Reward.VOLUME:
        told["progress"] = _progress(row, enrollment, at)
    return told


def _told(row: RuleTerms, term: Term, currency: str) -> dict[str, Any]:
    return {
        "words": rule_in_words(term.version, row.rule.goal, currency),
        "whose": _whose(row.rule),
        "since": term.since,
        "until": term.until,
    }


def _whose(rule: Rule) -> str:
    """Return for whom a rule is, when it is not for everybody in the program."""
    if rule.level == Level.ENROLLMENT:
        return _("Agreed with you")
    if rule.level == Level.LINK and rule.link is not None:
        return _("For your link %(link)s") % {"link": rule.link}
    if rule.level == Level.TIER and rule.tier is not None:
        return _("For %(tier)s") % {"tier": rule.tier}
    if rule.level == Level.PROMOTION and rule.promotion is not None:
        ends = date_format(rule.promotion.ends_at, "SHORT_DATE_FORMAT")
        if rule.promotion.is_for_variant:
            return _("Until %(day)s") % {"day": ends}
        return _("%(promotion)s, until %(day)s") % {"promotion": rule.promotion, "day": ends}
    return ""


def _progress(row: RuleTerms, enrollment: Enrollment, at: datetime) -> dict[str, Any] | None:
    """Return how far the next step of a volume is: “12 of 21 sales this month until 15%”."""
    assert row.current is not None
    version = row.current.version
    found = volume_reached(enrollment, version.details, goal=row.rule.goal, at=at)
    ahead = [step for step in version.details["steps"] if step["from"] > found.reached + found.own]
    speaker = Speaker(language(), enrollment.program.currency)
    if not ahead:
        return None
    step = ahead[0]
    target = step["from"] - found.own
    counted = speaker.number if found.is_count else speaker.money
    what = row.rule.goal.name if row.rule.goal else _("Conversions")
    pays = (
        speaker.rate(step["rate_bps"])
        if step.get("rate_bps") is not None
        else speaker.money(step["fixed_minor"])
    )
    said = {"reached": counted(found.reached), "target": counted(target), "pays": pays}
    return {
        "label": f"{what} {_period(found)}".strip(),
        "value": found.reached,
        "max": target,
        "text": _("%(reached)s of %(target)s until %(pays)s") % said,
    }


def _period(found: VolumeReached) -> str:
    return {
        "DAY": _("today"),
        "WEEK": _("this week"),
        "MONTH": _("this month"),
        "QUARTER": _("this quarter"),
        "YEAR": _("this year"),
    }.get(found.period, "")


def rate_notices_of(visit: Visit, enrollments: Sequence[Enrollment]) -> list[dict[str, Any]]:
    """Return what changes in the affiliate's rates and was not seen yet, the soonest first."""
    by_id = {row.id: row for row in enrollments}
    notices = RateNotice.objects.filter(
        affiliate_id=visit.affiliate.id, enrollment_id__in=list(by_id), seen_at=None
    ).select_related("rule_version__rule__goal")
    return [
        _notice(notice, by_id[notice.enrollment_id])
        for notice in notices.order_by("effective_at", "id")
    ]


def rate_news_of(visit: Visit, enrollments: Sequence[Enrollment]) -> list[dict[str, Any]]:
    """Return the same with one row for each enrollment: its soonest change, and how many more."""
    by_enrollment: dict[UUID, list[dict[str, Any]]] = {}
    for row in rate_notices_of(visit, enrollments):
        by_enrollment.setdefault(row["enrollment"].id, []).append(row)
    return [
        first | {"text": _with_more(first["text"], len(more))}
        for first, *more in by_enrollment.values()
    ]


def _with_more(text: str, count: int) -> str:
    if not count:
        return text
    words = ngettext("and %(count)s more change", "and %(count)s more changes", count)
    return f"{text} · {words % {'count': count}}"


def _notice(notice: RateNotice, enrollment: Enrollment) -> dict[str, Any]:
    version = notice.rule_version
    said = {
        "day": day_label(notice.effective_at),
        "rate": rule_in_words(version, version.rule.goal, enrollment.program.currency),
    }
    ends = notice.change == Change.ENDS
    text = _("Until %(day)s: %(rate)s") if ends else _("From %(day)s: %(rate)s")
    return {
        "enrollment": enrollment,
        "title": _("Your rates at %(program)s change") % {"program": enrollment.program.name},
        "text": text % said,
        "href": reverse("portal:terms", args=[enrollment.id]),
    }


@require_POST
@affiliate_page
def seen(visit: Visit, enrollment_id: UUID) -> HttpResponse:
    """Take the notices away that the affiliate has read."""
    enrollment = visit.enrollment(enrollment_id)
    with merchant_context(enrollment.merchant_id):
        mark_rates_seen(enrollment=enrollment, at=visit.at)
    messages.success(visit.request, _("Noted."))
    return redirect("portal:terms", enrollment.id)
