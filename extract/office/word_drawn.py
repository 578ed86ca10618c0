"""How a Word document draws the text of its cells, and why a figure there isn't seen as it is stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from extract.document.colours import BLACK, NAMED, WHITE, Colour, is_seen
from extract.document.drawn import LEAST_SIZE, SPACED, WIDE_SPACING, Look, Run
from extract.office.word_styles import (
    DRAWING_PROPERTIES,
    NAMES,
    UNTOLD,
    Properties,
    TablePlace,
    WordStyles,
    attribute,
    child_of,
    name_of,
    parts_of,
    run_properties,
    shading_of,
    value_of,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

#: Half-points to a point, twips to a point; Word's default size.
_HALF, _TWIPS, _SIZE = 2, 20, 10.0
#: Raising a whole number by less than this is a fine adjustment, in points.
_RAISED = 1.5
#: Letters drawn narrower than this share of their width, or nearer than this to each other in points, can't be read.
_NARROW, _OVERLAP = 20, -4.0
_FAR = 300.0
_LOWEST = 0.6
#: The least height of a line of text that can be read well, in points.
_LINE = 8.0
#: Fields whose instruction draws what no result holds.
_DRAWING_FIELDS = re.compile(r"(?i)\b(?:EQ|SYMBOL|ADVANCE|QUOTE|=)\b|^\s*=")
#: Fields whose stored result is what is shown. The others are worked out when the document is opened or printed, or show nothing.
_STORED_FIELDS = frozenset(
    {"HYPERLINK", "REF", "FORMTEXT", "MERGEFIELD", "INCLUDETEXT", "LINK", "DOCVARIABLE", "DDEAUTO", "DDE", "ADDIN"}
)
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_FORMULA = frozenset(
    {
        "f",
        "sSup",
        "sSub",
        "sSubSup",
        "sPre",
        "rad",
        "nary",
        "d",
        "m",
        "eqArr",
        "limLow",
        "limUpp",
        "bar",
        "acc",
        "groupChr",
        "borderBox",
        "phant",
    }
)
_NAMES = {"darkYellow": "808000", "darkBlue": "000080", "darkCyan": "008080", "darkGreen": "008000", "darkMagenta": "800080", "darkRed": "800000"}  # fmt: skip
#: What around a run, up to its paragraph, draws it otherwise.
_AROUND = {"bdo": Look.TURNED.because("bdo"), "dir": Look.TURNED.because("dir"), "ruby": Look.RAISED.because("ruby")}
#: What in a cell isn't text and shows something.
_PICTURES = frozenset({"drawing", "pict", "object"})
_SIGNS = re.compile(
    rb":(?:drawing|pict|object|oMath|instrText|fldSimple|textInput|AlternateContent|ddList|dataBinding|cellMerge|delText|"
    rb"footnoteReference|"
    rb"endnoteReference|footnoteRef|endnoteRef|pgNum|(?:day|month|year)(?:Short|Long)|altChunk|subDoc|contentPart)\b"
)
#: Byte order marks of texts in which signs aren't found byte by byte.
_WIDE = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class CellGround:
    """What a cell hands down to its text: its table style's run properties, its shading, and its row's fixed height in points."""

    run: tuple[tuple[str, str], ...] = ()
    paper: Colour = WHITE
    height: float | None = None


PAGE = CellGround()


#: Properties of runs that can draw them otherwise, their size apart; parts of a paragraph's that can move or add to it.
_TELLING = DRAWING_PROPERTIES - {"sz", "szCs"}
#: Parts of the names of fonts that show signs where digits are stored; where none is in the text part, fonts say nothing.
_PICTURE_FONTS = (b"bdings", b"gdings", b"dingbats", b"marlett", b"mt extra", b"ype sorts")
_MOVING = frozenset({"numPr", "ind", "spacing", "framePr", "shd"})


class StoredRun(NamedTuple):
    """A run with the children of its `rPr` by name, and its text as stored."""

    node: _Element
    properties: Mapping[str, _Element]
    text: str


class WordDrawing:
    """Says of runs how they are drawn."""

    def __init__(self, styles: WordStyles, text: bytes) -> None:
        """Draw by these styles; `text` is the text part as stored: what it doesn't name isn't looked for."""
        self.styles = styles
        self._known: dict[object, tuple[tuple[str, ...], float]] = {}
        self._plain: dict[str, float] = {}
        lowered = text.lower()
        has_pictures = text[:2] in _WIDE or any(name in lowered for name in _PICTURE_FONTS)
        self._telling = _TELLING if has_pictures else _TELLING - {"rFonts"}
        self._has_beside = text[:2] in _WIDE or _SIGNS.search(text) is not None

    def is_plain(self, paragraph: _Element, runs: Sequence[StoredRun], ground: CellGround) -> bool:
        """Whether a paragraph of one run, as in nearly all cells, is drawn as it is stored: nothing in it says otherwise."""
        if len(runs) > 1 or ground is not PAGE or self._has_beside:
            return False
        style = _plain_style(child_of(paragraph, "pPr"))
        if style is None or self.styles.paragraph(style):
            return False
        size = self._plain_size(style)
        if not runs or size < LEAST_SIZE:
            return size >= LEAST_SIZE
        node, properties, text = runs[0]
        if "sz" in properties and _number(attribute(properties["sz"], "val")) / _HALF < LEAST_SIZE:
            return False
        return self._telling.isdisjoint(properties) and text.isascii() and node.getparent() is paragraph

    def _plain_size(self, style: str) -> float:
        """The size of text of a paragraph style; 0 if the style draws it otherwise than it is stored."""
        known = self._plain.get(style)
        if known is None:
            why, size = self._drawn({}, style, None, PAGE)
            known = self._plain[style] = 0.0 if why else size
        return known

    def runs(self, paragraph: _Element, runs: Sequence[StoredRun], ground: CellGround, above: int = 0) -> Iterator[Run]:
        """The runs of a paragraph of a cell, with their text as stored, and what the paragraph adds to them.

        `above`: how many paragraphs of the cell stand above it.
        """
        outer = parts_of(child_of(paragraph, "pPr"))
        style = attribute(outer["pStyle"], "val") or "" if "pStyle" in outer else ""
        shading = shading_of(outer.get("shd"))
        for node, properties, text in runs:
            if text:
                why, size = self._drawn(run_properties(properties), style, shading, ground)
                yield Run(text, (*why, *_around(node, paragraph)), size, outer.get("framePr"))
        if ground.height is not None and (above + _LOWEST) * _LINE > ground.height:
            yield Run("", (Look.HIDDEN.because("its row is too low"),))
        yield from self._paragraph(outer, style, ground.height)

    def _drawn(
        self, direct: Properties, style: str, shading: str | None, ground: CellGround
    ) -> tuple[tuple[str, ...], float]:
        """The reasons and the size of runs with these properties; worked out once."""
        key = (tuple(direct.items()), style, shading, ground)
        known = self._known.get(key)
        if known is None:
            effective = self.styles.run(direct, style, dict(ground.run))
            paper = self.styles.colour(shading) or ground.paper
            known = self._known[key] = (tuple(self._reasons(effective, paper, ground)), _size(effective))
        return known

    def _reasons(self, run: Properties, paper: Colour, ground: CellGround) -> Iterator[str]:
        if any(run.get(name) == "1" for name in ("vanish", "webHidden", "specVanish")):
            yield Look.HIDDEN.because("vanish")
        if run.get("strike") == "1" or run.get("dstrike") == "1":
            yield Look.STRUCK.because("strike")
        if run.get("vertAlign") in ("superscript", "subscript"):
            yield Look.RAISED.because(run["vertAlign"])
        if abs(_number(run.get("position")) / _HALF) >= _RAISED:
            yield Look.RAISED.because(f"position {run['position']}")
        if run.get("rtl") == "1":
            yield Look.TURNED.because("rtl")
        yield from _in_other_shapes(run)
        yield from _too_small(run, ground)
        ink = self._ink(run)
        if ink is None or not is_seen(ink, self._paper(run, paper)):
            yield Look.HIDDEN.because("colour equals background")

    def _ink(self, run: Properties) -> Colour | None:
        """The colour of the letters; `None` if they have no filling."""
        fill = run.get("textFill")
        if fill == "none":
            return None
        return self.styles.colour(fill) or self.styles.colour(run.get("color")) or BLACK

    def _paper(self, run: Properties, paper: Colour) -> Colour:
        highlight = run.get("highlight", "none")
        if highlight != "none":
            return self.styles.colour(_NAMES.get(highlight)) or NAMED.get(highlight.lower(), paper)
        return self.styles.colour(run.get("shd")) or paper

    def beside(self, cell: _Element) -> Iterator[Run]:
        """What a cell shows that isn't its text."""
        for node in cell.iter() if self._has_beside else ():
            name = name_of(node)
            if name in _PICTURES:
                yield Run("", (Look.PICTURE.because(name),))
            elif name in _BESIDE:
                reason = _BESIDE[name](node)
                if reason:
                    yield Run("", (reason,))

    def _paragraph(self, outer: Mapping[str, _Element], style: str, height: float | None) -> Iterator[Run]:
        inherited = self.styles.paragraph(style)
        parts = {**inherited, **outer} if inherited else outer
        number = parts.get("numPr")
        if number is not None and value_of(number, "numId") not in (None, "0"):
            yield Run("", (Look.ADDED.because("an automatic number"),))
        indent = parts.get("ind")
        if indent is not None and any(abs(_number(value)) / _TWIPS > _FAR for _, value in indent.items()):
            yield Run("", (Look.HIDDEN.because("indented off the page"),))
        if (spacing := parts.get("spacing")) is not None:
            yield from _spaced(spacing, height)


def _spaced(spacing: _Element, height: float | None) -> Iterator[Run]:
    """What the spacing of a paragraph hides; `height` is the fixed one of its row."""
    if height is not None and _number(attribute(spacing, "before")) / _TWIPS > height:
        yield Run("", (Look.HIDDEN.because("its row is too low"),))
    is_exact = attribute(spacing, "lineRule") == "exact"
    if is_exact and _number(attribute(spacing, "line")) / _TWIPS < LEAST_SIZE:
        yield Run("", (Look.HIDDEN.because("its line is too low"),))


def _plain_style(properties: _Element | None) -> str | None:
    """The style of a paragraph whose own properties neither move it nor add to it (`""`: the default one), else `None`."""
    style = ""
    for part in properties if properties is not None else ():
        name = NAMES[part.tag]
        if name == "pStyle":
            style = attribute(part, "val") or ""
        elif name in _MOVING:
            return None
    return style


def _in_other_shapes(run: Properties) -> Iterator[str]:
    if run.get("layout"):
        yield Look.OTHERWISE.because("eastAsianLayout")
    if run.get("font"):
        yield Look.OTHERWISE.because(f"font {run['font']}")
    if run.get("textFill") == UNTOLD:
        yield Look.HIDDEN.because("the filling of its letters can't be told")
    if run.get("outline"):
        yield Look.COVERED.because("a thick outline of the letters")


def _too_small(run: Properties, ground: CellGround) -> Iterator[str]:
    size = _size(run)
    if size < LEAST_SIZE:
        yield Look.HIDDEN.because(f"{size:g} points high")
    if ground.height is not None and ground.height < _LOWEST * size:
        yield Look.HIDDEN.because("its row is too low")
    if 0 < _number(run.get("w")) < _NARROW or 0 < _number(run.get("fitText")) < LEAST_SIZE * _TWIPS:
        yield Look.HIDDEN.because("drawn too narrow")
    spacing = _number(run.get("spacing")) / _TWIPS
    if spacing <= _OVERLAP:
        yield Look.HIDDEN.because("letters lie on each other")
    elif spacing >= WIDE_SPACING:
        yield SPACED


def _size(run: Properties) -> float:
    if run.get("cs") == "1" and run.get("szCs"):
        return _number(run["szCs"]) / _HALF
    return _number(run.get("sz")) / _HALF if run.get("sz") else _SIZE


def _number(text: str | None) -> float:
    """A number of an attribute, without its unit; 0 for what is none."""
    found = _NUMBER.match(text or "")
    return float(found.group()) if found is not None else 0.0


def _around(node: _Element, paragraph: _Element) -> Iterator[str]:
    for ancestor in node.iterancestors():
        if ancestor is paragraph:
            return
        reason = _AROUND.get(name_of(ancestor))
        if reason is not None and attribute(ancestor, "val") != "ltr":
            yield reason


def _formula(node: _Element) -> str:
    """A formula whose parts stand above or beside each other; a plain number in one is a number."""
    return Look.RAISED.because("a formula") if any(name_of(inner) in _FORMULA for inner in node.iter()) else ""


def _field(node: _Element) -> str:
    """A field, by its instruction (`fldSimple` has it in an attribute); longer ones are stored in pieces."""
    return field_reason((node.text if name_of(node) == "instrText" else attribute(node, "instr")) or "")


def field_reason(instruction: str) -> str:
    """Why the stored result of a field isn't what is shown; empty for those that show it as it is stored."""
    if _DRAWING_FIELDS.search(instruction):
        return Look.OTHERWISE.because("a field draws it")
    word = _FIELD.match(instruction)
    if word is None or word[1].upper() in _STORED_FIELDS:
        return ""
    return Look.OTHERWISE.because(f"field {word[1][:20]}")


#: The name of a field; what goes on with a field's instruction begins otherwise, mostly with a switch.
_FIELD = re.compile(r"\s*([A-Z]{2,})\b")


def _default_text(node: _Element) -> str:
    default = value_of(node, "default")
    return Look.FIELD.because(f"default {default[:20]!r}") if default else ""


def _deleted(node: _Element) -> str:
    """Text that is deleted; outside of a deletion nobody can tell whether it is shown."""
    is_within = any(name_of(ancestor) in ("del", "moveFrom") for ancestor in node.iterancestors())
    return "" if is_within else Look.OTHERWISE.because("deleted text outside of a deletion")


def _alternatives(node: _Element) -> str:
    """Two copies for different programs: only where they are equal is it known what is shown."""
    texts = {
        "".join(inner.text or "" for inner in copy.iter() if name_of(inner) == "t")
        for copy in node
        if name_of(copy) in ("Choice", "Fallback")
    }
    return Look.OTHERWISE.because("its two copies differ") if len(texts) > 1 else ""


_BESIDE: dict[str, Callable[[_Element], str]] = {
    "oMath": _formula,
    "instrText": _field,
    "fldSimple": _field,
    "textInput": _default_text,
    **dict.fromkeys(
        ("footnoteReference", "endnoteReference", "footnoteRef", "endnoteRef"),
        lambda _: Look.RAISED.because("the mark of a note"),
    ),
    **dict.fromkeys(
        ("pgNum", *(f"{part}{form}" for part in ("day", "month", "year") for form in ("Short", "Long"))),
        lambda _: Look.ADDED.because("a number that Word works out"),
    ),
    **dict.fromkeys(("altChunk", "subDoc", "contentPart"), lambda node: Look.PICTURE.because(name_of(node))),
    "AlternateContent": _alternatives,
    "ddList": lambda _: Look.FIELD.because("a list to choose from"),
    "delText": _deleted,
    "cellMerge": lambda _: Look.MOVED.because("a merge of cells that is not accepted yet"),
    "dataBinding": lambda _: Look.OTHERWISE.because("bound to data of the file"),
}


class TableGrounds:
    """What a table hands down to each of its cells; worked out for the cells that ask."""

    def __init__(self, table: _Element, rows: int, styles: WordStyles) -> None:
        properties = parts_of(child_of(table, "tblPr"))
        self._style = attribute(properties["tblStyle"], "val") if "tblStyle" in properties else None
        self._look = properties.get("tblLook")
        self._shading = shading_of(properties.get("shd"))
        self._own = self._shading
        self._table = table
        self._rows = rows
        self._styles = styles
        self._draws = styles.draws_tables(self._style)
        self._number = -1
        self._height: float | None = None

    def begin(self, row: _Element) -> None:
        """Go on to the next row."""
        self._number += 1
        exceptions = child_of(row, "tblPrEx")
        own = shading_of(child_of(exceptions, "shd")) if exceptions is not None else None
        self._own = own if own is not None else self._shading
        height = child_of(outer, "trHeight") if (outer := child_of(row, "trPr")) is not None else None
        is_fixed = height is not None and (attribute(height, "hRule") or attribute(height, "h-rule")) == "exact"
        self._height = _number(attribute(height, "val")) / _TWIPS if height is not None and is_fixed else None

    def at(self, cell: Mapping[str, _Element], column: int) -> CellGround:
        """The ground of a cell of the row, by its own properties and its first column."""
        if not self._draws and self._height is None and "shd" not in cell and self._own is None:
            return PAGE
        run, shading = self._styles.table(self._style, self._look, lambda: self._place(column))
        own = shading_of(cell.get("shd"))
        paper = self._styles.colour(own if own is not None else shading or self._own) or WHITE
        if not run and self._height is None and paper == WHITE:
            return PAGE
        return CellGround(tuple(run.items()), paper, self._height)

    def _place(self, column: int) -> TablePlace:
        columns = sum(name_of(node) == "gridCol" for grid in self._table if name_of(grid) == "tblGrid" for node in grid)
        return TablePlace(self._number, column, self._rows, columns)
