"""The styles of a Word document: what run and paragraph properties hold in the end (ECMA-376 part 1, 17.7).

Word 2003's XML has the same elements in another namespace, so names are compared without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.document.colours import Colour, from_hex, tinted
from extract.document.drawn import PICTURE_FONTS
from extract.document.numerals import is_whole

if TYPE_CHECKING:
    from lxml.etree import _Element

#: Name → value; what holds of a run, a paragraph or a cell.
Properties = Mapping[str, str]

_OFF = frozenset({"0", "false", "off", "none"})
#: Properties that a level of styles turns on and the next turns off again.
TOGGLES = frozenset({"vanish", "strike", "dstrike"})
_SWITCHES = TOGGLES | {"webHidden", "specVanish", "rtl", "cs"}
_VALUES = frozenset({"vertAlign", "position", "sz", "szCs", "highlight", "w", "spacing", "fitText"})
_MOST_LEVELS = 20
#: Letters more transparent than this, in thousandths of a percent, can't be seen.
_TRANSPARENT = 85_000
#: Where a theme's colour is found that documents name by its use (17.15.1.20, the usual mapping).
_THEME_NAMES = {
    "background1": "lt1", "light1": "lt1", "text1": "dk1", "dark1": "dk1", "background2": "lt2", "light2": "lt2", "text2": "dk2",
    "dark2": "dk2", "hyperlink": "hlink", "followedHyperlink": "folHlink",
}  # fmt: skip
#: The parts of a table that its style may draw apart, weakest first (17.7.6.5), with the attribute of `tblLook` that asks for them.
_CONDITIONS = (
    "band1Vert", "band2Vert", "band1Horz", "band2Horz", "firstCol", "lastCol", "firstRow", "lastRow",
    "neCell", "nwCell", "seCell", "swCell",
)  # fmt: skip
_DRAWING_PARTS = frozenset({"rPr", "tcPr", "tblStylePr"})
_LOOK_BITS = {
    "firstRow": 0x20,
    "lastRow": 0x40,
    "firstColumn": 0x80,
    "lastColumn": 0x100,
    "noHBand": 0x200,
    "noVBand": 0x400,
}


class _Names(dict[object, str]):
    """Names without their namespace, by the name with it; remembered, because a document has a dozen of them ten thousand times."""

    def __missing__(self, name: object) -> str:
        if len(self) > _MOST_NAMES:
            self.clear()
        plain = self[name] = name.rpartition("}")[2] if isinstance(name, str) else ""
        return plain


_MOST_NAMES = 5000
#: The namespace of nearly all files, asked first.
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
#: `NAMES[node.tag]`: the tag without its namespace; `""` for comments and instructions.
NAMES = _Names()


def name_of(node: _Element) -> str:
    """The tag without its namespace; `""` for comments and instructions."""
    return NAMES[node.tag]


def parts_of(node: _Element | None) -> dict[str, _Element]:
    """The children of a properties element by their names."""
    return {NAMES[child.tag]: child for child in node} if node is not None else {}


def attribute(node: _Element, name: str) -> str | None:
    """An attribute by its local name; Word writes it in its namespace, other programs sometimes don't."""
    value = node.get(WORD + name)
    if value is None:
        for key, other in node.items():
            if NAMES[key] == name:
                return str(other)
    return value


def child_of(node: _Element, name: str) -> _Element | None:
    """The first child of a name."""
    for child in node:
        if NAMES[child.tag] == name:
            return child
    return None


def is_on(switch: _Element | None) -> bool:
    """Whether a switch is there and on."""
    return switch is not None and (attribute(switch, "val") or "true") not in _OFF


def value_of(node: _Element | None, name: str) -> str | None:
    """The `val` of a child, `None` if there is none."""
    found = child_of(node, name) if node is not None else None
    return attribute(found, "val") if found is not None else None


def run_properties(parts: Mapping[str, _Element]) -> dict[str, str]:
    """What the children of an `rPr` say of how text is drawn; switches as `1` and `0`."""
    found: dict[str, str] = {}
    for name, child in parts.items():
        if name in _VALUES:
            found[name] = attribute(child, "val") or ""
        elif name in _SWITCHES:
            found[name] = "1" if is_on(child) else "0"
        elif name in _READ:
            found.update(_READ[name](child))
    return found


#: A ground of dots that covers so many hundredths is taken for the colour of the dots.
_DENSE = 50


def shading_of(node: _Element | None) -> str | None:
    """The colour of a shading (`shd`), `None` if it has none."""
    return dict(_shading(node)).get("shd") if node is not None else None


def _shading(node: _Element) -> Iterator[tuple[str, str]]:
    """The ground of a shading as `RRGGBB`, or as `theme tint shade` where the theme decides."""
    pattern = attribute(node, "val") or "clear"
    if pattern == "solid" or (
        pattern.startswith("pct") and pattern.isascii() and pattern[3:].isdecimal() and int(pattern[3:]) >= _DENSE
    ):
        ink = _colour_words(node, "color", "theme")
        yield "shd", "000000" if ink == "auto" else ink
    elif pattern != "nil":
        yield "shd", _colour_words(node, "fill", "themeFill")


def _picture_font(node: _Element) -> Iterator[tuple[str, str]]:
    """A font that shows signs where digits are stored; the names of all others say nothing."""
    for name in ("ascii", "hAnsi"):
        font = attribute(node, name) or ""
        if PICTURE_FONTS.match(font):
            yield "font", font


def _colour_words(node: _Element, plain: str, theme: str) -> str:
    named = attribute(node, "themeColor" if theme == "theme" else theme)
    if named is None:
        return attribute(node, plain) or "auto"
    return f"{named} {attribute(node, f'{theme}Tint') or 'FF'} {attribute(node, f'{theme}Shade') or 'FF'}"


#: The filling of letters that is neither plain nor none.
UNTOLD = "untold"
#: Word's names of a theme's colours in fillings, by those it has in properties.
_SCHEME = {"bg1": "background1", "tx1": "text1", "bg2": "background2", "tx2": "text2"}


def _text_fill(node: _Element) -> str:
    """`none` for letters without a filling, else the colour where it is plain and opaque, `UNTOLD` where it can't be determined."""
    if child_of(node, "noFill") is not None:
        return "none"
    solid = child_of(node, "solidFill")
    colour = next(iter(solid), None) if solid is not None else None
    if colour is None:
        return UNTOLD if len(node) else ""
    transparency = value_of(colour, "alpha") or "0"
    if is_whole(transparency) and int(transparency) > _TRANSPARENT:
        return "none"
    return _filling(colour)


def _filling(colour: _Element) -> str:
    name, value = name_of(colour), attribute(colour, "val") or ""
    changes = {name_of(change): attribute(change, "val") or "" for change in colour if name_of(change) != "alpha"}
    if name == "srgbClr" and not changes:
        return value
    return _scheme_words(value, changes) if name == "schemeClr" else UNTOLD


def _scheme_words(name: str, changes: Mapping[str, str]) -> str:
    """A theme's colour, made darker (`lumMod`) or lighter (with `lumOff`), in the words that properties have for it."""
    share = changes.get("lumMod", "100000")
    if not set(changes) <= {"lumMod", "lumOff"} or not is_whole(share):
        return UNTOLD
    part = f"{min(255, int(share) * 255 // 100_000):02X}"
    return f"{_SCHEME.get(name, name)} {part} FF" if "lumOff" in changes else f"{_SCHEME.get(name, name)} FF {part}"


def _outline(node: _Element) -> Iterator[tuple[str, str]]:
    """A line around letters that is thick enough to cover them, unless it has no colour."""
    width = attribute(node, "w") or "0"
    if is_whole(width) and int(width) >= _THICK and child_of(node, "noFill") is None and len(node):
        yield "outline", "1"


#: 1.5 points, in the English metric units of drawings.
_THICK = 19_050
_PLAIN: Properties = {}
_NOTHING: Mapping[str, _Element] = {}


_READ: dict[str, Callable[[_Element], Iterable[tuple[str, str]]]] = {
    "color": lambda node: (("color", _colour_words(node, "val", "theme")),),
    "shd": lambda node: _shading(node),
    "textFill": lambda node: (("textFill", _text_fill(node)),),  # of Word 2010 and later, before `color`
    "textOutline": lambda node: _outline(node),
    "eastAsianLayout": lambda _: (("layout", "1"),),
    "rFonts": lambda node: _picture_font(node),
    "rStyle": lambda node: (("style", attribute(node, "val") or ""),),
}


#: The names that `run_properties` reads.
DRAWING_PROPERTIES = frozenset(_VALUES | _SWITCHES | _READ.keys())


@dataclass(frozen=True, slots=True)
class TablePlace:
    """Where a cell stands in its table, from 0, and how many rows and columns that has."""

    row: int
    column: int
    rows: int
    columns: int


class WordStyles:
    """The style sheet of a document; worked out as it is asked for.

    Args:
        root: The element `styles`, `None` if there is none.
        theme: Gives the element of the theme; asked only if a colour names it.
    """

    def __init__(self, root: _Element | None, theme: Callable[[], _Element | None] = lambda: None) -> None:
        self._nodes: dict[str, _Element] = {}
        self._default: dict[str, str] = {}
        self._defaults: dict[str, str] = {}
        self._theme = theme
        self._scheme: dict[str, Colour] | None = None
        self._runs: dict[str, dict[str, str]] = {}
        self._paragraphs: dict[str, dict[str, _Element]] = {}
        self._tables: dict[str | None, list[_Element]] = {}
        for node in root if root is not None else ():
            kind = name_of(node)
            if kind == "style":
                identity = attribute(node, "styleId") or ""
                self._nodes[identity] = node
                if attribute(node, "default") in ("1", "true", "on"):
                    self._defaults[attribute(node, "type") or ""] = identity
            elif kind == "docDefaults":
                for inner in node.iter():
                    if name_of(inner) == "rPr":
                        self._default = run_properties(parts_of(inner))

    def names(self) -> Iterator[tuple[str, str]]:
        """The ids of the styles with the names that people see."""
        for identity, node in self._nodes.items():
            yield identity, value_of(node, "name") or ""

    def paragraph(self, style: str | None) -> Mapping[str, _Element]:
        """The parts of the `pPr` of a paragraph style with those of the styles that it is based on."""
        style = style if style in self._nodes else self._defaults.get("paragraph")
        if style is None:
            return _NOTHING
        if style not in self._paragraphs:
            merged: dict[str, _Element] = {}
            for node in reversed(list(self._chain(style))):
                merged.update(parts_of(child_of(node, "pPr")))
            self._paragraphs[style] = merged
        return self._paragraphs[style]

    def run(self, direct: Properties, paragraph: str | None, table: Properties) -> Properties:
        """What holds of a run: the defaults, its table's, paragraph's and character's styles, then its own.

        A toggle that several styles turn on is off again if their number is even (17.7.3); its own decides.
        """
        levels = [
            table,
            self._of(paragraph if paragraph in self._nodes else self._defaults.get("paragraph")),
            self._of(direct.get("style")),
        ]
        if not any(levels) and not self._default:
            return direct
        effective = dict(self._default)
        for level in levels:
            for name, value in level.items():
                if name in TOGGLES and name not in self._default:
                    effective[name] = str(int((effective.get(name) == "1") != (value == "1")))
                else:
                    effective[name] = value
        effective.update(direct)
        return effective

    def _of(self, style: str | None) -> dict[str, str]:
        """The run properties of a style with those it is based on."""
        if style is None or style not in self._nodes:
            return {}
        if style not in self._runs:
            merged: dict[str, str] = {}
            for node in reversed(list(self._chain(style))):
                merged.update(run_properties(parts_of(child_of(node, "rPr"))))
            self._runs[style] = merged
        return self._runs[style]

    def _chain(self, style: str | None) -> Iterator[_Element]:
        """A style, then those it is based on."""
        seen: set[str] = set()
        while style is not None and style in self._nodes and style not in seen and len(seen) < _MOST_LEVELS:
            seen.add(style)
            yield self._nodes[style]
            style = value_of(self._nodes[style], "basedOn")

    def table(
        self, style: str | None, look: _Element | None, place: Callable[[], TablePlace]
    ) -> tuple[Properties, str | None]:
        """What a table's style says of the text of a cell, and the cell's shading; `place` is asked where the style has parts."""
        chain = self._table_chain(style)
        if not chain:
            return _PLAIN, None
        wanted = frozenset(_conditions(look, place()))
        run: dict[str, str] = {}
        shading: str | None = None
        for node in reversed(chain):
            for part in _table_parts(node, wanted):
                run.update(run_properties(parts_of(child_of(part, "rPr"))))
                cell = child_of(part, "tcPr")
                found = child_of(cell, "shd") if cell is not None else None
                shading = shading_of(found) or shading
        return run, shading

    def draws_tables(self, style: str | None) -> bool:
        """Whether a table style says anything of how text is drawn."""
        return bool(self._table_chain(style))

    def _table_chain(self, style: str | None) -> list[_Element]:
        """A table style with those it is based on; empty if they draw nothing."""
        style = style if style is not None else self._defaults.get("table")
        if style not in self._tables:
            chain = list(self._chain(style))
            draws = any(NAMES[node.tag] in _DRAWING_PARTS for link in chain for node in link)
            self._tables[style] = chain if draws else []
        return self._tables[style]

    def colour(self, words: str | None) -> Colour | None:
        """A colour as properties give it; `None` for `auto` and for what can't be determined."""
        if words is None or words in ("", "auto"):
            return None
        plain = from_hex(words)
        if plain is not None:
            return plain
        name, _, rest = words.partition(" ")
        tint, _, shade = rest.partition(" ")
        known = self._themed(_THEME_NAMES.get(name, name))
        if known is None or not rest:
            return known
        if shade != "FF":
            return tinted(known, _byte(shade) / 255 - 1)
        return tinted(known, 1 - _byte(tint) / 255)

    def _themed(self, name: str) -> Colour | None:
        if self._scheme is None:
            self._scheme = dict(_OFFICE_THEME)
            root = self._theme()
            scheme = (
                next((node for node in root.iter() if name_of(node) == "clrScheme"), ()) if root is not None else ()
            )
            for node in scheme:
                inner = next(iter(node), None)
                digits = attribute(inner, "lastClr") or attribute(inner, "val") if inner is not None else None
                found = from_hex(digits)
                if found is not None:
                    self._scheme[name_of(node)] = found
        return self._scheme.get(name)


_OFFICE_THEME = {
    name: colour
    for name, digits in (("lt1", "FFFFFF"), ("dk1", "000000"), ("lt2", "EEECE1"), ("dk2", "1F497D"))
    if (colour := from_hex(digits)) is not None
}


def _byte(digits: str) -> int:
    try:
        return int(digits, 16) & 255
    except ValueError:
        return 255


def _table_parts(style: _Element, wanted: frozenset[str]) -> Iterator[_Element]:
    """The style itself, then its parts for some of a table's cells, in the order in which they overrule each other."""
    yield style
    parts = {attribute(node, "type"): node for node in style if name_of(node) == "tblStylePr"}
    for condition in ("wholeTable", *_CONDITIONS):
        if condition in parts and (condition == "wholeTable" or condition in wanted):
            yield parts[condition]


def _asks_for(look: _Element | None, name: str) -> bool:
    """Whether a table wants a part of its style (`tblLook`), or leaves one out (`noHBand`)."""
    if look is None:
        return name in ("firstRow", "firstColumn", "noVBand")
    said = attribute(look, name)
    if said is not None:
        return said not in _OFF
    return bool(_hexadecimal(attribute(look, "val") or "04A0") & _LOOK_BITS[name])


def _conditions(look: _Element | None, place: TablePlace) -> Iterator[str]:
    """The parts of a table to which a cell belongs, as far as the table asks for them."""
    for leaves_out, first, at, kind in (
        ("noVBand", "firstColumn", place.column, "Vert"),
        ("noHBand", "firstRow", place.row, "Horz"),
    ):
        at -= _asks_for(look, first)
        if at >= 0 and not _asks_for(look, leaves_out):
            yield f"band{at % 2 + 1}{kind}"
    edges = {
        "w": (place.column == 0, "firstColumn", "firstCol"),
        "e": (place.column == place.columns - 1, "lastColumn", "lastCol"),
        "n": (place.row == 0, "firstRow", "firstRow"),
        "s": (place.row == place.rows - 1, "lastRow", "lastRow"),
    }
    met = {side: part for side, (is_there, name, part) in edges.items() if is_there and _asks_for(look, name)}
    yield from met.values()
    yield from (f"{up}{across}Cell" for up in "ns" for across in "ew" if up in met and across in met)


def _hexadecimal(digits: str) -> int:
    try:
        return int(digits, 16)
    except ValueError:
        return 0
