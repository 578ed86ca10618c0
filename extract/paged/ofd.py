"""OFD, the Chinese standard's fixed-layout format (GB/T 33190-2016): characters and strokes of each page.

Pages become the same thing as a PDF's, and the same code finds their tables. Lengths are millimetres in the file and
points here.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from extract.document.detect import OFD
from extract.document.limits import Budget
from extract.document.packed import open_zip, parse_xml, read_member
from extract.document.radicals import to_han
from extract.document.where import Box
from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.layout.document import document_of
from extract.layout.geometry import Segment, Turn, join_collinear
from extract.layout.page import Char, PageInk
from extract.layout.strokes import strokes_of
from extract.model import Document, Limits
from extract.paged.ofd_drawn import OfdLook, Painting, clip_of

if TYPE_CHECKING:
    import zipfile

    from lxml.etree import _Element

_POINTS = 72 / 25.4
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_PATH = re.compile(r"([SMLCQBA])((?:[\s,]*[-+]?(?:\d+\.?\d*|\.\d+))*)")
_RULING_WIDTH, _RULING_LENGTH = 3.2, 4.0
_MAX_OBJECTS = 60_000
_NARROW = 0.2
#: What is drawn; composite objects are drawings of their own that aren't followed.
_OBJECTS = frozenset({"TextObject", "PathObject", "ImageObject", "CompositeObject"})


class _Frame(NamedTuple):
    """Where an object stands: its boundary's corner and its own matrix, millimetres."""

    x: float
    y: float
    matrix: tuple[float, ...]

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point of the object on the page, in points."""
        a, b, c, d, e, f = self.matrix
        return (self.x + a * x + c * y + e) * _POINTS, (self.y + b * x + d * y + f) * _POINTS


def read(data: bytes, limits: Limits) -> Document:
    """Read an OFD file.

    Raises:
        UnreadableDocument: Damaged, encrypted, or without pages.
        DocumentTooLarge: Too many pages or cells, or it unpacks to too much.
    """
    budget = Budget(limits)
    with open_zip(data) as archive:
        package = _Package(archive, budget)
        pages = package.pages()
        if not pages:
            raise UnreadableDocument("the OFD file has no pages; export it again")
        if len(pages) > limits.max_pages:
            raise DocumentTooLarge(f"the OFD file has {len(pages)} pages, more than {limits.max_pages}; see max_pages")
        inks = []
        for number, path in enumerate(pages, start=1):
            budget.check_time()
            inks.append(package.page(number, path))
    return document_of(inks, OFD, budget)


class _Package:
    """The parts of the file and how they refer to each other; paths are relative to the part that names them."""

    def __init__(self, archive: zipfile.ZipFile, budget: Budget) -> None:
        self._archive = archive
        self._budget = budget
        self._names = {name.lower().lstrip("/"): name for name in archive.namelist()}
        self._templates: dict[str, str] = {}
        self._parameters: dict[str, _Element] = {}
        self._size = (210.0, 297.0)

    def pages(self) -> list[str]:
        """The paths of the pages in order; page size and templates are noted on the way."""
        found: list[str] = []
        for root in self._texts("OFD.xml", self._part("OFD.xml"), "DocRoot"):
            document = self._part(root)
            self._read_parameters(root, document)
            size = next((node for node in document.iter() if _name(node) == "PhysicalBox"), None)
            if size is not None:
                self._size = _box(size.text)[2:]
            for node in document.iter():
                if _name(node) == "TemplatePage":
                    self._templates[node.get("ID") or ""] = _beside(root, node.get("BaseLoc") or "")
                elif _name(node) == "Page" and node.get("BaseLoc"):
                    found.append(_beside(root, node.get("BaseLoc") or ""))
        return found

    def page(self, number: int, path: str) -> PageInk:
        """One page with its template."""
        root = self._part(path)
        size = next((_box(node.text)[2:] for node in root.iter() if _name(node) == "PhysicalBox"), self._size)
        width, height = size[0] * _POINTS, size[1] * _POINTS
        drawing = _Drawing(self._budget, Painting(self._parameters), OfdLook(Box(0.0, 0.0, width, height)))
        for node in root.iter():
            if _name(node) == "Template":
                template = self._templates.get(node.get("TemplateID") or "")
                if template is not None:
                    drawing.draw(self._part(template))
        drawing.draw(root)
        upright = Turn(0, 0.0, 0.0, width, height)
        look, horizontal, vertical = (
            drawing.look,
            join_collinear(drawing.horizontal),
            join_collinear(drawing.vertical),
        )
        strokes = strokes_of(horizontal, vertical, look.ticks, look.slants, look.solid())
        return PageInk(
            number=number,
            width=width,
            height=height,
            chars=tuple(strokes.judged(tuple(look.judged(drawing.chars)))),
            horizontal=tuple(horizontal),
            vertical=tuple(vertical),
            picture_share=drawing.picture_area / max(1.0, width * height),
            outlines=0,
            reading=upright,
            displayed=upright,
            overlay=look if look.others else None,
            strays=strokes.strays,
        )

    def _read_parameters(self, root: str, document: _Element) -> None:
        """The draw parameters of the resources that a document names; those that can't be read stay unknown."""
        for name in ("PublicRes", "DocumentRes"):
            for path in self._texts(root, document, name):
                if path.lower() in self._names:
                    found = self._part(path)
                    self._parameters |= {n.get("ID") or "": n for n in found.iter() if _name(n) == "DrawParam"}

    def _texts(self, path: str, root: _Element, name: str) -> Iterator[str]:
        for node in root.iter():
            if _name(node) == name and node.text:
                yield _beside(path, node.text.strip())

    def _part(self, path: str) -> _Element:
        name = self._names.get(path.lower())
        if name is None:
            raise UnreadableDocument(f"the OFD file has no part {path}; it is damaged or encrypted, export it again")
        return parse_xml(read_member(self._archive, name, self._budget), path)


class _Drawing:
    """Collects the characters and strokes of the objects of a page, in drawing order; `look` gets what else is drawn."""

    def __init__(self, budget: Budget, painting: Painting, look: OfdLook) -> None:
        self._budget = budget
        self._painting = painting
        self.look = look
        self._objects = 0
        self.chars: list[Char] = []
        self.horizontal: list[Segment] = []
        self.vertical: list[Segment] = []
        self.picture_area = 0.0

    def draw(self, root: _Element) -> None:
        """Draw every object of a page or template."""
        layer: str | None = None
        for node in root.iter():
            name = _name(node)
            if name == "Layer":
                layer = node.get("DrawParam")
            if name not in _OBJECTS or node.get("Visible") == "false":
                continue
            self._objects += 1
            if self._objects > _MAX_OBJECTS:
                raise DocumentTooLarge(f"a page of the OFD file draws more than {_MAX_OBJECTS} objects")
            if self._objects % 1000 == 0:
                self._budget.check_time()
            box = _box(node.get("Boundary"))
            frame = _Frame(box[0], box[1], _matrix(node.get("CTM")))
            if name == "TextObject":
                clip, unclear = clip_of(node, partial(_clip_points, frame))
                if _float(node.get("HScale"), 1.0) < _NARROW:
                    unclear = "drawn too narrow"
                self.look.begin_text(len(self.chars), self._painting.ink(node, layer, of_text=True), clip, unclear)
                self._text(node, frame)
            elif name == "PathObject":
                self._path(node, frame, layer)
            else:
                left, top, right, bottom = (
                    side * _POINTS for side in (box[0], box[1], box[0] + box[2], box[1] + box[3])
                )
                self.look.others.append(Box(left, top, right, bottom))
                self.picture_area += (right - left) * (bottom - top) if name == "ImageObject" else 0.0

    def _text(self, node: _Element, frame: _Frame) -> None:
        size = _float(node.get("Size"), 3.5)
        x = y = 0.0
        for code in node:
            if _name(code) != "TextCode" or not code.text:
                continue
            x, y = _float(code.get("X"), x), _float(code.get("Y"), y)
            text = code.text.strip("\r\n")
            right, down = _deltas(code.get("DeltaX"), len(text)), _deltas(code.get("DeltaY"), len(text))
            spaced = False
            for number, character in enumerate(text):
                self._character(to_han(character), frame, x, y, size, spaced)
                spaced = character.isspace()
                x += right[number] if number < len(right) else 0.0
                y += down[number] if number < len(down) else 0.0

    def _character(self, character: str, frame: _Frame, x: float, y: float, size: float, spaced: bool) -> None:
        if character.isspace():
            return
        width = size * (0.5 if character < "\u0100" else 0.95)
        ax, ay = frame.point(x, y - 0.85 * size)
        bx, by = frame.point(x + width, y + 0.1 * size)
        baseline = frame.point(x, y)[1]
        self.chars.append(
            Char(character, min(ax, bx), min(ay, by), max(ax, bx), max(ay, by), baseline, len(self.chars), spaced)
        )

    def _path(self, node: _Element, frame: _Frame, layer: str | None) -> None:
        data = next((child.text for child in node if _name(child) == "AbbreviatedData"), None) or ""
        if len(data) > 100_000 or (node.get("Stroke") == "false" and node.get("Fill") != "true"):
            return
        parts: list[list[tuple[float, float]]] = []
        for command, arguments in _PATH.findall(data):
            numbers = [float(number) for number in _NUMBER.findall(arguments)]
            if command in "SM" and len(numbers) >= 2:
                parts.append([frame.point(*numbers[:2])])
            elif command == "L" and parts and len(numbers) >= 2:
                parts[-1].append(frame.point(*numbers[:2]))
            elif command in "QBA":
                self.look.others.append(_around(_points(node, frame)))
                return  # curves draw no tables
        is_closed = re.search(r"C\s*$", data) is not None
        ink = self._painting.ink(node, layer, of_text=False)
        for part in parts:
            if is_closed:
                part.append(part[0])
            self._part(part, stroked=node.get("Stroke") != "false")
            box = _around(part)
            if ink.is_painted and min(box.right - box.left, box.bottom - box.top) > 1:
                self.look.add_fill(box, ink)

    def _part(self, part: list[tuple[float, float]], stroked: bool) -> None:
        xs, ys = [x for x, _ in part], [y for _, y in part]
        width, height = max(xs) - min(xs), max(ys) - min(ys)
        if min(width, height) < _RULING_WIDTH and max(width, height) <= _RULING_LENGTH:
            self.look.ticks.append(Box(min(xs), min(ys), max(xs), max(ys)))
        elif min(width, height) < _RULING_WIDTH:
            self._stroke(min(xs), min(ys), max(xs), max(ys))
        elif stroked:
            for (ax, ay), (bx, by) in pairwise(part):
                if min(abs(ax - bx), abs(ay - by)) >= 1:
                    self.look.slants.append(_around([(ax, ay), (bx, by)]))
                elif (abs(ax - bx) < 1) != (abs(ay - by) < 1):
                    self._stroke(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))

    def _stroke(self, left: float, top: float, right: float, bottom: float) -> None:
        if right - left >= bottom - top:
            self.horizontal.append(Segment((top + bottom) / 2, left, right))
        else:
            self.vertical.append(Segment((left + right) / 2, top, bottom))


def _around(points: Sequence[tuple[float, float]]) -> Box:
    xs, ys = [x for x, _ in points] or [0.0], [y for _, y in points] or [0.0]
    return Box(min(xs), min(ys), max(xs), max(ys))


def _clip_points(frame: _Frame, path: _Element) -> list[tuple[float, float]]:
    """The points of a clip's path, which stands in the coordinates of the object that it clips."""
    left, top, *_ = _box(path.get("Boundary") or "0 0 0 0")
    return _points(path, frame, left, top)


def _points(path: _Element, frame: _Frame, left: float = 0.0, top: float = 0.0) -> list[tuple[float, float]]:
    """The points of a path, in points on the page; of curves the ends and the points that bend them."""
    data = next((child.text for child in path if _name(child) == "AbbreviatedData"), None) or ""
    found: list[tuple[float, float]] = []
    for command, arguments in _PATH.findall(data[:100_000]):
        numbers = [float(number) for number in _NUMBER.findall(arguments)]
        pairs = numbers[-2:] if command == "A" else numbers
        found += [frame.point(left + x, top + y) for x, y in zip(pairs[::2], pairs[1::2], strict=False)]
    return found


def _name(node: _Element) -> str:
    tag = node.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _beside(path: str, relative: str) -> str:
    if relative.startswith("/"):
        return relative.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), relative))


def _float(text: str | None, default: float) -> float:
    found = _NUMBER.search(text or "")
    return float(found.group()) if found else default


def _box(text: str | None) -> tuple[float, float, float, float]:
    numbers = [float(number) for number in _NUMBER.findall(text or "")][:4]
    left, top, width, height = numbers if len(numbers) == 4 else (0.0, 0.0, 210.0, 297.0)
    return left, top, width, height


def _matrix(text: str | None) -> tuple[float, ...]:
    numbers = tuple(float(number) for number in _NUMBER.findall(text or ""))
    return numbers if len(numbers) == 6 else (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _deltas(text: str | None, length: int) -> list[float]:
    """Offsets from character to character; `g 3 5.5` stands for 5.5 three times."""
    deltas: list[float] = []
    words = (text or "").split()
    at = 0
    while at < len(words) and len(deltas) < length:
        if words[at] == "g" and at + 2 < len(words):
            count = min(int(_float(words[at + 1], 0)), length)
            deltas.extend([_float(words[at + 2], 0.0)] * count)
            at += 3
        else:
            deltas.append(_float(words[at], 0.0))
            at += 1
    return deltas
