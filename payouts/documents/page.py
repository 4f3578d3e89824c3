"""How a paper looks: an A4 page made of its facts alone, the same bytes each time."""

import io
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from common.lettering import BOLD, PLAIN, load_fonts, marked
from common.money import format_money
from payouts.documents.facts import Paper, PaperLine, Party

MARGIN: Final = 20 * mm
PADDING: Final = 6  # What a frame keeps to itself on each side.
WIDTH: Final = A4[0] - 2 * MARGIN
INK: Final = colors.HexColor("#1c2430")
QUIET: Final = colors.HexColor("#5b6573")
HAIRLINE: Final = (0.5, colors.HexColor("#c9d0d8"))

NORMAL = ParagraphStyle("normal", fontName=PLAIN, fontSize=9.5, leading=13, textColor=INK)
SMALL = ParagraphStyle("small", parent=NORMAL, fontSize=8.5, leading=12, textColor=QUIET)
STRONG = ParagraphStyle("strong", parent=NORMAL, fontName=BOLD)
TITLE = ParagraphStyle("title", parent=STRONG, fontSize=17, leading=22)
AMOUNT = ParagraphStyle("amount", parent=NORMAL, alignment=TA_RIGHT)
AMOUNT_STRONG = ParagraphStyle("amount-strong", parent=STRONG, alignment=TA_RIGHT)
HEAD = ParagraphStyle("head", parent=SMALL)
HEAD_AMOUNT = ParagraphStyle("head-amount", parent=SMALL, alignment=TA_RIGHT)

Row = list[Paragraph]


def make_page(paper: Paper) -> bytes:
    """Return the paper as a PDF file."""
    load_fonts()
    target = io.BytesIO()
    template = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=MARGIN - PADDING,
        rightMargin=MARGIN - PADDING,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=f"{paper.title} {paper.number}",
        author=paper.payer.name,
        lang="en",
        invariant=1,  # No clock and no random id in the file.
    )

    def foot(canvas: Canvas, _template: Any) -> None:
        canvas.setFont(PLAIN, 8)
        canvas.setFillColor(QUIET)
        canvas.drawRightString(
            A4[0] - MARGIN, 12 * mm, f"{paper.number} · {canvas.getPageNumber()}"
        )

    template.build(_story(paper), onFirstPage=foot, onLaterPages=foot)
    return target.getvalue()


def _story(paper: Paper) -> list[Flowable]:
    story: list[Flowable] = [
        _said(paper.title, TITLE),
        Spacer(0, 4 * mm),
        _parties(paper),
        Spacer(0, 6 * mm),
        _pairs([[_("Number"), paper.number], [_("Issued"), _day(paper.issued_on)]]),
        Spacer(0, 5 * mm),
        _lines(paper),
        Spacer(0, 4 * mm),
        _totals(paper),
        Spacer(0, 6 * mm),
    ]
    story += [_said(note, NORMAL) for note in paper.notes]
    if paper.particulars:
        story += [Spacer(0, 4 * mm), _pairs(paper.particulars)]
    return story


def _said(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(marked(text), style)


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%B %Y}"


def _parties(paper: Paper) -> Table:
    """Put the supplier left and the recipient right, as invoices do."""
    cells = [[_party(_("Supplier"), paper.payee), _party(_("Recipient"), paper.payer)]]
    if not paper.has_vat:
        cells = [[_party(_("From"), paper.payer), _party(_("To"), paper.payee)]]
    return _table(cells, [WIDTH / 2, WIDTH / 2])


def _party(role: str, party: Party) -> Row:
    rows = [_said(role, SMALL), _said(party.name, STRONG)]
    rows += [_said(line, NORMAL) for line in party.address]
    if party.vat_id:
        rows.append(_said(_("VAT id: %s") % party.vat_id, NORMAL))
    if party.tax_id:
        rows.append(_said(_("Tax number: %s") % party.tax_id, NORMAL))
    return rows


def _pairs(rows: list[list[str]]) -> Table:
    cells = [[_said(label, SMALL), _said(value, NORMAL)] for label, value in rows]
    return _table(cells, [40 * mm, WIDTH - 40 * mm])


def _lines(paper: Paper) -> Table:
    if paper.has_vat:
        heads = [_("Net"), _("VAT rate"), _("VAT"), _("Gross")]
        widths = [WIDTH - 104 * mm, 28 * mm, 20 * mm, 26 * mm, 30 * mm]
    else:
        heads = [_("Amount")]
        widths = [WIDTH - 40 * mm, 40 * mm]
    rows = [[_said(_("For"), HEAD), *(_said(head, HEAD_AMOUNT) for head in heads)]]
    rows += [_line(paper, line) for line in paper.lines]
    return _table(
        rows,
        widths,
        repeatRows=1,
        style=[("LINEBELOW", (0, 0), (-1, -1), *HAIRLINE), ("VALIGN", (0, 0), (-1, -1), "TOP")],
    )


def _line(paper: Paper, line: PaperLine) -> Row:
    texts = [_money(paper, line.net_minor)]
    if paper.has_vat:
        texts += [
            f"{line.vat_bps / 100:g} %",
            _money(paper, line.vat_minor),
            _money(paper, line.net_minor + line.vat_minor),
        ]
    return [_said(line.text, NORMAL), *(_said(text, AMOUNT) for text in texts)]


def _totals(paper: Paper) -> Table:
    rows: list[tuple[str, int]] = []
    if paper.has_vat:
        rows += [(_("Net"), paper.net_minor), (_("VAT"), paper.vat_minor)]
        rows.append((_("Gross"), paper.net_minor + paper.vat_minor))
    elif paper.withheld_minor or paper.fee_minor:
        rows.append((_("Earned"), paper.net_minor))
    if paper.withheld_minor:
        rows.append((_("Withheld for the tax office"), -paper.withheld_minor))
    if paper.fee_minor:
        rows.append((_("Fee of the payout"), -paper.fee_minor))
    cells = [[_said(label, NORMAL), _said(_money(paper, sum_), AMOUNT)] for label, sum_ in rows]
    total = _said(_money(paper, paper.paid_minor), AMOUNT_STRONG)
    cells.append([_said(_("Total"), STRONG), total])
    return _table(
        cells,
        [60 * mm, 40 * mm],
        hAlign="RIGHT",
        style=[("LINEABOVE", (0, -1), (-1, -1), *HAIRLINE)],
    )


def _money(paper: Paper, amount_minor: int) -> str:
    return format_money(amount_minor, currency=paper.currency)


def _table(
    cells: list[Any], widths: list[float], *, style: list[Any] | None = None, **options: Any
) -> Table:
    options.setdefault("hAlign", "LEFT")
    flush = [("LEFTPADDING", (0, 0), (0, -1), 0), ("RIGHTPADDING", (-1, 0), (-1, -1), 0)]
    base = [("VALIGN", (0, 0), (-1, -1), "TOP"), *flush]
    return Table(cells, colWidths=widths, style=[*base, *(style or [])], **options)
