"""What a merchant wants of a program: whom it is for, targets, and its place in the directory."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from common.refusals import BadValue, cleaned
from merchants.models import Actor
from programs.models import CustomerProfile, Listing, Program, Target
from programs.services.history import record
from programs.services.targeting import countries

TARGETS_MAX: Final = 30  # Of a program.
TARGET_DAYS_MAX: Final = 400
AMOUNT_MAX: Final = 10**15
PROFILE_TEXTS: Final = ("summary", "industries", "company_size", "roles", "needs", "not_for")


def set_customers(
    *, program: Program, changes: Mapping[str, Any], by: Actor, at: datetime
) -> CustomerProfile:
    """Say whom the program's affiliates should bring; return it. What is left out stays.

    :raises BadValue: if a text is too long or a country is none.
    """
    facts = {
        name: cleaned(CustomerProfile, name, changes[name].strip())
        for name in PROFILE_TEXTS
        if name in changes
    }
    if "countries" in changes:
        facts["countries"] = _countries(changes["countries"])
    with transaction.atomic():
        profile, _is_new = CustomerProfile.objects.update_or_create(
            merchant_id=program.merchant_id, program=program, defaults=facts
        )
        record(program, "program.customers_changed", by, at, {"after": facts})
    return profile


def _countries(codes: Sequence[str]) -> list[str]:
    found = sorted(set(codes))
    if not set(found) <= countries():
        raise BadValue("countries", "invalid_choice", _("This is no country."))
    return found


def add_target(
    *,
    program: Program,
    metric: str,
    amount: int,
    first_on: date,
    last_on: date,
    by: Actor,
    at: datetime,
) -> Target:
    """Set how much the program shall bring between two days; return the target.

    :raises BadValue: if it is nothing, the days cannot be, or there are TARGETS_MAX.
    """
    if not 0 < amount <= AMOUNT_MAX:
        raise BadValue("amount", "min_value", _("A target is at least 1."))
    if not first_on <= last_on:
        raise BadValue("last_on", "ends_before_it_starts", _("The end must be after the start."))
    if (last_on - first_on).days >= TARGET_DAYS_MAX:
        raise BadValue("last_on", "too_long", _("%d days at the most.") % TARGET_DAYS_MAX)
    with transaction.atomic():
        rows = targets_of_program(program)
        if len(rows) >= TARGETS_MAX:
            raise BadValue("", "too_many", _("%d targets at the most.") % TARGETS_MAX)
        facts = {
            "metric": cleaned(Target, "metric", metric),
            "amount": amount,
            "first_on": first_on,
            "last_on": last_on,
        }
        target = Target.objects.create(merchant_id=program.merchant_id, program=program, **facts)
        said = facts | {"first_on": first_on.isoformat(), "last_on": last_on.isoformat()}
        record(program, "program.target_set", by, at, said)
    return target


def remove_target(*, target: Target, by: Actor, at: datetime) -> None:
    """Pursue a target no more."""
    with transaction.atomic():
        record(target.program, "program.target_removed", by, at, {"metric": target.metric})
        Target.objects.filter(merchant_id=target.merchant_id, id=target.id).delete()


def targets_of_program(program: Program) -> list[Target]:
    """Return the program's targets, those that end last first."""
    rows = Target.objects.filter(merchant_id=program.merchant_id, program=program)
    return list(rows.select_related("program").order_by("-last_on", "metric", "id"))


def list_program(
    *, program: Program, category: str, countries: Sequence[str], by: Actor, at: datetime
) -> Listing:
    """Put the program into the directory of all merchants; return its entry.

    :raises BadValue: if category or countries cannot be.
    """
    facts = {
        "category": cleaned(Listing, "category", category),
        "countries": _countries(countries),
    }
    with transaction.atomic():
        listing, _is_new = Listing.objects.update_or_create(
            merchant_id=program.merchant_id,
            program=program,
            defaults=facts,
            create_defaults={**facts, "listed_at": at},
        )
        record(program, "program.listed", by, at, facts)
    return listing


def unlist_program(*, program: Program, by: Actor, at: datetime) -> None:
    """Take the program out of the directory. Safe to repeat."""
    listed = Listing.objects.filter(merchant_id=program.merchant_id, program=program)
    with transaction.atomic():
        if listed.delete()[0]:
            record(program, "program.unlisted", by, at)


def listing_of(program: Program) -> Listing | None:
    """Return the program's entry in the directory, if it is in there."""
    return Listing.objects.filter(merchant_id=program.merchant_id, program=program).first()
