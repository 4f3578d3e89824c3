"""The permission table of what affiliates ask by their own keys."""

from datetime import UTC, datetime

from tests.api.rows import PARTNER, Row
from tests.cast import IBAN

PARTNER_ROWS = [
    Row("partner-me", "GET", PARTNER),
    Row("partner-programs", "GET", PARTNER),
    Row("partner-links", "GET", PARTNER),
    Row("partner-links", "POST", PARTNER, 201, {"enrollment": "{enrollment}"}),
    Row("partner-link", "GET", PARTNER, of="link"),
    Row("partner-link", "PATCH", PARTNER, body={"name": "N"}, of="link"),
    Row("partner-link-archive", "POST", PARTNER, of="link"),
    Row("partner-links-bulk", "POST", PARTNER, body={"data": [{"enrollment": "{enrollment}"}]}),
    Row("partner-coupons", "GET", PARTNER),
    Row("partner-coupon", "GET", PARTNER, of="coupon"),
    Row("partner-clicks", "GET", PARTNER),
    Row("partner-conversions", "GET", PARTNER),
    Row("partner-conversion", "GET", PARTNER, of="conversion"),
    Row("partner-conversion-why", "GET", PARTNER, of="conversion"),
    Row("partner-commissions", "GET", PARTNER),
    Row("partner-commission", "GET", PARTNER, of="commission"),
    Row("partner-claims", "GET", PARTNER),
    Row(
        "partner-claims",
        "POST",
        PARTNER,
        201,
        {
            "enrollment": "{enrollment}",
            "goal": "sale",
            "order_id": "new",
            "happened_on": str(datetime.now(UTC).date()),
            "message": "M",
        },
    ),
    Row("partner-claim", "GET", PARTNER, of="claim"),
    Row("partner-claim-withdraw", "POST", PARTNER, of="claim"),
    Row("partner-balances", "GET", PARTNER),
    Row("partner-payouts", "GET", PARTNER),
    Row("partner-payout", "GET", PARTNER, of="payout"),
    Row("partner-documents", "GET", PARTNER),
    Row("partner-document", "GET", PARTNER, of="document"),
    Row("partner-document-file", "GET", PARTNER, of="document"),
    Row("partner-tax-forms", "GET", PARTNER),
    Row("partner-withdrawals", "GET", PARTNER),
    Row(
        "partner-withdrawals",
        "POST",
        PARTNER,
        409,
        {"merchant": "{merchant}", "currency": "EUR"},
    ),
    Row("partner-withdrawal", "GET", PARTNER, of="withdrawal"),
    Row("partner-withdrawal-cancel", "POST", PARTNER, of="withdrawal"),
    Row("partner-payout-method", "GET", PARTNER),
    Row(
        "partner-payout-method",
        "PUT",
        PARTNER,
        body={"kind": "bank", "holder": "B", "iban": IBAN, "town": "T", "country": "DE"},
    ),
]
