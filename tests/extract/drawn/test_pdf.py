"""PDF: text without ink, pale, covered, clipped, off the page, on layers; struck, turned and overprinted digits; notes and fields."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from extract.model import Document, Limits
from extract.paged import pdf
from tests.extract.drawn.standing import BESIDE, CAPTION, HEADER, LABEL, is_untouched, standing

_FONT, _DIGITS, _SIZE = "STSong-Light", "Helvetica", 9
#: Where the figure in question begins, and its cell: left, bottom, width, height.
_X, _Y = 320.0, 651.0
_CELL = (300.0, 645.0, 120.0, 20.0)
_HEIGHT = 20.0
_ADVANCE = 5.004  # of a digit


def _page(draw: Callable[[Canvas], object], patch: Callable[[bytes], bytes] = bytes, **paper: float) -> Document:
    """A ruled table whose figure `draw` draws, read."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842), pageCompression=0, invariant=1, **paper)
    canvas.setFont(_FONT, 12)
    canvas.drawString(150, 780, "平川县2021年政府信息公开工作年度报告")
    canvas.setLineWidth(0.5)
    rows = [(CAPTION, ""), HEADER, (LABEL, None), BESIDE]
    for number, row in enumerate(rows):
        top = 705.0 - number * _HEIGHT
        canvas.rect(100, top - _HEIGHT, 200, _HEIGHT)
        canvas.rect(300, top - _HEIGHT, 120, _HEIGHT)
        canvas.setFont(_FONT, _SIZE)
        canvas.drawString(105, top - 14, row[0])
        if row[1] is None:
            canvas.setFont(_DIGITS, _SIZE)
            canvas.saveState()
            draw(canvas)
            canvas.restoreState()
        else:
            canvas.drawString(_X, top - 14, row[1])
    canvas.showPage()
    canvas.save()
    return pdf.read(patch(out.getvalue()), Limits())


def _pieces(*pieces: tuple[str, Callable[[Canvas], object] | None]) -> Callable[[Canvas], None]:
    """Digits one behind the other, each drawn in its own way."""

    def draw(canvas: Canvas) -> None:
        x = _X
        for text, how in pieces:
            canvas.saveState()
            if how is not None:
                how(canvas)
            canvas.drawString(x, _Y, text)
            canvas.restoreState()
            x += _ADVANCE * len(text)

    return draw


def _white(canvas: Canvas) -> None:
    canvas.setFillColorRGB(1, 1, 1)


def _nearly_white(canvas: Canvas) -> None:
    canvas.setFillColorRGB(0.94, 0.96, 0.93)


def _clear(canvas: Canvas) -> None:
    canvas.setFillAlpha(0.03)


def _tiny(canvas: Canvas) -> None:
    canvas.setFont(_DIGITS, 1)


def _mode(number: int, **colours: tuple[float, float, float]) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        text = canvas.beginText(_X, _Y)
        text.setTextRenderMode(number)
        if "stroke" in colours:
            text.setStrokeColorRGB(*colours["stroke"])
        text.textOut("9")
        text.setTextRenderMode(0)
        text.textOut("17")
        canvas.drawText(text)

    return draw


def _then(*steps: Callable[[Canvas], object]) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        for step in steps:
            canvas.saveState()
            step(canvas)
            canvas.restoreState()

    return draw


_plain = _pieces(("917", None))


def _box(grey: float, left: float, bottom: float, width: float, height: float) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        canvas.setFillGray(grey)
        canvas.rect(left, bottom, width, height, stroke=0, fill=1)

    return draw


def _clipped(left: float, bottom: float, width: float, height: float) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        path = canvas.beginPath()
        path.rect(left, bottom, width, height)
        canvas.clipPath(path, stroke=0)
        _plain(canvas)

    return draw


def _round_clip(canvas: Canvas) -> None:
    path = canvas.beginPath()
    path.circle(_X + 11, _Y + 3, 6)
    canvas.clipPath(path, stroke=0)
    _plain(canvas)


def _line(*line: float, width: float = 0.7) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        canvas.setLineWidth(width)
        canvas.line(*line)

    return draw


def _picture(text_grey: int = 0, left: float = _X, width: float = 30.0) -> Callable[[Canvas], None]:
    """A picture of a bar, as a number could be one."""

    def draw(canvas: Canvas) -> None:
        picture = Image.new("L", (60, 24), 255)
        picture.paste(text_grey, (20, 3, 26, 21))
        canvas.drawImage(ImageReader(picture), left, _Y - 2, width, 12)

    return draw


def _white_picture(canvas: Canvas) -> None:
    canvas.drawImage(ImageReader(Image.new("L", (10, 10), 255)), _X, _Y - 2, 5, 12)


def _curve(canvas: Canvas) -> None:
    path = canvas.beginPath()
    path.moveTo(_X, _Y)
    path.curveTo(_X + 8, _Y + 2, _X - 4, _Y + 6, _X + 4, _Y + 8)
    canvas.drawPath(path, stroke=1)


def _form(canvas: Canvas) -> None:
    """A form XObject whose box cuts the first digit off."""
    canvas.beginForm("cut", lowerx=_X + _ADVANCE, lowery=_Y - 5, upperx=_X + 60, uppery=_Y + 15)
    canvas.setFont(_DIGITS, _SIZE)
    canvas.drawString(_X, _Y, "917")
    canvas.endForm()
    canvas.doForm("cut")


def _on_its_head(canvas: Canvas) -> None:
    canvas.translate(_X + 12, _Y + 6)
    canvas.rotate(180)
    canvas.drawString(0, 0, "96")


def _mirrored(canvas: Canvas) -> None:
    canvas.translate(_X + 12, _Y)
    canvas.scale(-1, 1)
    canvas.drawString(0, 0, "96")


def _field(value: str, **options: object) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        canvas.acroForm.textfield(
            name="f1",
            value=value,
            x=_X,
            y=_Y - 3,
            width=40,
            height=14,
            fontSize=9,
            borderWidth=0,
            fillColor=None,
            **options,
        )

    return draw


def _choice(canvas: Canvas) -> None:
    canvas.acroForm.choice(name="f2", value="46", options=["46", "47"], x=_X, y=_Y - 3, width=40, height=14, fontSize=9)


def _note(canvas: Canvas) -> None:
    canvas.freeTextAnnotation("46", DA="/Helv 9 Tf 0 g", Rect=[_X, _Y - 2, _X + 30, _Y + 10], relative=0)


def _annotation(body: str) -> Callable[[bytes], bytes]:
    """Put an annotation of any kind on the page (its cross reference is repaired by the reader)."""

    def patch(data: bytes) -> bytes:
        place = f"[{_X:.0f} {_Y - 2:.0f} {_X + 20:.0f} {_Y + 9:.0f}]"
        return re.sub(
            rb"/MediaBox",
            f"/Annots [<< /Type /Annot {body.replace('PLACE', place)} >>] /MediaBox".encode(),
            data,
            count=1,
        )

    return patch


def _layer(state: str) -> Callable[[bytes], bytes]:
    """Put the digit 9 that is marked `/OC` on a layer; `state` is `ON` or `OFF`."""

    def patch(data: bytes) -> bytes:
        layers = f"/OCProperties << /OCGs [99 0 R] /D << /{state} [99 0 R] /Order [99 0 R] >> >> "
        data = data.replace(b"/Type /Catalog", layers.encode() + b"/Type /Catalog")
        data = data.replace(b"/ProcSet", b"/Properties << /L1 99 0 R >> /ProcSet", 1)
        at = data.index(b"xref")
        return data[:at] + b"99 0 obj\n<< /Type /OCG /Name (old) >>\nendobj\n" + data[at:]

    return patch


def _on_layer(canvas: Canvas) -> None:
    canvas._code.append("/OC /L1 BDC")
    canvas.drawString(_X, _Y, "9")
    canvas._code.append("EMC")
    canvas.drawString(_X + _ADVANCE, _Y, "17")


_MIDDLE = _Y + 3.2
VARIANTS: dict[str, tuple[str | None, Callable[[Canvas], object], Callable[[bytes], bytes]]] = {
    "white digit": ("17", _pieces(("9", _white), ("17", None)), bytes),
    "nearly white digit": ("17", _pieces(("9", _nearly_white), ("17", None)), bytes),
    "transparent digit": ("17", _pieces(("9", _clear), ("17", None)), bytes),
    "all white": ("", _pieces(("917", _white)), bytes),
    "tiny digit": ("17", _pieces(("9", _tiny), ("17", None)), bytes),
    "white point": ("917", _pieces(("9", None), (".", _white), ("17", None)), bytes),
    "white minus": ("17", _pieces(("-", _white), ("17", None)), bytes),
    "render mode 3": ("17", _mode(3), bytes),
    "render mode 7": ("17", _mode(7), bytes),
    "white outline": ("17", _mode(1, stroke=(1, 1, 1)), bytes),
    "black on black": ("17", _then(_box(0, _X - 1, _Y - 2, 5.5, 12), _plain), bytes),
    "white cover": ("17", _then(_plain, _box(1, _X - 1, _Y - 2, 6, 12)), bytes),
    "black bar": (None, _then(_plain, _box(0, _X - 1, _Y - 2, 6, 12)), bytes),
    "half covered": (None, _then(_plain, _box(1, _X - 1, _Y - 2, 6, 5.2)), bytes),
    "covered by a picture": ("17", _then(_plain, _white_picture), bytes),
    "clipped": ("17", _clipped(_X + 5.2, _Y - 4, 60, 20), bytes),
    "clipped in half": (None, _clipped(_X - 5, _Y + 3, 60, 20), bytes),
    "clipped to a circle": (None, _round_clip, bytes),
    "cut by a form": ("17", _form, bytes),
    "on a layer switched off": ("17", _on_layer, _layer("OFF")),
    "replaced by overprinting": (None, _then(_pieces(("4", None)), _pieces(("9", None))), bytes),
    "overprinted a little aside": (None, _then(_pieces(("17", None)), lambda c: c.drawString(_X + 1, _Y, "48")), bytes),
    "raised without change of size": (None, _then(_pieces(("91", None)), lambda c: c.drawString(_X + 10, _Y + 2.5, "7")), bytes),
    "struck by a line": (None, _then(_plain, _line(_X, _MIDDLE, _X + 15, _MIDDLE)), bytes),
    "first digit struck": (None, _then(_plain, _line(_X, _MIDDLE, _X + 5, _MIDDLE)), bytes),
    "struck by a thin box": (None, _then(_plain, _box(0, _X, _MIDDLE, 15, 0.8)), bytes),
    "struck over the whole row": (None, _then(_plain, _line(100, _MIDDLE, 420, _MIDDLE)), bytes),
    "struck slightly aslant": (None, _then(_plain, _line(_X, _MIDDLE - 0.8, _X + 15, _MIDDLE + 0.8)), bytes),
    "crossed out": (None, _then(_plain, _line(_X - 2, _Y - 2, _X + 17, _Y + 9)), bytes),
    "one digit crossed out steeply": (None, _then(_plain, _line(_X + 1.5, _Y - 1, _X + 3.5, _Y + 8)), bytes),
    "struck by a curve": (None, _then(_plain, _curve), bytes),
    "turned upside down": (None, _on_its_head, bytes),
    "mirrored": (None, _mirrored, bytes),
    "a picture instead of a number": (None, _picture(), bytes),
    "a picture beside a number": (None, _then(_pieces(("17", None)), _picture(left=_X + 12)), bytes),
    "a picture before a number": (None, _then(_pieces(("  17", None)), _picture(left=_X - 17, width=15)), bytes),
    "outlines instead of a number": (None, _curve, bytes),
    "a text field": (None, _field("46"), bytes),
    "a text field beside a number": (None, _then(_pieces(("9", None)), lambda c: _field("46")(c)), bytes),
    "a list field": (None, _choice, bytes),
    "free text note": (None, _note, bytes),
    "free text without appearance": (None, lambda _: None, _annotation("/Subtype /FreeText /Rect PLACE /Contents (46) /DA (/Helv 9 Tf)")),
    "field without appearance": (None, lambda _: None, lambda data: _annotation("/Subtype /Widget /FT /Tx /T (a) /V (46) /Rect PLACE /F 4")(
        data.replace(b"/Type /Catalog", b"/AcroForm << /Fields [] >> /Type /Catalog"))),
    "strike-out note": (None, _plain, _annotation(
        f"/Subtype /StrikeOut /C [1 0 0] /Rect PLACE /QuadPoints [{_X} {_Y + 8} {_X + 15} {_Y + 8} {_X} {_Y - 1} {_X + 15} {_Y - 1}]")),
    "square note over it": (None, _plain, _annotation("/Subtype /Square /C [1 1 1] /IC [1 1 1] /Rect PLACE")),
    "redaction": (None, _plain, _annotation("/Subtype /Redact /Rect PLACE")),
}  # fmt: skip

HARMLESS: dict[str, tuple[str, Callable[[Canvas], object], Callable[[bytes], bytes]]] = {
    "plain": ("917", _plain, bytes),
    "grey": ("917", _pieces(("917", lambda c: c.setFillGray(0.5))), bytes),
    "pale grey": ("917", _pieces(("917", lambda c: c.setFillGray(0.7))), bytes),
    "white on a dark ground": ("917", _then(_box(0.1, *_CELL), _pieces(("917", _white))), bytes),
    "black on a pale ground": ("917", _then(_box(0.8, *_CELL), _plain), bytes),
    "coloured": ("917", _pieces(("917", lambda c: c.setFillColorRGB(0.8, 0.1, 0.1))), bytes),
    "outlined": ("917", _mode(1), bytes),
    "filled and outlined": ("917", _mode(2), bytes),
    "clipped to its cell": ("917", _clipped(*_CELL), bytes),
    "on a layer switched on": ("917", _on_layer, _layer("ON")),
    "underlined": ("917", _then(_plain, _line(_X, _Y - 1.2, _X + 15, _Y - 1.2)), bytes),
    "thousands and a point": ("917", _pieces(("917.00", None)), bytes),
    "narrow ones": ("111", _pieces(("1", None), ("1", None), ("1", None)), bytes),
    "a logo above the table": ("917", _then(_plain, lambda c: c.drawImage(ImageReader(Image.new("L", (40, 40), 30)), 100, 730, 40, 40)), bytes),
    "a pale picture below the page": ("917", _then(lambda c: c.drawImage(ImageReader(Image.new("L", (40, 40), 235)), 90, 500, 400, 250), _plain), bytes),
    "a picture in another cell": ("917", _then(_plain, _picture(left=150)), bytes),
    "a highlight": ("917", _plain, _annotation(
        f"/Subtype /Highlight /C [1 1 0] /Rect PLACE /QuadPoints [{_X} {_Y + 8} {_X + 15} {_Y + 8} {_X} {_Y - 1} {_X + 15} {_Y - 1}]")),
    "a link": ("917", _plain, _annotation("/Subtype /Link /Border [0 0 0] /Rect PLACE /A << /S /URI /URI (http://a.cn/) >>")),
    "a hidden note": ("917", _plain, _annotation("/Subtype /FreeText /F 2 /Rect PLACE /Contents (46)")),
    "an empty field elsewhere": ("917", _then(_plain, lambda c: c.acroForm.textfield(name="e", value="", x=450, y=200, width=40, height=14)), bytes),
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_what_is_not_drawn_as_stored_is_right_or_flagged(name: str) -> None:
    shown, draw, patch = VARIANTS[name]
    assert standing(_page(draw, patch), shown) != "silent"


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_drawn_as_stored_is_not_touched(name: str) -> None:
    value, draw, patch = HARMLESS[name]
    assert is_untouched(_page(draw, patch), value)


def test_digits_outside_the_page_are_flagged() -> None:
    """The page's box leaves the column of figures out: nobody sees it."""
    document = _page(_plain, lambda data: data.replace(b"/MediaBox [ 0 0 595 842 ]", b"/MediaBox [ 0 0 322 842 ]"))
    assert standing(document, None) == "flagged"


def test_a_page_with_more_notes_or_strokes_than_can_be_compared_is_in_doubt() -> None:
    def notes(data: bytes) -> bytes:
        one = b"<< /Type /Annot /Subtype /Square /Rect [0 0 1 1] >> "
        return re.sub(rb"/MediaBox", b"/Annots [" + one * 1200 + b"] /MediaBox", data, count=1)

    assert standing(_page(_plain, notes), None) == "flagged"

    def strokes(canvas: Canvas) -> None:
        _plain(canvas)
        for number in range(5100):
            canvas.line(10 + number % 80, 100, 18 + number % 80, 108)

    assert standing(_page(strokes), None) == "flagged"


def test_a_form_made_when_opened_is_named() -> None:
    def xfa(data: bytes) -> bytes:
        return data.replace(
            b"/Type /Catalog", b"/AcroForm << /Fields [] /XFA (a) >> /Type /Catalog /NeedsRendering true"
        )

    document = _page(_plain, xfa)
    assert any("XFA" in warning for warning in document.warnings)
