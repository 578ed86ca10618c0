"""Word documents (docx, Word 2003 XML and flat packages), straight from their XML.

Covered cells stay covered (`None`), deleted text stays deleted, and headers, footers, comments and field codes are left
out. Pictures and embedded objects, where a table may hide, are named in a warning.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from extract.document.detect import DOCX, WORD_XML
from extract.document.drawn import LONGEST_FIGURE, Look, asks, has_digit, may_be_figure, verdict
from extract.document.joined import join_pieces
from extract.document.limits import Budget
from extract.document.marks import raised, struck
from extract.document.packed import open_zip, parse_xml, read_member
from extract.document.unread import embedded_objects, large_pictures
from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.messages import localizable
from extract.model import Block, Cell, Document, Grid, Limits, Line, UnreadPart
from extract.office.word_drawn import PAGE, CellGround, StoredRun, TableGrounds, WordDrawing
from extract.office.word_styles import NAMES, WORD, WordStyles, attribute, child_of, is_on, name_of, parts_of

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
    {
        "del",
        "moveFrom",
        "conflictDel",
        "delText",
        "instrText",
        "delInstrText",
        "rt",
        "rPr",
        "pPr",
        "sdtPr",
        "annotationRef",
    }
)
#: Elements that hold text, by names that other programs use too.
_OWN = frozenset({"t", "r"})
# Smaller pictures are emblems, seals and rules (EMU; 360,000 to the centimetre).
_PICTURE_WIDTH, _PICTURE_HEIGHT = 8 * 360_000, 3 * 360_000
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
            main = _main_part(package, budget)
            text = read_member(package, main, budget)
            styles = _styles(package, main, budget)
            blocks, warnings, unread = _story(parse_xml(text, "the text part"), styles, text, budget)
        return Document(media_type=DOCX, blocks=blocks, warnings=warnings, unread=unread)
    whole = parse_xml(data.lstrip(b"\xef\xbb\xbf \r\n\t"), "the Word XML")
    blocks, warnings, unread = _story(_flat_part(whole), _flat_styles(whole), data, budget)
    return Document(media_type=WORD_XML, blocks=blocks, warnings=warnings, unread=unread)


def _story(
    root: _Element, styles: WordStyles, stored: bytes, budget: Budget
) -> tuple[tuple[Block, ...], tuple[str, ...], tuple[UnreadPart, ...]]:
    """The blocks of a text part (`stored` as it is in the file), the warnings about them, and what was not read."""
    body = next((node for node in root.iter() if name_of(node) == "body" and _is_word(node)), None)
    if body is None:
        raise UnreadableDocument("the Word file has no text part; save it again as .docx")
    walker = _Walker(budget, WordDrawing(styles, stored))
    return tuple(walker.blocks(body)), tuple(walker.warnings()), walker.unread()


def _flat_part(root: _Element) -> _Element:
    for part in root:
        if name_of(part) == "part" and attribute(part, "name") == "/word/document.xml":
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


def _styles(package: zipfile.ZipFile, main: str, budget: Budget) -> WordStyles:
    """The style sheet that the text part refers to, with its theme."""

    def part(kind: str) -> _Element | None:
        name = beside.get(kind)
        return parse_xml(read_member(package, name, budget), name) if name in package.NameToInfo else None

    folder, _, name = main.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels".lstrip("/")
    beside = {"styles": f"{folder}/styles.xml", "theme": f"{folder}/theme/theme1.xml"}
    if relations in package.NameToInfo:
        for relation in parse_xml(read_member(package, relations, budget), relations):
            kind, target = (relation.get("Type") or "").rpartition("/")[2], relation.get("Target") or ""
            if kind in beside:
                beside[kind] = (
                    target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
                )
    return WordStyles(part("styles"), lambda: part("theme"))


def _flat_styles(data_root: _Element) -> WordStyles:
    """The styles of a flat file: an element of its own, or a part of the package."""
    found = next((node for node in data_root.iter() if name_of(node) == "styles" and _is_word(node)), None)
    return WordStyles(found, lambda: data_root)


def _is_word(node: _Element) -> bool:
    tag = node.tag
    return isinstance(tag, str) and any(mark in tag for mark in _WORD_NAMESPACES)


def _children(node: _Element) -> list[tuple[str, _Element]]:
    """The children that show, with their names, wrappers opened: tables are met as such, never through their descendants."""
    found: list[tuple[str, _Element]] = []
    for child in node:
        name = NAMES[child.tag]
        if name in _TRANSPARENT:
            found += _children(child)
        elif name == "sdt":
            content = child_of(child, "sdtContent")
            if content is not None:
                found += _children(content)
        elif name == "AlternateContent":
            # Choice and Fallback hold the same text twice.
            chosen = child_of(child, "Choice")
            if chosen is None:
                chosen = child_of(child, "Fallback")
            if chosen is not None:
                found += _children(chosen)
        elif name and name not in _DROPPED and (name not in _OWN or _is_own(child)):
            found.append((name, child))
    return found


def _is_own(node: _Element) -> bool:
    """Whether a run or a text is Word's, or a formula's: other programs' elements of the same name aren't shown."""
    tag = str(node.tag)
    return tag.startswith(WORD) or _is_word(node) or "/math" in tag


@dataclass
class _Text:
    """What a paragraph shows: its own text, the boxes that float beside it, and its runs with their text as stored."""

    pieces: list[str] = field(default_factory=list)
    boxes: list[_Element] = field(default_factory=list)
    runs: list[StoredRun] = field(default_factory=list)


class _Walker:
    """Turns a story into blocks and numbers paragraphs and tables as it goes."""

    def __init__(self, budget: Budget, drawing: WordDrawing) -> None:
        self._budget = budget
        self._drawn = drawing
        self._headings = frozenset(style for style, name in drawing.styles.names() if _HEADING_STYLE.fullmatch(name))
        self._paragraphs = 0
        self._tables = 0
        self._pictures = 0
        self._objects = 0
        self._hidden_rows = 0

    def unread(self) -> tuple[UnreadPart, ...]:
        """Pictures and objects of the story, after a walk."""
        return (*large_pictures(self._pictures), *embedded_objects(self._objects))

    def warnings(self) -> Iterator[str]:
        """What the story shows that was not read."""
        if self._pictures:
            yield localizable(
                f"{self._pictures} large images in the document were not read; a table among them is unread"
            )
        if self._objects:
            yield localizable(
                f"{self._objects} embedded objects in the document were not read; a table among them is unread"
            )
        if self._hidden_rows:
            yield localizable(f"{self._hidden_rows} rows with figures are hidden in the document and were left out")

    def blocks(self, story: _Element, depth: int = 0) -> Iterator[Block]:
        """The blocks of a body, a layout cell or a text box."""
        if depth > self._budget.limits.max_depth:
            raise DocumentTooLarge(f"tables are nested more than {depth - 1} deep; the limit is the setting max_depth")
        for name, node in _children(story):
            if name == "p":
                yield from self._paragraph(node, depth)
            elif name == "tbl":
                yield from self._table(node, depth)
            elif name in ("altChunk", "subDoc"):
                self._objects += 1

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
                yield Line(text, where, heading, self._look(text, [(node, shown)], PAGE))
        for box in shown.boxes:
            yield from self.blocks(box, depth + 1)

    def _is_heading(self, paragraph: _Element) -> bool:
        properties = child_of(paragraph, "pPr")
        if properties is None:
            return False
        style = child_of(properties, "pStyle")
        level = child_of(properties, "outlineLvl")
        if level is not None:
            return attribute(level, "val") != "9"
        return style is not None and (attribute(style, "val") or "") in self._headings

    def _text(self, node: _Element) -> _Text:
        shown = _Text()
        self._collect(node, shown)
        return shown

    def _collect(self, node: _Element, shown: _Text) -> None:
        for name, child in _children(node):
            match name:
                case "t":
                    shown.pieces.append(child.text or "")
                case "r":
                    self._run(child, shown)
                case "tab" | "ptab":
                    shown.pieces.append("\t")
                case "br":
                    shown.pieces.append("\n" if attribute(child, "type") in (None, "textWrapping") else "")
                case "cr":
                    shown.pieces.append("\n")
                case "noBreakHyphen":
                    shown.pieces.append("-")
                case "sym":
                    shown.pieces.append(_symbol(child))
                case "drawing" | "pict" | "object":
                    self._drawing(child, shown)
                case "p" | "tbl":
                    continue
                case _:
                    self._collect(child, shown)

    def _run(self, run: _Element, shown: _Text) -> None:
        properties = parts_of(child_of(run, "rPr"))
        if "vanish" in properties and is_on(properties["vanish"]):
            return
        mark = _mark(properties)
        before = len(shown.pieces)
        self._collect(run, shown)
        shown.runs.append(StoredRun(run, properties, "".join(shown.pieces[before:])))
        if mark is not None:
            shown.pieces[before:] = map(mark, shown.pieces[before:])

    def _drawing(self, node: _Element, shown: _Text) -> None:
        boxes = [box for box in node.iter() if name_of(box) == "txbxContent" and not _inside_fallback(box, node)]
        outermost = [box for box in boxes if not any(box in other.iterdescendants() for other in boxes)]
        shown.boxes.extend(outermost)
        if name_of(node) == "object":
            self._objects += 1
        elif not outermost and _is_large_picture(node):
            self._pictures += 1

    def _table(self, node: _Element, depth: int) -> Iterator[Block]:
        rows = [row for name, row in _children(node) if name == "tr" and not self._is_left_out(row)]
        cells = [[cell for name, cell in _children(row) if name == "tc"] for row in rows]
        inner = [table for line in cells for cell in line for name, table in _children(cell) if name == "tbl"]
        if any(_cell_count(table) > 1 for table in inner) and all(len(line) <= 2 for line in cells):
            for line in cells:  # a frame for layout: what it holds takes its place
                for cell in line:
                    yield from self.blocks(cell, depth + 1)
            return
        self._tables += 1
        grid = self._grid(node, rows, cells)
        if grid is not None:
            yield grid
        for table in inner:
            if _cell_count(table) > 1:
                yield from self._table(table, depth + 1)

    def _is_left_out(self, row: _Element) -> bool:
        """Whether a row is deleted, or hidden."""
        properties = child_of(row, "trPr")
        if properties is None:
            return False
        if is_on(child_of(properties, "hidden")):
            self._hidden_rows += any(name_of(node) == "t" and has_digit(node.text or "") for node in row.iter())
            return True
        return child_of(properties, "del") is not None

    def _grid(self, table: _Element, rows: list[_Element], cells: list[list[_Element]]) -> Grid | None:
        limit, number = self._budget.limits.max_columns, self._tables
        grounds = TableGrounds(table, len(rows), self._drawn.styles)
        lines: list[list[Cell | None]] = []
        merging: set[int] = set()  # columns in which a cell that merges downwards is open
        for position, (row, line) in enumerate(zip(rows, cells, strict=True), start=1):
            before, after = _row_gaps(row, limit)
            placed: list[Cell | None] = [None] * before
            still: set[int] = set()
            grounds.begin(row)
            for ordinal, cell in enumerate(line, start=1):
                properties = parts_of(child_of(cell, "tcPr"))
                span, goes_down, covered, swallowed = _merges(properties, limit)
                column = len(placed)
                if goes_down or (covered and column in merging):
                    still.add(column)
                hidden = covered and column in merging
                where = f"table {number}, row {position}, cell {ordinal}"
                placed.append(None if hidden or swallowed else self._cell(cell, where, grounds.at(properties, column)))
                placed.extend([None] * (span - 1))
            merging = still
            placed.extend([None] * after)
            if len(placed) > limit:
                raise DocumentTooLarge(
                    f"table {number} has a row of {len(placed)} columns; the limit is the setting max_columns"
                )
            self._budget.add_cells(len(placed))
            lines.append(_without_deleted(placed, row))
        return tidy_grid(lines, f"table {number}")

    def _cell(self, cell: _Element, where: str, ground: CellGround) -> Cell:
        pieces: list[str] = []
        paragraphs: list[tuple[_Element, _Text]] = []
        look: tuple[str, ...] = ()
        for name, node in _children(cell):
            if name == "p":
                shown = self._text(node)
                paragraphs.append((node, shown))
                pieces.extend("".join(shown.pieces).split("\n"))
                for box in shown.boxes:
                    pieces.extend(block.text for block in self.blocks(box, 1) if isinstance(block, Line))
            elif name == "tbl" and _cell_count(node) == 1:
                only = next(inner for inner in node.iter() if name_of(inner) == "tc")
                inside = self._cell(only, where, ground)
                pieces.append(inside.text)
                look = inside.look
        text = join_pieces(pieces)
        if not text or asks(text):
            look = (*look, *self._look(text, paragraphs, ground, cell))
        return Cell(text, where, unread="\ufffd" in text, look=look)

    def _look(
        self, text: str, paragraphs: list[tuple[_Element, _Text]], ground: CellGround, cell: _Element | None = None
    ) -> tuple[str, ...]:
        """Why a figure in these paragraphs isn't seen as it is stored."""
        if len(text) > LONGEST_FIGURE or (text and not asks(text)):
            return ()
        if len(paragraphs) == 1 and self._drawn.is_plain(paragraphs[0][0], paragraphs[0][1].runs, ground):
            return ()
        runs = [
            run
            for above, (node, shown) in enumerate(paragraphs)
            for run in self._drawn.runs(node, shown.runs, ground, above)
        ]
        return verdict(runs if cell is None else [*runs, *self._drawn.beside(cell)])


def _without_deleted(cells: list[Cell | None], row: _Element) -> list[Cell | None]:
    """A row's cells; if one is marked as deleted, those behind it stand one column further left once the change is accepted."""
    if next(row.iter("{*}cellDel"), None) is None:
        return cells
    why = Look.MOVED.because("a cell of its row is marked as deleted")
    return [
        replace(cell, look=(*cell.look, why)) if cell is not None and may_be_figure(cell.text) else cell
        for cell in cells
    ]


def tidy_grid(lines: list[list[Cell | None]], where: str) -> Grid | None:
    """Rows of equal length without the columns in which no cell begins; `None` when nothing is left."""
    width = max((len(line) for line in lines), default=0)
    padded = [line + [None] * (width - len(line)) for line in lines]
    kept = [column for column in range(width) if any(line[column] is not None for line in padded)]
    if not kept:
        return None
    return Grid(tuple(tuple(line[column] for column in kept) for line in padded), where)


def _cell_count(table: _Element) -> int:
    return sum(1 for node in table.iter() if name_of(node) == "tc")


def _inside_fallback(node: _Element, top: _Element) -> bool:
    """Whether the node stands in the second copy that `AlternateContent` keeps for old programs."""
    while node is not top:
        parent = node.getparent()
        if parent is None:
            return False
        if name_of(node) == "Fallback" and child_of(parent, "Choice") is not None:
            return True
        node = parent
    return False


def _is_large_picture(node: _Element) -> bool:
    for inner in node.iter():
        if name_of(inner) == "extent":
            width, height = int(inner.get("cx") or 0), int(inner.get("cy") or 0)
            return width >= _PICTURE_WIDTH and height >= _PICTURE_HEIGHT and _has(node, "blip")
        if name_of(inner) == "shape" and _has(inner, "imagedata"):
            sizes = dict(re.findall(r"(?<![\w-])(width|height):([\d.]+)pt", inner.get("style") or ""))
            wide, high = float(sizes.get("width", 0)), float(sizes.get("height", 0))
            return wide * 12_700 >= _PICTURE_WIDTH and high * 12_700 >= _PICTURE_HEIGHT
    return False


def _has(node: _Element, name: str) -> bool:
    return any(name_of(inner) == name for inner in node.iter())


def _symbol(node: _Element) -> str:
    try:
        code = int(attribute(node, "char") or "", 16)
    except ValueError:
        return "\ufffd"
    # Symbol fonts live in the private area and mean nothing without their font.
    return chr(code) if 0x20 <= code < 0xE000 else "\ufffd"


def _mark(properties: Mapping[str, _Element]) -> Callable[[str], str] | None:
    """How a run's text must be shown if it is struck out or raised."""
    if is_on(properties.get("strike")) or is_on(properties.get("dstrike")):
        return struck
    raising = properties.get("vertAlign")
    return raised if raising is not None and attribute(raising, "val") in ("superscript", "subscript") else None


def _number(node: _Element | None, limit: int) -> int:
    text = (attribute(node, "val") or "") if node is not None else ""
    return min(int(text), limit) if re.fullmatch(r"\d{1,9}", text) else 0


def _row_gaps(row: _Element, limit: int) -> tuple[int, int]:
    """Grid columns that the row leaves out before its first and after its last cell."""
    properties = child_of(row, "trPr")
    if properties is None:
        return 0, 0
    return _number(child_of(properties, "gridBefore"), limit), _number(child_of(properties, "gridAfter"), limit)


def _merges(properties: Mapping[str, _Element], limit: int) -> tuple[int, bool, bool, bool]:
    """How a cell merges.

    Columns spanned; whether it opens a vertical merge; whether it goes on with one (`vMerge` without a value); whether
    its left neighbour covers it in the old way (`hMerge`).
    """
    if not properties:
        return 1, False, False, False
    span = max(1, _number(properties.get("gridSpan"), limit))
    # Word 2003 writes the names in lower case.
    down = properties.get("vMerge", properties.get("vmerge"))
    across = properties.get("hMerge", properties.get("hmerge"))
    opens = down is not None and attribute(down, "val") == "restart"
    swallowed = across is not None and attribute(across, "val") != "restart"
    return span, opens, down is not None and not opens, swallowed
