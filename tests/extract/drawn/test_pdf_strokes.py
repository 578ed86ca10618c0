"""PDF: digits, signs and points that are drawn and not written; borders that part a number; covers; notes with an appearance; ActualText."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from reportlab.pdfgen.canvas import Canvas

from extract.readers import read_document
from extract.tables import read_tables
from tests.extract.drawn.standing import is_untouched, standing
from tests.extract.drawn.test_pdf import _ADVANCE, _X, _Y, _annotation, _page, _plain, _then
from tests.extract.paged.test_pdf_overprint import LEFT, ROW_HEIGHT, ROWS, TOP, WIDTHS

Draw = Callable[[Canvas], object]


def _text(text: str, x: float = _X, y: float = _Y) -> Draw:
    return lambda canvas: canvas.drawString(x, y, text)


def _line(*places: float, width: float = 0.9, grey: float = 0.0) -> Draw:
    """A stroke; places from where the figure begins."""

    def draw(canvas: Canvas) -> None:
        canvas.setLineWidth(width)
        canvas.setStrokeGray(grey)
        path = canvas.beginPath()
        path.moveTo(_X + places[0], _Y + places[1])
        for at in range(2, len(places), 2):
            path.lineTo(_X + places[at], _Y + places[at + 1])
        canvas.drawPath(path)

    return draw


def _box(left: float, bottom: float, width: float, height: float, grey: float = 0.0) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setFillGray(grey)
        canvas.rect(_X + left, _Y + bottom, width, height, stroke=0, fill=1)

    return draw


def _white(text: str) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setFillGray(1)
        canvas.drawString(_X, _Y, text)

    return draw


def _spoken(text: str) -> Draw:
    """A 9 that is to be read out as something else, and 17."""

    def draw(canvas: Canvas) -> None:
        canvas._code.append(f"/Span << /ActualText {text} >> BDC")
        canvas.drawString(_X, _Y, "9")
        canvas._code.append("EMC")
        canvas.drawString(_X + _ADVANCE, _Y, "17")

    return draw


def _scaled(canvas: Canvas) -> None:
    text = canvas.beginText(_X, _Y)
    text.setHorizScale(3)
    text.textOut("9")
    text.setHorizScale(100)
    text.textOut("17")
    canvas.drawText(text)


def _lapped(canvas: Canvas) -> None:
    text = canvas.beginText(_X, _Y)
    text.setCharSpace(-8)
    text.textOut("917")
    canvas.drawText(text)


def _blended(canvas: Canvas) -> None:
    canvas._code.append("q /GSX gs")
    canvas.drawString(_X, _Y, "9")
    canvas._code.append("Q")
    canvas.drawString(_X + _ADVANCE, _Y, "17")


def _screen(data: bytes) -> bytes:
    return data.replace(b"/ProcSet", b"/ExtGState << /GSX << /BM /Screen >> >> /ProcSet", 1)


def _with_appearance(kind: str, commands: str) -> Callable[[bytes], bytes]:
    """A note that brings a drawing of its own, 20 by 11 points where the figure is."""
    quads = "[320 660 340 660 320 649 340 649]"
    stream = commands.encode()

    def patch(data: bytes) -> bytes:
        data = _annotation(f"/Subtype /{kind} /C [1 1 0] /Rect PLACE /QuadPoints {quads} /AP << /N 98 0 R >>")(data)
        at = data.index(b"xref")
        fonts = b"<< /Font << /H << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
        form = b"98 0 obj\n<< /Type /XObject /Subtype /Form /BBox [0 0 20 11] /Resources %b /Length %d >>\nstream\n%b\nendstream\nendobj\n"
        return data[:at] + form % (fonts, len(stream), stream) + data[at:]

    return patch


def _aslant(degrees: float, text: str, beside: str = "") -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.saveState()
        canvas.translate(_X, _Y)
        canvas.rotate(degrees)
        canvas.drawString(0, 0, text)
        canvas.restoreState()
        canvas.drawString(_X + _ADVANCE + 1, _Y, beside)

    return draw


_NUMBER = "BT /H 9 Tf 0 g 1 2 Td (46) Tj ET"
_TALL = 6.4
SILENT: dict[str, tuple[str | None, Draw, Callable[[bytes], bytes]]] = {
    "a stroke for a 1": (None, _then(_line(2, 0, 2, _TALL), _text("7", _X + _ADVANCE)), bytes),
    "a thin box for a 1": (None, _then(_box(2, 0, 0.9, _TALL), _text("7", _X + _ADVANCE)), bytes),
    "a stout box for a 1": (None, _then(_text("9"), _box(_ADVANCE + 2, 0, 1.4, _TALL)), bytes),
    "two strokes for a 7": (None, _then(_text("1"), _line(5.5, _TALL, 9.5, _TALL, 7, 0)), bytes),
    "strokes for a 4": (None, _then(_text("1"), _line(8.4, 0, 8.4, _TALL), _line(5.4, 1.6, 9.5, 1.6), _line(5.4, 1.6, 8.4, _TALL)), bytes),
    "boxes for an 8": (None, _then(_text("1"), *(_box(5 + x, y, w, h) for x, y, w, h in
        ((0, 0, 4, 0.8), (0, 3, 4, 0.8), (0, 6, 4, 0.8), (0, 0, 0.8, 6.5), (3.4, 0, 0.8, 6.5)))), bytes),
    "a stroke for a minus": (None, _then(_plain, _line(-5, 3, -1, 3)), bytes),
    "a box for a minus": (None, _then(_plain, _box(-5, 2.7, 4, 0.7)), bytes),
    "a box for a point": (None, _then(_text("9"), _box(_ADVANCE + 0.5, 0, 1, 1), _text("17", _X + 7.5)), bytes),
    "nothing but strokes": (None, _then(_line(2, 0, 2, _TALL), _line(7, 0, 7, _TALL)), bytes),
    "a line between digits": (None, _then(_plain, _line(_ADVANCE, -6, _ADVANCE, 14, width=0.5)), bytes),
    "a box between digits": (None, _then(_plain, _box(_ADVANCE - 0.2, -6, 0.5, 20)), bytes),
    "a number across the border": (None, _text("917", 420 - 1.9 * _ADVANCE), bytes),
    "a border through a digit": (None, _text("917", 300 - _ADVANCE / 2), bytes),
    "covered by a white stroke": (None, _then(_plain, _line(2.3, -2, 2.3, 9, width=5, grey=1)), bytes),
    "covered by a stroke above it": (None, _then(_plain, _line(-1, 7.5, 20, 7.5, width=12, grey=1)), bytes),
    "blackened in the middle": (None, _then(_plain, _box(0, 1.5, 15, 3.4)), bytes),
    "printed over in white": (None, _then(_plain, _white("9")), bytes),
    "squeezed to nothing": (None, _scaled, bytes),
    "set backwards over each other": (None, _lapped, bytes),
    "a slanting digit": (None, _aslant(12, "9", "17"), bytes),
    "a digit that slants down": (None, _aslant(-30, "9", "17"), bytes),
    "a number aslant": (None, _aslant(20, "917"), bytes),
    "a digit on its edge": (None, _aslant(45, "9"), bytes),
    "blended": (None, _blended, _screen),
    "read out otherwise": ("917", _spoken("(6)"), bytes),
    "read out otherwise in UTF-16": ("917", _spoken("<FEFF0036>"), bytes),
    "read out as more": ("917", _spoken("(45)"), bytes),
    "read out as nothing": ("917", _spoken("()"), bytes),
    "a line as a note": (None, _plain, _annotation("/Subtype /Line /C [0 0 0] /Rect PLACE /L [320 654 335 654]")),
    "a highlight that covers": (None, _plain, _with_appearance("Highlight", "1 g 0 0 20 11 re f")),
    "a highlight that shows a number": (None, lambda _: None, _with_appearance("Highlight", _NUMBER)),
    "a link that shows a number": (None, lambda _: None, _with_appearance("Link", _NUMBER)),
    "a stamp that shows a number": (None, lambda _: None, _with_appearance("Stamp", _NUMBER)),
    "an underline that strikes": (None, _plain, _with_appearance("Underline", "0 G 0 5 m 20 5 l S")),
}  # fmt: skip

HARMLESS: dict[str, tuple[Draw, Callable[[bytes], bytes]]] = {
    "an underline of one digit": (_then(_text("917"), _line(0, -1.1, 5, -1.1, width=0.5)), bytes),
    "a thick border": (_then(_plain, lambda c: (c.setLineWidth(2.25), c.rect(300, 645, 120, 20))), bytes),
    "borders drawn twice": (_then(_plain, lambda c: c.rect(301.2, 646.2, 117.6, 17.6)), bytes),
    "a white box below it": (_then(_box(0, 0, 8, 8, grey=1), _plain), bytes),
    "a pale watermark over it": (
        _then(_plain, lambda c: (c.setFillGray(0.9), c.setFont("Helvetica", 60), c.drawString(250, 640, "W"))),
        bytes,
    ),
    "read out as words": (
        lambda c: (c._code.append("/P << /Lang (zh) >> BDC"), _plain(c), c._code.append("EMC")),
        bytes,
    ),
    "a yellow highlight": (_plain, _with_appearance("Highlight", "1 1 0.6 rg /G gs 0 0 0 0 re f")),
    "a number close to the border": (_text("917", 300.6), bytes),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_strokes_and_notes_make_of_a_figure_is_right_or_flagged(name: str) -> None:
    shown, draw, patch = SILENT[name]
    assert standing(_page(draw, patch), shown) != "silent"


@pytest.mark.parametrize("name", HARMLESS)
def test_what_changes_nothing_is_not_touched(name: str) -> None:
    draw, patch = HARMLESS[name]
    assert is_untouched(_page(draw, patch), "917")


@pytest.mark.parametrize("parts", [[(-5.0, "93")], [(-4.5, "9"), (0.3, "3")]], ids=["one string", "two strings"])
def test_a_number_over_the_border_of_two_columns_is_in_no_column(parts: list[tuple[float, str]]) -> None:
    """93 would be read as 9 natural persons and 3 businesses: both cells hold a part of one number."""
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.setLineWidth(0.5)
    for y, row in enumerate(ROWS):
        x, bottom = LEFT, TOP - (y + 1) * ROW_HEIGHT
        for column, (width, text) in enumerate(zip(WIDTHS, row, strict=True)):
            canvas.rect(x, bottom, width, ROW_HEIGHT)
            canvas.setFont("STSong-Light", 8)
            if (y, column) == (1, 2):
                for aside, piece in parts:
                    canvas.drawString(x + aside, bottom + 8, piece)
            elif (y, column) != (1, 1):
                canvas.drawString(x + 3, bottom + 8, text)
            x += width
    canvas.save()
    received = [f for f in read_tables(read_document(out.getvalue())).figures if f.row == "received"]
    assert [f.column for f in received if not f.is_reliable] == ["natural_person", "business"]


def test_hatching_beside_the_table_is_nothing_of_it() -> None:
    def hatched(canvas: Canvas) -> None:
        _plain(canvas)
        for number in range(300):
            canvas.line(440 + number % 30, 100 + number, 448 + number % 30, 108 + number)

    assert is_untouched(_page(hatched), "917")
