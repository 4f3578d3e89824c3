"""Who else asked to join Acme, and what they and the others answered. Data alone."""

from typing import Any

from demo.characters import Person, Promoter

GUS = Promoter(
    person=Person("Gus Gangway", "gus@gangwayguide.example"),
    website="https://gangwayguide.example",
    country="NL",
    channels="Guides to marinas, ranked by what their showers are like",
    message="Your lamps are in three of my guides already, without a link.",
    joined_days_ago=4,
    clicks_per_day=0,
    sale_rate=0,
    answers={
        "reach": 34_000,
        "ways": ["Website or blog", "Search advertising"],
        "keywords": "marina guide, mooring tips. None of your names.",
    },
)
RIA = Promoter(
    person=Person("Ria Rowlock", "ria@rowlockreview.example"),
    website="https://rowlockreview.example",
    country="IT",
    channels="Tests of rowing gear, one a month",
    message="",
    joined_days_ago=1,
    clicks_per_day=0,
    sale_rate=0,
    answers={"reach": 2_600, "ways": ["Video"], "country": "IT"},
)
TOM = Promoter(
    person=Person("Tom Topsail", "tom@mailinator.com"),
    website="https://cheap-boat-codes.example",
    country="",
    channels="Codes, many codes",
    message="Need approval today.",
    joined_days_ago=6,
    clicks_per_day=0,
    sale_rate=0,
    answers={"reach": 900_000, "ways": ["Coupons or cashback"]},
)
ZOE = Promoter(
    person=Person("Zoe Zephyr", "zoe@zephyrsails.example"),
    website="https://zephyrsails.example",
    country="FR",
    channels="A sailing school with 1,200 pupils a year",
    message="We would put your list of equipment into every course.",
    joined_days_ago=3,
    clicks_per_day=0,
    sale_rate=0,
)
APPLICANTS = (GUS, RIA)
REJECTED_BY_RULE = TOM
INVITED = ZOE

# What those who are in, and Omar, answered when they applied; by address.
ANSWERS: dict[str, dict[str, Any]] = {
    "bob@bobsbowlines.example": {"reach": 9_000, "ways": ["Website or blog"]},
    "dana@driftfilms.example": {"reach": 61_000, "ways": ["Video"]},
    "erik@ebbandflow.example": {"reach": 5_400, "ways": ["Newsletter"]},
    "farah@savingtide.example": {"reach": 120_000, "ways": ["Coupons or cashback"]},
    "hugo@gearcompared.example": {"reach": 210_000, "ways": ["Website or blog", "Newsletter"]},
    "ines@inesatsea.example": {"reach": 22_000, "ways": ["Social media"]},
    "jonas@jettynotes.example": {"reach": 1_100, "ways": ["Website or blog"]},
    "kim@dealsharbour.example": {
        "reach": 48_000,
        "ways": ["Search advertising"],
        "keywords": "chandlery, boat rope, anchor lamp",
    },
    "lena@leewardlife.example": {"reach": 15_500, "ways": ["Podcast"]},
    "omar@offingmagazine.example": {"reach": 11_000, "ways": ["Print", "Website or blog"]},
}
# What those who are in answered afterwards; Lena, Hugo and Ines have not yet.
LATER_ANSWERS: dict[str, dict[str, Any]] = {
    "bob@bobsbowlines.example": {
        "owns": "Mooring rope, anchor lamp, two shackles that outlived their boat.",
        "samples": ["Ropes", "Lamps"],
        "calls": True,
        "phone_times": "Mornings, before the tide.",
    },
    "dana@driftfilms.example": {
        "owns": "Oilskins.",
        "samples": ["Oilskins"],
        "calls": False,
    },
    "erik@ebbandflow.example": {
        "owns": "Nothing yet; I write about what readers send.",
        "samples": ["Lamps", "Oilskins"],
        "calls": True,
    },
}
