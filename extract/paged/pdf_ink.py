"""What a PDF page shows, through PDFium: characters with their boxes, rulings, pictures. The only module that calls it.

PDFium is not thread-safe, not even for different documents; callers hold `PDFIUM`.
"""

from __future__ import annotations

import ctypes
import itertools
import math
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from extract.document.limits import Budget
from extract.document.radicals import to_han
from extract.errors import UnreadableDocument
from extract.layout.geometry import Segment, Turn, dotted_lines, join_collinear
from extract.layout.page import Char, PageInk

PDFIUM = threading.Lock()

# Thicker strokes than this are shading or bars of a chart, in points; table borders are drawn with 0.5 to 2.25.
_RULING_WIDTH = 3.2
_RULING_LENGTH = 4.0
# A filled box with both sides longer than this can be a cell; this many of them can be a table.
_CELL_SIDE = 6.0
_FILLED_CELLS = 8
# A drawing (a map, a chart, text turned into outlines) has more path objects than any table.
_MAX_OBJECTS = 60_000
_MAX_CHARACTERS = 200_000
_FORM_DEPTH = 12
_MAX_PIXELS = 12_000_000
# Faked bold shifts the second print by less than this; no two neighbours are that close.
_SHIFT = 0.9
_INVISIBLE = frozenset({0xA0, 0x3000, 0x200B, 0xFEFF, 0x2002, 0x2003, 0x2009, 0x202F})
# PDFium's marks for a hyphen that ends a line, and the soft one; in a table each is a dash.
_HYPHENS = frozenset({0xFFFE, 0xAD})
_RASTER = 2.0
# A scan's invisible text may follow a page that lies askew by a degree or two; a quarter turn is 1.
_TILT = 0.1

_PASSWORD = "the PDF is encrypted with a password; save it without one"
_DAMAGED = "the PDF is damaged and can't be opened ({reason}); download it again or print it to a new PDF"


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


def read_page(document: pypdfium2.PdfDocument, index: int, budget: Budget) -> PageInk:
    """Read one page; `index` counts from 0."""
    try:
        page = document[index]
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocument(f"page {index + 1} of the PDF is damaged; print it to a new PDF") from error
    try:
        textpage = page.get_textpage()
        try:
            left, bottom, right, top = page.get_bbox()
            shape = (left, bottom, right - left, top - bottom)
            drawn = _Drawing(budget)
            drawn.walk_page(page)
            angle = _text_quarters(textpage, drawn.has_turned_text)
            reading = Turn(angle, *shape)
            displayed = Turn(page.get_rotation() // 90 % 4, *shape)
            chars = tuple(_characters(textpage, reading, budget, any_turned=drawn.has_turned_text))
        finally:
            textpage.close()
    finally:
        page.close()
    horizontal, vertical = drawn.rulings(reading)
    width, height = reading.size
    return PageInk(
        number=index + 1,
        width=width,
        height=height,
        chars=chars,
        horizontal=tuple(horizontal),
        vertical=tuple(vertical),
        picture_share=drawn.picture_area / max(1.0, width * height),
        outlines=drawn.outlines,
        reading=reading,
        displayed=displayed,
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


class _Drawing:
    """Walks the page objects, into form XObjects, and keeps what tables are made of."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._objects = 0
        self._strokes: list[tuple[float, float, float, float]] = []
        self._dots: list[tuple[float, float]] = []
        self._fills: list[tuple[float, float, float, float]] = []
        self.picture_area = 0.0
        self.outlines = 0
        self.has_turned_text = False

    def walk_page(self, page: pypdfium2.PdfPage) -> None:
        identity = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
        for number in range(pdfium.FPDFPage_CountObjects(page)):
            self._walk(pdfium.FPDFPage_GetObject(page, number), identity, 0)

    def rulings(self, turn: Turn) -> tuple[list[Segment], list[Segment]]:
        """Horizontal and vertical rulings on the turned page, strokes on one line joined.

        Where nothing is stroked, the gaps between filled cells are the rulings: their edges stand for them.
        """
        horizontal: list[Segment] = []
        vertical: list[Segment] = []
        for stroke in self._strokes:
            box = turn.box(*stroke)
            if box.right - box.left >= box.bottom - box.top:
                horizontal.append(Segment((box.top + box.bottom) / 2, box.left, box.right))
            else:
                vertical.append(Segment((box.left + box.right) / 2, box.top, box.bottom))
        dots = [turn.point(x, y) for x, y in self._dots]
        horizontal.extend(dotted_lines([(y, x) for x, y in dots]))
        vertical.extend(dotted_lines(dots))
        if (len(horizontal) < 2 or len(vertical) < 2) and len(self._fills) >= _FILLED_CELLS:
            for fill in self._fills:
                box = turn.box(*fill)
                horizontal += [Segment(y, box.left, box.right) for y in (box.top, box.bottom)]
                vertical += [Segment(x, box.top, box.bottom) for x in (box.left, box.right)]
        return join_collinear(horizontal), join_collinear(vertical)

    def _walk(self, item: Any, base: tuple[float, ...], depth: int) -> None:
        self._objects += 1
        if self._objects > _MAX_OBJECTS:
            return
        if self._objects % 1000 == 0:
            self._budget.check_time()
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            self._path(item, _times(_matrix(item), base))
        elif kind == pdfium.FPDF_PAGEOBJ_TEXT:
            if not self.has_turned_text:
                a, b, c, d, _, _ = _times(_matrix(item), base)
                self.has_turned_text = abs(b) > 0.01 * abs(a) or a < 0
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            a, b, c, d, _, _ = _times(_matrix(item), base)
            self.picture_area += abs(a * d - b * c)
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _FORM_DEPTH:
            inner = _times(_matrix(item), base)
            for number in range(pdfium.FPDFFormObj_CountObjects(item)):
                self._walk(pdfium.FPDFFormObj_GetObject(item, number), inner, depth + 1)

    def _path(self, item: Any, matrix: tuple[float, ...]) -> None:
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDFPath_GetDrawMode(item, fill, stroke)
        if not fill.value and not stroke.value:
            return
        curved = False
        x, y = ctypes.c_float(), ctypes.c_float()
        a, b, c, d, e, f = matrix
        parts: list[list[tuple[float, float]]] = []
        count = pdfium.FPDFPath_CountSegments(item)
        if count > 2000:
            self.outlines += 1
            return
        for number in range(count):
            piece = pdfium.FPDFPath_GetPathSegment(item, number)
            pdfium.FPDFPathSegment_GetPoint(piece, x, y)
            point = (a * x.value + c * y.value + e, b * x.value + d * y.value + f)
            kind = pdfium.FPDFPathSegment_GetType(piece)
            if kind == pdfium.FPDF_SEGMENT_MOVETO or not parts:
                parts.append([point])
            else:
                parts[-1].append(point)
                curved = curved or kind == pdfium.FPDF_SEGMENT_BEZIERTO
            if pdfium.FPDFPathSegment_GetClose(piece):
                parts[-1].append(parts[-1][0])
        if curved:
            self.outlines += 1
            return
        if len(parts) > 1 and self._add_thin([point for part in parts for point in part]):
            return  # a dashed line, drawn as one path of short pieces
        for part in parts:
            self._part(part, bool(stroke.value))

    def _part(self, part: list[tuple[float, float]], stroked: bool) -> None:
        if self._add_thin(part):
            return
        if stroked:
            for (ax, ay), (bx, by) in itertools.pairwise(part):
                if (abs(ax - bx) < 1) != (abs(ay - by) < 1) and abs(ax - bx) + abs(ay - by) > _RULING_LENGTH:
                    self._strokes.append((min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)))
            return
        x0, y0, x1, y1 = _bounds(part)
        if max(x1 - x0, y1 - y0) < _RULING_WIDTH:
            self._dots.append(((x0 + x1) / 2, (y0 + y1) / 2))
        elif min(x1 - x0, y1 - y0) > _CELL_SIDE and len(set(part)) == 4:
            self._fills.append((x0, y0, x1, y1))

    def _add_thin(self, points: list[tuple[float, float]]) -> bool:
        """Keep a thin, long shape as a stroke; say whether it was one."""
        x0, y0, x1, y1 = _bounds(points)
        thin, long = sorted((x1 - x0, y1 - y0))
        if thin >= _RULING_WIDTH or long <= max(_RULING_LENGTH, 2 * thin):
            return False
        self._strokes.append((x0, y0, x1, y1))
        return True


def _bounds(points: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    xs = [x for x, _ in points]
    ys = [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _matrix(item: Any) -> tuple[float, ...]:
    m = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(item, m)
    return m.a, m.b, m.c, m.d, m.e, m.f


def _times(inner: tuple[float, ...], outer: tuple[float, ...]) -> tuple[float, ...]:
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


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


def _characters(textpage: pypdfium2.PdfTextPage, turn: Turn, budget: Budget, *, any_turned: bool) -> Iterator[Char]:
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
    seen: dict[tuple[str, int, int], tuple[float, float]] = {}
    for serial in range(min(textpage.count_chars(), _MAX_CHARACTERS)):
        if serial % 5000 == 4999:
            budget.check_time()
        code = unicode_of(raw, serial)
        if code <= 0x20 or code in _INVISIBLE:
            if code not in (0, 0x02):
                # PDFium adds blanks and line ends of its own; whether there is a gap is for the reader to judge.
                spaced = spaced or not pdfium.FPDFText_IsGenerated(raw, serial)
                continue
            text = "-" if code else "\ufffd"
        elif code in _HYPHENS:
            text = "-"
        elif 0xE000 <= code <= 0xF8FF:
            text = "\ufffd"
        else:
            text = to_han(chr(code))
        if any_turned and _is_tilted(textpage, serial):
            continue
        box_of(raw, serial, left, right, bottom, top)
        origin_of(raw, serial, origin_x, origin_y)
        x0, y0, x1, y1 = left.value, bottom.value, right.value, top.value
        if x1 - x0 <= 0.01 or y1 - y0 <= 0.01:
            pdfium.FPDFText_GetLooseCharBox(raw, serial, loose)
            x0, y0, x1, y1 = loose.left, loose.bottom, loose.right, loose.top
        box = turn.box(x0, y0, x1, y1)
        if not (math.isfinite(box.left) and math.isfinite(box.top)):
            continue
        baseline = turn.point(origin_x.value, origin_y.value)[1]
        if _printed_twice(seen, text, box.left, baseline):
            continue
        yield Char(text, box.left, box.top, box.right, box.bottom, baseline, serial, spaced)
        spaced = False


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
