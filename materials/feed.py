"""A product feed: a CSV file as products, checked line by line. Pure."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from common.addresses import ADDRESS_MAX, place_of
from common.money import BadAmount, parse_major
from common.refusals import BadValue

FILE_BYTES_MAX: Final = 10_000_000
PRODUCTS_MAX: Final = 20_000
TOLD_MAX: Final = 5  # Lines whose mistakes are told at once.
DELIMITERS: Final = (",", ";", "\t")
# Our names of the columns, and what other systems call them.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "external_id": ("id", "sku", "external_id", "product_id"),
    "title": ("title", "name"),
    "url": ("url", "link", "product_url"),
    "price": ("price",),
    "image_url": ("image_url", "image_link", "image"),
    "category": ("category", "product_type", "google_product_category"),
}
NEEDED: Final = ("external_id", "title", "url")
LENGTHS: Final = {"external_id": 80, "title": 200, "image_url": 500, "category": 120}


@dataclass(frozen=True, slots=True)
class ProductLine:
    """A product as its line says it."""

    external_id: str
    title: str
    url: str
    price_minor: int | None
    image_url: str
    category: str


class BadLine(Exception):
    """A line cannot be a product; the text says why."""


def read_feed(content: bytes, *, currency: str, places: frozenset[str]) -> list[ProductLine]:
    """Return the products of a file, each id once; `places` are where links may lead.

    :raises BadValue: naming `file`, if it is no such file, or a line cannot be a product: then the
        message names the first lines that are wrong.
    """
    products: dict[str, ProductLine] = {}
    wrong: list[str] = []
    for number, cells in _lines(content):
        try:
            line = _product(cells, currency, places)
            if line.external_id in products:
                raise BadLine(_("the id “%s” stood there before") % line.external_id)
            products[line.external_id] = line
        except BadLine as error:
            wrong.append(_("Line %(number)d: %(why)s.") % {"number": number, "why": error})
            if len(wrong) == TOLD_MAX:
                break
        if len(products) > PRODUCTS_MAX:
            raise BadValue("file", "too_many", _("%d products at the most.") % PRODUCTS_MAX)
    if wrong:
        raise BadValue("file", "bad_lines", " ".join(wrong))
    if not products:
        raise BadValue("file", "empty", _("There is no product in the file."))
    return list(products.values())


def _lines(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """Return the lines by their numbers, their cells by our names of the columns."""
    if len(content) > FILE_BYTES_MAX:
        raise BadValue("file", "too_large", _("The file is too large: 10 MB at the most."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = _("This is not UTF-8: save it as CSV in UTF-8.")
        raise BadValue("file", "not_utf_8", message) from error
    if "\0" in text:
        raise BadValue("file", "not_text", _("This is no text file."))
    delimiter = max(DELIMITERS, key=text.split("\n", 1)[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        places = _headings(next(reader, []))
        return [
            (reader.line_num, {name: _cell(cells, at) for name, at in places.items()})
            for cells in reader
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error as error:
        message = _("Line %(line)s is no CSV: %(error)s.")
        said = {"line": reader.line_num, "error": error}
        raise BadValue("file", "not_csv", message % said) from error


def _headings(cells: list[str]) -> dict[str, int]:
    """Return where each of our columns stands; others are left alone."""
    names = [cell.strip().lower().replace(" ", "_") for cell in cells]
    places = {
        column: next((names.index(alias) for alias in aliases if alias in names), -1)
        for column, aliases in COLUMNS.items()
    }
    missing = [COLUMNS[column][0] for column in NEEDED if places[column] == -1]
    if missing:
        message = _("Columns are missing: %s.") % ", ".join(missing)
        raise BadValue("file", "missing_columns", message)
    return places


def _cell(cells: list[str], at: int) -> str:
    return " ".join(cells[at].split()) if 0 <= at < len(cells) else ""


def _product(cells: Mapping[str, str], currency: str, places: frozenset[str]) -> ProductLine:
    for name in NEEDED:
        if not cells[name]:
            raise BadLine(_("%s is missing") % COLUMNS[name][0])
    for name, length in LENGTHS.items():
        if len(cells[name]) > length:
            said = {"name": COLUMNS[name][0], "length": length}
            raise BadLine(_("%(name)s has more than %(length)d characters") % said)
    if place_of(cells["url"]) not in places or len(cells["url"]) > ADDRESS_MAX:
        raise BadLine(_("links of this program may not lead to “%s”") % cells["url"][:80])
    image_url = cells["image_url"]
    if image_url and not (image_url.startswith("https://") and place_of(image_url)):
        raise BadLine(_("the picture's address has to begin with https://"))
    return ProductLine(
        external_id=cells["external_id"],
        title=cells["title"],
        url=cells["url"],
        price_minor=_price(cells["price"], currency),
        image_url=image_url,
        category=cells["category"],
    )


def _price(text: str, currency: str) -> int | None:
    """Return the price in minor units; feeds write "19.90" or "19.90 EUR"."""
    if not text:
        return None
    try:
        minor = parse_major(text.upper().replace(currency, ""), currency=currency)
    except BadAmount as error:
        said = {"price": text[:40], "currency": currency}
        raise BadLine(_("“%(price)s” is no price in %(currency)s") % said) from error
    if minor < 0:
        raise BadLine(_("a price is not below zero"))
    return minor
