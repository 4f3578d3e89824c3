"""What Acme says to affiliates beside rates and terms, in its own words. Data alone."""

from typing import Final

from programs.models import BlockKind, Method, Permission, PolicyCategory
from programs.services.conduct import ConductDraft
from programs.services.pages import BlockDraft

BLOCKS: Final = (
    BlockDraft(
        BlockKind.BENEFITS,
        "Why recommend us",
        "A full basket\n"
        "Orders are of 90 euros on average: nobody buys one shackle.\n\n"
        "Few come back\n"
        "What we sell is worn for years. Seven orders in a hundred are returned, and yours stay "
        "yours.\n\n"
        "Somebody answers\n"
        "Mia reads every message and writes back within two working days.",
    ),
    BlockDraft(
        BlockKind.STEPS,
        "Your first month",
        "The first day\nTake a link to the page of the shop that you would have linked anyway.\n\n"
        "The first week\nAsk Mia for a code for your readers, and for what you want to test.\n\n"
        "The first of the next month\nSee which of your pages sold what, and do more of that.",
    ),
    BlockDraft(
        BlockKind.QUOTE,
        "Bob Bowline, bobsbowlines.example",
        "I recommended their ropes for years before there was anything in it for me. Now it pays "
        "for the boat's winter berth.",
    ),
    BlockDraft(
        BlockKind.FAQ,
        "Asked often",
        "May I use pictures from your shop?\n"
        "Yes, all of them, and tell us if you need one that is larger.\n\n"
        "Do I earn when somebody returns what they bought?\n"
        "Not on what came back. On the rest, yes.\n\n"
        "I have three hundred readers. Is that enough?\n"
        "If they sail, it is.",
    ),
)

OPENING_CONDUCT: Final = ConductDraft(
    methods={
        Method.CONTENT: Permission.ALLOWED,
        Method.SOCIAL: Permission.ALLOWED,
        Method.VIDEO: Permission.ALLOWED,
        Method.COUPONS: Permission.ALLOWED,
        Method.BRAND_BIDDING: Permission.FORBIDDEN,
    },
    keywords=("acme", "acme chandlery"),
    note="Write what you believe, and nothing about ropes that you have not held.",
    disclosures={"en": "Advertisement: I earn when you buy through this link."},
)
CONDUCT: Final = ConductDraft(
    methods={
        Method.CONTENT: Permission.ALLOWED,
        Method.SOCIAL: Permission.ALLOWED,
        Method.VIDEO: Permission.ALLOWED,
        Method.EMAIL: Permission.ALLOWED,
        Method.OFFLINE: Permission.ALLOWED,
        Method.COMPARISON: Permission.ALLOWED,
        Method.COUPONS: Permission.ASK,
        Method.CASHBACK: Permission.ASK,
        Method.SEARCH_ADS: Permission.ASK,
        Method.BRAND_BIDDING: Permission.FORBIDDEN,
        Method.MESSAGES: Permission.FORBIDDEN,
        Method.INCENTIVES: Permission.FORBIDDEN,
    },
    keywords=("acme", "acme chandlery", "acme rope", "akme"),
    note=OPENING_CONDUCT.note,
    disclosures={
        **OPENING_CONDUCT.disclosures,
        "de": "Anzeige: Wer über diesen Link kauft, bringt mir eine Provision.",
        "fr": "Publicité : je touche une commission sur vos achats.",
    },
)

NEWS_TITLE: Final = "Lamps and oilskins are in stock again"
NEWS_BODY: Final = (
    "The anchor lamp that half of you asked for is back, and oilskins come in size XS now. "
    "Links to both work as before; whoever wants one to test writes to Mia."
)

CUSTOMERS: Final = {
    "summary": "People who own a boat of six to twelve metres and look after it themselves.",
    "industries": "Private sailors, sailing schools, clubs",
    "company_size": "One boat, or a fleet of up to twenty",
    "roles": "Whoever holds the brush; in clubs, the bosun",
    "countries": ("DE", "NL", "DK", "AT", "FR"),
    "needs": "Gear that survives a winter outside, and somebody who says which rope it has to be.",
    "not_for": "Shipyards with a buyer of their own, and anybody who looks for the lowest price.",
}

BIDDING: Final = "No bids on our name"
CODES: Final = "Codes only where we agreed on it"
POLICIES: Final = (  # Category, rule, what it says, why, and in how many days it is due again.
    (
        PolicyCategory.BRAND,
        BIDDING,
        "Nobody buys advertisements in search engines on “acme” or anything that sounds like it.",
        "People who look for our name find us anyway; we would pay twice for them.",
        0,
    ),
    (
        PolicyCategory.PRICING,
        CODES,
        "Discount codes stand on coupon sites only if we gave them to that site, and for as long "
        "as they are valid.",
        "Codes that are over make customers angry with us, not with the site.",
        120,
    ),
)
COMPLAINT: Final = (
    "My comparison tables are generated, and codes of my readers slip in. Could I have a day to "
    "take them out, before you call it a breach?"
)
QUESTION: Final = "Does this cover “akme” as well? It is how half of my readers spell you."
ANSWER: Final = "It does, since it leads to the same auction. We put it on the list of words."
WAIVED_BECAUSE: Final = "Your tables are being rebuilt; until then a code may stand for a day."
