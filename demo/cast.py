"""Who plays in the demo, and what sort of promoter each affiliate is. Data alone."""

from demo.applicants import APPLICANTS, REJECTED_BY_RULE
from demo.characters import Colleague, Company, Person, Promoter
from merchants.rights import Role

PAST_DAYS = 60


def _person(name: str, domain: str) -> Person:
    return Person(name, f"{name.split()[0].lower()}@{domain}")


OPERATOR = Person("Olga Orlov", "operator@fairlead.example")

BOB = Promoter(
    person=_person("Bob Bowline", "bobsbowlines.example"),
    website="https://bobsbowlines.example",
    country="DE",
    channels="A blog on knots and rigging, 9,000 readers a month",
    message="I splice everything I write about. Your mooring rope has been on my boat for years.",
    joined_days_ago=64,
    clicks_per_day=19,
    sale_rate=0.055,
    signup_rate=0.013,
    lead_rate=0.004,
    growth=1.5,
    weekend=1.3,
    phone_share=0.42,
    link_codes=("bob", "bob-anchor-lamp"),
    campaigns=("splicing-guide", "winter-layup", "anchor-test"),
    referrers=("bobsbowlines.example", "www.google.com", "duckduckgo.com"),
    coupon="BOB10",
    coupon_sales_per_day=0.12,
)
DANA = Promoter(
    person=_person("Dana Drift", "driftfilms.example"),
    website="https://driftfilms.example",
    country="NL",
    channels="Video channel on small-boat voyages, 61,000 subscribers",
    message="Two films a month; your oilskins would be in most of them anyway.",
    joined_days_ago=63,
    clicks_per_day=27,
    sale_rate=0.020,
    signup_rate=0.010,
    weekend=2.1,
    growth=1.2,
    phone_share=0.66,
    link_codes=("dana-films",),
    campaigns=("film-31", "film-32", "film-33", "film-34"),
    referrers=("www.youtube.com", "m.youtube.com"),
    coupon="DRIFT10",
    coupon_sales_per_day=0.08,
)
ERIK = Promoter(
    person=_person("Erik Ebb", "ebbandflow.example"),
    website="https://ebbandflow.example",
    country="DK",
    channels="Thursday letter for harbour people, 5,400 addresses",
    message="One recommendation a week, never more. It works because it is rare.",
    joined_days_ago=62,
    clicks_per_day=10,
    sale_rate=0.030,
    signup_rate=0.012,
    weekend=0.6,
    busy_weekday=3,
    phone_share=0.38,
    link_codes=("ebb",),
    campaigns=("letter-118", "letter-119", "letter-120"),
    referrers=("", "mail.google.com"),
    paid_by="STRIPE",
)
FARAH = Promoter(
    person=_person("Farah Flood", "savingtide.example"),
    website="https://savingtide.example",
    country="FR",
    channels="Coupon site, 120,000 visits a month",
    message="We list codes that work and nothing else.",
    joined_days_ago=61,
    clicks_per_day=6,
    sale_rate=0.020,
    phone_share=0.58,
    link_codes=("savingtide",),
    referrers=("savingtide.example",),
    coupon="TIDE10",
    coupon_sales_per_day=0.75,
    paid_by="PAYPAL",
)
HUGO = Promoter(
    person=_person("Hugo Halyard", "gearcompared.example"),
    website="https://gearcompared.example",
    country="GB",
    channels="Comparison tables of marine equipment",
    message="We compare prices weekly. Traffic is large, intent is mixed.",
    joined_days_ago=61,
    clicks_per_day=24,
    sale_rate=0.009,
    signup_rate=0.004,
    lead_rate=0.006,
    weekend=0.8,
    phone_share=0.3,
    link_codes=("gearcompared", "gearcompared-oilskins"),
    campaigns=("table-lamps", "table-ropes", "table-oilskins"),
    referrers=("gearcompared.example", "www.bing.com"),
    paid_by="STRIPE",
)
INES = Promoter(
    person=_person("Ines Inlet", "inesatsea.example"),
    website="https://inesatsea.example",
    country="PT",
    channels="Photographs of harbours, 22,000 followers and rising",
    message="Rain looks better in yellow.",
    joined_days_ago=55,
    clicks_per_day=8,
    sale_rate=0.024,
    signup_rate=0.018,
    growth=4.0,
    weekend=1.7,
    phone_share=0.92,
    link_codes=("ines",),
    campaigns=("bio", "story"),
    referrers=("l.instagram.com",),
    paid_by="PAYPAL",
)
JONAS = Promoter(
    person=_person("Jonas Jetty", "jettynotes.example"),
    website="https://jettynotes.example",
    country="DE",
    channels="Notes from a harbour office",
    message="I write when the harbour is quiet.",
    joined_days_ago=63,
    clicks_per_day=9,
    sale_rate=0.045,
    silent_from_days_ago=44,
    phone_share=0.4,
    link_codes=("jetty",),
    referrers=("jettynotes.example",),
)
KIM = Promoter(
    person=_person("Kim Keel", "dealsharbour.example"),
    website="https://dealsharbour.example",
    country="PL",
    channels="Search advertising",
    message="We buy traffic, you pay for results only.",
    joined_days_ago=58,
    clicks_per_day=15,
    sale_rate=0.010,
    signup_rate=0.055,
    weekend=1.0,
    phone_share=0.7,
    link_codes=("dealsharbour",),
    campaigns=("kw-chandlery", "kw-acme", "kw-rope"),
    referrers=("www.google.com",),
)
LENA = Promoter(
    person=_person("Lena Lee", "leewardlife.example"),
    website="https://leewardlife.example",
    country="AT",
    channels="Podcast on living aboard, new this spring",
    message="First season, small audience, long conversations.",
    joined_days_ago=9,
    clicks_per_day=7,
    sale_rate=0.030,
    growth=2.0,
    phone_share=0.75,
    link_codes=("leeward",),
    referrers=("podcasts.apple.com", "open.spotify.com"),
    paid_by="",
)
OMAR = Promoter(
    person=_person("Omar Offing", "offingmagazine.example"),
    website="https://offingmagazine.example",
    country="BE",
    channels="Quarterly magazine on wooden boats, 11,000 copies, and its web site",
    message="We would review the anchor lamp in the autumn number and link to it from the site.",
    joined_days_ago=2,
    clicks_per_day=0,
    sale_rate=0,
)
PIA = Promoter(
    person=_person("Pia Plank", "plankandpitch.example"),
    website="https://plankandpitch.example",
    country="SE",
    channels="Everything",
    message="Please send me a jacket, then I will write about it.",
    joined_days_ago=24,
    clicks_per_day=0,
    sale_rate=0,
)
CAROL = Promoter(
    person=_person("Carol Channel", "channelhouse.example"),
    website="https://channelhouse.example",
    country="US",
    channels="Consultancy for small manufacturers",
    message="We set Globex up for clients twice a month and would rather be paid by you than them.",
    joined_days_ago=62,
    clicks_per_day=13,
    sale_rate=0.020,
    signup_rate=0.012,
    lead_rate=0.030,
    weekend=0.3,
    growth=1.6,
    phone_share=0.2,
    link_codes=("carol",),
    campaigns=("webinar", "handbook"),
    referrers=("channelhouse.example", "www.linkedin.com"),
    coupon="CAROL15",
    coupon_sales_per_day=0.05,
)
DANA_AT_GLOBEX = Promoter(
    person=DANA.person,
    website=DANA.website,
    country=DANA.country,
    channels=DANA.channels,
    message="I edit on your planner and say so.",
    joined_days_ago=50,
    clicks_per_day=7,
    sale_rate=0.010,
    signup_rate=0.020,
    weekend=1.6,
    phone_share=0.6,
    link_codes=("dana-globex",),
    campaigns=("film-33",),
    referrers=("www.youtube.com",),
)
MILO = Promoter(
    person=_person("Milo Mast", "mastplanning.example"),
    website="https://mastplanning.example",
    country="CA",
    channels="Templates and courses on production planning",
    message="My course uses your free plan from lesson four on.",
    joined_days_ago=60,
    clicks_per_day=6,
    sale_rate=0.012,
    signup_rate=0.050,
    lead_rate=0.015,
    weekend=0.5,
    phone_share=0.25,
    link_codes=("mastplanning",),
    campaigns=("lesson-4",),
    referrers=("mastplanning.example",),
)

# Customers who recommend the shop; each has a link and tells a few friends a day.
CREW_NAMES = (
    "Ada Alder, Anton Aft, Bela Beam, Birte Bilge, Cleo Cleat, Cosmo Coxswain, Dorte Davit, "
    "Edda Eyelet, Emil Eddy, Fay Fender, Finja Fjord, Gero Galley, Greta Gunwale, Henk Hawser, "
    "Hilde Hatch, Ilja Isobar, Juna Jib, Kees Kelson, Lotte Locker, Mats Marlin, Nele Neap, "
    "Ole Oakum, Piet Painter, Quinn Quay, Rosa Reef, Sven Spar, Thea Thwart, Uwe Ullage"
)
CREW = tuple(
    Promoter(
        person=_person(name, f"{name.split()[1].lower()}.example"),
        website="",
        country=("DE", "DE", "NL", "DK", "AT")[number % 5],
        channels="Friends at the club",
        message="",
        joined_days_ago=29 - number % 3,
        clicks_per_day=1.7 + number % 4 * 0.4,
        sale_rate=0.045,
        phone_share=0.7,
        referrers=("", "web.whatsapp.com"),
        paid_by="",
    )
    for number, name in enumerate(CREW_NAMES.split(", "))
)

ACME = Company(
    name="Acme",
    slug="acme",
    currency="EUR",
    website="https://acme.example",
    accent="#0e5a6b",
    colleagues=(
        Colleague(_person("Alice Anchor", "acme.example"), Role.OWNER),
        Colleague(_person("Mia Mizzen", "acme.example"), Role.MANAGER),
        Colleague(_person("Finn Fathom", "acme.example"), Role.FINANCE),
        Colleague(_person("Ann Almanac", "acme.example"), Role.VIEWER),
    ),
    promoters=(BOB, DANA, ERIK, FARAH, HUGO, INES, JONAS, KIM, LENA),
    applicants=(OMAR, *APPLICANTS, REJECTED_BY_RULE),
    rejected=PIA,
)
GLOBEX = Company(
    name="Globex",
    slug="globex",
    currency="USD",
    website="https://globex.example",
    accent="#6b3d8f",
    colleagues=(
        Colleague(_person("Gwen Gantry", "globex.example"), Role.OWNER),
        Colleague(_person("Hal Hoist", "globex.example"), Role.FINANCE),
    ),
    promoters=(CAROL, DANA_AT_GLOBEX, MILO),
)
COMPANIES = (ACME, GLOBEX)
