"""How a flyer looks: one A4 page with the merchant's colour, and a code to scan."""

import io
from dataclasses import dataclass
from typing import Final

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepInFrame, Paragraph

from common.lettering import BOLD, PLAIN, load_fonts, marked
from common.qr import draw_qr

MARGIN: Final = 18 * mm
WIDTH: Final = A4[0] - 2 * MARGIN
BAND: Final = 26 * mm  # The merchant's name on their colour.
PICTURE: Final = 84 * mm  # The most that it may be high.
FOOT: Final = 62 * mm  # The affiliate, and the code.
CODE: Final = 40 * mm
LOGO: Final = 18 * mm
GAP: Final = 7 * mm
INK: Final = colors.HexColor("#1c2430")
QUIET: Final = colors.HexColor("#5b6573")
HAIRLINE: Final = colors.HexColor("#c9d0d8")
BRIGHT: Final = 0.45  # Grounds that are lighter carry dark letters.

NORMAL = ParagraphStyle("flyer", fontName=PLAIN, fontSize=12.5, leading=18, textColor=INK)
SMALL = ParagraphStyle("flyer-small", parent=NORMAL, fontSize=9.5, leading=13, textColor=QUIET)
NAME = ParagraphStyle("flyer-name", parent=NORMAL, fontName=BOLD)
TITLE = ParagraphStyle("flyer-title", parent=NAME, fontSize=28, leading=34)


@dataclass(frozen=True, slots=True)
class Flyer:
    """What stands on a flyer; pictures as their bytes, empty without one."""

    merchant: str
    accent: str  # "#rrggbb".
    headline: str
    body: str
    call: str
    name: str
    text: str
    link: str
    picture: bytes = b""
    logo: bytes = b""


def draw_flyer(flyer: Flyer) -> bytes:
    """Return the flyer as a PDF file: the same bytes for the same facts."""
    load_fonts()
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, invariant=1, lang="en")
    canvas.setTitle(flyer.headline)
    canvas.setAuthor(flyer.merchant)
    _draw_band(canvas, flyer)
    top = A4[1] - BAND - GAP
    top = _draw_picture(canvas, flyer, top)
    _draw_words(canvas, flyer, top)
    _draw_foot(canvas, flyer)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def _draw_band(canvas: Canvas, flyer: Flyer) -> None:
    ground = colors.HexColor(flyer.accent)
    canvas.setFillColor(ground)
    canvas.rect(0, A4[1] - BAND, A4[0], BAND, stroke=0, fill=1)
    brightness = 0.2126 * ground.red + 0.7152 * ground.green + 0.0722 * ground.blue
    ink = INK if brightness > BRIGHT else colors.white
    style = ParagraphStyle("flyer-band", parent=NAME, fontSize=18, leading=22, textColor=ink)
    _put(canvas, [Paragraph(marked(flyer.merchant), style)], MARGIN, A4[1] - 8 * mm, WIDTH, 12 * mm)


def _draw_picture(canvas: Canvas, flyer: Flyer, top: float) -> float:
    """Draw the picture from `top` on; return where what follows begins."""
    if not flyer.picture:
        return top
    picture = ImageReader(io.BytesIO(flyer.picture))
    width, height = _fitted(picture, WIDTH, PICTURE)
    canvas.drawImage(picture, MARGIN, top - height, width, height, mask="auto")
    return top - height - GAP


def _draw_words(canvas: Canvas, flyer: Flyer, top: float) -> None:
    words = [Paragraph(marked(flyer.headline), TITLE)]
    for part in flyer.body.split("\n\n"):
        style = ParagraphStyle("flyer-part", parent=NORMAL, spaceBefore=10)
        words.append(Paragraph(marked(part).replace("\n", "<br/>"), style))
    _put(canvas, words, MARGIN, top, WIDTH, top - FOOT - GAP)


def _draw_foot(canvas: Canvas, flyer: Flyer) -> None:
    canvas.setStrokeColor(HAIRLINE)
    canvas.line(MARGIN, FOOT, A4[0] - MARGIN, FOOT)
    code = ImageReader(io.BytesIO(draw_qr(flyer.link, "png")))
    at = A4[0] - MARGIN - CODE
    canvas.drawImage(code, at, FOOT - 6 * mm - CODE, CODE, CODE)
    canvas.linkURL(flyer.link, (at, FOOT - 6 * mm - CODE, at + CODE, FOOT - 6 * mm))
    left, top, room = MARGIN, FOOT - 6 * mm, WIDTH - CODE - GAP
    if flyer.logo:
        logo = ImageReader(io.BytesIO(flyer.logo))
        width, height = _fitted(logo, 2 * LOGO, LOGO)
        canvas.drawImage(logo, left, top - height, width, height, mask="auto")
        left, room = left + width + 5 * mm, room - width - 5 * mm
    call = ParagraphStyle("flyer-call", parent=NAME, spaceBefore=8)
    words = [Paragraph(marked(flyer.name), NAME)]
    if flyer.text:
        words.append(Paragraph(marked(flyer.text).replace("\n", "<br/>"), SMALL))
    words += [Paragraph(marked(flyer.call), call), Paragraph(marked(flyer.link), SMALL)]
    _put(canvas, words, left, top, room, FOOT - 14 * mm)


def _fitted(picture: ImageReader, width_max: float, height_max: float) -> tuple[float, float]:
    width, height = picture.getSize()
    scale = min(width_max / width, height_max / height)
    return width * scale, height * scale


def _put(
    canvas: Canvas, words: list[Paragraph], left: float, top: float, width: float, height: float
) -> None:
    """Draw paragraphs into a box from its upper left corner, smaller if they need more room."""
    frame = KeepInFrame(width, height, words, mode="shrink")
    _width, used = frame.wrapOn(canvas, width, height)
    frame.drawOn(canvas, left, top - used)
