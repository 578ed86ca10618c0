"""Plane geometry of a page: turning it upright, and straight segments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from extract.document.where import Box

if TYPE_CHECKING:
    from collections.abc import Sequence


class HasSides(Protocol):
    """A box, or a character with one."""

    @property
    def left(self) -> float:
        """Its left side."""

    @property
    def top(self) -> float:
        """Its upper side."""

    @property
    def right(self) -> float:
        """Its right side."""

    @property
    def bottom(self) -> float:
        """Its lower side."""


class Segment(NamedTuple):
    """A horizontal or vertical stroke: `at` on its own axis, from `start` to `end` on the other one."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Turn:
    """Maps PDF user space (y upwards) to a page turned clockwise by `quarters`, origin upper left, y downwards."""

    quarters: int
    left: float
    bottom: float
    width: float
    height: float

    def point(self, x: float, y: float) -> tuple[float, float]:
        """User space to the turned page."""
        x -= self.left
        y -= self.bottom
        match self.quarters:
            case 0:
                return x, self.height - y
            case 1:
                return y, x
            case 2:
                return self.width - x, y
            case _:
                return self.height - y, self.width - x

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """A user-space rectangle on the turned page."""
        if self.quarters == 0:  # nearly every page, once a character
            if x0 > x1:
                x0, x1 = x1, x0
            if y0 > y1:
                y0, y1 = y1, y0
            base = self.height + self.bottom
            return Box(x0 - self.left, base - y1, x1 - self.left, base - y0)
        ax, ay = self.point(x0, y0)
        bx, by = self.point(x1, y1)
        return Box(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))

    def back(self, box: Box) -> tuple[float, float, float, float]:
        """A rectangle of the turned page in user space: x0, y0, x1, y1."""
        if self.quarters == 0:  # of a box of the page the sides are in order
            top = self.height + self.bottom
            return box.left + self.left, top - box.bottom, box.right + self.left, top - box.top
        corners = [self._back_point(box.left, box.top), self._back_point(box.right, box.bottom)]
        xs = [x for x, _ in corners]
        ys = [y for _, y in corners]
        return min(xs), min(ys), max(xs), max(ys)

    def _back_point(self, x: float, y: float) -> tuple[float, float]:
        match self.quarters:
            case 0:
                u, v = x, self.height - y
            case 1:
                u, v = y, x
            case 2:
                u, v = self.width - x, y
            case _:
                u, v = self.width - y, self.height - x
        return u + self.left, v + self.bottom

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the turned page."""
        return (self.width, self.height) if self.quarters % 2 == 0 else (self.height, self.width)


def cluster(values: list[float], tolerance: float) -> list[float]:
    """Means of the groups of values that lie within `tolerance` of their neighbour, ascending."""
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][-1] <= tolerance:
            groups[-1].append(value)
        else:
            groups.append([value])
    return [sum(group) / len(group) for group in groups]


def union(boxes: Sequence[HasSides]) -> Box:
    """The smallest rectangle around all of them (at least one)."""
    return Box(
        min([box.left for box in boxes]),
        min([box.top for box in boxes]),
        max([box.right for box in boxes]),
        max([box.bottom for box in boxes]),
    )


def join_collinear(segments: list[Segment], tolerance: float = 1.2, gap: float = 3.0) -> list[Segment]:
    """Join strokes on one line that touch: a table drawn cell by cell becomes a few long rulings."""
    joined: list[Segment] = []
    group: list[Segment] = []
    for segment in sorted(segments):
        if group and segment.at - group[-1].at > tolerance:
            joined.extend(_join_group(group, gap))
            group = []
        group.append(segment)
    joined.extend(_join_group(group, gap))
    return joined


def _join_group(group: list[Segment], gap: float) -> list[Segment]:
    joined: list[Segment] = []
    for segment in sorted(group, key=lambda s: s.start):
        last = joined[-1] if joined else None
        if last is not None and segment.start <= last.end + gap:
            joined[-1] = Segment((last.at + segment.at) / 2, last.start, max(last.end, segment.end))
        else:
            joined.append(segment)
    return joined


def dotted_lines(dots: list[tuple[float, float]], gap: float = 3.5, least: int = 5) -> list[Segment]:
    """Lines printed as rows of dots; each dot is its place across the line, then along it."""
    lines: list[Segment] = []
    rows: dict[int, list[tuple[float, float]]] = {}
    for across, along in dots:
        rows.setdefault(round(across), []).append((along, across))
    for row in rows.values():
        row.sort()
        chain = row[:1]
        for dot in [*row[1:], (math.inf, 0.0)]:
            if dot[0] - chain[-1][0] <= gap:
                chain.append(dot)
                continue
            if len(chain) >= least:
                lines.append(Segment(chain[0][1], chain[0][0], chain[-1][0]))
            chain = [dot]
    return lines


def overlapping(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans (start, end; sorted by their starts) that overlap made one."""
    columns: list[tuple[float, float]] = []
    for left, right in spans:
        if columns and left <= columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    return columns
