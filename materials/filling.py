"""Filling materials in: an affiliate's own link, name and code where the merchant left a tag. Pure.

Tags are filled once, from left to right: what is filled in is never looked through for tags again.
"""

import re
from typing import Final, NamedTuple
from urllib.parse import quote

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from affiliates.models import Enrollment
from materials.models import Material, MaterialKind
from materials.rotation import shown_parts

TAG: Final = re.compile(r"\{([A-Za-z_]+)\}")
TAGS: Final = {
    "name": _("the affiliate's name"),
    "link": _("the affiliate's own link"),
    "program": _("the program's name"),
    "merchant": _("your name"),
    "coupon": _("the affiliate's discount code"),
}


class Filling(NamedTuple):
    """What stands in place of the tags."""

    name: str
    link: str
    program: str
    merchant: str
    coupon: str  # Empty: the affiliate has none.


class Filled(NamedTuple):
    """A material with the affiliate's own facts in it; what its kind has not is empty."""

    link: str  # Where it leads: the affiliate's link, straight to the material's page.
    html: str  # To paste into a page.
    subject: str
    text: str
    lacks_coupon: bool  # It asks for a code that the affiliate has not got.


def filling_of(enrollment: Enrollment, *, link: str, coupon: str) -> Filling:
    """Return what the tags stand for to one affiliate; `link` is an address."""
    program = enrollment.program
    return Filling(
        name=enrollment.affiliate.name,
        link=link,
        program=program.name,
        merchant=program.merchant.name,
        coupon=coupon,
    )


def unknown_tags(text: str) -> list[str]:
    """Return the tags of the text that mean nothing, each once, as they are written."""
    return sorted({f"{{{tag}}}" for tag in TAG.findall(text) if tag not in TAGS})


def has_tag(text: str, tag: str) -> bool:
    """Return whether the text asks for this."""
    return tag in TAG.findall(text)


def fill(text: str, filling: Filling) -> str:
    """Return the text with its tags filled; those that mean nothing stay as they are."""
    values = filling._asdict()
    return TAG.sub(lambda found: values.get(found[1], found[0]), text)


def deep_link(link: str, target_url: str) -> str:
    """Return the link's address that leads straight to a page; without one, as it is."""
    return f"{link}?url={quote(target_url, safe='')}" if target_url else link


def fill_material(material: Material, filling: Filling, *, image_url: str) -> Filled:
    """Return the material for one affiliate; `image_url` is where a banner's picture is."""
    filling = filling._replace(link=deep_link(filling.link, material.target_url))
    asks = has_tag(material.subject, "coupon") or has_tag(material.body, "coupon")
    text = fill(material.body, filling)
    return Filled(
        link=filling.link,
        html=_html(material, filling.link, text, image_url),
        subject=fill(material.subject, filling),
        text=text,
        lacks_coupon=asks and not filling.coupon,
    )


def _html(material: Material, link: str, text: str, image_url: str) -> str:
    if material.kind == MaterialKind.TEXT_LINK:
        return format_html('<a href="{}" rel="sponsored">{}</a>', link, text)
    file = material.file
    if material.kind == MaterialKind.ROTATION:  # Its banners are all of one size.
        file = next((banner.file for banner in shown_parts(material)), None)
    if material.kind in (MaterialKind.BANNER, MaterialKind.ROTATION) and file is not None:
        return format_html(
            '<a href="{}" rel="sponsored"><img src="{}" alt="{}" width="{}" height="{}"></a>',
            link,
            image_url,
            text or material.title,
            file.width,
            file.height,
        )
    return ""
