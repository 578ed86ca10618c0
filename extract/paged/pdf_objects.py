"""The objects that a PDF page draws, in their order: strokes and fillings that make tables, and whatever shows something besides text."""

from __future__ import annotations

import ctypes
import itertools
import math
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from extract.document.limits import Budget
from extract.layout.geometry import Segment, Turn, dotted_lines, join_collinear

# Thicker strokes than this are shading or bars of a chart, in points; table borders are drawn with 0.5 to 2.25.
_RULING_WIDTH = 3.2
_RULING_LENGTH = 4.0
# Shapes thinner than this are read by their bounds alone; a slant is at least so wide.
_BARE = 1.0
# A filled box with both sides longer than this can be a cell; this many of them can be a table.
_CELL_SIDE = 6.0
_FILLED_CELLS = 8
# A drawing (a map, a chart, text turned into outlines) has more path objects than any table.
_MAX_OBJECTS = 60_000
_MOST_SEGMENTS = 2000
_FORM_DEPTH = 12
# On fills darker than this, black text may not show; fills that are paler than the other aren't seen as digits.
_DARK, _SEEN = 110.0, 200.0
# Strokes at least so wide may cover a digit, in points; the borders of tables are thinner.
_STOUT = 1.6
_PALEST = 255.0
# More characters than a figure has.
_LONGEST_SPOKEN = 64
_Colour = tuple[ctypes.c_uint, ctypes.c_uint, ctypes.c_uint, ctypes.c_uint]
_Sides = tuple[ctypes.c_float, ctypes.c_float, ctypes.c_float, ctypes.c_float]
_IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
#: A rectangle around all pages.
EVERYWHERE = (-1e6, -1e6, 1e6, 1e6)


class DrawnShape(NamedTuple):
    """An object with its number in the order of drawing and its bounds: x0, y0, x1, y1 in user space."""

    order: int
    bounds: tuple[float, float, float, float]


class Fill(NamedTuple):
    """A filled shape with straight edges, and the grey that it is drawn in: 0 is black, 255 white."""

    order: int
    bounds: tuple[float, float, float, float]
    grey: float

    @property
    def is_dark(self) -> bool:
        """Whether black text on it can't be seen."""
        return self.grey < _DARK


class TextPlace(NamedTuple):
    """Where a text object stands: its number in the order of drawing, whether in a form XObject, and how its em is turned and scaled."""

    order: int
    in_form: bool
    matrix: tuple[float, float, float, float]

    @property
    def mirrored(self) -> bool:
        """Whether its characters are seen in a mirror."""
        a, b, c, d = self.matrix
        return a * d - b * c < 0


def address_of(item: Any) -> int:
    """What tells an object from all others of its page."""
    return ctypes.addressof(item.contents)


class PageObjects:
    """Walks the page objects, into form XObjects, and keeps what tables are made of and what else is drawn.

    `texts` are the text objects by address, `pale_texts` those that hardly show on paper; `fills` straight filled shapes of some size, `others` pictures, shadings and curved
    shapes; `slants` straight strokes that are neither level nor upright. All in user space.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.texts: dict[int, TextPlace] = {}
        self.fills: list[Fill] = []
        self.others: list[DrawnShape] = []
        self.pale_texts: list[DrawnShape] = []
        self.slants: list[tuple[float, float, float, float]] = []
        self.ticks: list[tuple[float, float, float, float]] = []
        self._objects = 0
        self._colour = (ctypes.c_uint(), ctypes.c_uint(), ctypes.c_uint(), ctypes.c_uint())
        self._draw_mode = (ctypes.c_int(), ctypes.c_int())
        self._sides = (ctypes.c_float(), ctypes.c_float(), ctypes.c_float(), ctypes.c_float())
        self._strokes: list[tuple[float, float, float, float]] = []
        self._dots: list[tuple[float, float]] = []
        self._fills: list[tuple[float, float, float, float]] = []
        self.picture_area = 0.0
        self.outlines = 0
        self.has_turned_text = False

    def walk_page(self, page: pypdfium2.PdfPage) -> None:
        """Take note of all objects of a page."""
        for number in range(pdfium.FPDFPage_CountObjects(page)):
            self._walk(pdfium.FPDFPage_GetObject(page, number), _IDENTITY, 0)

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

    def blots(self) -> list[tuple[float, float, float, float]]:
        """The filled shapes that are seen on white paper."""
        return [fill.bounds for fill in self.fills if fill.grey < _SEEN]

    def strokes_area(self) -> tuple[float, float, float, float] | None:
        """The rectangle around all strokes, `None` if there are none."""
        if not self._strokes:
            return None
        columns = list(zip(*self._strokes, strict=True))
        return min(columns[0]), min(columns[1]), max(columns[2]), max(columns[3])

    def _walk(self, item: Any, base: tuple[float, ...], depth: int) -> None:
        self._objects += 1
        if self._objects > _MAX_OBJECTS:
            return
        if self._objects % 1000 == 0:
            self._budget.check_time()
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            self._path(item, base)
        elif kind == pdfium.FPDF_PAGEOBJ_TEXT:
            self._text(item, base, in_form=depth > 0)
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            a, b, c, d, e, f = _times(_matrix(item), base)
            self.picture_area += abs(a * d - b * c)
            corners = [(e, f), (a + e, b + f), (c + e, d + f), (a + c + e, b + d + f)]
            self.others.append(DrawnShape(self._objects, _bounds(corners)))
        elif kind == pdfium.FPDF_PAGEOBJ_SHADING:
            self.others.append(DrawnShape(self._objects, EVERYWHERE))
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _FORM_DEPTH:
            inner = _times(_matrix(item), base)
            for number in range(pdfium.FPDFFormObj_CountObjects(item)):
                self._walk(pdfium.FPDFFormObj_GetObject(item, number), inner, depth + 1)

    def _text(self, item: Any, base: tuple[float, ...], *, in_form: bool) -> None:
        a, b, c, d, _, _ = _times(_matrix(item), base)
        self.has_turned_text = self.has_turned_text or abs(b) > 0.01 * abs(a) or a < 0
        if pdfium.FPDFPageObj_CountMarks(item):
            _forget_spoken(item)
        tone = _grey_of(item, self._colour)
        if tone is not None and tone > _SEEN:
            self.pale_texts.append(DrawnShape(self._objects, _bounds_of(item, base, self._sides)))
        self.texts[address_of(item)] = TextPlace(self._objects, in_form, (a, b, c, d))

    def _path(self, item: Any, base: tuple[float, ...]) -> None:
        fill, stroke = self._draw_mode
        pdfium.FPDFPath_GetDrawMode(item, fill, stroke)
        if fill.value or stroke.value:
            is_stroked = bool(stroke.value)
            if not self._add_bare(item, base, is_stroked=is_stroked):
                self._shape(item, _times(_matrix(item), base), is_filled=bool(fill.value), is_stroked=is_stroked)

    def _shape(self, item: Any, matrix: tuple[float, ...], *, is_filled: bool, is_stroked: bool) -> None:
        """Keep what a path is made of, part by part."""
        if pdfium.FPDFPath_CountSegments(item) > _MOST_SEGMENTS:
            self.outlines += 1
            self.others.append(DrawnShape(self._objects, EVERYWHERE))
            return
        parts, curved = _parts(item, matrix)
        if curved:
            self.outlines += 1
            self.others.append(DrawnShape(self._objects, _bounds([point for part in parts for point in part])))
            return
        if is_stroked:
            self._stout(item, matrix, parts)
        if len(parts) > 1 and self._add_thin([point for part in parts for point in part]):
            return  # a dashed line, drawn as one path of short pieces
        for part in parts:
            self._part(part, is_stroked)
            if is_filled:
                self._inside(item, part)

    def _add_bare(self, item: Any, base: tuple[float, ...], *, is_stroked: bool) -> bool:
        """Keep what is so thin and long that it is a ruling whatever its path; say whether it was so.

        PDFium has the bounds of an object at hand, and those of a stroke reach half its width beyond its ends.
        """
        x0, y0, x1, y1 = _bounds_of(item, base, self._sides)
        width, height = x1 - x0, y1 - y0
        thin, long = (width, height) if width < height else (height, width)
        pen = thin if is_stroked else 0.0
        if thin >= _BARE or long - pen <= _RULING_LENGTH:
            return False
        if width < height:
            self._strokes.append((x0, y0 + pen / 2, x1, y1 - pen / 2))
        else:
            self._strokes.append((x0 + pen / 2, y0, x1 - pen / 2, y1))
        return True

    def _stout(self, item: Any, matrix: tuple[float, ...], parts: list[list[tuple[float, float]]]) -> None:
        """Keep wide strokes as filled shapes too: they may cover a figure."""
        width = ctypes.c_float()
        if not pdfium.FPDFPageObj_GetStrokeWidth(item, width):
            return
        half = width.value * math.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2])) / 2
        if 2 * half < _STOUT:
            return
        for part in parts:
            for (ax, ay), (bx, by) in itertools.pairwise(part):
                bounds = (min(ax, bx) - half, min(ay, by) - half, max(ax, bx) + half, max(ay, by) + half)
                self.fills.append(Fill(self._objects, bounds, _PALEST))

    def _inside(self, item: Any, part: list[tuple[float, float]]) -> None:
        """Keep what fills a part of a path."""
        bounds = _bounds(part)
        if min(bounds[2] - bounds[0], bounds[3] - bounds[1]) <= 1:
            return
        tone = _grey_of(item, self._colour)
        if any(abs(ax - bx) >= 1 and abs(ay - by) >= 1 for (ax, ay), (bx, by) in itertools.pairwise(part)):
            self.others.append(DrawnShape(self._objects, bounds))
            return
        if tone is None:  # a pattern may show anything
            self.others.append(DrawnShape(self._objects, bounds))
        self.fills.append(Fill(self._objects, bounds, tone if tone is not None else 0.0))

    def _part(self, part: list[tuple[float, float]], stroked: bool) -> None:
        if self._add_thin(part):
            if stroked and len(part) == 2 and min(abs(part[0][0] - part[1][0]), abs(part[0][1] - part[1][1])) >= 1:
                self.slants.append((*part[0], *part[1]))  # a steep stroke, across one digit perhaps
            return
        if stroked:
            for (ax, ay), (bx, by) in itertools.pairwise(part):
                if min(abs(ax - bx), abs(ay - by)) >= 1:
                    self.slants.append((ax, ay, bx, by))
                elif (abs(ax - bx) < 1) != (abs(ay - by) < 1) and abs(ax - bx) + abs(ay - by) > _RULING_LENGTH:
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
            if thin < _RULING_WIDTH:
                self.ticks.append((x0, y0, x1, y1))
            return False
        self._strokes.append((x0, y0, x1, y1))
        return True


def _parts(item: Any, matrix: tuple[float, ...]) -> tuple[list[list[tuple[float, float]]], bool]:
    """The points of a path in user space, a list a part, and whether some of it is curved."""
    curved = False
    x, y = ctypes.c_float(), ctypes.c_float()
    a, b, c, d, e, f = matrix
    parts: list[list[tuple[float, float]]] = []
    for number in range(pdfium.FPDFPath_CountSegments(item)):
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
    return parts, curved


def _forget_spoken(item: Any) -> None:
    """Take the text away that an object is to be read out as (`ActualText`), where it may be a figure: what is drawn counts."""
    for number in reversed(range(pdfium.FPDFPageObj_CountMarks(item))):
        mark = pdfium.FPDFPageObj_GetMark(item, number)
        buffer, size = (ctypes.c_ushort * _LONGEST_SPOKEN)(), ctypes.c_ulong()
        if not pdfium.FPDFPageObjMark_GetParamStringValue(mark, b"ActualText", buffer, ctypes.sizeof(buffer), size):
            continue
        spoken = bytes(buffer)[: min(size.value, ctypes.sizeof(buffer))].decode("utf-16-le", "replace").strip("\0")
        if not spoken.isalpha() or any(char.isdigit() for char in spoken):
            pdfium.FPDFPageObj_RemoveMark(item, mark)


def _grey_of(item: Any, into: _Colour) -> float | None:
    """The grey in which an object is filled, `None` for patterns; `into` is where PDFium writes its colour."""
    if not pdfium.FPDFPageObj_GetFillColor(item, *into):
        return None
    return grey(into[0].value, into[1].value, into[2].value)


def grey(red: float, green: float, blue: float) -> float:
    """The grey that a colour is drawn as."""
    return 0.299 * red + 0.587 * green + 0.114 * blue


def _bounds(points: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    xs = [x for x, _ in points]
    ys = [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _bounds_of(item: Any, base: tuple[float, ...], sides: _Sides) -> tuple[float, float, float, float]:
    """The bounds of an object of a form that is drawn with the matrix `base`, in user space; `sides` is where PDFium writes them."""
    if not pdfium.FPDFPageObj_GetBounds(item, *sides):
        return EVERYWHERE
    left, bottom, right, top = (side.value for side in sides)
    if base == _IDENTITY:
        return left, bottom, right, top
    a, b, c, d, e, f = base
    return _bounds([(a * x + c * y + e, b * x + d * y + f) for x in (left, right) for y in (bottom, top)])


def _matrix(item: Any) -> tuple[float, ...]:
    m = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(item, m)
    return m.a, m.b, m.c, m.d, m.e, m.f


def _times(inner: tuple[float, ...], outer: tuple[float, ...]) -> tuple[float, ...]:
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u
