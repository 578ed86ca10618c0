"""What a page draws over the figures of a table from elsewhere: a number or a ground that stands outside of the cell and is moved there.

Where exactly it comes to lie would take a layout of the whole page: every figure that it may reach is in doubt.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from extract.document.clean import collapse
from extract.document.drawn import Look, has_digit, may_be_figure
from extract.web.elements import SILENT
from extract.web.facts import PLAIN, Facts
from extract.web.grid import CellPart, TableParts
from extract.web.lengths import points

if TYPE_CHECKING:
    from lxml.etree import _Element

    from extract.web.drawn import PageDrawing, PageView

#: Without one of these in a page's lower-case markup nothing in it leaves its place.
_MAY_MOVE = re.compile(r"position|translate|margin-top\s*:\s*-|margin\s*:\s*-|margin-left\s*:\s*-")
#: Smaller moves, in points, stay in the line and in the cell.
_UP_OR_DOWN, _ASIDE = 6.0, 20.0
_LONGEST = 12
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
    return not text or (len(text) <= _LONGEST and has_digit(text))


def _named(leaf: _Element) -> str:
    text = collapse(leaf.text or "")
    return f"{text} is drawn over the table" if text else f"<{leaf.tag!s}> is drawn over the table"


def _reached(leaf: _Element, body: _Element, start: _Element, view: PageView) -> Iterator[_Element]:
    """The tables, or the row, that an element may be drawn over."""
    drawing = view.drawing
    assert drawing is not None
    chain = [leaf, *leaf.iterancestors()]
    is_inside = start in chain
    inside = chain[: chain.index(start if is_inside else body)] if is_inside or body in chain else []
    cell = next((place for place, one in enumerate(inside) if one.tag in ("td", "th")), None)
    for place, element in enumerate(inside):
        facts = drawing.styles.facts(element)
        if facts is PLAIN or not (facts.place or facts.lies):
            continue
        if cell is not None and place >= cell and not _is_small_table(element):
            continue
        if any(one in view.hidden for one in inside) or not _is_seen(leaf, facts, drawing):
            return
        around = inside[place + 1 :]
        is_in_cell = cell is not None and place < cell
        if is_inside:
            yield from _by_place(facts, element, around, is_in_cell, start, drawing)
        elif (leaf.text or "").strip():
            yield from _from_outside(facts, around, body, start, drawing)
        return


def _is_small_table(element: _Element) -> bool:
    return element.tag == "table" and len(list(islice(element.iter("td", "th"), _FEW_CELLS + 1))) <= _FEW_CELLS


def _from_outside(
    facts: Facts, around: Sequence[_Element], body: _Element, start: _Element, drawing: PageDrawing
) -> Iterator[_Element]:
    """The report's tables, for a number beside the report that is moved with regard to something around both."""
    flow = next((move for move in facts.place if isinstance(move, tuple) and move[0] == "absolute"), None)
    holder = next((one for one in around if drawing.styles.facts(one).placed), body)
    if flow is not None and any(flow[1:]) and holder in (start, *start.iterancestors()):
        yield from start.iter("table")


def _is_seen(leaf: _Element, facts: Facts, drawing: PageDrawing) -> bool:
    """Whether there is something to be seen: a number in ink, or a ground."""
    drawn = drawing.drawn(leaf)
    if (leaf.text or "").strip():
        return not any(reason.startswith(Look.HIDDEN.value) for reason in drawn.always)
    own = drawing.styles.facts(leaf)
    return drawn.visible and (own.covers or own.lies or facts.covers or facts.lies)


def _by_place(
    facts: Facts, element: _Element, around: Sequence[_Element], in_cell: bool, start: _Element, drawing: PageDrawing
) -> Iterator[_Element]:
    flow = next((move for move in facts.place if isinstance(move, tuple) and move[0] in _OUT_OF_FLOW), None)
    if flow is not None:
        holder = next((one for one in around if drawing.styles.facts(one).placed), start)
        if in_cell and any(one.tag in ("td", "th") for one in (holder, *holder.iterancestors()) if one in around):
            return  # it stays in its own cell, which is asked how it is drawn itself
        is_level = in_cell and flow[3] is None and flow[4] is None
        yield from _rows(around) if is_level else _tables(holder, around)
        return
    up = sum(_signed(move) for move in facts.place if isinstance(move, tuple) and move[0] in _VERTICAL)
    across = max((abs(_signed(move)) for move in facts.place if isinstance(move, tuple)), default=0.0)
    if in_cell and (abs(up) >= _UP_OR_DOWN or across >= _ASIDE):
        yield from _tables(start, around) if abs(up) >= _UP_OR_DOWN else _rows(around)
    elif not in_cell and abs(up) >= _UP_OR_DOWN:
        yield from _nearest(element, start, is_above=up < 0)


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
    before: _Element | None = None
    is_behind = False
    for one in start.iter():
        if one is element:
            if is_above:
                break
            is_behind = True
        elif one.tag == "table":
            if is_behind:
                yield one
                return
            before = one
    if is_above and before is not None:
        yield before
