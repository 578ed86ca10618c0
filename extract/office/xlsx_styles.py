"""The styles of an xlsx workbook: for each number that a cell names, how it is printed (ECMA-376 part 1, 18.8)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from extract.document.colours import BLACK, WHITE, Colour, from_hex, tinted
from extract.document.drawn import Look
from extract.document.numerals import is_whole
from extract.office.fonts import Font
from extract.office.number_formats import BUILT_IN
from extract.office.sheet_drawn import Style
from extract.office.word_styles import child_of, name_of, parts_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_OFF = frozenset({"0", "false"})
#: The colours that files number (18.8.27) from the eighth on; the first eight are the same again.
_DIGITS = re.findall(
    r"\w+",
    "000000 FFFFFF FF0000 00FF00 0000FF FFFF00 FF00FF 00FFFF 800000 008000 000080 808000 800080 008080 C0C0C0 808080 9999FF 993366 "
    "FFFFCC CCFFFF 660066 FF8080 0066CC CCCCFF 000080 FF00FF FFFF00 00FFFF 800080 800000 008080 0000FF 00CCFF CCFFFF CCFFCC FFFF99 "
    "99CCFF FF99CC CC99FF FFCC99 3366FF 33CCCC 99CC00 FFCC00 FF9900 FF6600 666699 969696 003366 339966 003300 333300 993300 993366 "
    "333399 333333",
)
PALETTE = tuple(colour for digits in _DIGITS if (colour := from_hex(digits)) is not None)
_SYSTEM_TEXT, _SYSTEM_GROUND = 64, 65
#: The order in which numbers name a theme's colours: light and dark change places.
_THEME = (
    "lt1",
    "dk1",
    "lt2",
    "dk2",
    "accent1",
    "accent2",
    "accent3",
    "accent4",
    "accent5",
    "accent6",
    "hlink",
    "folHlink",
)


def number_of(text: str | None) -> float | None:
    """A number of an attribute, `None` for what is none."""
    try:
        return float(text) if text else None
    except ValueError:
        return None


class Palette:
    """What the colours of a workbook are."""

    def __init__(self, theme: _Element | None, styles: _Element | None) -> None:
        self._theme = {"lt1": WHITE, "dk1": BLACK, **dict(_scheme(theme))}
        own = [] if styles is None else [node for node in styles.iter() if name_of(node) == "rgbColor"]
        listed = [from_hex((node.get("rgb") or "")[-6:]) for node in own]
        # A palette of the file's own has the first eight twice, as the standard's does.
        self._indexed = listed[8:] if len(listed) > 8 else list(PALETTE)

    def colour(self, node: _Element | None, *, automatic: Colour) -> Colour:
        """The colour of an element such as `color` or `fgColor`."""
        if node is None or (node.get("auto") or "0") not in _OFF:
            return automatic
        found = from_hex((node.get("rgb") or "")[-6:]) or self._named(node, automatic)
        tint = number_of(node.get("tint"))
        return tinted(found, max(-1.0, min(1.0, tint))) if tint else found

    def _named(self, node: _Element, automatic: Colour) -> Colour:
        theme, index = node.get("theme"), node.get("indexed")
        if theme is not None and is_whole(theme) and int(theme) < len(_THEME):
            return self._theme.get(_THEME[int(theme)], automatic)
        if index is None or not is_whole(index) or int(index) in (_SYSTEM_TEXT, _SYSTEM_GROUND):
            return automatic
        at = int(index) if int(index) < 8 else int(index) - 8
        return (self._indexed[at] if at < len(self._indexed) else None) or automatic


def _scheme(theme: _Element | None) -> Iterator[tuple[str, Colour]]:
    """The colours of a theme by name."""
    scheme = next((node for node in theme.iter() if name_of(node) == "clrScheme"), ()) if theme is not None else ()
    for node in scheme:
        inner = next(iter(node), None)
        found = from_hex((inner.get("lastClr") or inner.get("val")) if inner is not None else None)
        if found is not None:
            yield name_of(node), found


class XlsxStyles:
    """Styles by number; `changes` are those that conditional formats lay over a cell's own."""

    def __init__(self, styles: _Element | None, theme: _Element | None) -> None:
        self._palette = Palette(theme, styles)
        parts = parts_of(styles)
        self._codes = dict(BUILT_IN)
        for node in parts.get("numFmts", ()):
            if is_whole(node.get("numFmtId") or ""):
                self._codes[int(node.get("numFmtId") or 0)] = node.get("formatCode") or "General"
        self._fonts = [self.font(node) for node in parts.get("fonts", ())]
        self._grounds = [self._ground(node) for node in parts.get("fills", ())]
        self._styles = [self._style(node) for node in parts.get("cellXfs", ())]
        self.changes = list(parts.get("dxfs", ()))

    def style(self, number: str | None) -> Style:
        """The style that a cell names."""
        at = int(number) if number is not None and is_whole(number) else 0
        return self._styles[at] if at < len(self._styles) else Style()

    def colour(self, node: _Element, automatic: Colour) -> Colour:
        """The colour of an element of a sheet."""
        return self._palette.colour(node, automatic=automatic)

    def font(self, node: _Element | None, base: Font | None = None) -> Font:
        """A font, or the properties of a run of rich text; what it doesn't say is that of `base`."""
        base = base or Font()
        parts = parts_of(node)
        size = number_of(parts["sz"].get("val")) if "sz" in parts else None
        name = parts.get("rFont", parts.get("name"))
        align = parts["vertAlign"].get("val") if "vertAlign" in parts else None
        return Font(
            struck=_is_on(parts["strike"]) if "strike" in parts else base.struck,
            raised=align in ("superscript", "subscript") if align is not None else base.raised,
            size=base.size if size is None else size,
            ink=self._palette.colour(parts["color"], automatic=BLACK) if "color" in parts else base.ink,
            name=(name.get("val") or "") if name is not None else base.name,
        )

    def _ground(self, node: _Element) -> Colour:
        gradient = child_of(node, "gradientFill")
        if gradient is not None:
            stop = next((inner for inner in gradient.iter() if name_of(inner) == "color"), None)
            return self._palette.colour(stop, automatic=WHITE)
        return self.ground(node) or WHITE

    def ground(self, node: _Element | None) -> Colour | None:
        """The colour of a filling, `None` if there is none. Of a pattern, what lies between its two colours."""
        pattern = child_of(node, "patternFill") if node is not None else None
        if pattern is None or (pattern.get("patternType") or "solid") == "none":
            return None
        parts = parts_of(pattern)
        front = self._palette.colour(parts.get("fgColor"), automatic=WHITE)
        back = self._palette.colour(parts.get("bgColor"), automatic=WHITE)
        kind = pattern.get("patternType")
        if kind == "solid":
            return front
        # A conditional format names its plain ground as `bgColor`, without a kind.
        return back if kind is None else front.faded(0.5).over(back)

    def _style(self, node: _Element) -> Style:
        def at(name: str) -> int:
            text = node.get(name) or "0"
            return int(text) if is_whole(text) else 0

        font, ground = at("fontId"), at("fillId")
        alignment = child_of(node, "alignment")
        return Style(
            code=self._codes.get(at("numFmtId"), "General"),
            font=self._fonts[font] if font < len(self._fonts) else Font(),
            paper=self._grounds[ground] if ground < len(self._grounds) else WHITE,
            odd=tuple(_odd(alignment)) if alignment is not None else (),
        )

    def code(self, node: _Element | None) -> str | None:
        """The number format that a conditional format lays over a cell."""
        return node.get("formatCode") if node is not None else None


#: Steps of three characters' width: no column is so wide.
_MOST_INDENT = 80


def _odd(alignment: _Element) -> list[str]:
    found = []
    if alignment.get("horizontal") == "fill":
        found.append(Look.OTHERWISE.because("repeated to fill the cell"))
    indent = alignment.get("indent") or ""
    if is_whole(indent) and int(indent) > _MOST_INDENT:
        found.append(Look.HIDDEN.because("indented out of the cell"))
    if alignment.get("readingOrder") == "2":
        found.append(Look.TURNED.because("from right to left"))
    return found


def _is_on(node: _Element) -> bool:
    return (node.get("val") or "1") not in _OFF
