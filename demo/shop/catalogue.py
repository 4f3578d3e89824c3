"""What the shop sells. Prices are in minor units and include tax."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """One article; `sku` is its name in orders, `slug` in addresses."""

    slug: str
    sku: str
    name: str
    category: str
    price_minor: int
    tagline: str
    text: str
    details: tuple[str, ...]


PRODUCTS = (
    Product(
        "mooring-rope",
        "ROPE-14",
        "Mooring rope, 14 mm × 20 m",
        "Ropes",
        6_490,
        "Three strands, spliced eye, does not creak at night.",
        "Laid from high-tenacity polyester by a ropewalk that has done little else since 1911. "
        "It stretches enough to take the snatch out of a swell and not enough to let the stern "
        "swing into the neighbour.",
        ("Breaking load 4.2 t", "Eye of 30 cm, spliced by hand", "Navy or undyed"),
    ),
    Product(
        "halyard",
        "ROPE-08",
        "Halyard, 8 mm × 30 m",
        "Ropes",
        8_900,
        "A braid that runs, holds, and can be told apart in the dark.",
        "A core of aramid in a coarse cover: thin enough for old blocks, rough enough for cold "
        "hands. The cover is woven with a tracer that your fingers find before your eyes do.",
        ("Stretch below 1 % at 300 kg", "Whipped ends", "White with an amber tracer"),
    ),
    Product(
        "fender-line",
        "ROPE-10",
        "Fender lines, pair, 10 mm × 2 m",
        "Ropes",
        1_990,
        "Two lines that are always too short when one improvises.",
        "Spliced on one side, whipped on the other, soft on varnish. Sold in pairs because a "
        "fender never comes alone.",
        ("Pair", "Soft-laid polyester", "Cut to other lengths on request"),
    ),
    Product(
        "anchor-lamp",
        "LAMP-01",
        "Anchor lamp in brass",
        "Lamps",
        18_900,
        "A Fresnel lens, a wick, and two nautical miles of light.",
        "Spun brass, riveted, not glued. The lens is pressed glass from the original mould. Burns "
        "paraffin for thirty hours on one filling; an LED insert is in the box for those who "
        "sleep better that way.",
        ("Height 34 cm", "Visible over 2 nm", "LED insert included"),
    ),
    Product(
        "cabin-lamp",
        "LAMP-02",
        "Cabin lamp, gimballed",
        "Lamps",
        12_400,
        "Stays upright when nothing else aboard does.",
        "A reading lamp on a double gimbal with a weighted foot and a smoke bell above. It has "
        "been in every galley on this coast, and in a surprising number of kitchens.",
        ("Brass, lacquered or bare", "Smoke bell included", "Burns 14 hours"),
    ),
    Product(
        "head-torch",
        "LAMP-03",
        "Head torch with red light",
        "Lamps",
        4_950,
        "Reads the chart without blinding the helm.",
        "Red first, white on request: the switch is made so that it cannot be pressed the wrong "
        "way round. Floats face up.",
        ("110 g", "Waterproof to 10 m", "Charges by USB-C"),
    ),
    Product(
        "oilskin-jacket",
        "OIL-01",
        "Oilskin jacket",
        "Oilskins",
        24_900,
        "Cut for rowing, rain and standing about in both.",
        "Waxed cotton over a taped membrane, a collar that closes above the chin, and pockets "
        "that drain. The yellow is the old one: seen from far away and never in fashion, so "
        "never out of it.",
        ("XS to 3XL", "Rewaxing free for five years", "Yellow or dark blue"),
    ),
    Product(
        "oilskin-trousers",
        "OIL-02",
        "Oilskin trousers",
        "Oilskins",
        15_900,
        "High at the back, wide over boots, braces that stay.",
        "The same cloth as the jacket, doubled at seat and knee. Cut high so that nothing is "
        "cold when you reach for the mooring.",
        ("XS to 3XL", "Doubled seat and knees", "Braces included"),
    ),
    Product(
        "souwester",
        "OIL-03",
        "Sou’wester",
        "Oilskins",
        3_900,
        "The only hat that works.",
        "Long at the back so that the rain runs past your collar, short at the front so that you "
        "see where you are going. Flannel inside.",
        ("Three sizes", "Flannel lined", "Ties under the chin"),
    ),
)
BY_SLUG = {product.slug: product for product in PRODUCTS}
