"""Tables of another year than the report's: a page may hold last year's 统计表 alone, or beside its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from extract.forms import FORMS
from extract.messages import localizable
from extract.model import Block, Cell, Document, Figure, Grid, Line
from extract.report.headings import heading_of

_YEAR = re.compile(r"(?<!\d)(20\d\d)\s*年")
#: What a heading or a note above a table says of its figures; a date alone is that of a publication.
_ABOUT = re.compile(r"统计|情况|数据|年度|表|期[间限]|截[至止]|至")
_DAY = re.compile(r"年\s*\d{1,2}\s*月")
_PERIOD = re.compile(r"至|截[至止]|期[间限]")
_SENTENCE = re.compile(r"[，,。；;]")
#: A heading is no longer, and stands no further above its table.
_LONGEST, _FURTHEST = 60, 4
#: Rows in which a table's heading stands, and lines below it in which a note on it does.
_HEADER_ROWS, _NOTE_LINES = 3, 2
#: How a note on a table begins, and words of one that compares years, or names a paper.
_NOTE = re.compile(
    r"[(（【*※\s]*(?:注|备注|说明|附注|以上|上述|上表|本表|表中|表内|此表|数据来源|统计(?:年度|时间|期|周期|时段|范围))"
)
_OF_OTHERS = re.compile(
    r"比|较|增长|减少|同期|发布|印发|施行|修订|依据|根据|按照|[〔\[]20|含|包括|结转|上年|上一年|以来|以前|之前|此前"
)
#: A figure that is printed but may be another year's.
_OF_ANOTHER_YEAR = 0.5
_OFFICIAL = frozenset((*(table for form in FORMS.values() for table in form.tables), "indicators"))


def doubt_other_years(
    figures: Sequence[Figure], document: Document, year: int | None
) -> tuple[tuple[Figure, ...], tuple[str, ...]]:
    """The figures, those in tables whose heading names another year alone in doubt, and the warnings about them."""
    if year is None:
        return tuple(figures), ()
    heading = {where: text for text, grid in _headed(document, year) for where in _places(grid)}
    if not heading:
        return tuple(figures), ()
    doubted = tuple(
        replace(figure, confidence=min(figure.confidence, _OF_ANOTHER_YEAR))
        if figure.table in _OFFICIAL and figure.where in heading
        else figure
        for figure in figures
    )
    said = dict.fromkeys(
        (figure.table, heading[figure.where])
        for figure in figures
        if figure.table in _OFFICIAL and figure.where in heading
    )
    return doubted, tuple(
        localizable(f"{table}: the heading {text!r} is of another year than the report ({year})")
        for table, text in said
    )


def _headed(document: Document, year: int) -> Iterator[tuple[str, Grid]]:
    """The grids that a heading above them, in them or a note below them gives to another year, each with that text."""
    blocks = document.blocks
    if not any(_years_of(text) - {year} for text in _short_texts(blocks)):
        return
    places = [place for place, block in enumerate(blocks) if isinstance(block, Grid)]
    for before, place, behind in zip([-1, *places], places, [*places[1:], len(blocks)], strict=False):
        grid = blocks[place]
        assert isinstance(grid, Grid)
        above = _of_the_next(_texts(blocks[before + 1 : place]), is_first=before < 0)[-_FURTHEST:]
        below = _of_the_last(_texts(blocks[place + 1 : behind]))[:_NOTE_LINES]
        own = _first_with_year((*_alone(grid.rows[:_HEADER_ROWS]), *reversed(above)))
        note = _first_with_year((*_alone(grid.rows[-_HEADER_ROWS:]), *below))
        told = next((text for text in (note, own) if text and year not in _years_of(text)), "")
        if told and not _heads_year(grid, year):
            yield told, grid


def _short_texts(blocks: Sequence[Block]) -> Iterator[str]:
    """All that may be a heading or a note: most documents name no other year there."""
    for block in blocks:
        if isinstance(block, Line):
            yield block.text[: _LONGEST + 1]
        else:
            yield from _alone((*block.rows[:_HEADER_ROWS], *block.rows[-_HEADER_ROWS:]))


def _first_with_year(texts: Sequence[str]) -> str:
    return next((text for text in texts if _names_year(text)), "")


def _texts(blocks: Sequence[Block]) -> list[str]:
    return [block.text.strip() for block in blocks if isinstance(block, Line)]


def _of_the_next(texts: Sequence[str], *, is_first: bool) -> Sequence[str]:
    """Of the lines between two tables those that speak of the one below: from the last chapter's heading on, else all that are no notes."""
    headings = [place for place, text in enumerate(texts) if heading_of(text) is not None]
    if headings or is_first:
        return texts[headings[-1] if headings else 0 :]
    return [text for text in texts if _NOTE.match(text) is None]


def _of_the_last(texts: Sequence[str]) -> Sequence[str]:
    """Those that speak of the one above: notes at its foot."""
    end = next((place for place, text in enumerate(texts) if heading_of(text) is not None), len(texts))
    return [text for text in texts[:end] if _NOTE.match(text)]


def _names_year(text: str) -> frozenset[int]:
    """The years that a heading or a note names; none for a sentence, for the day of a publication, and for a note on other years."""
    text = text.strip()
    years = _years_of(text)
    if not years or len(text) > _LONGEST or _ABOUT.search(text) is None:
        return frozenset()
    if _NOTE.match(text):
        return frozenset() if _OF_OTHERS.search(text) else years
    if _SENTENCE.search(text):
        return frozenset()
    return frozenset() if _DAY.search(text) and not _PERIOD.search(text) else years


def _years_of(text: str) -> frozenset[int]:
    return frozenset(map(int, _YEAR.findall(text)))


def _heads_year(grid: Grid, year: int) -> bool:
    """Whether one of the table's columns is headed by the year: 2016年度 beside 历年累计."""
    rows = grid.rows[:_HEADER_ROWS]
    return any(cell is not None and year in _names_year(cell.text) for row in rows for cell in row)


def _alone(rows: Sequence[Sequence[Cell | None]]) -> Iterator[str]:
    """The texts that are alone in their rows."""
    for row in rows:
        texts = [cell.text for cell in row if cell is not None and cell.text.strip()]
        if len(texts) == 1:
            yield texts[0]


def _places(grid: Grid) -> Iterator[str]:
    yield from (cell.where for row in grid.rows for cell in row if cell is not None)
