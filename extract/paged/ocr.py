"""Scans and photographs, with the optional extra `ocr` (RapidOCR; its models come in its package, nothing is downloaded).

Each page is read twice: whole, and each figure's cell alone. Only figures on which both readings agree count as read; a
cell that shows ink without text is unread, never blank.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from extract.document.detect import detect
from extract.document.limits import Budget
from extract.document.where import Box
from extract.errors import MissingExtra, UnreadableDocument
from extract.layout.document import document_of
from extract.layout.geometry import Segment, Turn, join_collinear
from extract.layout.page import Char, PageInk
from extract.messages import localizable
from extract.model import Document, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Resolution at which pages are drawn for reading, in dots per inch.
DPI = 200
#: Reading a page may take this long beyond the limit for the document.
SECONDS_PER_PAGE = 90.0
# Image files have no paper size; the width of an A4 page in points stands for their width.
_PAGE_WIDTH = 595.0
_MAX_PIXELS = 60_000_000
# The share of a vertical stroke that must be inked: for itself, and where the same ruling is certain elsewhere.
_SOLID, _PALE = 0.97, 0.85
_FIGURE = re.compile(r"[-+]?[\d,.%]+")
_LOOKALIKES = str.maketrans(
    {"O": "0", "o": "0", "〇": "0", "。": ".", "l": "1", "I": "1", "|": "1", "，": ",", "－": "-", "—": "-", "–": "-"}
)
_SPECKS = re.compile(r"^[.·,'`\"~°]+|[·'`\"~°]+$")
_MISSING = localizable("the page is an image; reading it needs the extra: pip install 'ogi-archive[ocr]'")


def is_installed() -> bool:
    """Whether the extra is there."""
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "cv2", "numpy"))


def read(data: bytes, limits: Limits) -> Document:
    """Read an image file as one page.

    Raises:
        MissingExtra: The extra `ocr` isn't installed.
        UnreadableDocument: The image is damaged or too large.
    """
    if not is_installed():
        raise MissingExtra(_MISSING)
    cv2, numpy = _libraries()
    budget = Budget(limits)
    try:
        pixels = cv2.imdecode(numpy.frombuffer(data, dtype=numpy.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error as error:
        raise UnreadableDocument(f"the image is damaged ({error}); scan it again") from error
    if pixels is None:
        raise UnreadableDocument("the image is damaged or of an unknown kind; save it as PNG or JPEG")
    budget.extend(SECONDS_PER_PAGE)
    return document_of([read_page(pixels, 1, _PAGE_WIDTH / pixels.shape[1])], detect(data), budget)


def read_page(pixels: Any, number: int, scale: float) -> PageInk:
    """Read one page.

    Args:
        pixels: Grey values as a two-dimensional array (of NumPy, which is optional, hence `Any`).
        number: The page's number, from 1.
        scale: Points per pixel.
    """
    if pixels.size > _MAX_PIXELS:
        raise UnreadableDocument(f"page {number} has {pixels.size} pixels; scan it at 200 to 300 dots per inch")
    upright = _deskewed(pixels)
    height, width = upright.shape
    horizontal, vertical = _rulings(upright)
    turn = Turn(0, 0.0, 0.0, width * scale, height * scale)
    return PageInk(
        number=number,
        width=width * scale,
        height=height * scale,
        chars=tuple(_characters(upright, scale)),
        horizontal=tuple(join_collinear([_scaled(segment, scale) for segment in horizontal])),
        vertical=tuple(join_collinear([_scaled(segment, scale) for segment in vertical])),
        picture_share=0.0,
        outlines=0,
        reading=turn,
        displayed=turn,
        scan=_Scan(upright, scale),
    )


@dataclass(frozen=True, slots=True)
class _Scan:
    """The second reading: one cell at a time."""

    pixels: Any
    scale: float

    def confirms(self, text: str, box: Box) -> bool:
        """Whether a cell alone reads as it did on the whole page. Labels are not read again; they are matched fuzzily."""
        if text and not _FIGURE.fullmatch(_cleaned(text)):
            return True
        crop = self._crop(box)
        if crop is None:
            return not text
        if not text:
            return not _has_ink(crop)
        return _cleaned(_recognised(crop)) == _cleaned(text)

    def _crop(self, box: Box) -> Any:
        """The inside of a cell without its rulings, `None` when there is none."""
        margin = 4
        left, top = int(box.left / self.scale) + margin, int(box.top / self.scale) + margin
        right, bottom = int(box.right / self.scale) - margin, int(box.bottom / self.scale) - margin
        if right - left < 6 or bottom - top < 6:
            return None
        return self.pixels[max(0, top) : bottom, max(0, left) : right]


def _cleaned(text: str) -> str:
    return _SPECKS.sub("", "".join(text.split()).translate(_LOOKALIKES))


def _scaled(segment: Segment, scale: float) -> Segment:
    return Segment(segment.at * scale, segment.start * scale, segment.end * scale)


def _libraries() -> tuple[Any, Any]:
    return importlib.import_module("cv2"), importlib.import_module("numpy")


@cache
def _engine() -> Any:
    """The recogniser; it loads its models once a process."""
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    rapidocr = importlib.import_module("rapidocr")
    return rapidocr.RapidOCR(params={"Global.log_level": "critical"})


def _recognised(crop: Any) -> str:
    """The text of a crop of one line; padded and enlarged, for the model expects a line with margins."""
    cv2, _ = _libraries()
    ink = _ink(crop)
    columns, rows = ink.any(axis=0).nonzero()[0], ink.any(axis=1).nonzero()[0]
    if not len(columns):
        return ""
    tight = crop[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    size = 36 / max(1, tight.shape[0])
    line = cv2.resize(tight, None, fx=size, fy=size, interpolation=cv2.INTER_CUBIC)
    framed = cv2.copyMakeBorder(line, 8, 8, 24, 24, cv2.BORDER_CONSTANT, value=int(crop.max()))
    found = _engine()(cv2.cvtColor(framed, cv2.COLOR_GRAY2BGR), use_det=False, use_cls=False, use_rec=True)
    return "".join(found.txts or ())


def _ink(pixels: Any) -> Any:
    """Where the paper is dark: under the middle between paper and the darkest print, and clearly darker than paper."""
    _, numpy = _libraries()
    paper = float(numpy.percentile(pixels, 90))
    return pixels < min(paper - 60, 0.7 * paper)


def _has_ink(crop: Any) -> bool:
    """Whether a cell shows more than specks: a connected stroke as tall as a short digit or as wide as a dash."""
    cv2, numpy = _libraries()
    count, _, sizes, _ = cv2.connectedComponentsWithStats(_ink(crop).astype(numpy.uint8))
    return any(max(sizes[n][2], sizes[n][3]) >= 9 and sizes[n][4] >= 14 for n in range(1, count))


def _characters(pixels: Any, scale: float) -> Iterator[Char]:
    """The words of the whole page, each character given its share of the word's box."""
    cv2, _ = _libraries()
    # The engine remembers what the last call switched off, so every call says all.
    found = _engine()(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), use_det=True, use_cls=False, use_rec=True)
    if found.boxes is None:
        return
    serial = 0
    for word in _in_rows(
        [_Word.of(corners, text, scale) for corners, text in zip(found.boxes, found.txts, strict=True)]
    ):
        shares = [0.55 if character < "\u0100" else 1.0 for character in word.text]
        at = word.box.left
        for character, share in zip(word.text, shares, strict=True):
            width = (word.box.right - word.box.left) * share / sum(shares)
            if not character.isspace():
                yield Char(character, at, word.box.top, at + width, word.box.bottom, word.box.bottom, serial, False)
                serial += 1
            at += width


@dataclass(frozen=True, slots=True)
class _Word:
    """What the recogniser found in one place; lengths in points."""

    text: str
    box: Box

    @classmethod
    def of(cls, corners: Any, text: str, scale: float) -> _Word:
        """From the corners of its outline, in pixels."""
        (left, top), (right, bottom) = corners.min(axis=0) * scale, corners.max(axis=0) * scale
        return cls(text, Box(float(left), float(top), float(right), float(bottom)))

    @property
    def middle(self) -> float:
        """Vertical centre."""
        return (self.box.top + self.box.bottom) / 2


def _in_rows(words: list[_Word]) -> list[_Word]:
    """Words in reading order: row by row, each from left to right."""
    rows: list[list[_Word]] = []
    for word in sorted(words, key=lambda word: word.middle):
        height = word.box.bottom - word.box.top
        if rows and word.middle - rows[-1][-1].middle < 0.35 * height:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [word for row in rows for word in sorted(row, key=lambda word: word.box.left)]


def _deskewed(pixels: Any) -> Any:
    """The page turned by up to two degrees so that its rows run level: the turn whose rows of ink differ most."""
    cv2, numpy = _libraries()
    small = cv2.resize(pixels, None, fx=800 / pixels.shape[1], fy=800 / pixels.shape[1], interpolation=cv2.INTER_AREA)
    ink = _ink(small).astype(numpy.float32)
    centre = (small.shape[1] / 2, small.shape[0] / 2)

    def contrast(degrees: float) -> float:
        turn = cv2.getRotationMatrix2D(centre, degrees, 1.0)
        rows = cv2.warpAffine(ink, turn, (small.shape[1], small.shape[0])).sum(axis=1)
        return float(((rows[1:] - rows[:-1]) ** 2).sum())

    degrees = max((step / 8 for step in range(-16, 17)), key=contrast)
    if degrees == 0:
        return pixels
    turn = cv2.getRotationMatrix2D((pixels.shape[1] / 2, pixels.shape[0] / 2), degrees, 1.0)
    return cv2.warpAffine(pixels, turn, (pixels.shape[1], pixels.shape[0]), flags=cv2.INTER_CUBIC, borderValue=255)


def _rulings(pixels: Any) -> tuple[list[Segment], list[Segment]]:
    """Long straight strokes, in pixels: what survives an opening with a long thin brush."""
    cv2, numpy = _libraries()
    # Thin rulings print paler than text; noise as pale doesn't survive the opening.
    ink = (pixels < float(numpy.percentile(pixels, 90)) - 50).astype(numpy.uint8)
    thick = cv2.dilate(ink, numpy.ones((3, 3), numpy.uint8))
    length = max(30, pixels.shape[1] // 50)
    horizontal, vertical = [], []
    for shape, across in (((length * 4, 1), True), ((1, length), False)):
        lines = cv2.morphologyEx(thick, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, shape))
        count, _, sizes, _ = cv2.connectedComponentsWithStats(lines)
        for left, top, width, height, _area in sizes[1:count]:
            if across and height < 14:
                horizontal.append(Segment(top + height / 2, float(left), float(left + width)))
            elif not across and width < height / 2:
                vertical.append(Segment(left + width / 2, float(top), float(top + height)))
    candidates = [(line, _solidity(line, ink)) for line in vertical if _ends_on(line, horizontal)]
    certain = [line for line, solidity in candidates if solidity > _SOLID]
    # A pale stretch of a ruling that is certain elsewhere.
    pale = [
        line
        for line, solidity in candidates
        if _PALE < solidity <= _SOLID and any(abs(line.at - other.at) <= 3 for other in certain)
    ]
    return horizontal, certain + pale


def _solidity(stroke: Segment, ink: Any) -> float:
    """How much of a vertical stroke is inked; a stroke of a character leaves gaps before the rulings it seems to meet."""
    left = max(0, int(stroke.at) - 2)
    strip = ink[int(stroke.start) + 1 : int(stroke.end) - 1, left : left + 5]
    return float(strip.any(axis=1).mean()) if strip.size else 0.0


def _ends_on(stroke: Segment, horizontal: list[Segment], slack: float = 5.0) -> bool:
    """Whether both ends of a vertical stroke meet horizontal rulings; strokes of characters end on nothing."""
    meets = [s.at for s in horizontal if s.start - slack <= stroke.at <= s.end + slack]
    return any(abs(at - stroke.start) <= slack for at in meets) and any(abs(at - stroke.end) <= slack for at in meets)
