"""PDF tables that lack rulings, all of them or some: figures stand where a reader sees them, or they are flagged."""

from __future__ import annotations

import io
import random
from itertools import product
from typing import Any

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from bench.accuracy.layout import HEADINGS, TITLE, Shape, Sheet, sheets_of
from bench.accuracy.office import placed
from bench.accuracy.score import score
from bench.accuracy.truth import Style, make_report
from extract.model import Limits
from extract.paged.pdf import read
from extract.tables import read_tables
from extract.tables.labels import meaning_of

FONT = "STSong-Light"
ALIGNED = {"left": 0, "center": 1, "right": 2}


def write(sheets: list[Sheet], heads: str, figures: str, missing: int | None, rng: random.Random) -> bytes:
    """A report with headers and figures set left, centred or right; `missing` rulings between figures, or none at all."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    label = ParagraphStyle("label", fontName=FONT, fontSize=7.5, leading=9, wordWrap="CJK")
    head = ParagraphStyle("head", parent=label, alignment=ALIGNED[heads])
    figure = ParagraphStyle("figure", parent=label, alignment=ALIGNED[figures])
    story: list[Any] = [Paragraph(TITLE, label), Paragraph("一、总体情况", label)]
    for sheet in sheets:
        cells = placed(sheet)
        width = max(x + slot.columns for _, x, slot in cells)
        data: list[list[Any]] = [[""] * width for _ in sheet.rows]
        columns = {x for _, x, slot in cells if slot.address}
        inner = sorted(x for x in columns if x - 1 in columns)
        gone = set(range(width + 1)) if missing is None else set(rng.sample(inner, min(missing, len(inner))))
        commands: list[Any] = [("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
        commands += [(f"{side}PADDING", (0, 0), (-1, -1), 3) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
        for y, x, slot in cells:
            bottom, right = y + slot.rows - 1, x + slot.columns - 1
            style = figure if slot.address else head if slot.is_header and x >= min(columns) else label
            data[y][x] = Paragraph(slot.text, style) if slot.text.strip() else ""
            commands.append(("SPAN", (x, y), (right, bottom)))
            if missing is not None:
                commands += [
                    ("LINEABOVE", (x, y), (right, y), 0.5, "black"),
                    ("LINEBELOW", (x, bottom), (right, bottom), 0.5, "black"),
                ]
            commands += [("LINEBEFORE", (x, y), (x, bottom), 0.5, "black")] if x not in gone else []
            commands += [("LINEAFTER", (right, y), (right, bottom), 0.5, "black")] if right + 1 not in gone else []
        widths = [52.0 if x in columns else 66.0 for x in range(width)]
        table = Table(data, colWidths=[each * min(1.0, 530.0 / sum(widths)) for each in widths])
        table.setStyle(TableStyle(commands))
        story += [Spacer(1, 10), Paragraph(HEADINGS[sheet.code], label), Spacer(1, 8), table]
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=A4, leftMargin=30, rightMargin=30, topMargin=36, bottomMargin=36).build(story)
    return out.getvalue()


def share_right(heads: str, figures: str, missing: int | None, zeros: str, seed: int) -> float:
    """The share of figures read for certain; none of them is wrong."""
    rng = random.Random(f"{heads}/{figures}/{missing}/{zeros}/{seed}")
    report = make_report(rng.randrange(10**9), rng.choice(("2019", "2021")), Style(zeros=zeros))
    data = write(sheets_of(report, Shape(), seed), heads, figures, missing, rng)
    counts, wrong = score(read_tables(read(data, Limits())).figures, report.values)
    assert wrong == []
    return sum(count for (_, outcome), count in counts.items() if outcome == "right") / len(report.values)


@pytest.mark.parametrize(
    ("heads", "figures"), [("left", "center"), ("center", "center"), ("left", "left"), ("right", "right")]
)
def test_a_ruling_that_is_not_drawn_costs_nothing(heads: str, figures: str) -> None:
    assert sum(share_right(heads, figures, 1, "printed", seed) for seed in range(3)) / 3 > 0.9


@pytest.mark.parametrize(("heads", "figures"), [("left", "center"), ("center", "center"), ("left", "left")])
def test_without_any_ruling_figures_stand_below_their_headers(heads: str, figures: str) -> None:
    assert sum(share_right(heads, figures, None, "printed", seed) for seed in range(3)) / 3 > 0.7


@pytest.mark.slow
@pytest.mark.parametrize("missing", [None, 1, 2, 3])
def test_no_figure_is_silently_wrong_however_cells_are_aligned(missing: int | None) -> None:
    """Every way to align, to print nothing and to leave rulings out, each with two of the six tables in turn."""
    ways = product(ALIGNED, ALIGNED, ("printed", "blank", "mixed", "dash"))
    for number, (heads, figures, zeros) in enumerate(ways, start=missing or 0):
        for seed in (number % 6, (number + 3) % 6):
            share_right(heads, figures, missing, zeros, seed)


def test_the_name_of_a_group_and_a_header_in_one_cell_are_the_header() -> None:
    assert meaning_of("申请人情况自然人").columns == {"applications": "natural_person"}
    assert meaning_of("法人或其他组织 商业企业").columns == {"applications": "business"}
    assert not meaning_of("商业企业科研机构").columns
