"""What changed in a program, and whom it is for, as its affiliates read it."""

from datetime import datetime
from typing import NamedTuple

from babel import Locale
from django.utils.translation import gettext as _
from django.utils.translation import to_locale

from affiliates.models import Enrollment
from commissions.models import Change, RateNotice
from interfaces.portal.text import language, rule_in_words
from programs.models import ChangeKind, CustomerProfile, ProgramChange

SHOWN_MAX = 20


class ToldChange(NamedTuple):
    """An entry of the change log in words."""

    at: datetime
    title: str
    text: str = ""


def changes_told(enrollment: Enrollment) -> list[ToldChange]:
    """Return what changed for an affiliate since it joined, the newest first."""
    rows = ProgramChange.objects.filter(
        program_id=enrollment.program_id, at__gte=enrollment.created_at
    )
    told = [change_told(row) for row in rows.order_by("-at")[:SHOWN_MAX]]
    told += [_rate_told(row, enrollment) for row in _rate_notices(enrollment)]
    return sorted(told, key=lambda change: change.at, reverse=True)[:SHOWN_MAX]


def change_told(change: ProgramChange) -> ToldChange:
    """Return an entry in the language in force."""
    titles = {
        ChangeKind.TERMS: _("Version %(version)s of the terms is out")
        % {"version": change.version},
        ChangeKind.CONDUCT: _("How you may promote the program has changed"),
        ChangeKind.GOALS: _("What counts as “%(goal)s” has changed") % {"goal": change.title},
        ChangeKind.NEWS: change.title,
    }
    return ToldChange(change.at, titles[ChangeKind(change.kind)], change.body)


def _rate_notices(enrollment: Enrollment) -> list[RateNotice]:
    notices = RateNotice.objects.filter(enrollment_id=enrollment.id)
    named = notices.select_related("rule_version__rule__goal").order_by("-effective_at")
    return list(named[:SHOWN_MAX])


def _rate_told(notice: RateNotice, enrollment: Enrollment) -> ToldChange:
    version = notice.rule_version
    words = rule_in_words(version, version.rule.goal, enrollment.program.currency)
    said = {"rate": words}
    ends = notice.change == Change.ENDS
    title = _("Ended: %(rate)s") % said if ends else _("You earn %(rate)s") % said
    return ToldChange(notice.effective_at, title)


def customer_facts(profile: CustomerProfile | None) -> list[dict[str, str]]:
    """Return whom a program is for, as facts; what is not said is left out."""
    if profile is None:
        return []
    names = Locale.parse(to_locale(language())).territories
    facts = {
        _("Who buys"): profile.summary,
        _("Industries"): profile.industries,
        _("Size"): profile.company_size,
        _("Who decides"): profile.roles,
        _("Countries"): ", ".join(names.get(code, code) for code in profile.countries),
        _("What they need"): profile.needs,
        _("Not for"): profile.not_for,
    }
    return [{"label": label, "value": value} for label, value in facts.items() if value]
