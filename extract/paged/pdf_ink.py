"""What a PDF page shows, through PDFium: characters with their boxes, rulings, pictures. Only the modules `pdf_…` call it.

PDFium is not thread-safe, not even for different documents; callers hold `PDFIUM`.
"""

from __future__ import annotations

import ctypes
import math
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from extract.document.drawn import Look
from extract.document.joined import FIGURE_CHARACTERS
from extract.document.limits import Budget
from extract.document.radicals import to_han
from extract.errors import UnreadableDocument
from extract.layout.geometry import Turn
from extract.layout.page import Char, PageInk
from extract.layout.strokes import strokes_of
from extract.messages import localizable
from extract.paged.pdf_drawn import PageDoubts, PageRendering, TextLook, notes_of, overlay_of
from extract.paged.pdf_objects import PageObjects

PDFIUM = threading.Lock()

_MAX_CHARACTERS = 200_000
_MAX_PIXELS = 12_000_000
# Faked bold shifts the second print by less than this; no two neighbours are that close.
_SHIFT = 0.9
_INVISIBLE = frozenset({0xA0, 0x3000, 0x200B, 0xFEFF, 0x2002, 0x2003, 0x2009, 0x202F})
# PDFium's marks for a hyphen that ends a line, and the soft one; in a table each is a dash.
_HYPHENS = frozenset({0xFFFE, 0xAD})
_RASTER = 2.0
# The box of a blank has a width, but no height, in points.
_LEAST_INK = 0.3
# A scan's invisible text may follow a page that lies askew by a degree or two; a quarter turn is 1.
_TILT = 0.1

_PASSWORD = localizable("the PDF is encrypted with a password; save it without one")
_DAMAGED = localizable("the PDF is damaged and can't be opened ({reason}); download it again or print it to a new PDF")


@contextmanager
def open_pdf(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF for reading; raise `UnreadableDocument` when it is encrypted or damaged."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        reason = str(error)
        raise UnreadableDocument(_PASSWORD if "assword" in reason else _DAMAGED.format(reason=reason)) from error
    try:
        yield document
    finally:
        document.close()


def read_page(document: pypdfium2.PdfDocument, index: int, budget: Budget, doubts: PageDoubts) -> PageInk:
    """Read one page; `index` counts from 0. `doubts` hold for the figures of any page."""
    try:
        page = document[index]
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocument(f"page {index + 1} of the PDF is damaged; print it to a new PDF") from error
    try:
        left, bottom, right, top = page.get_bbox()
        shape = (left, bottom, right - left, top - bottom)
        displayed = Turn(page.get_rotation() // 90 % 4, *shape)
        objects = PageObjects(budget)
        objects.walk_page(page)
        notes = notes_of(page)
        textpage = page.get_textpage()
        try:
            reading = Turn(_text_quarters(textpage, objects.has_turned_text), *shape)
            look = TextLook(textpage, objects, notes, (left, bottom, right, top), doubts)
            chars = list(_characters(textpage, reading, budget, look, any_turned=objects.has_turned_text))
        finally:
            textpage.close()
        drawing = PageRendering(page, displayed)
        for number, why in (
            *(drawing.unseen(look.suspects) if look.suspects else ()),
            *(drawing.otherwise(look.shapes.doubtful, displayed, reading) if look.shapes.doubtful else ()),
        ):
            chars[number] = chars[number]._replace(why=(*chars[number].why, why))
        overlay = overlay_of(drawing, displayed, objects, notes, look)
    finally:
        page.close()
    horizontal, vertical = objects.rulings(reading)
    strokes = strokes_of(
        horizontal,
        vertical,
        *(
            [reading.box(*shape) for shape in shapes]
            for shapes in (objects.ticks, objects.slants, (*objects.blots(), *look.tilted))
        ),
    )
    width, height = reading.size
    return PageInk(
        number=index + 1,
        width=width,
        height=height,
        chars=tuple(strokes.judged(chars)),
        horizontal=tuple(horizontal),
        vertical=tuple(vertical),
        picture_share=objects.picture_area / max(1.0, width * height),
        outlines=objects.outlines,
        reading=reading,
        displayed=displayed,
        overlay=overlay,
        strays=strokes.strays,
    )


def draw_page(document: pypdfium2.PdfDocument, index: int, dpi: int) -> Any:
    """A page drawn as grey pixels, a NumPy array (NumPy comes with the extra that asks for it).

    A page of unusual size is drawn with fewer dots per inch, lest it fill the memory.
    """
    page = document[index]
    try:
        width, height = page.get_size()
        scale = min(dpi / 72, math.sqrt(_MAX_PIXELS / max(1.0, width * height)))
        bitmap = page.render(scale=scale, grayscale=True)
        try:
            pixels = bitmap.to_numpy()
            return pixels.reshape(pixels.shape[:2]).copy()
        finally:
            bitmap.close()
    finally:
        page.close()


def _text_quarters(textpage: pypdfium2.PdfTextPage, any_turned: bool) -> int:
    """The direction of most text, in quarter turns counter-clockwise from user space."""
    if not any_turned:
        return 0
    votes: Counter[int] = Counter()
    count = min(textpage.count_chars(), _MAX_CHARACTERS)
    for index in range(0, count, max(1, count // 400)):
        if pdfium.FPDFText_GetUnicode(textpage, index) > 0x20 and not pdfium.FPDFText_IsGenerated(textpage, index):
            angle = pdfium.FPDFText_GetCharAngle(textpage, index) / (math.pi / 2)
            if abs(angle - round(angle)) < 0.1:
                votes[-round(angle) % 4] += 1  # PDFium counts clockwise
    return votes.most_common(1)[0][0] if votes else 0


def _is_tilted(textpage: pypdfium2.PdfTextPage, serial: int) -> bool:
    """Whether a character stands aslant, as those of a watermark across the page do; no cell is printed so."""
    quarters: float = pdfium.FPDFText_GetCharAngle(textpage, serial) / (math.pi / 2)
    return abs(quarters - round(quarters)) > _TILT


def _is_turned(textpage: pypdfium2.PdfTextPage, serial: int, turn: Turn) -> bool:
    """Whether a character stands in another direction than the text of the page: 6 on its head is 9."""
    quarters: float = pdfium.FPDFText_GetCharAngle(textpage, serial) / (math.pi / 2)
    return -round(quarters) % 4 != turn.quarters


def _characters(
    textpage: pypdfium2.PdfTextPage, turn: Turn, budget: Budget, look: TextLook, *, any_turned: bool
) -> Iterator[Char]:
    left, bottom, right, top = (ctypes.c_double() for _ in range(4))
    origin_x, origin_y = ctypes.c_double(), ctypes.c_double()
    loose = pdfium.FS_RECTF()
    raw = textpage.raw
    unicode_of, box_of, origin_of = (
        pdfium.FPDFText_GetUnicode,
        pdfium.FPDFText_GetCharBox,
        pdfium.FPDFText_GetCharOrigin,
    )
    spaced = False
    number = 0
    seen: dict[tuple[str, int, int], tuple[float, float]] = {}
    for serial in range(min(textpage.count_chars(), _MAX_CHARACTERS)):
        if serial % 5000 == 4999:
            budget.check_time()
        code = unicode_of(raw, serial)
        text = _text_of(code)
        if not text:
            # PDFium adds blanks and line ends of its own; whether there is a gap is for the reader to judge.
            if pdfium.FPDFText_IsGenerated(raw, serial):
                continue
            if not _has_ink(raw, serial):
                spaced = True
                continue
            text = "\ufffd"
        if any_turned and _is_tilted(textpage, serial):
            look.ask_tilted(serial, text)
            continue
        box_of(raw, serial, left, right, bottom, top)
        origin_of(raw, serial, origin_x, origin_y)
        x0, y0, x1, y1 = left.value, bottom.value, right.value, top.value
        is_blank = x1 - x0 <= 0.01 or y1 - y0 <= 0.01
        if is_blank:
            pdfium.FPDFText_GetLooseCharBox(raw, serial, loose)
            x0, y0, x1, y1 = loose.left, loose.bottom, loose.right, loose.top
        box = turn.box(x0, y0, x1, y1)
        if not (math.isfinite(box.left) and math.isfinite(box.top)):
            continue
        baseline = turn.point(origin_x.value, origin_y.value)[1]
        if _printed_twice(seen, text, box.left, baseline):
            continue
        why: tuple[str, ...] = ()
        if text in FIGURE_CHARACTERS:
            why = look.ask(serial, number, text, (x0, y0, x1, y1), is_blank=is_blank)
            if any_turned and _is_turned(textpage, serial, turn):
                why = (*why, Look.TURNED.because("it stands otherwise than the page's text"))
        yield Char(text, box.left, box.top, box.right, box.bottom, baseline, serial, spaced, why)
        number += 1
        spaced = False


@lru_cache(maxsize=10_000)
def _text_of(code: int) -> str:
    """What PDFium's code of a character stands for, empty for blanks and line ends."""
    if code == 0x02 or code in _HYPHENS:
        return "-"
    if code == 0 or 0xE000 <= code <= 0xF8FF:
        return "\ufffd"
    return "" if code <= 0x20 or code in _INVISIBLE else to_han(chr(code))


def _has_ink(raw: Any, serial: int) -> bool:
    """Whether a character that should be blank is drawn: its font maps another one's code to a blank."""
    left, bottom, right, top = (ctypes.c_double() for _ in range(4))
    pdfium.FPDFText_GetCharBox(raw, serial, left, right, bottom, top)
    return min(right.value - left.value, top.value - bottom.value) > _LEAST_INK


def _printed_twice(seen: dict[tuple[str, int, int], tuple[float, float]], text: str, x: float, y: float) -> bool:
    """Whether the same character already stands in the same place: bold faked by printing twice, shifted a little."""
    low_column, high_column = int((x - _SHIFT) // _RASTER), int((x + _SHIFT) // _RASTER)
    low_row, high_row = int((y - _SHIFT) // _RASTER), int((y + _SHIFT) // _RASTER)
    for column in range(low_column, high_column + 1):
        for row in range(low_row, high_row + 1):
            place = seen.get((text, column, row))
            if place is not None and abs(place[0] - x) < _SHIFT and abs(place[1] - y) < _SHIFT:
                return True
    seen[text, int(x // _RASTER), int(y // _RASTER)] = (x, y)
    return False
