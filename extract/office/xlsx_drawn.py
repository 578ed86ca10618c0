"""How an xlsx workbook draws the cells of a sheet: their styles, rich text, hidden rows and columns, and what is laid over them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from extract.document.colours import BLACK, WHITE, is_seen
from extract.document.drawn import Look, Run, asks
from extract.document.numerals import is_whole
from extract.office.fonts import font_reasons
from extract.office.opc import OfficePackage
from extract.office.sheet_drawn import (
    Place,
    SheetCell,
    SheetLooks,
    Style,
    hidden_by_size,
    number_cell,
    style_reasons,
    text_cell,
)
from extract.office.word_styles import child_of, name_of, parts_of
from extract.office.xlsx_styles import XlsxStyles, number_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_SHAPES = frozenset({"pic", "sp", "graphicFrame", "cxnSp", "grpSp", "contentPart", "AlternateContent"})
#: Shapes that are a line, or have lines within: without a filling too they strike out what they lie over.
_LINES = re.compile(r"(?i)line|connector|math|cross|plus|bracket")
#: A cell of the usual size, in the units of drawings; smaller ones make a shape reach further than is known here.
_CELL_WIDTH, _CELL_HEIGHT = 609_600, 171_450
#: The corners of a note's shape, among the numbers that VML gives it.
_NOTE_CORNERS = (2, 0, 6, 4)
_OFF = frozenset({"0", "false"})
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
#: So many cells of a conditional format, a picture or a hidden span of columns are looked at.
_MOST_CELLS = 50_000
_MOST_COLUMNS = 256
_COMPARES: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "equal": lambda value, other: value == other,
    "notEqual": lambda value, other: value != other,
    "lessThan": lambda value, other: value < other,
    "lessThanOrEqual": lambda value, other: value <= other,
    "greaterThan": lambda value, other: value > other,
    "greaterThanOrEqual": lambda value, other: value >= other,
}


def place_of(reference: str) -> Place | None:
    """Row and column, from 0, of a reference such as `B12`."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        return None
    column = 0
    for letter in found.group(1):
        column = 26 * column + ord(letter) - 64
    return int(found.group(2)) - 1, column - 1


def places_of(references: str) -> Iterator[Place]:
    """The cells of a list of ranges, `A1:B2 D4`, up to a limit."""
    count = 0
    for area in references.split():
        first, _, last = area.partition(":")
        begin, end = place_of(first), place_of(last or first)
        if begin is None or end is None:
            continue
        for row in range(begin[0], end[0] + 1):
            for column in range(begin[1], end[1] + 1):
                count += 1
                if count > _MOST_CELLS:
                    return
                yield row, column


#: A cell whose formula could not be worked out shows a sign and the kind of the error.
_AN_ERROR = SheetCell("#", (Look.OTHERWISE.because("an error"),))


class XlsxDrawing:
    """The looks of a workbook, sheet by sheet. Reading its parts may raise `UnreadableDocument` or `DocumentTooLarge`."""

    def __init__(self, package: OfficePackage) -> None:
        self._package = package
        self._main = package.main("xl/workbook.xml")
        relations = package.relations(self._main)
        beside = {relation.kind: relation.path for relation in relations}
        self._styles = XlsxStyles(package.part(beside.get("styles")), package.part(beside.get("theme")))
        strings = package.part(beside.get("sharedStrings"))
        self._strings = list(strings) if strings is not None else []
        paths = {relation.id: relation.path for relation in relations}
        workbook = package.part(self._main)
        self._paths = {
            node.get("name") or "": paths.get(next((str(v) for k, v in node.items() if str(k).endswith("}id")), ""), "")
            for node in (workbook.iter() if workbook is not None else ())
            if name_of(node) == "sheet"
        }

    def looks(self, sheet: str) -> SheetLooks:
        """What is odd about the cells of a sheet."""
        path = self._paths.get(sheet, "")
        root = self._package.part(path)
        if root is None:
            return SheetLooks()
        reader = _Sheet(root, self._styles, self._strings)
        reader.read()
        for relation in self._package.relations(path):
            drawing = self._package.part(relation.path) if relation.kind in ("drawing", "vmlDrawing") else None
            if drawing is not None and relation.kind == "drawing":
                reader.lay_over(drawing)
            elif drawing is not None:
                reader.lay_notes(drawing)
        return reader.looks


class _Sheet:
    """Reads one sheet."""

    def __init__(self, root: _Element, styles: XlsxStyles, strings: list[_Element]) -> None:
        self.looks = SheetLooks()
        self._root = root
        self._styles = styles
        self._strings = strings
        self._shows_zeros, self._shows_formulas, self._hides_rows = True, False, False
        self._widths: dict[int, float] = {}
        self._merged: set[Place] = set()
        self._values: dict[Place, tuple[str, Style]] = {}

    def read(self) -> None:
        """Look at every row and cell, then at the conditional formats."""
        parts = parts_of(self._root)
        views = list(parts.get("sheetViews", ()))
        self._shows_zeros = not any(_says_no(view, "showZeros") for view in views)
        self._shows_formulas = any(_says_yes(view, "showFormulas") for view in views)
        for merged in parts.get("mergeCells", ()):
            self._merged.update(places_of(merged.get("ref") or ""))
        usual = parts.get("sheetFormatPr")
        if usual is not None:
            self._usual_sizes(usual)
        for column in parts.get("cols", ()):
            self._column(column)
        self._rows(parts.get("sheetData", ()))
        for node in self._root.iter("{*}conditionalFormatting"):
            self._conditional(node)

    def _usual_sizes(self, node: _Element) -> None:
        """The sizes of rows and columns that say nothing themselves."""
        height = number_of(node.get("defaultRowHeight")) if _says_yes(node, "customHeight") else None
        self._hides_rows = _says_yes(node, "zeroHeight") or hidden_by_size(height)
        width = number_of(node.get("defaultColWidth"))
        if width is not None:
            self._widths.update(dict.fromkeys(range(_MOST_COLUMNS), width))

    def _rows(self, rows: Iterable[_Element]) -> None:
        """Rows and cells that don't say where they stand follow the ones before them."""
        number = -1
        for row in rows:
            declared = row.get("r") or ""
            number = int(declared) - 1 if is_whole(declared) else number + 1
            if self._is_left_out(row):
                self.looks.hidden_rows.add(number)
            column = -1
            for cell in row:
                place = place_of(cell.get("r") or "") or (number, column + 1)
                column = place[1]
                odd = self._cell(cell, place)
                if odd is not None:
                    self.looks.cells[place] = odd

    def _is_left_out(self, row: _Element) -> bool:
        height, hidden = number_of(row.get("ht")), row.get("hidden")
        return hidden_by_size(height) or (
            hidden not in _OFF if hidden is not None else self._hides_rows and height is None
        )

    def _column(self, node: _Element) -> None:
        first, last, width = number_of(node.get("min")), number_of(node.get("max")), number_of(node.get("width"))
        if first is None or last is None:
            return
        columns = range(int(first) - 1, min(int(last), _MOST_COLUMNS))
        if _says_yes(node, "hidden") or hidden_by_size(width):
            self.looks.hidden_columns.update(columns)
        elif width is not None:
            self._widths.update(dict.fromkeys(columns, width))

    def _cell(self, cell: _Element, place: Place) -> SheetCell | None:
        style = self._styles.style(cell.get("s"))
        parts = parts_of(cell)
        kind = cell.get("t") or "n"
        stored = parts["v"].text if "v" in parts else None
        if "f" in parts and (self._shows_formulas or (not stored and kind in ("n", "e"))):
            return SheetCell(None, (Look.OTHERWISE.because("a formula without its value"),))
        width = None if place in self._merged else self._widths.get(place[1])
        if kind in ("inlineStr", "s"):
            return self._text(parts.get("is") if kind == "inlineStr" else self._shared(stored), style, width)
        if not stored:
            return None
        return self._value(place, stored, kind, style, width)

    def _value(self, place: Place, stored: str, kind: str, style: Style, width: float | None) -> SheetCell | None:
        """A cell with a value of its own: a number, an error, or the text that a formula gave."""
        if kind != "n":
            return _AN_ERROR if kind == "e" else text_cell(stored, style, width=width)
        self._values[place] = (stored, style)
        return number_cell(stored, style, shows_zeros=self._shows_zeros, width=width)

    def _shared(self, number: str | None) -> _Element | None:
        at = int(number) if number is not None and is_whole(number) else -1
        return self._strings[at] if 0 <= at < len(self._strings) else None

    def _text(self, item: _Element | None, style: Style, width: float | None) -> SheetCell | None:
        if item is None:
            return None
        runs = [node for node in item if name_of(node) == "r"]
        pieces = [("".join(_texts(run)), child_of(run, "rPr")) for run in runs]
        text = "".join(piece for piece, _ in pieces) if runs else "".join(_texts(item))
        if not asks(text):
            return None
        rich = []
        for piece, properties in pieces:
            font = self._styles.font(properties, style.font if properties is None else None)
            rich.append(Run(piece, font_reasons(font, style.paper), font.size))
        if any(name_of(node) == "rPh" for node in item):
            rich.append(Run("", (Look.ADDED.because("a phonetic guide"),)))
        return text_cell(text, style, rich, width=width)

    # ---- what is laid over cells ---------------------------------------------------------------------------------------

    def _conditional(self, node: _Element) -> None:
        for rule in node:
            reasons = tuple(self._changes(rule))
            if not reasons:
                continue
            for place in places_of(node.get("sqref") or "".join(inner.text or "" for inner in node.iter("{*}sqref"))):
                if place in self._values and self._may_apply(rule, self._values[place][0]):
                    self.looks.add(place, *reasons)

    def _changes(self, rule: _Element) -> Iterator[str]:
        """What a rule does to a cell that its own style doesn't."""
        for inner in rule:
            if name_of(inner) in ("dataBar", "iconSet") and _says_no(inner, "showValue"):
                yield Look.HIDDEN.because("a conditional format shows no value")
            if name_of(inner) == "colorScale" and not all(
                is_seen(BLACK, self._styles.colour(node, WHITE)) for node in inner if name_of(node) == "color"
            ):
                yield Look.HIDDEN.because("a scale of colours is as dark as the text")
        parts = parts_of(self._change(rule))
        code = self._styles.code(parts.get("numFmt"))
        if code is not None:
            yield Look.OTHERWISE.because(f"a conditional format, {code}")
        style = Style(font=self._styles.font(parts.get("font")))
        paper = self._styles.ground(parts.get("fill"))
        for reason in style_reasons(replace(style, paper=paper) if paper is not None else style):
            yield f"{reason} by a conditional format"

    def _change(self, rule: _Element) -> _Element | None:
        """The style that a rule lays over a cell's own: in the list of the workbook's, or within the rule."""
        number = rule.get("dxfId") or ""
        if is_whole(number) and int(number) < len(self._styles.changes):
            return self._styles.changes[int(number)]
        return child_of(rule, "dxf")

    def _may_apply(self, rule: _Element, stored: str) -> bool:
        """Whether a rule may hold for a number: only comparisons with a number are worked out."""
        compares = _COMPARES.get(rule.get("operator") or "")
        if rule.get("type") != "cellIs" or compares is None:
            return True
        formula = child_of(rule, "formula")
        try:
            return compares(Decimal(stored), Decimal((formula.text or "") if formula is not None else ""))
        except InvalidOperation:
            return True

    def lay_over(self, anchors: Iterable[_Element]) -> None:
        """Note the cells below pictures and shapes, and the pictures themselves as unread."""
        for anchor in anchors:
            kind = next((name for node in anchor if (name := name_of(node)) in _SHAPES), "")
            area = _area(anchor)
            if kind and area is not None and not (kind == "sp" and _is_clear(anchor)):
                self._cover(kind, *area)

    def lay_notes(self, drawing: _Element) -> None:
        """Note the cells below notes that are always shown, and below the fields of forms."""
        for data in drawing.iter("{*}ClientData"):
            numbers = (child.text if (child := child_of(data, "Anchor")) is not None else "") or ""
            corners = [int(number) for number in numbers.split(",") if is_whole(number.strip())]
            is_shown = data.get("ObjectType") != "Note" or child_of(data, "Visible") is not None
            if is_shown and len(corners) == 8:
                top, left, bottom, right = (corners[at] for at in _NOTE_CORNERS)
                self._cover(data.get("ObjectType") or "shape", (top, left), (bottom, right))

    def _cover(self, kind: str, begin: Place, end: Place) -> None:
        self.looks.unread.append(f"{kind} at row {begin[0] + 1}")
        area = ((r, c) for r in range(begin[0], end[0] + 1) for c in range(begin[1], end[1] + 1))
        for _, place in zip(range(_MOST_CELLS), area, strict=False):
            self.looks.add(place, Look.COVERED.because("a picture or shape lies over the cell"))


def _area(anchor: _Element) -> tuple[Place, Place] | None:
    """The cells at the corners of what is laid over a sheet. Sizes in units of drawings are counted in cells of the usual size."""
    parts = parts_of(anchor)
    begin, end = _corner(parts.get("from")), _corner(parts.get("to"))
    if begin is None and "pos" in parts:
        begin = _cells_to(parts["pos"], "y", "x")
    if begin is None:
        return None
    if end is None:
        down, across = _cells_to(parts["ext"], "cy", "cx") if "ext" in parts else (0, 0)
        end = begin[0] + down, begin[1] + across
    return begin, end


def _cells_to(node: _Element, down: str, across: str) -> Place:
    height, width = number_of(node.get(down)) or 0.0, number_of(node.get(across)) or 0.0
    return int(height // _CELL_HEIGHT), int(width // _CELL_WIDTH)


def _says_yes(node: _Element, name: str) -> bool:
    return (node.get(name) or "0") not in _OFF


def _says_no(node: _Element, name: str) -> bool:
    return (node.get(name) or "1") in _OFF


def _is_clear(shape: _Element) -> bool:
    """Whether a shape is a mere outline around what it lies over."""
    names = {name_of(node) for node in shape.iter()}
    is_line = any(_LINES.search(node.get("prst") or "") for node in shape.iter("{*}prstGeom"))
    return (
        "noFill" in names
        and not is_line
        and not any(name_of(node) == "t" and (node.text or "").strip() for node in shape.iter())
    )


def _texts(node: _Element) -> Iterator[str]:
    """The texts of a string or a run, without its phonetic guide."""
    return (inner.text or "" for inner in node if name_of(inner) == "t")


def _corner(node: _Element | None) -> Place | None:
    if node is None:
        return None
    numbers = {name_of(inner): inner.text or "" for inner in node}
    row, column = numbers.get("row", ""), numbers.get("col", "")
    return (int(row), int(column)) if is_whole(row) and is_whole(column) else None
