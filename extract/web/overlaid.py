"""What a page draws over the figures of a table from elsewhere: a number or a ground that stands outside of the cell and is moved there.

Where exactly it comes to lie would take a layout of the whole page: every figure that it may reach is in doubt.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from extract.document.clean import collapse
from extract.document.drawn import Look, may_be_figure
from extract.web.elements import SILENT
from extract.web.facts import PLAIN, Facts
from extract.web.grid import CellPart, TableParts
from extract.web.lengths import points

if TYPE_CHECKING:
    from lxml.etree import _Element

    from extract.web.drawn import PageDrawing, PageView

#: Without one of these in a page's lower-case markup nothing in it leaves its place.
_MAY_MOVE = re.compile(r"position|<dialog|translate|margin-top\s*:\s*-|margin\s*:\s*-|margin-left\s*:\s*-")
#: Smaller moves, in points, stay in the line and in the cell.
_UP_OR_DOWN, _ASIDE = 6.0, 20.0
#: What may be taken for a figure: 浏览 12 次 and - 1 - are none.
_NUMBER = re.compile(r"[+\-−]?\d[\d.,，]{0,14}\s?(?:[件条个项次宗份元%]|万元?)?")
#: The foot of a page, in points.
_FOOT = 60.0
_VERTICAL = frozenset({"top", "bottom", "margin-top", "translatey", "translate", "translate3d"})
#: A table of so few cells may be a box around a number.
_FEW_CELLS = 4
_OUT_OF_FLOW = frozenset({"absolute", "fixed"})


def laid_over(body: _Element, start: _Element, view: PageView, lowered: str) -> Mapping[_Element, str]:
    """Tables and rows of a report whose figures may be drawn over, each with the reason."""
    if view.drawing is None or _MAY_MOVE.search(lowered) is None:
        return {}
    found: dict[_Element, str] = {}
    for leaf in body.iter():
        if isinstance(leaf.tag, str) and not len(leaf) and leaf.tag not in SILENT and _is_short(leaf):
            for reached in _reached(leaf, body, start, view):
                found.setdefault(reached, Look.COVERED.because(_named(leaf)))
    return found


def with_doubts(parts: TableParts, table: _Element, overlaid: Mapping[_Element, str]) -> TableParts:
    """A table's parts, the figures and blanks that may be drawn over with the reason for which they can't be relied on."""
    reasons = ((overlaid.get(table) or overlaid.get(row), row, cells) for row, cells in parts.rows)
    return replace(
        parts, rows=tuple((row, cells if why is None else _in_doubt(cells, why)) for why, row, cells in reasons)
    )


def _in_doubt(cells: Sequence[CellPart], why: str) -> tuple[CellPart, ...]:
    return tuple(cell._replace(look=(*cell.look, why)) if may_be_figure(cell.text) else cell for cell in cells)


def _is_short(leaf: _Element) -> bool:
    """Whether an element shows a number, or nothing: words over a table would be seen to be none of its figures."""
    text = (leaf.text or "").strip()
    return not text or _NUMBER.fullmatch(text) is not None


def _named(leaf: _Element) -> str:
    text = collapse(leaf.text or "")
    return f"{text} is drawn over the table" if text else f"<{leaf.tag!s}> is drawn over the table"


@dataclass(frozen=True, slots=True)
class _Moved:
    """An element that leaves its place: what it says of that, and the elements around it up to the report's container, or up to the page's body."""

    element: _Element
    facts: Facts
    around: Sequence[_Element]
    is_in_cell: bool

    @property
    def flow(self) -> tuple[object, ...] | None:
        """Its kind of position and its sides, where it is out of the flow."""
        return next((move for move in self._moves if move[0] in _OUT_OF_FLOW), None)

    @property
    def down(self) -> float:
        """How far it is moved down, in points."""
        return sum(_signed(move) for move in self._moves if move[0] in _VERTICAL)

    @property
    def aside(self) -> float:
        """How far it is moved at all."""
        return max((abs(_signed(move)) for move in self._moves), default=0.0)

    @property
    def _moves(self) -> Iterator[tuple[object, ...]]:
        return (move for move in self.facts.place if isinstance(move, tuple))


def _reached(leaf: _Element, body: _Element, start: _Element, view: PageView) -> Iterator[_Element]:
    """The tables, or the row, that an element may be drawn over."""
    drawing = view.drawing
    assert drawing is not None
    chain = [leaf, *leaf.iterancestors()]
    is_inside = start in chain
    inside = chain[: chain.index(start if is_inside else body)]
    moved = _moved(inside, drawing)
    if moved is None or not view.hidden.isdisjoint(inside) or not _is_seen(leaf, moved.facts, drawing):
        return
    if is_inside:
        yield from _by_flow(moved, start, drawing) if moved.flow is not None else _by_move(moved, start)
    elif (leaf.text or "").strip():
        yield from _from_outside(moved, body, start, drawing)


def _moved(inside: Sequence[_Element], drawing: PageDrawing) -> _Moved | None:
    """The first of an element and those around it that leaves its place; beyond the cell it stands in only a table that is hardly one."""
    cell = next((place for place, one in enumerate(inside) if one.tag in ("td", "th")), len(inside))
    for place, element in enumerate(inside):
        facts = drawing.styles.facts(element)
        if facts is not PLAIN and (facts.place or facts.lies) and (place < cell or _is_small_table(element)):
            return _Moved(element, facts, inside[place + 1 :], place < cell < len(inside))
    return None


def _is_small_table(element: _Element) -> bool:
    return element.tag == "table" and len(list(islice(element.iter("td", "th"), _FEW_CELLS + 1))) <= _FEW_CELLS


def _is_seen(leaf: _Element, facts: Facts, drawing: PageDrawing) -> bool:
    """Whether there is something to be seen: a number in ink, or a ground."""
    drawn = drawing.drawn(leaf)
    if (leaf.text or "").strip():
        return not any(reason.startswith(Look.HIDDEN.value) for reason in drawn.always)
    own = drawing.styles.facts(leaf)
    return drawn.visible and (own.covers or own.lies or facts.covers or facts.lies)


def _from_outside(moved: _Moved, body: _Element, start: _Element, drawing: PageDrawing) -> Iterator[_Element]:
    """The report's tables, for a number beside the report that is moved with regard to something around both."""
    flow = moved.flow
    if flow is not None and flow[0] == "absolute" and any(flow[1:]):
        holder = next((one for one in moved.around if drawing.styles.facts(one).placed), body)
        if holder in (start, *start.iterancestors()):
            yield from start.iter("table")


def _by_flow(moved: _Moved, start: _Element, drawing: PageDrawing) -> Iterator[_Element]:
    """What an element out of the flow may reach: the tables in what it is moved with regard to, or its row where it stays on its line."""
    holder = next((one for one in moved.around if drawing.styles.facts(one).placed), start)
    if moved.is_in_cell and any(
        one.tag in ("td", "th") for one in (holder, *holder.iterancestors()) if one in moved.around
    ):
        return  # it stays in its own cell, which is asked how it is drawn itself
    if _is_at_foot(moved, holder, start):
        return
    is_level = moved.is_in_cell and moved.flow is not None and moved.flow[3:] == (None, None)
    yield from _rows(moved.around) if is_level else _tables(holder, moved.around)


def _is_at_foot(moved: _Moved, holder: _Element, start: _Element) -> bool:
    """Whether an element stands at the foot of the whole report, as page numbers do."""
    flow = moved.flow
    if flow is None or holder is not start or flow[3] is not None or flow[4] is None:
        return False
    return 0 <= _signed(("top", flow[4])) <= _FOOT


def _by_move(moved: _Moved, start: _Element) -> Iterator[_Element]:
    """What an element that is shifted from its place may reach."""
    is_far = abs(moved.down) >= _UP_OR_DOWN
    if moved.is_in_cell:
        if is_far or moved.aside >= _ASIDE:
            yield from _tables(start, moved.around) if is_far else _rows(moved.around)
    elif is_far:
        yield from _nearest(moved.element, start, is_above=moved.down < 0)


def _signed(move: tuple[object, ...]) -> float:
    """How far a move goes in points, downwards and to the right; what can't be told goes far."""
    name, value = move[0], str(move[1])
    length = points(value.split(",")[1].strip() if name in ("translate", "translate3d") and "," in value else value)
    if length is None:
        return -math.inf if value.strip().startswith("-") else math.inf
    return -length if name in ("bottom", "right", "margin-right") else length


def _rows(around: Sequence[_Element]) -> Iterator[_Element]:
    yield from (one for one in around if one.tag == "tr")


def _tables(holder: _Element, around: Sequence[_Element]) -> Iterator[_Element]:
    """The tables in an element; of one that is a part of a table, that."""
    inside = list(holder.iter("table"))
    yield from inside or [one for one in around if one.tag == "table"][:1]


def _nearest(element: _Element, start: _Element, *, is_above: bool) -> Iterator[_Element]:
    """The last table before an element, or the first behind it."""
    order = [one for one in start.iter() if one is element or one.tag == "table"]
    place = order.index(element)
    yield from order[place - 1 : place] if is_above and place else order[place + 1 : place + 2] if not is_above else ()
