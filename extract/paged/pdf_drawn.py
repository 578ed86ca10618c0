"""Is a PDF page drawn as its text says? Signs tell where to look; the page itself, drawn with and without its text, decides.

A figure's character is asked for its way of drawing, colour, clip path, layer, and what is drawn over it. Where one of them may
hide it, the page is drawn twice: nothing that changes where the character stands means that nobody sees it. What else shows
numbers (pictures, curves, notes, form fields) is drawn alone, and each cell is asked whether some of it lies inside.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops

from extract.document.drawn import Look
from extract.document.joined import FIGURE_CHARACTERS
from extract.document.where import Box
from extract.layout.geometry import Turn
from extract.messages import localizable
from extract.paged.pdf_glyphs import DigitShapes, Glyph
from extract.paged.pdf_objects import EVERYWHERE, DrawnShape, Fill, PageObjects, address_of, grey
from extract.paged.pdf_shapes import picture_doubt

Bounds = tuple[float, float, float, float]

# 96 dots per inch: a digit of 5 points has 5 by 3 dots.
_SCALE = 96 / 72
# Of 255 greys: text in #cccccc on white differs by 51, a hairline digit of 5 points by some 80.
_INK = 50
# Text that is paler may have the colour of its ground: a reason to look.
_PALE = 150.0
_OPAQUE, _WHOLLY_OPAQUE = 200, 255
# Of the height of its box, a digit that is drawn whole inks all.
_WHOLE = 0.65
# In heights of a digit: the text that prints it over in white is no higher.
_WIPER = 1.6
# Of the dots that it has where nothing else is drawn.
_MOST_OF_IT = 0.75
# How far from a cell's edges its rulings reach, in points.
_MARGIN = 2.6
_INVISIBLE_MODES = frozenset({pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP})
_OUTLINED = frozenset({pdfium.FPDF_TEXTRENDERMODE_STROKE, pdfium.FPDF_TEXTRENDERMODE_STROKE_CLIP})
_LONGEST_VALUE = 400
_MAX_PIXELS = 12_000_000
# In which a digit of 5 points has 15 dots in height.
_LARGE = 3.0
_MAX_OBJECTS, _MOST_SEGMENTS = 60_000, 2000
# A note belongs to a cell if it shares so much with it; fields are often a little larger than their cells.
_SHARE = 0.2
_SLACK = 0.5
# Heights in which shapes are looked up, in points.
_BAND, _MOST_BANDS, _ALL = 24.0, 100, -1_000_000
# More notes or shapes on a page than any report has; each is compared with each digit near it.
_MOST_NOTES, _MOST_SHAPES, _LAST = 1000, 5000, 1_000_000
# Notes that change nothing in what the text shows, unless they bring an appearance of their own.
_HARMLESS = frozenset(
    {
        pdfium.FPDF_ANNOT_LINK,
        pdfium.FPDF_ANNOT_HIGHLIGHT,
        pdfium.FPDF_ANNOT_UNDERLINE,
        pdfium.FPDF_ANNOT_SQUIGGLY,
    }
)
# Notes that show something for which PDFium has no drawing of its own.
_DRAWN_BY_VIEWERS = frozenset(
    {
        pdfium.FPDF_ANNOT_LINE,
        pdfium.FPDF_ANNOT_POLYGON,
        pdfium.FPDF_ANNOT_POLYLINE,
        pdfium.FPDF_ANNOT_STAMP,
        pdfium.FPDF_ANNOT_CARET,
    }
)


class PageDoubts(NamedTuple):
    """What may hold for all figures of a file: why some text may not show, and whether a font may have one digit for two codes."""

    layers: str
    shapes: bool


class Suspect(NamedTuple):
    """A character of a figure that may not be seen: its number on the page, its box in user space, and why."""

    number: int
    bounds: Bounds
    why: str


class _TextSigns(NamedTuple):
    """What a text object says about all its characters; `clip` is the rectangle outside of which nothing of it shows."""

    order: int
    certain: tuple[str, ...]
    suspect: str
    clip: Bounds | None


_UNKNOWN = _TextSigns(0, (), "its object can't be told", None)


@dataclass(slots=True)
class PageNote:
    """A note or form field: its rectangle in user space, and why a figure below it isn't what the text says, if that is sure."""

    bounds: Bounds
    why: str = ""


class TextLook:
    """Asks the characters of figures how they are drawn."""

    def __init__(
        self, textpage: Any, objects: PageObjects, notes: Sequence[PageNote], page: Bounds, doubts: PageDoubts
    ) -> None:
        self._raw = textpage
        self._objects = objects
        self._page = page
        self._doubt = doubts.layers
        self.shapes = DigitShapes(objects.texts, all_doubtful=doubts.shapes)
        self._signs: dict[int, _TextSigns] = {}
        self._notes = notes
        self._fills = _by_height(objects.fills, Fill(_LAST, EVERYWHERE, 0.0))
        self._pale_texts = _by_height(objects.pale_texts, DrawnShape(_LAST, EVERYWHERE))
        self._others = _by_height(objects.others, DrawnShape(_LAST, EVERYWHERE))
        self.suspects: list[Suspect] = []
        self.tilted: list[Bounds] = []  # points where such characters stand
        self._asked: list[Bounds] = []

    def ask(self, serial: int, number: int, text: str, bounds: Bounds, *, is_blank: bool) -> tuple[str, ...]:
        """The reasons that are sure. Doubtful characters are kept as suspects under `number`; `is_blank`: its shape has no ink."""
        self._asked.append(bounds)
        item = pdfium.FPDFText_GetTextObject(self._raw, serial)
        address = address_of(item) if item else 0
        signs = self._signs.get(address)
        if signs is None:
            signs = self._signs[address] = self._signs_of(item, address) if item else _UNKNOWN
        certain = tuple(self._certain(signs, bounds))
        if item and not certain:
            self.shapes.ask(item, address, number, text, bounds)
        doubt = (
            signs.suspect
            or self._doubt
            or ("its shape is empty" if is_blank else "")
            or self._covered(signs.order, bounds)
        )
        if doubt and not certain:
            self.suspects.append(Suspect(number, bounds, doubt))
        return certain

    def _certain(self, signs: _TextSigns, bounds: Bounds) -> Iterator[str]:
        """What hides or changes a character for sure."""
        yield from signs.certain
        yield from (note.why for note in self._notes if note.why and _meet(note.bounds, bounds))
        if not _is_inside(bounds, self._page):
            yield Look.HIDDEN.because("outside the page")
        if self._is_wiped(signs.order, bounds):
            yield Look.COVERED.because("it is printed over in a pale colour")
        if signs.clip is not None and not _is_inside(bounds, signs.clip):
            yield Look.HIDDEN.because("clipped")

    def ask_tilted(self, serial: int, text: str) -> None:
        """A character stands aslant. A watermark's is pale or clear; another of a figure may be a part of what is seen in a cell."""
        item = pdfium.FPDFText_GetTextObject(self._raw, serial)
        if text not in FIGURE_CHARACTERS or (item and _paleness(item, outlined=False)):
            return
        left, bottom, right, top = (ctypes.c_double() for _ in range(4))
        pdfium.FPDFText_GetCharBox(self._raw, serial, left, right, bottom, top)
        x, y = (left.value + right.value) / 2, (bottom.value + top.value) / 2
        self.tilted.append((x, y, x, y))

    def area(self) -> Bounds | None:
        """The rectangle around all characters that were asked."""
        return _around(self._asked)

    def _is_wiped(self, order: int, bounds: Bounds) -> bool:
        """Whether pale text of about its size is drawn over a character; a watermark is larger."""
        height = bounds[3] - bounds[1]
        return any(
            pale.order > order and _meet(pale.bounds, bounds) and pale.bounds[3] - pale.bounds[1] < _WIPER * height
            for pale in _near(self._pale_texts, bounds)
        )

    def _covered(self, order: int, bounds: Bounds) -> str:
        """What may hide a character that is drawn as the object of this number."""
        if any(_meet(note.bounds, bounds) for note in self._notes):
            return localizable("a note lies over it")
        if any(_meet(other.bounds, bounds) for other in _near(self._others, bounds)):
            return localizable("a picture or drawing lies there")
        for fill in _near(self._fills, bounds):
            if (fill.order > order or fill.is_dark) and _meet(fill.bounds, bounds):
                return (
                    localizable("a filled shape lies over it")
                    if fill.order > order
                    else localizable("its ground is dark")
                )
        return ""

    def _signs_of(self, item: Any, address: int) -> _TextSigns:
        place = self._objects.texts.get(address)
        mode = pdfium.FPDFTextObj_GetTextRenderMode(item)
        certain = []
        if mode in _INVISIBLE_MODES:
            certain.append(Look.HIDDEN.because("text drawn without ink"))
        if _is_blended(item):
            certain.append(Look.OTHERWISE.because("it is blended with what lies below it"))
        if place is not None and place.mirrored:
            certain.append(Look.TURNED.because("mirrored"))
        clip, is_simple = (None, True) if place is not None and place.in_form else _clip(item)
        suspect = _paleness(item, outlined=mode in _OUTLINED)
        if not suspect and (not is_simple or place is None or place.in_form):
            suspect = "something may cut it off"
        return _TextSigns(place.order if place is not None else 0, tuple(certain), suspect, clip)


def _clip(item: Any) -> tuple[Bounds | None, bool]:
    """The rectangle to which an object is clipped (`None`: it isn't), and whether the clip path is no more than that."""
    path = pdfium.FPDFPageObj_GetClipPath(item)
    count = pdfium.FPDFClipPath_CountPaths(path) if path else -1
    if count <= 0:
        return None, True
    x, y = ctypes.c_float(), ctypes.c_float()
    box: Bounds = (-1e6, -1e6, 1e6, 1e6)
    is_simple = True
    for number in range(min(count, 20)):
        segments = pdfium.FPDFClipPath_CountPathSegments(path, number)
        is_simple = is_simple and segments <= 6
        points = []
        for at in range(min(segments, 200)):
            piece = pdfium.FPDFClipPath_GetPathSegment(path, number, at)
            pdfium.FPDFPathSegment_GetPoint(piece, x, y)
            points.append((x.value, y.value))
        if points:
            xs, ys = [point[0] for point in points], [point[1] for point in points]
            is_simple = is_simple and len(set(map(round, xs))) <= 2 and len(set(map(round, ys))) <= 2
            box = max(box[0], min(xs)), max(box[1], min(ys)), min(box[2], max(xs)), min(box[3], max(ys))
    return box, is_simple and count <= 20


def _paleness(item: Any, *, outlined: bool) -> str:
    """Why the ink of an object may not show."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    ask = pdfium.FPDFPageObj_GetStrokeColor if outlined else pdfium.FPDFPageObj_GetFillColor
    if not ask(item, red, green, blue, alpha):
        return localizable("its colour can't be told")
    if grey(red.value, green.value, blue.value) > _PALE:
        return localizable("its colour is pale")
    if alpha.value < _OPAQUE or pdfium.FPDFPageObj_HasTransparency(item):
        return localizable("it is transparent")
    return ""


def _is_blended(item: Any) -> bool:
    """Whether an object that isn't transparent is mixed with what lies below it: white on black, or not at all, as the viewer does it."""
    if not pdfium.FPDFPageObj_HasTransparency(item):
        return False
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    return bool(pdfium.FPDFPageObj_GetFillColor(item, red, green, blue, alpha)) and alpha.value == _WHOLLY_OPAQUE


# ---- where nothing tells, the page itself -------------------------------------------------------------------------------


def notes_of(page: pypdfium2.PdfPage) -> list[PageNote]:
    """The notes and form fields that show something, or whose value a viewer shows."""
    found = []
    count = pdfium.FPDFPage_GetAnnotCount(page)
    if count > _MOST_NOTES:
        found.append(PageNote(EVERYWHERE, Look.OTHERWISE.because(f"the page has {count} notes, too many to look at")))
    for number in range(min(count, _MOST_NOTES)):
        note = pdfium.FPDFPage_GetAnnot(page, number)
        if not note:
            continue
        try:
            kind = pdfium.FPDFAnnot_GetSubtype(note)
            rectangle = pdfium.FS_RECTF()
            if pdfium.FPDFAnnot_GetFlags(note) & pdfium.FPDF_ANNOT_FLAG_HIDDEN:
                continue
            if kind == pdfium.FPDF_ANNOT_POPUP or (kind in _HARMLESS and not _has_appearance(note)):
                continue
            if pdfium.FPDFAnnot_GetRect(note, rectangle):
                xs, ys = sorted((rectangle.left, rectangle.right)), sorted((rectangle.bottom, rectangle.top))
                found.append(PageNote((xs[0], ys[0], xs[1], ys[1]), _said(page, note, kind)))
        finally:
            pdfium.FPDFPage_CloseAnnot(note)
    return found


def _has_appearance(note: Any) -> bool:
    return bool(_string(lambda *to: pdfium.FPDFAnnot_GetAP(note, pdfium.FPDF_ANNOT_APPEARANCEMODE_NORMAL, *to)))


def _said(page: pypdfium2.PdfPage, note: Any, kind: int) -> str:
    """Why a figure in the place of a note isn't what the text says, where that doesn't depend on how it is drawn."""
    if kind == pdfium.FPDF_ANNOT_STRIKEOUT:
        return Look.STRUCK.because("a strike-out note")
    if kind == pdfium.FPDF_ANNOT_REDACT:
        return Look.COVERED.because("a redaction")
    if kind == pdfium.FPDF_ANNOT_FREETEXT:
        text = _string(lambda *to: pdfium.FPDFAnnot_GetStringValue(note, b"Contents", *to))
        return Look.ADDED.because(f"a note says {text!r}") if text else ""
    if kind in _DRAWN_BY_VIEWERS and not _has_appearance(note):
        return Look.OTHERWISE.because("a note lies over it that each viewer draws in its own way")
    if kind == pdfium.FPDF_ANNOT_WIDGET:
        if page.formenv is None:
            return Look.FIELD.because("its value can't be told")
        field_kind = pdfium.FPDFAnnot_GetFormFieldType(page.formenv, note)
        if field_kind in (
            pdfium.FPDF_FORMFIELD_TEXTFIELD,
            pdfium.FPDF_FORMFIELD_COMBOBOX,
            pdfium.FPDF_FORMFIELD_LISTBOX,
        ):
            text = _string(lambda *to: pdfium.FPDFAnnot_GetFormFieldValue(page.formenv, note, *to))
            return Look.FIELD.because(f"it shows {text!r}") if text else ""
    return ""


def _string(ask: Callable[[Any, int], int]) -> str:
    """A string as PDFium hands them out: first its length in bytes, then UTF-16 with a zero at the end."""
    size = min(ask(None, 0), _LONGEST_VALUE)
    if size <= 2:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    ask(buffer, ctypes.sizeof(buffer))
    return bytes(buffer)[: size // 2 * 2].decode("utf-16-le", "replace").split("\0", 1)[0].strip()


@dataclass(frozen=True, slots=True)
class PageOverlay:
    """What lies over or beside the text of a page; places are those of the page as displayed, in points."""

    notes: tuple[tuple[Box, str], ...]
    ink: Image.Image | None
    scale: float

    def at(self, box: Box) -> tuple[str, ...]:
        """Why a cell shows something besides its text."""
        found = [why for place, why in self.notes if _share(place, box) >= _SHARE]
        if not found and self.ink is not None:
            left, top = ((side + _MARGIN) * self.scale for side in box[:2])
            right, bottom = ((side - _MARGIN) * self.scale for side in box[2:])
            inner = (math.ceil(left), math.ceil(top), math.floor(right), math.floor(bottom))
            if inner[0] < inner[2] and inner[1] < inner[3] and self.ink.crop(inner).getbbox() is not None:
                found.append(Look.PICTURE.because("a picture, drawing or note shows there"))
        return tuple(found)


class PageRendering:
    """Draws an open page with all it has, and without some of it. Changes the page as it is held in memory."""

    def __init__(self, page: pypdfium2.PdfPage, displayed: Turn) -> None:
        self._page = page
        self._displayed = displayed
        width, height = page.get_size()
        self._scale = min(_SCALE, math.sqrt(_MAX_PIXELS / max(1.0, width * height)))

    def unseen(self, suspects: Sequence[Suspect]) -> Iterator[tuple[int, str]]:
        """The numbers of the characters that aren't drawn, or not whole, and why."""
        whole = self._draw()
        self._switch(_is_text, on=False)
        change = ImageChops.difference(whole, self._draw()).point(_marked)
        self._switch(_is_text, on=True)
        self._switch(_is_no_text, on=False)
        alone = ImageChops.invert(self._draw()).point(_marked)
        self._switch(_is_no_text, on=True)
        for suspect in suspects:
            box = self._displayed.box(*suspect.bounds)
            left, top, right, bottom = (side * self._scale for side in box)
            place = (math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom))
            seen = change.crop(place) if place[0] < place[2] and place[1] < place[3] else None
            inked = seen.getbbox() if seen is not None else None
            if seen is None or inked is None:
                yield suspect.number, Look.HIDDEN.because(f"nothing is drawn there; {suspect.why}")
            elif (
                inked[3] - inked[1] < _WHOLE * (bottom - top) - 1
                or inked[2] - inked[0] < _WHOLE * (right - left) - 1
                or _marks(seen) < _MOST_OF_IT * _marks(alone.crop(place))
            ):
                yield suspect.number, Look.COVERED.because(f"only a part is drawn; {suspect.why}")

    def otherwise(self, glyphs: Sequence[Glyph], displayed: Turn, reading: Turn) -> Iterator[tuple[int, str]]:
        """The numbers of the digits that are drawn in the shape of others, and why that is thought."""
        self._switch(_is_no_text, on=False)
        ink = ImageChops.invert(self._draw(_LARGE))
        self._switch(_is_no_text, on=True)
        turned = (reading.quarters - displayed.quarters) % 4
        for glyph in glyphs:
            left, top, right, bottom = (side * self._scale * _LARGE for side in displayed.box(*glyph.bounds))
            shape = ink.crop((math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)))
            why = picture_doubt(shape.rotate(-90 * turned, expand=True) if turned else shape, glyph.digit)
            if why:
                yield glyph.number, why

    def besides(self) -> tuple[Image.Image, float]:
        """Where something is drawn that is neither text nor straight shape, and dots per point."""
        self._switch(_is_text, on=False)
        self._switch(_is_straight, on=False)
        marks = self._draw().point(lambda grey: 255 if grey <= 255 - _INK else 0)
        return marks.reduce(2).point(lambda grey: 255 if grey else 0), self._scale / 2

    def _draw(self, larger: float = 1.0) -> Image.Image:
        bitmap = self._page.render(scale=self._scale * larger, grayscale=True, may_draw_forms=True)
        try:
            picture: Image.Image = bitmap.to_pil().convert("L")
            return picture
        finally:
            bitmap.close()

    def _switch(self, which: Callable[[Any], bool], *, on: bool) -> None:
        for item in _objects(self._page):
            if which(item):
                pdfium.FPDFPageObj_SetIsActive(item, on)


def _marked(grey: int) -> int:
    """255 where a grey differs enough from that of the paper, or of the other drawing."""
    return 255 if grey >= _INK else 0


def _marks(picture: Image.Image) -> int:
    """How many dots of a picture of marks are set."""
    return picture.histogram()[255]


def _objects(page: pypdfium2.PdfPage) -> Iterator[Any]:
    """All objects of a page, those in forms included."""
    waiting = [pdfium.FPDFPage_GetObject(page, number) for number in range(pdfium.FPDFPage_CountObjects(page))]
    for _ in range(_MAX_OBJECTS):
        if not waiting:
            return
        item = waiting.pop()
        if pdfium.FPDFPageObj_GetType(item) == pdfium.FPDF_PAGEOBJ_FORM:
            waiting += [pdfium.FPDFFormObj_GetObject(item, at) for at in range(pdfium.FPDFFormObj_CountObjects(item))]
        else:
            yield item


def _is_text(item: Any) -> bool:
    return bool(pdfium.FPDFPageObj_GetType(item) == pdfium.FPDF_PAGEOBJ_TEXT)


def _is_no_text(item: Any) -> bool:
    return not _is_text(item)


def _is_straight(item: Any) -> bool:
    """Whether an object is a path without curves and slants: a ruling, a filled cell."""
    if pdfium.FPDFPageObj_GetType(item) != pdfium.FPDF_PAGEOBJ_PATH:
        return False
    count = pdfium.FPDFPath_CountSegments(item)
    x, y = ctypes.c_float(), ctypes.c_float()
    last: tuple[float, float] | None = None
    for number in range(min(count, _MOST_SEGMENTS)):
        piece = pdfium.FPDFPath_GetPathSegment(item, number)
        pdfium.FPDFPathSegment_GetPoint(piece, x, y)
        kind = pdfium.FPDFPathSegment_GetType(piece)
        point = (x.value, y.value)
        if kind == pdfium.FPDF_SEGMENT_BEZIERTO:
            return False
        if (
            kind == pdfium.FPDF_SEGMENT_LINETO
            and last is not None
            and min(abs(point[0] - last[0]), abs(point[1] - last[1])) >= 1
        ):
            return False
        last = point
    return bool(count <= _MOST_SEGMENTS)


def overlay_of(
    drawing: PageRendering, displayed: Turn, objects: PageObjects, notes: Sequence[PageNote], look: TextLook
) -> PageOverlay | None:
    """What the page shows besides text and rulings where its figures and tables are, `None` for nothing."""
    if not (notes or objects.others):
        return None
    here = _around([area for area in (objects.strokes_area(), look.area()) if area is not None])
    if here is None:
        return None
    said = tuple((displayed.box(*note.bounds), note.why) for note in notes if note.why and _meet(note.bounds, here))
    ink, scale = None, 1.0
    if any(_meet(bounds, here) for bounds in (*(n.bounds for n in notes), *(o.bounds for o in objects.others))):
        ink, scale = drawing.besides()
    return PageOverlay(said, ink, scale) if said or ink is not None else None


# ---- rectangles -----------------------------------------------------------------------------------------------------------

_Item = TypeVar("_Item", Fill, DrawnShape)


def _by_height(items: Sequence[_Item], all_of_them: _Item) -> dict[int, list[_Item]]:
    """Items by the bands of the page that they touch; what touches more than a page's bands is kept under `_ALL`.

    Of more than can be compared with every digit, `all_of_them` stands for all.
    """
    if len(items) > _MOST_SHAPES:
        return {_ALL: [all_of_them]}
    bands: dict[int, list[_Item]] = {}
    for item in items:
        low, high = int(item.bounds[1] // _BAND), int(item.bounds[3] // _BAND)
        for band in range(low, high + 1) if high - low < _MOST_BANDS else (_ALL,):
            bands.setdefault(band, []).append(item)
    return bands


def _near(bands: dict[int, list[_Item]], bounds: Bounds) -> Iterator[_Item]:
    if bands:
        yield from bands.get(int((bounds[1] + bounds[3]) / 2 // _BAND), ())
        yield from bands.get(_ALL, ())


def _meet(one: Bounds, other: Bounds) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _is_inside(inner: Bounds, outer: Bounds) -> bool:
    return (
        inner[0] >= outer[0] - _SLACK
        and inner[1] >= outer[1] - _SLACK
        and inner[2] <= outer[2] + _SLACK
        and inner[3] <= outer[3] + _SLACK
    )


def _around(boxes: Sequence[Bounds]) -> Bounds | None:
    if not boxes:
        return None
    left, bottom, right, top = zip(*boxes, strict=True)
    return min(left), min(bottom), max(right), max(top)


def _share(one: Box, other: Box) -> float:
    """How much of the smaller of two boxes lies in the other."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    smaller = min((box.right - box.left) * (box.bottom - box.top) for box in (one, other))
    return width * height / smaller if width > 0 and height > 0 and smaller > 0 else 0.0
