"""Word documents (docx, Word 2003 XML and flat packages), straight from their XML.

Covered cells stay covered (`None`), deleted text stays deleted, and headers, footers, comments and field codes are left
out. Pictures and embedded objects, where a table may hide, are named in a warning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from extract.document.detect import DOCX, WORD_XML
from extract.document.joined import join_pieces
from extract.document.limits import Budget
from extract.document.marks import raised, struck
from extract.document.packed import open_zip, parse_xml, read_member
from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.model import Block, Cell, Document, Grid, Limits, Line

if TYPE_CHECKING:
    import zipfile

    from lxml.etree import _Element

# Wrappers whose children stand in their place: content controls, tracked insertions, smart tags, 2003 sections.
_TRANSPARENT = frozenset(
    {
        "sdtContent",
        "ins",
        "moveTo",
        "customXml",
        "smartTag",
        "sect",
        "sub-section",
        "hyperlink",
        "fldSimple",
        "dir",
        "bdo",
    }
)
_DROPPED = frozenset(
    {"del", "moveFrom", "delText", "instrText", "delInstrText", "rt", "rPr", "pPr", "sdtPr", "annotationRef"}
)
# Smaller pictures are emblems, seals and rules (EMU; 360,000 to the centimetre).
_PICTURE_WIDTH, _PICTURE_HEIGHT = 8 * 360_000, 3 * 360_000
_STYLE = re.compile(
    r"<(?:\w+:)?style\s([^>]*)>(?:(?!</(?:\w+:)?style>).)*?<(?:\w+:)?name\s[^>]*?val=\"([^\"]*)\"", re.DOTALL
)
_STYLE_ID = re.compile(r"styleId=\"([^\"]*)\"")
_HEADING_STYLE = re.compile(r"(?i)heading \d|标题( \d)?|title|sub-?title")
_WORD_NAMESPACES = ("wordprocessingml", "word/2003/wordml")


def read(data: bytes, limits: Limits) -> Document:
    """Read a Word document in any of its XML packagings.

    Raises:
        UnreadableDocument: Damaged, encrypted parts, no text part, XML that office programs don't write.
        DocumentTooLarge: It unpacks to too much or has too many cells.
    """
    budget = Budget(limits)
    if data.startswith(b"PK"):
        with open_zip(data) as package:
            root = parse_xml(read_member(package, _main_part(package, budget), budget), "the text part")
            headings = _heading_styles(package, budget)
        media_type = DOCX
    else:
        root, headings, media_type = _flat_root(data), frozenset[str](), WORD_XML
    body = next((node for node in root.iter() if _name(node) == "body" and _is_word(node)), None)
    if body is None:
        raise UnreadableDocument("the Word file has no text part; save it again as .docx")
    walker = _Walker(budget, headings)
    blocks = tuple(walker.blocks(body))
    return Document(media_type=media_type, blocks=blocks, warnings=tuple(walker.warnings()))


def _flat_root(data: bytes) -> _Element:
    root = parse_xml(data.lstrip(b"\xef\xbb\xbf \r\n\t"), "the Word XML")
    for part in root:
        if _name(part) == "part" and _attribute(part, "name") == "/word/document.xml":
            return part
    return root


def _main_part(package: zipfile.ZipFile, budget: Budget) -> str:
    names = package.NameToInfo
    if "_rels/.rels" in names:
        for relation in parse_xml(read_member(package, "_rels/.rels", budget), "_rels/.rels"):
            target = (relation.get("Target") or "").lstrip("/")
            if (relation.get("Type") or "").endswith("/officeDocument") and target in names:
                return target
    return "word/document.xml"


def _heading_styles(package: zipfile.ZipFile, budget: Budget) -> frozenset[str]:
    """Ids of the paragraph styles that are headings or titles by name or outline level."""
    if "word/styles.xml" not in package.NameToInfo:
        return frozenset()
    # Styles are many and only their names count: a pattern over the text is ten times faster than the parser.
    text = read_member(package, "word/styles.xml", budget).decode("utf-8", "replace")
    return frozenset(
        style
        for opening, name in _STYLE.findall(text)
        if _HEADING_STYLE.fullmatch(name)
        for style in _STYLE_ID.findall(opening)
    )


def _name(node: _Element) -> str:
    """The tag without its namespace; `""` for comments and instructions."""
    tag = node.tag
    return _local(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=1024)
def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _is_word(node: _Element) -> bool:
    tag = node.tag
    return isinstance(tag, str) and any(mark in tag for mark in _WORD_NAMESPACES)


def _attribute(node: _Element, name: str) -> str | None:
    """An attribute by its local name; Word writes it in its namespace, other programs sometimes don't."""
    for key, value in node.items():
        if _local(str(key)) == name:
            return str(value)
    return None


def _child(node: _Element, name: str) -> _Element | None:
    for child in node:
        if _name(child) == name:
            return child
    return None


def _children(node: _Element) -> Iterator[_Element]:
    """The children that show, wrappers opened: tables are met as such, never through their descendants."""
    for child in node:
        name = _name(child)
        if name in _TRANSPARENT:
            yield from _children(child)
        elif name == "sdt":
            content = _child(child, "sdtContent")
            if content is not None:
                yield from _children(content)
        elif name == "AlternateContent":
            # Choice and Fallback hold the same text twice.
            chosen = _child(child, "Choice")
            if chosen is None:
                chosen = _child(child, "Fallback")
            if chosen is not None:
                yield from _children(chosen)
        elif name and name not in _DROPPED:
            yield child


@dataclass
class _Text:
    """What a paragraph shows: its own text, and the boxes that float beside it."""

    pieces: list[str] = field(default_factory=list)
    boxes: list[_Element] = field(default_factory=list)


class _Walker:
    """Turns a story into blocks and numbers paragraphs and tables as it goes."""

    def __init__(self, budget: Budget, headings: frozenset[str]) -> None:
        self._budget = budget
        self._headings = headings
        self._paragraphs = 0
        self._tables = 0
        self._pictures = 0
        self._objects = 0

    def warnings(self) -> Iterator[str]:
        """What the story shows that was not read."""
        if self._pictures:
            yield f"{self._pictures} large images in the document were not read; a table among them is unread"
        if self._objects:
            yield f"{self._objects} embedded objects in the document were not read; a table among them is unread"

    def blocks(self, story: _Element, depth: int = 0) -> Iterator[Block]:
        """The blocks of a body, a layout cell or a text box."""
        if depth > self._budget.limits.max_depth:
            raise DocumentTooLarge(f"tables are nested more than {depth - 1} deep; the limit is the setting max_depth")
        for node in _children(story):
            name = _name(node)
            if name == "p":
                yield from self._paragraph(node, depth)
            elif name == "tbl":
                yield from self._table(node, depth)

    def _paragraph(self, node: _Element, depth: int) -> Iterator[Block]:
        self._paragraphs += 1
        if self._paragraphs % 500 == 0:
            self._budget.check_time()
        where = f"paragraph {self._paragraphs}"
        shown = self._text(node)
        heading = self._is_heading(node)
        for part in "".join(shown.pieces).split("\n"):
            text = part.strip(" \r")
            if text.strip():
                yield Line(text, where, heading)
        for box in shown.boxes:
            yield from self.blocks(box, depth + 1)

    def _is_heading(self, paragraph: _Element) -> bool:
        properties = _child(paragraph, "pPr")
        if properties is None:
            return False
        style = _child(properties, "pStyle")
        level = _child(properties, "outlineLvl")
        if level is not None:
            return _attribute(level, "val") != "9"
        return style is not None and (_attribute(style, "val") or "") in self._headings

    def _text(self, node: _Element) -> _Text:
        shown = _Text()
        self._collect(node, shown)
        return shown

    def _collect(self, node: _Element, shown: _Text) -> None:
        for child in _children(node):
            match _name(child):
                case "t":
                    shown.pieces.append(child.text or "")
                case "tab" | "ptab":
                    shown.pieces.append("\t")
                case "br":
                    shown.pieces.append("\n" if _attribute(child, "type") in (None, "textWrapping") else "")
                case "cr":
                    shown.pieces.append("\n")
                case "noBreakHyphen":
                    shown.pieces.append("-")
                case "sym":
                    shown.pieces.append(_symbol(child))
                case "r":
                    self._run(child, shown)
                case "drawing" | "pict" | "object":
                    self._drawing(child, shown)
                case "p" | "tbl":
                    continue
                case _:
                    self._collect(child, shown)

    def _run(self, run: _Element, shown: _Text) -> None:
        properties = _child(run, "rPr")
        mark = None
        if properties is not None:
            if _is_on(_child(properties, "vanish")):
                return
            mark = _mark(properties)
        before = len(shown.pieces)
        self._collect(run, shown)
        if mark is not None:
            shown.pieces[before:] = map(mark, shown.pieces[before:])

    def _drawing(self, node: _Element, shown: _Text) -> None:
        boxes = [box for box in node.iter() if _name(box) == "txbxContent" and not _inside_fallback(box, node)]
        outermost = [box for box in boxes if not any(box in other.iterdescendants() for other in boxes)]
        shown.boxes.extend(outermost)
        if _name(node) == "object":
            self._objects += 1
        elif not outermost and _is_large_picture(node):
            self._pictures += 1

    def _table(self, node: _Element, depth: int) -> Iterator[Block]:
        rows = [row for row in _children(node) if _name(row) == "tr" and not _is_deleted_row(row)]
        cells = [[cell for cell in _children(row) if _name(cell) == "tc"] for row in rows]
        inner = [table for line in cells for cell in line for table in _children(cell) if _name(table) == "tbl"]
        if any(_cell_count(table) > 1 for table in inner) and all(len(line) <= 2 for line in cells):
            for line in cells:  # a frame for layout: what it holds takes its place
                for cell in line:
                    yield from self.blocks(cell, depth + 1)
            return
        self._tables += 1
        grid = self._grid(rows, cells, self._tables)
        if grid is not None:
            yield grid
        for table in inner:
            if _cell_count(table) > 1:
                yield from self._table(table, depth + 1)

    def _grid(self, rows: list[_Element], cells: list[list[_Element]], number: int) -> Grid | None:
        limit = self._budget.limits.max_columns
        lines: list[list[Cell | None]] = []
        merging: set[int] = set()  # columns in which a cell that merges downwards is open
        for position, (row, line) in enumerate(zip(rows, cells, strict=True), start=1):
            before, after = _row_gaps(row, limit)
            placed: list[Cell | None] = [None] * before
            still: set[int] = set()
            for ordinal, cell in enumerate(line, start=1):
                span, goes_down, covered, swallowed = _merges(cell, limit)
                column = len(placed)
                if goes_down or (covered and column in merging):
                    still.add(column)
                hidden = covered and column in merging
                where = f"table {number}, row {position}, cell {ordinal}"
                placed.append(None if hidden or swallowed else self._cell(cell, where))
                placed.extend([None] * (span - 1))
            merging = still
            placed.extend([None] * after)
            if len(placed) > limit:
                raise DocumentTooLarge(
                    f"table {number} has a row of {len(placed)} columns; the limit is the setting max_columns"
                )
            self._budget.add_cells(len(placed))
            lines.append(placed)
        return tidy_grid(lines, f"table {number}")

    def _cell(self, cell: _Element, where: str) -> Cell:
        pieces: list[str] = []
        for node in _children(cell):
            if _name(node) == "p":
                shown = self._text(node)
                pieces.extend("".join(shown.pieces).split("\n"))
                for box in shown.boxes:
                    pieces.extend(block.text for block in self.blocks(box, 1) if isinstance(block, Line))
            elif _name(node) == "tbl" and _cell_count(node) == 1:
                only = next(inner for inner in node.iter() if _name(inner) == "tc")
                pieces.append(self._cell(only, where).text)
        text = join_pieces(pieces)
        return Cell(text, where, unread="\ufffd" in text)


def tidy_grid(lines: list[list[Cell | None]], where: str) -> Grid | None:
    """Rows of equal length without the columns in which no cell begins; `None` when nothing is left."""
    width = max((len(line) for line in lines), default=0)
    padded = [line + [None] * (width - len(line)) for line in lines]
    kept = [column for column in range(width) if any(line[column] is not None for line in padded)]
    if not kept:
        return None
    return Grid(tuple(tuple(line[column] for column in kept) for line in padded), where)


def _cell_count(table: _Element) -> int:
    return sum(1 for node in table.iter() if _name(node) == "tc")


def _inside_fallback(node: _Element, top: _Element) -> bool:
    """Whether the node stands in the second copy that `AlternateContent` keeps for old programs."""
    while node is not top:
        parent = node.getparent()
        if parent is None:
            return False
        if _name(node) == "Fallback" and _child(parent, "Choice") is not None:
            return True
        node = parent
    return False


def _is_large_picture(node: _Element) -> bool:
    for inner in node.iter():
        if _name(inner) == "extent":
            width, height = int(inner.get("cx") or 0), int(inner.get("cy") or 0)
            return width >= _PICTURE_WIDTH and height >= _PICTURE_HEIGHT and _has(node, "blip")
        if _name(inner) == "shape" and _has(inner, "imagedata"):
            sizes = dict(re.findall(r"(?<![\w-])(width|height):([\d.]+)pt", inner.get("style") or ""))
            wide, high = float(sizes.get("width", 0)), float(sizes.get("height", 0))
            return wide * 12_700 >= _PICTURE_WIDTH and high * 12_700 >= _PICTURE_HEIGHT
    return False


def _has(node: _Element, name: str) -> bool:
    return any(_name(inner) == name for inner in node.iter())


def _symbol(node: _Element) -> str:
    try:
        code = int(_attribute(node, "char") or "", 16)
    except ValueError:
        return "\ufffd"
    # Symbol fonts live in the private area and mean nothing without their font.
    return chr(code) if 0x20 <= code < 0xE000 else "\ufffd"


def _mark(properties: _Element) -> Callable[[str], str] | None:
    """How a run's text must be shown if it is struck out or raised."""
    if _is_on(_child(properties, "strike")) or _is_on(_child(properties, "dstrike")):
        return struck
    raising = _child(properties, "vertAlign")
    return raised if raising is not None and _attribute(raising, "val") in ("superscript", "subscript") else None


def _is_on(switch: _Element | None) -> bool:
    return switch is not None and (_attribute(switch, "val") or "true") not in ("0", "false", "off")


def _is_deleted_row(row: _Element) -> bool:
    properties = _child(row, "trPr")
    return properties is not None and _child(properties, "del") is not None


def _number(node: _Element | None, limit: int) -> int:
    text = (_attribute(node, "val") or "") if node is not None else ""
    return min(int(text), limit) if re.fullmatch(r"\d{1,9}", text) else 0


def _row_gaps(row: _Element, limit: int) -> tuple[int, int]:
    """Grid columns that the row leaves out before its first and after its last cell."""
    properties = _child(row, "trPr")
    if properties is None:
        return 0, 0
    return _number(_child(properties, "gridBefore"), limit), _number(_child(properties, "gridAfter"), limit)


def _merges(cell: _Element, limit: int) -> tuple[int, bool, bool, bool]:
    """How a cell merges.

    Columns spanned; whether it opens a vertical merge; whether it goes on with one (`vMerge` without a value); whether
    its left neighbour covers it in the old way (`hMerge`).
    """
    properties = _child(cell, "tcPr")
    if properties is None:
        return 1, False, False, False
    named = {_name(child).lower(): child for child in properties}
    span = max(1, _number(named.get("gridspan"), limit))
    down, across = named.get("vmerge"), named.get("hmerge")
    opens = down is not None and _attribute(down, "val") == "restart"
    swallowed = across is not None and _attribute(across, "val") != "restart"
    return span, opens, down is not None and not opens, swallowed
