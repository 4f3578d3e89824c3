"""Personal codes: one for each of many affiliates, made from their names."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from common.ids import new_code
from common.refusals import BadValue
from programs.services import require_window
from tracking.models import Coupon
from tracking.services.coupons import USES_MAX, clean_code

NAME_MAX: Final = 16
NAME_MIN: Final = 2
ENDING_MAX: Final = 12
ALIKE_LENGTH: Final = 3  # Of the random part that tells namesakes apart.
ROUNDS: Final = 5
OFFER_MAX: Final = 120


@dataclass(frozen=True, slots=True)
class PersonalCode:
    """What is the same about the codes of many: what follows the name, and the limits."""

    ending: str = ""  # As in 10: Anna gets ANNA10.
    offer: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    uses_max: int | None = None
    customer_uses_max: int | None = None
    only_without: bool = True  # Who has a valid code keeps it, and gets no other.

    def limits(self) -> dict[str, Any]:
        """Return the columns that every code has alike."""
        return {
            "offer": self.offer,
            "valid_from": self.valid_from,
            "valid_until": self.valid_until,
            "uses_max": self.uses_max,
            "customer_uses_max": self.customer_uses_max,
        }

    def as_json(self) -> dict[str, Any]:
        """Return what a bulk job keeps of it, after checking that it can be.

        :raises BadValue: if a value cannot be.
        """
        if len(self.ending) > ENDING_MAX or not re.fullmatch(r"[A-Za-z0-9_-]*", self.ending):
            message = _("Up to %d letters, digits, - and _.") % ENDING_MAX
            raise BadValue("ending", "invalid", message)
        if len(self.offer) > OFFER_MAX or "\0" in self.offer:
            message = _("%d characters at the most.") % OFFER_MAX
            raise BadValue("offer", "max_length", message)
        for name in ("uses_max", "customer_uses_max"):
            most = getattr(self, name)
            if most is not None and not 1 <= most <= USES_MAX:
                raise BadValue(name, "out_of_range", _("At least one use."))
        require_window(self.valid_from, self.valid_until, field="valid_until")
        moments = {
            name: at.isoformat() if at else None
            for name, at in (("valid_from", self.valid_from), ("valid_until", self.valid_until))
        }
        named = {"ending": self.ending.upper(), "only_without": self.only_without}
        return self.limits() | moments | named


def plain_name(name: str, *, otherwise: str) -> str:
    """Return the beginning of a code: the first name in plain capitals, if it has such letters.

    “Zoë Müller” is ZOE; of “李娜” nothing is left, so it is `otherwise`, their referral code.
    """
    for word in (*name.split()[:1], otherwise):
        flat = unicodedata.normalize("NFKD", word.replace("ß", "ss"))
        plain = re.sub(r"[^A-Z0-9]", "", flat.encode("ascii", "ignore").decode().upper())
        if len(plain) >= NAME_MIN:
            return plain[:NAME_MAX]
    return new_code(ALIKE_LENGTH).upper()


def give_personal_codes(
    enrollments: Sequence[Enrollment], what: PersonalCode, *, at: datetime
) -> dict[UUID, str]:
    """Give each of a merchant's enrollments a code of their own; return whom not, and why.

    Namesakes get some random letters more. A handful of statements however many they are; the
    caller keeps a mark of whom it has asked for, since who is asked for twice gets two.
    """
    problems = {row.id: row.get_status_display() for row in enrollments if not row.is_active}
    wanted = [row for row in enrollments if row.is_active]
    if what.only_without:
        provided = _provided(wanted, at)
        problems |= dict.fromkeys(provided, _("Has a valid code already."))
        wanted = [row for row in wanted if row.id not in provided]
    for round_ in range(ROUNDS):
        if not wanted:
            break
        rows = _distinct([_coupon(row, what, is_first=round_ == 0) for row in wanted])
        Coupon.objects.bulk_create(rows, ignore_conflicts=True)
        stored = Coupon.objects.filter(
            merchant_id=rows[0].merchant_id, id__in=[row.id for row in rows]
        )
        served = set(stored.values_list("enrollment_id", flat=True))
        wanted = [row for row in wanted if row.id not in served]
    return problems | {row.id: _("All codes like theirs are taken.") for row in wanted}


def _provided(enrollments: Sequence[Enrollment], at: datetime) -> set[UUID]:
    """Return which of them have a code that is valid now or later."""
    rows = Coupon.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=at),
        merchant_id__in={row.merchant_id for row in enrollments},
        enrollment_id__in=[row.id for row in enrollments],
        archived_at=None,
    )
    return set(rows.values_list("enrollment_id", flat=True))


def _coupon(enrollment: Enrollment, what: PersonalCode, *, is_first: bool) -> Coupon:
    name = plain_name(enrollment.affiliate.name, otherwise=enrollment.code)
    code = name + ("" if is_first else new_code(ALIKE_LENGTH).upper()) + what.ending
    return Coupon(
        merchant_id=enrollment.merchant_id,
        program_id=enrollment.program_id,
        enrollment_id=enrollment.id,
        affiliate_id=enrollment.affiliate_id,
        code=clean_code(code if len(code) > NAME_MIN else code + new_code(1).upper()),
        **what.limits(),
    )


def _distinct(rows: Sequence[Coupon]) -> list[Coupon]:
    """Return the first with each code: the namesakes come in the next round."""
    return list({(row.program_id, row.code): row for row in reversed(rows)}.values())
