"""Is a digit drawn in the shape of the digit that its code stands for? A font's own table of codes may say otherwise than its outlines.

What is drawn is compared, small and blurred, with the digits of the fonts that PDFium brings. It is another digit only where it is clearly more
like that one.
"""

from __future__ import annotations

import ctypes
import math
from functools import cache, lru_cache
from operator import mul
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from extract.document.drawn import Look

#: An outline as PDFium gives it, in its font's em: kind, x and y of each segment.
Segments = tuple[tuple[int, float, float], ...]
Contours = tuple[tuple[tuple[float, float], ...], ...]
_Vector = tuple[float, ...]

# Typefaces that PDFium brings: upright and slanted, with and without serifs, thin and bold, narrow and of one width.
_PATTERNS = (
    b"Helvetica",
    b"Helvetica-Bold",
    b"Helvetica-Oblique",
    b"Helvetica-BoldOblique",
    b"Times-Roman",
    b"Times-Bold",
    b"Times-Italic",
    b"Times-BoldItalic",
    b"Courier",
    b"Courier-Bold",
)
# The picture of a digit, its margin, its blur, and the grid on which it is compared, in dots.
_WIDTH, _HEIGHT, _BORDER, _BLUR, _GRID = 20, 28, 2, 1.5, (10, 14)
# Wider digits than this, in heights, fill the picture: condensed ones look as others do. A 1 doesn't.
_NARROW = 0.45
# Correlations. Of 331 digits of 33 typefaces (Han, mono-spaced, slanted and bold ones) none is more like another digit than like itself by 0.05,
# and of 2,979 false readings of them all but 13 are; the least that one is like itself is 0.77.
_CLEARLY, _LIKE, _SURELY = 0.05, 0.6, 0.95
# An outline of a digit has some hundred points.
_MOST_POINTS = 3000
# Segments of a Bézier curve come by threes.
_CURVE = 3
_STEPS = (1 / 3, 2 / 3, 1.0)


def segments_of(font: Any, char: str) -> Segments:
    """The outline that a font has for a character, empty without one. What has far more points than a digit is none."""
    path = pdfium.FPDFFont_GetGlyphPath(font, ord(char), ctypes.c_float(1.0))
    count = pdfium.FPDFGlyphPath_CountGlyphSegments(path) if path else 0
    if not 0 < count <= _MOST_POINTS:
        return ()
    x, y = ctypes.c_float(), ctypes.c_float()
    segments = []
    for number in range(count):
        piece = pdfium.FPDFGlyphPath_GetGlyphPathSegment(path, number)
        pdfium.FPDFPathSegment_GetPoint(piece, x, y)
        segments.append((pdfium.FPDFPathSegment_GetType(piece), x.value, y.value))
    return tuple(segments)


def _contours(segments: Segments) -> Contours:
    contours: list[list[tuple[float, float]]] = []
    curve: list[tuple[float, float]] = []
    for kind, x, y in segments:
        if kind == pdfium.FPDF_SEGMENT_MOVETO or not contours:
            contours.append([(x, y)])
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            contours[-1].append((x, y))
        else:
            curve.append((x, y))
            if len(curve) == _CURVE:
                contours[-1] += _curved(contours[-1][-1], *curve)
                curve = []
    return tuple(tuple(contour) for contour in contours if len(contour) > 2)


def _curved(
    start: tuple[float, float], one: tuple[float, float], two: tuple[float, float], end: tuple[float, float]
) -> list[tuple[float, float]]:
    points = []
    for t in _STEPS:
        u = 1 - t
        a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
        x = a * start[0] + b * one[0] + c * two[0] + d * end[0]
        y = a * start[1] + b * one[1] + c * two[1] + d * end[1]
        points.append((x, y))
    return points


@lru_cache(maxsize=2000)
def size_of(segments: Segments) -> tuple[float, float]:
    """Width and height of an outline in its font's em, 0 of an empty one."""
    x0, y0, x1, y1 = _bounds(_contours(segments))
    return x1 - x0, y1 - y0


def _bounds(contours: Contours) -> tuple[float, float, float, float]:
    xs = [x for contour in contours for x, _ in contour] or [0.0]
    ys = [y for contour in contours for _, y in contour] or [0.0]
    return min(xs), min(ys), max(xs), max(ys)


@lru_cache(maxsize=2000)
def outline_doubt(segments: Segments, digit: str) -> str:
    """Why an outline isn't that of a digit, empty if it may be."""
    if min(size_of(segments)) <= 0:
        return Look.HIDDEN.because("its font draws nothing for it")
    return _doubt(_filled(_contours(segments)), digit)


def _filled(contours: Contours) -> Image.Image:
    x0, y0, x1, y1 = _bounds(contours)
    width, height = _fitted(x1 - x0, y1 - y0)
    left = (_WIDTH - width) / 2
    picture = Image.new("1", (_WIDTH, _HEIGHT))
    for contour in contours:
        one = Image.new("1", (_WIDTH, _HEIGHT))
        places = [(left + (x - x0) * width / (x1 - x0), _BORDER + (y1 - y) * height / (y1 - y0)) for x, y in contour]
        ImageDraw.Draw(one).polygon(places, fill=1)
        picture = ImageChops.logical_xor(picture, one)
    return picture.convert("L")


def picture_doubt(ink: Image.Image, digit: str) -> str:
    """The same for a picture of what is drawn, white on black."""
    box = ink.getbbox()
    if box is None:
        return Look.HIDDEN.because("nothing is drawn there")
    width, height = _fitted(box[2] - box[0], box[3] - box[1])
    picture = Image.new("L", (_WIDTH, _HEIGHT))
    shape = ink.crop(box).resize((max(1, round(width)), round(height)), Image.Resampling.BOX)
    picture.paste(shape, (round((_WIDTH - width) / 2), _BORDER))
    return _doubt(picture, digit)


def _fitted(width: float, height: float) -> tuple[float, float]:
    """The size of a shape in the picture: its height fills it, and its width too unless it is narrow."""
    most = _WIDTH - 2 * _BORDER
    return (
        (most if width > _NARROW * height else width / height * (_HEIGHT - 2 * _BORDER)),
        _HEIGHT - 2 * _BORDER,
    )


def _vector(picture: Image.Image) -> _Vector:
    grey = picture.filter(ImageFilter.GaussianBlur(_BLUR)).resize(_GRID, Image.Resampling.BOX).tobytes()
    mean = sum(grey) / len(grey)
    values = [value - mean for value in grey]
    length = math.sqrt(sum(map(mul, values, values))) or 1.0
    return tuple(value / length for value in values)


def _doubt(picture: Image.Image, digit: str) -> str:
    seen = _vector(picture)
    likeness = {digit: _likeness(seen, digit)}
    if likeness[digit] >= _SURELY:
        return ""
    likeness |= {other: _likeness(seen, other) for other in "0123456789" if other != digit}
    best = max(likeness, key=likeness.__getitem__)
    if likeness[best] < _LIKE:
        return Look.OTHERWISE.because("what is drawn for it is no digit")
    if likeness[best] > likeness[digit] + _CLEARLY:
        return Look.OTHERWISE.because(f"it is drawn as {best}")
    return ""


def _likeness(seen: _Vector, digit: str) -> float:
    return max([float(sum(map(mul, seen, pattern))) for pattern in _patterns()[digit]])


@cache
def _patterns() -> dict[str, tuple[_Vector, ...]]:
    document = pypdfium2.PdfDocument.new()
    try:
        fonts = [pdfium.FPDFText_LoadStandardFont(document.raw, name) for name in _PATTERNS]
        try:
            return {
                digit: tuple(_vector(_filled(_contours(segments_of(font, digit)))) for font in fonts)
                for digit in "0123456789"
            }
        finally:
            for font in fonts:
                pdfium.FPDFFont_Close(font)
    finally:
        document.close()
