"""How an OpenDocument spreadsheet draws its cells (ODF 1.3 part 3): the text that each cell shows is stored beside its value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from extract.document.colours import WHITE, from_hex
from extract.document.drawn import APART, SPACED, WIDE_SPACING, Look, Run, asks, has_digit
from extract.document.numerals import is_whole
from extract.office.fonts import Font, font_reasons
from extract.office.number_formats import ShownNumber
from extract.office.opc import OfficePackage
from extract.office.sheet_drawn import Place, SheetCell, SheetLooks, Style, compared, style_reasons, text_cell
from extract.office.word_styles import NAMES, attribute, name_of

if TYPE_CHECKING:
    from lxml.etree import _Element

#: The properties of a style by their local names.
_Properties = Mapping[str, str]

_AMOUNT = re.compile(r"-?\d+(?:\.\d+)?")
_SIZE = re.compile(r"([\d.]+)(pt|in|cm|mm|px|%)?")
_POINTS = {None: 1.0, "pt": 1.0, "in": 72.0, "cm": 28.35, "mm": 2.835, "px": 0.75}
_MOST_LEVELS, _MOST_REPEATED = 20, 1024
_GROUPS = frozenset(
    {
        "table-row-group",
        "table-header-rows",
        "table-rows",
        "table-column-group",
        "table-header-columns",
        "table-columns",
    }
)
_DRAWINGS = frozenset({"frame", "custom-shape", "control"})
#: What stands in a paragraph and is read as it stands, or shows nothing; all else is a field, or a note.
_PLAIN_PARTS = frozenset(
    {
        "span",
        "a",
        "s",
        "tab",
        "line-break",
        "annotation",
        "annotation-end",
        "ruby",
        "ruby-base",
        "ruby-text",
        "soft-page-break",
        "meta",
    }
    | {f"{what}{part}" for what in ("bookmark", "change", "reference-mark") for part in ("", "-start", "-end")}
)
#: Letters drawn narrower than this share of their width, or nearer to each other in points, or less opaque, can't be read.
_NARROW, _OVERLAP, _FAINT = 20.0, -4.0, 15.0
_PARTS = ("text-properties", "table-cell-properties", "table-row-properties", "table-column-properties")


class OdsDrawing:
    """The looks of a workbook, sheet by sheet. Reading its parts may raise `UnreadableDocument` or `DocumentTooLarge`."""

    def __init__(self, package: OfficePackage) -> None:
        roots = [root for name in ("styles.xml", "content.xml") if (root := package.part(name)) is not None]
        named: dict[str, list[_Element]] = {"style": [], "default-style": [], "number": [], "table": []}
        for root in roots:
            for node in root.iter():
                if NAMES[node.tag] in named:
                    named[NAMES[node.tag]].append(node)
        self._styles = {attribute(node, "name") or "": node for node in named["style"]}
        self._defaults = {attribute(node, "family"): node for node in named["default-style"]}
        self._tables = {attribute(node, "name") or "": node for node in named["table"]}
        scaling = (node for node in named["number"] if attribute(node, "display-factor") not in (None, "1"))
        self._scaled = {attribute(next(node.iterancestors()), "name") or "" for node in scaling}
        self._known: dict[str, _Properties] = {}

    def looks(self, sheet: str) -> SheetLooks:
        """What is odd about the cells of a sheet."""
        table = self._tables.get(sheet)
        looks = SheetLooks()
        if table is None:
            return looks
        defaults = self._columns(table, looks)
        looks.unread += [
            f"{name_of(shape)} on the sheet" for node in table if name_of(node) == "shapes" for shape in node
        ]
        number = 0
        for row, is_hidden in _rows(table, hidden=False):
            repeated = _repeated(row, "number-rows-repeated")
            if is_hidden or self._is_gone(row, "row-height"):
                looks.hidden_rows.update(range(number, number + min(repeated, _MOST_REPEATED)))
            looks.merged += _merged(row, number)
            for column, cell in _cells(row):
                odd = self._cell(cell, _style_name(cell, row) or defaults.get(column, ""))
                if odd is not None:
                    looks.cells.update({(number + at, column): odd for at in range(min(repeated, _MOST_REPEATED))})
            number += repeated
        return looks

    def _columns(self, table: _Element, looks: SheetLooks) -> dict[int, str]:
        """Note hidden columns; the default style of the others."""
        defaults: dict[int, str] = {}
        at = 0
        for node in table.iter():
            if NAMES[node.tag] != "table-column":
                continue
            repeated = _repeated(node, "number-columns-repeated")
            columns = range(at, at + min(repeated, _MOST_REPEATED))
            group = next(node.iterancestors())
            if _says_hidden(node) or attribute(group, "display") == "false" or self._is_gone(node, "column-width"):
                looks.hidden_columns.update(columns)
            defaults.update(dict.fromkeys(columns, attribute(node, "default-cell-style-name") or ""))
            at += repeated
        return defaults

    def _is_gone(self, node: _Element, size: str) -> bool:
        """Whether a row or column has no height or width."""
        said = self._properties(attribute(node, "style-name") or "").get(size)
        return said is not None and (_points(said) or 0.0) < 0.5

    def _properties(self, style: str) -> _Properties:
        """What a style says, with those it is based on and its family's default."""
        if style not in self._known:
            chain = list(self._chain(style))
            family = attribute(chain[0], "family") if chain else "table-cell"
            base = self._defaults.get(family)
            merged: dict[str, str] = {}
            for node in (*([base] if base is not None else []), *reversed(chain)):
                merged.update(_said(node))
            self._known[style] = merged
        return self._known[style]

    def _chain(self, style: str) -> Iterator[_Element]:
        """A style, then those it is based on."""
        name: str | None = style
        for _ in range(_MOST_LEVELS):
            node = self._styles.get(name) if name is not None else None
            if node is None:
                return
            yield node
            name = attribute(node, "parent-style-name")

    def _style(self, name: str) -> Style:
        plain = self._own_style(name)
        targets = {
            attribute(node, "apply-style-name") or ""
            for link in self._chain(name)
            for node in link
            if name_of(node) == "map"
        }
        more = (
            f"{reason} by a conditional format"
            for target in targets
            for reason in style_reasons(self._own_style(target))
        )
        return replace(plain, odd=(*plain.odd, *more)) if targets else plain

    def _own_style(self, name: str) -> Style:
        """A style without those that a condition may put in its place."""
        said = self._properties(name)
        odd = list(_odd(said))
        if said.get("repeat-content") == "true":
            odd.append(Look.OTHERWISE.because("repeated to fill the cell"))
        if "hidden" in said.get("cell-protect", ""):
            odd.append(Look.HIDDEN.because(f"cell-protect {said['cell-protect']}"))
        if said.get("data-style-name") in self._scaled:
            odd.append(Look.OTHERWISE.because("scaled by its number format"))
        return Style(
            "General", _font(said, Font(size=10.0)), from_hex(said.get("background-color")) or WHITE, tuple(odd)
        )

    def _cell(self, cell: _Element, name: str) -> SheetCell | None:
        style = self._style(name)
        style = replace(style, odd=(*style.odd, *_laid_over(cell)))
        paragraphs = [node for node in cell if name_of(node) == "p"]
        shown = "\n".join("".join(_text(node)) for node in paragraphs)
        stored = attribute(cell, "value")
        if stored is not None:
            return _number(stored, shown if paragraphs else None, style)
        if paragraphs and _differs(attribute(cell, "string-value"), shown):
            return SheetCell(shown, (Look.OTHERWISE.because("another text is stored"),))
        return self._string(paragraphs, shown, style)

    def _string(self, paragraphs: list[_Element], shown: str, style: Style) -> SheetCell | None:
        """A cell with a text."""
        if not asks(shown) and not style.odd:
            return None
        return text_cell(shown, style, [run for node in paragraphs for run in self._inside(node, style.font, style)])

    def _inside(self, node: _Element, font: Font, style: Style) -> Iterator[Run]:
        why = (*style.odd, *font_reasons(font, style.paper))
        if node.text:
            yield Run(node.text, why, font.size)
        for child in node:
            yield from self._part(child, font, style)
            if child.tail:
                yield Run(child.tail, why, font.size)

    def _part(self, child: _Element, font: Font, style: Style) -> Iterator[Run]:
        """An element of a paragraph."""
        name = name_of(child)
        if name in ("tab", "line-break"):
            yield APART
        elif name == "ruby":
            yield Run("", (Look.RAISED.because("ruby"),))
        elif name not in _PLAIN_PARTS:
            yield Run("", (Look.OTHERWISE.because(f"<{name}>"),))
        if name == "span":
            said = self._properties(attribute(child, "style-name") or "")
            paper = from_hex(said.get("background-color")) or style.paper
            inner = replace(style, paper=paper, odd=(*style.odd, *_odd(said)))
            yield from self._inside(child, _font(said, font), inner)
        elif name != "annotation":
            yield from self._inside(child, font, style)


def _odd(said: _Properties) -> Iterator[str]:
    """Why text with these properties isn't seen as it is stored, its font apart."""
    angle = _number_of(said.get("rotation-angle", said.get("text-rotation-angle", "")), 0.0) % 360
    if 135 <= angle <= 225:
        yield Look.TURNED.because(f"turned by {angle:g} degrees")
    if said.get("text-combine", "none") != "none":
        yield Look.OTHERWISE.because("text-combine")
    if _number_of(said.get("text-scale", ""), 100.0) < _NARROW:
        yield Look.HIDDEN.because("drawn too narrow")
    yield from _spaced(said.get("letter-spacing", ""))
    if _number_of(said.get("opacity", ""), 100.0) < _FAINT:
        yield Look.HIDDEN.because("transparent")


def _spaced(spacing: str) -> Iterator[str]:
    if spacing.startswith("-") and -(_points(spacing[1:]) or 0.0) <= _OVERLAP:
        yield Look.HIDDEN.because("letters lie on each other")
    elif (_points(spacing) or 0.0) >= WIDE_SPACING:
        yield SPACED


def _number_of(text: str, otherwise: float) -> float:
    found = _AMOUNT.match(text)
    return float(found.group()) if found is not None else otherwise


def _style_name(cell: _Element, row: _Element) -> str | None:
    return attribute(cell, "style-name") or attribute(row, "default-cell-style-name")


def _differs(stored: str | None, shown: str) -> bool:
    """Whether a cell's text isn't the one that it shows."""
    return stored is not None and stored.split() != shown.split()


def _said(style: _Element) -> Iterator[tuple[str, str]]:
    """The properties of a style element, and the name of its number format."""
    for part in style:
        if name_of(part) in _PARTS:
            yield from ((NAMES[key], str(value)) for key, value in part.items())
    if attribute(style, "data-style-name"):
        yield "data-style-name", attribute(style, "data-style-name") or ""


def _number(stored: str, shown: str | None, style: Style) -> SheetCell | None:
    """A cell with a value; `shown` is the text beside it, `None` where the program wrote none."""
    reasons = style_reasons(style)
    text: str | None = None
    if shown is not None:
        try:
            text, more = compared(Decimal(stored), ShownNumber(shown), style)
        except InvalidOperation:
            return None
        reasons = (*reasons, *more)
    return SheetCell(text, reasons) if reasons or text is not None else None


def _font(said: _Properties, base: Font) -> Font:
    """A font by the properties of a style; what it doesn't say is that of `base`."""
    line = said.get("text-line-through-style", said.get("text-line-through-type"))
    position = said.get("text-position", "")
    size = said.get("font-size", "")
    points = base.size * float(size[:-1]) / 100 if re.fullmatch(r"[\d.]+%", size) else _points(size)
    relative = said.get("font-size-rel", "")
    if relative.startswith("-"):
        points = (base.size if points is None else points) - (_points(relative[1:]) or 0.0)
    if said.get("display") == "none":
        points = 0.0
    return Font(
        struck=base.struck if line is None else line != "none",
        raised=base.raised if not position else not re.match(r"0%|auto\b", position),
        size=base.size if points is None else points,
        ink=from_hex(said.get("color")) or base.ink,
        name=said.get("font-name", said.get("font-family", base.name)),
    )


def _points(size: str) -> float | None:
    found = _SIZE.fullmatch(size)
    if found is None or found.group(2) == "%":
        return None
    return float(found.group(1)) * _POINTS[found.group(2)]


def _says_hidden(node: _Element) -> bool:
    return attribute(node, "visibility") in ("collapse", "filter")


def _repeated(node: _Element, name: str) -> int:
    text = attribute(node, name) or "1"
    return max(1, int(text)) if is_whole(text) and len(text) < 9 else 1


def _rows(node: _Element, *, hidden: bool) -> Iterator[tuple[_Element, bool]]:
    """The rows of a table in order, and whether they are hidden, by themselves or with their group."""
    for child in node:
        name = name_of(child)
        if name == "table-row":
            yield child, hidden or _says_hidden(child)
        elif name in _GROUPS:
            yield from _rows(child, hidden=hidden or attribute(child, "display") == "false")


def _cells(row: _Element) -> Iterator[tuple[int, _Element]]:
    """The cells of a row that hold something, with their columns."""
    column = 0
    for cell in row:
        if name_of(cell) not in ("table-cell", "covered-table-cell"):
            continue
        repeated = _repeated(cell, "number-columns-repeated")
        if len(cell) or attribute(cell, "value") is not None:
            for at in range(min(repeated, _MOST_REPEATED)):
                yield column + at, cell
        column += repeated


def _merged(row: _Element, number: int) -> Iterator[tuple[Place, Place]]:
    """The first and last place of each cell of a row that is merged with others."""
    column = 0
    for cell in row:
        if name_of(cell) not in ("table-cell", "covered-table-cell"):
            continue
        columns, rows = _repeated(cell, "number-columns-spanned"), _repeated(cell, "number-rows-spanned")
        if columns > 1 or rows > 1:
            yield (number, column), (number + rows - 1, column + columns - 1)
        column += _repeated(cell, "number-columns-repeated")


def _laid_over(cell: _Element) -> Iterator[str]:
    """What covers a cell: a drawing in it, or the cell that is merged over it and whose figure alone is shown."""
    if not {name_of(node) for node in cell}.isdisjoint(_DRAWINGS):
        yield Look.PICTURE.because("a drawing in the cell")
    shown = "".join(text for node in cell if name_of(node) == "p" for text in _text(node))
    if name_of(cell) == "covered-table-cell" and has_digit(shown or attribute(cell, "value") or ""):
        yield Look.COVERED.because("a merged cell lies over it")


def _text(node: _Element) -> Iterator[str]:
    """The text of a paragraph; blanks and tabs are elements of their own."""
    if node.text:
        yield node.text
    for child in node:
        name = name_of(child)
        if name in ("s", "tab", "line-break"):
            yield " "
        elif name not in ("annotation", "ruby-text"):
            yield from _text(child)
        if child.tail:
            yield child.tail
