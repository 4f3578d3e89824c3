"""What Acme gives its affiliates to sell with, and how much of it they used."""

from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Final

from django.conf import settings

from common.money import major_of
from common.spreadsheet import write_csv
from demo.banners import draw_banner
from demo.history import History
from demo.shop.catalogue import PRODUCTS
from materials.lessons import complete_lesson
from materials.models import Material, MaterialKind
from materials.products import replace_products
from materials.services import MaterialDraft, add_material, count_use
from merchants.rights import Role

ADDED_DAYS_AGO: Final = 38
USED_DAYS: Final = 30
SEED: Final = 1911
DILIGENT: Final = 8  # Clicks a day: who has more has gone through a lesson.
DEEP, BRIGHT = "#12324a", "#2f7f86"
BANNERS: Final = (  # Name, size, title and folder.
    ("leaderboard", (728, 90), "Ropes that outlive the boat"),
    ("rectangle", (300, 250), "Ropes that\noutlive the boat"),
    ("skyscraper", (160, 600), "Ropes\nthat\noutlive\nthe boat"),
    ("square", (1080, 1080), "Fit out\nfor spring"),
)
TEXTS: Final = (
    MaterialDraft(
        "TEXT_LINK",
        "In a sentence",
        body="the chandlery that has fitted out boats since 1911",
        description="Reads well in the middle of a paragraph.",
        category="Words",
        language="en",
    ),
    MaterialDraft(
        "EMAIL",
        "Newsletter for spring",
        description="Short enough to read on a jetty. Change what does not sound like you.",
        category="Words",
        language="en",
        subject="Before the mast goes up",
        body=(
            "Hello,\n\n"
            "the halyard that squeaked all autumn will not be quieter in May. I get my ropes from "
            "{merchant}: they splice what they sell, and somebody answers the phone.\n\n"
            "{link}\n\n"
            "With the code {coupon} it costs a little less.\n\n"
            "Fair winds\n{name}\n\n"
            "(I earn something when you order through my link.)"
        ),
    ),
    MaterialDraft(
        "EMAIL",
        "Rundbrief im Frühjahr",
        category="Words",
        language="de",
        subject="Bevor der Mast gestellt wird",
        body=(
            "Moin,\n\n"
            "das Fall, das im Herbst gequietscht hat, wird im Mai nicht leiser. Mein Tauwerk kommt "
            "von {merchant}: {link}\n\n"
            "Handbreit\n{name}\n\n"
            "(Anzeige: Wer über diesen Link kauft, bringt mir eine Provision.)"
        ),
    ),
    MaterialDraft(
        "COPY",
        "What is special about our rope",
        description="For reviews and product pages, in as many of these words as you like.",
        category="Brand",
        language="en",
        body=(
            "Acme Chandlery has fitted out boats in its harbour since 1911. Rope is cut, spliced "
            "and whipped to measure in the shop, usually on the day of the order.\n\n"
            "Braid on braid, 8 to 16 mm, in four colours; breaking load printed on every hank."
        ),
    ),
    MaterialDraft(
        "COPY",
        "How we write and look",
        category="Brand",
        body=(
            "We are Acme Chandlery, or Acme; never ACME. Our blue is #12324a. We do not shout, and "
            "we do not say “cheap”. Show ropes in use, wet if possible."
        ),
    ),
    MaterialDraft(
        "LESSON",
        "Which rope for what",
        description="Five minutes. Readers ask you this first.",
        category="Learn the trade",
        language="en",
        body=(
            "A halyard must not stretch: braid on braid, 8 to 10 mm.\n\n"
            "A mooring line must stretch: three strands, 12 to 16 mm, as long as the boat.\n\n"
            "Say the breaking load only with the working load beside it: a fifth of it."
        ),
    ),
    MaterialDraft(
        "LESSON",
        "Say that you are paid",
        description="What the law asks of you, in three sentences.",
        category="Learn the trade",
        language="en",
        body=(
            "Say it before the link, in the language of the text.\n\n"
            "“Advertisement” or “I earn on what you buy” will do; “collab” will not."
        ),
    ),
    MaterialDraft(
        "KEYWORDS",
        "Words for search advertising",
        description="Ask Mia before you start; see how the program may be promoted.",
        category="Brand",
        allowed=("braided rope", "dock lines", "anchor lamp", "oilskins sailing"),
        negative=("free", "second hand", "climbing rope"),
        protected=("acme", "acme chandlery", "acme rope", "akme"),
    ),
)


def plan_materials(history: History) -> None:
    """Plan that Mia adds the materials, and that affiliates use them from then on."""
    at = history.day(ADDED_DAYS_AGO) + timedelta(hours=10)
    history.agenda.plan(at, partial(_add, history))
    history.agenda.plan(history.day(0) + timedelta(hours=1), partial(_use, history))


def _add(history: History, at: datetime) -> None:
    program, by = history.stage.program, history.stage.acting(Role.MANAGER)
    drafts = [
        MaterialDraft(
            "BANNER",
            title.replace("\n", " "),
            category="Banners",
            language="en",
            body=title.replace("\n", " "),
            upload=draw_banner(
                name=f"{name}.png",
                size=size,
                title=title,
                action="Look around",
                deep=DEEP,
                bright=BRIGHT,
            ),
        )
        for name, size, title in BANNERS
    ]
    for draft in (*drafts, *TEXTS):
        add_material(program=program, draft=draft, by=by, at=at)
    replace_products(program=program, content=_feed(), by=by, at=at)


def _feed() -> bytes:
    """Return what the shop sells as its feed says it."""
    columns = ("id", "title", "url", "price", "category")
    rows = [
        (
            row.sku,
            row.name,
            f"{settings.SHOP_URL}/products/{row.slug}",
            str(major_of(row.price_minor, currency="EUR")),
            row.category,
        )
        for row in PRODUCTS
    ]
    return write_csv(columns, rows)


def _use(history: History, at: datetime) -> None:
    """Count what affiliates copied, and how often their readers saw the banners."""
    random = Random(SEED)
    every = Material.objects.filter(merchant_id=history.stage.id).order_by("id")
    materials = list(every.exclude(kind=MaterialKind.LESSON))
    lessons = list(every.filter(kind=MaterialKind.LESSON))
    for standing in history.stage.standings:
        if not standing.enrollment.is_active:
            continue
        if standing.promoter.clicks_per_day > DILIGENT:
            complete_lesson(lesson=lessons[0], enrollment=standing.enrollment, at=at)
        for material in random.sample(materials, k=min(3, len(materials))):
            day = history.day(random.randrange(1, USED_DAYS)).date()
            use = partial(count_use, material=material, enrollment=standing.enrollment, on=day)
            use(what="copies")
            for _view in range(random.randrange(30) if material.file_id else 0):
                use(what="views")
