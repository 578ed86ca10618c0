"""Pages of characters and rulings → `Document`: ruled tables as grids, the rest as paragraphs; the stream order beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.layout.flow import (
    ParagraphJoiner,
    TextLine,
    margins,
    page_number_lines,
    stream_lines,
    text_lines,
    wrapped_figures,
)
from extract.layout.geometry import union
from extract.layout.look import line_look
from extract.layout.pages import continues, join_parts
from extract.layout.ruled import RuledTable, find_tables
from extract.layout.unruled import OpenTable, find_unruled
from extract.model import Block, Document, Line, UnreadKind, UnreadPart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extract.document.limits import Budget
    from extract.document.where import Box
    from extract.layout.page import PageInk


@dataclass(frozen=True, slots=True)
class _ReadPage:
    ink: PageInk
    tables: tuple[RuledTable, ...]
    lines: tuple[TextLine, ...]
    ends: OpenTable | None  # the unruled table that the page ends with


def document_of(inks: Sequence[PageInk], media_type: str, budget: Budget) -> Document:
    """The document that pages of characters and rulings make, whatever format drew them."""
    pages: list[_ReadPage] = []
    for ink in inks:
        pages.append(_read_page(ink, budget, pages[-1].ends if pages else None))
    return Document(
        media_type=media_type,
        blocks=tuple(_blocks(pages)),
        alternatives=(Document(media_type=media_type, blocks=tuple(_stream_blocks(inks))),),
        warnings=tuple(warning for ink in inks for warning in _page_warnings(ink)),
        unread=tuple(UnreadPart(UnreadKind.PICTURE, f"page {ink.number}") for ink in inks if _page_warnings(ink)),
    )


def _read_page(ink: PageInk, budget: Budget, before: OpenTable | None) -> _ReadPage:
    tables = find_tables(ink, budget)
    lines = _lines_outside(ink, tables)
    unruled, ends = find_unruled(lines, ink, budget, before if not tables else None)
    if unruled:
        ends = ends if not tables else None
        tables += unruled
        lines = _lines_outside(ink, tables)
    return _ReadPage(ink, tuple(tables), tuple(lines), ends)


def _lines_outside(ink: PageInk, tables: Sequence[RuledTable]) -> list[TextLine]:
    taken = frozenset().union(*(table.taken for table in tables))
    return text_lines(char for char in ink.chars if char.serial not in taken)


def _blocks(pages: Sequence[_ReadPage]) -> list[Block]:
    numbers = page_number_lines([(page.ink, page.lines) for page in pages])
    builder = _BlockBuilder()
    for page in pages:
        lines = [line for at, line in enumerate(page.lines) if (page.ink.number, at) not in numbers]
        builder.add_page(page, lines)
    return builder.finish()


class _BlockBuilder:
    """Puts paragraphs and tables together over line ends and page breaks."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._parts: list[RuledTable] = []  # of the table under way
        self._text = ""
        self._where = ""
        self._look: tuple[str, ...] = ()
        self._box: Box | None = None  # of the paragraph under way, `None` when it began on an earlier page
        self._last: TextLine | None = None  # its last line so far

    def add_page(self, page: _ReadPage, lines: list[TextLine]) -> None:
        joiner = ParagraphJoiner(*margins(lines))
        items: list[tuple[float, TextLine | RuledTable]] = [(line.order, line) for line in lines]
        items += [(table.box.top, table) for table in page.tables]
        self._box = None
        for place, (_, item) in enumerate(sorted(items, key=lambda pair: pair[0])):
            if isinstance(item, TextLine):
                self._add_line(item, joiner, page.ink)
            else:
                self._add_table(item, opens_page=place == 0)

    def finish(self) -> list[Block]:
        self._close_paragraph()
        self._close_table()
        return self._blocks

    def _add_line(self, line: TextLine, joiner: ParagraphJoiner, ink: PageInk) -> None:
        self._close_table()
        if self._text and joiner.continues(line, self._last):
            self._text = _join(self._text, line.text)
            self._look = (*self._look, *line_look(line.chars, line.box, ink))
            if self._box is not None:
                self._box = union([self._box, line.box])
                self._where = ink.where(self._box)
        else:
            self._close_paragraph()
            self._text, self._box, self._where = line.text, line.box, ink.where(line.box)
            self._look = line_look(line.chars, line.box, ink)
        self._last = line

    def _add_table(self, table: RuledTable, opens_page: bool) -> None:
        self._close_paragraph()
        if not (opens_page and self._parts and continues(self._parts[-1], table)):
            self._close_table()
        self._parts.append(table)

    def _close_paragraph(self) -> None:
        if self._text:
            self._blocks.append(Line(self._text, self._where, look=tuple(dict.fromkeys(self._look))))
        self._text, self._last = "", None

    def _close_table(self) -> None:
        if self._parts:
            self._blocks.append(join_parts(self._parts))
        self._parts = []


def _join(before: str, after: str) -> str:
    """Two printed lines of one paragraph; words and figures in Latin script keep their blank only between letters."""
    between = (
        " " if before[-1:].isascii() and before[-1:].isalpha() and after[:1].isascii() and after[:1].isalpha() else ""
    )
    return before + between + after


def _stream_blocks(inks: Sequence[PageInk]) -> list[Block]:
    pages = [(ink, stream_lines(ink.chars)) for ink in inks]
    numbers = page_number_lines(pages)
    blocks: list[Block] = []
    for ink, lines in pages:
        wrapped = wrapped_figures(lines)
        blocks += [
            Line(line.text, ink.where(line.box), look=(*line_look(line.chars, line.box, ink), *wrapped.get(at, ())))
            for at, line in enumerate(lines)
            if (ink.number, at) not in numbers
        ]
    return blocks


def _page_warnings(ink: PageInk) -> list[str]:
    if not ink.chars:
        if ink.picture_share > 0.05:
            return [f"page {ink.number} is an image and was not read; tables on it are unread"]
        if ink.outlines > 20:
            return [f"page {ink.number} shows its text as outlines and was not read; tables on it are unread"]
        return []
    if ink.picture_share > 0.25:
        return [f"page {ink.number} shows images that were not read; a table among them is unread"]
    return []
