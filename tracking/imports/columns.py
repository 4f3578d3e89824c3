"""What the columns of a file mean, per profile: the one place, for readers and for help pages."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracking.models import ImportProfile


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, what stands in it, an example, and whether it must be there."""

    name: str
    meaning: str | Promise
    example: str = ""
    is_required: bool = False


ORDER = Column("order_id", _("Your own id of the order or sign-up"), "A-1001", True)
GOAL = Column("goal", _("Code of the goal; without one, the program's sale"), "sale")
CURRENCY = Column("currency", _("Must be the program's; without one, it is"), "EUR")
TIME = Column("occurred_at", _("When it happened; without one, now"), "2026-03-02T12:00:00Z")
CUSTOMER = Column("customer_id", _("Your own id of the customer"), "c-77")
REASON = Column("reason", _("For your own eyes"), "Sent back")

COLUMNS: Final[dict[ImportProfile, tuple[Column, ...]]] = {
    ImportProfile.CONVERSIONS: (
        ORDER,
        Column("amount", _("What was paid, in major units: 12.50"), "12.50", True),
        CURRENCY,
        GOAL,
        TIME,
        Column("click_id", _("The fl_click of the visit"), ""),
        Column("coupon", _("The code that was used"), "ANNA10"),
        Column("via", _("A referral code"), ""),
        CUSTOMER,
        Column("country", _("Of the customer, two letters"), "DE"),
        Column("is_new", _("1 for a new customer, 0 for a known one"), "1"),
        Column("tax", _("Part of the amount"), "2.00"),
        Column("shipping", _("Part of the amount"), ""),
        Column("discount", _("What was taken off"), ""),
        Column("status", _("approved, pending, held or declined"), ""),
        REASON,
    ),
    ImportProfile.REFUNDS: (
        ORDER,
        Column("refund_id", _("Your own id of the refund"), "R-1", True),
        Column("refund_amount", _("What was given back, in major units: 12.50"), "5.00", True),
        CURRENCY,
        GOAL,
        TIME,
        REASON,
    ),
    ImportProfile.COUPONS: (
        Column("code", _("3 to 40 letters, digits, - and _"), "ANNA10", True),
        Column("affiliate", _("Referral code or e-mail address of the affiliate"), "anna", True),
        Column("valid_from", _("First moment it counts"), "2026-03-01"),
        Column("valid_until", _("When it ends to count"), "2026-06-01"),
        Column("uses_max", _("Uses at most"), "100"),
    ),
    ImportProfile.COUPON_USES: (
        Column("coupon", _("The code that was used"), "ANNA10", True),
        ORDER,
        Column("amount", _("What was paid, in major units: 12.50"), "12.50", True),
        CURRENCY,
        GOAL,
        TIME,
        CUSTOMER,
    ),
}
NOTE_PREFIX: Final = "meta_"  # Columns that begin so are kept with the conversion.
