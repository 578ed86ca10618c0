"""Tables of another year than the report's: a page may hold last year's 统计表 alone, or beside its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from extract.forms import FORMS
from extract.messages import localizable
from extract.model import Document, Figure, Grid

_YEAR = re.compile(r"(?<!\d)(20\d\d)\s*年")
#: What a heading or a note above a table says of its figures; a date alone is that of a publication.
_ABOUT = re.compile(r"统计|情况|数据|年度|表|期[间限]|截[至止]|至")
_DAY = re.compile(r"年\s*\d{1,2}\s*月")
_PERIOD = re.compile(r"至|截[至止]|期[间限]")
_SENTENCE = re.compile(r"[，,。；;]")
#: A heading is no longer, and stands no further above its table.
_LONGEST, _FURTHEST = 60, 4
#: A figure that is printed but may be another year's.
_OF_ANOTHER_YEAR = 0.5
_OFFICIAL = frozenset(table for form in FORMS.values() for table in form.tables)


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
    """The grids below a heading of another year, each with that heading: in the grid itself, else above it and near."""
    heading, since = "", 0
    for block in document.blocks:
        if isinstance(block, Grid):
            above = heading if since <= _FURTHEST else ""
            own = next((text for text in _alone(block) if _names_year(text)), above)
            if own and year not in _names_year(own):
                yield own, block
            continue
        since += 1
        if _names_year(block.text):
            heading, since = block.text.strip(), 0


def _names_year(text: str) -> frozenset[int]:
    """The years that a heading names; none for a sentence, or for the day of a publication."""
    text = text.strip()
    years = frozenset(map(int, _YEAR.findall(text)))
    if not years or len(text) > _LONGEST or _SENTENCE.search(text) or _ABOUT.search(text) is None:
        return frozenset()
    return frozenset() if _DAY.search(text) and not _PERIOD.search(text) else years


def _alone(grid: Grid) -> Iterator[str]:
    """The texts of the first rows that are alone in their rows."""
    for row in grid.rows[:3]:
        texts = [cell.text for cell in row if cell is not None and cell.text.strip()]
        if len(texts) == 1:
            yield texts[0]


def _places(grid: Grid) -> Iterator[str]:
    yield from (cell.where for row in grid.rows for cell in row if cell is not None)
