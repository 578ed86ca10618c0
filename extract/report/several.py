"""Several reports in one document: where each begins. A part is a report of its own only if it has a title of its own and a body behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extract.document.clean import squeeze
from extract.lexicon.organs import same_house
from extract.lexicon.report_marks import count_markers
from extract.lexicon.titles import Genre, genre_of, is_report_title, judge_title
from extract.model import Block, Document, Line

_LONGEST_TITLE = 70
#: A title may run over so many lines.
_TITLE_LINES = 3
#: Marks of the official forms that make what stands behind a title the body of a report (two make a report; a contents page has some).
_BODY = 4


@dataclass(frozen=True, slots=True)
class _Start:
    """A title among the blocks, and what it says."""

    place: int
    year: int
    agency: str | None


def split_reports(document: Document) -> tuple[Document, ...]:
    """The document's reports as documents of their own; the document itself where it holds one or none.

    What stands before the second report belongs to the first, with everything that the carrier says of the whole.
    """
    parts = [document]
    starts = _starts(document.blocks, document.titles)
    if len(starts) > 1:
        bounds = [0, *(start.place for start in starts[1:]), len(document.blocks)]
        others = [_parts_of(alternative, starts, document.titles) for alternative in document.alternatives]
        pieces = [
            replace(
                document,
                blocks=document.blocks[bounds[n] : bounds[n + 1]],
                alternatives=tuple(other[n] for other in others if other),
            )
            for n in range(len(starts))
        ]
        parts = [replace(pieces[0], further=()), *(replace(piece, titles=(), further=()) for piece in pieces[1:])]
    elif document.further:
        parts = [replace(document, further=())]
    return (*parts, *(piece for further in document.further for piece in split_reports(further)))


def _parts_of(alternative: Document, starts: Sequence[_Start], titles: Sequence[str]) -> list[Document]:
    """Another reading of the bytes, split in the same way; empty if it doesn't have the same reports."""
    own = _starts(alternative.blocks, titles)
    if [(one.year, one.agency) for one in own] != [(one.year, one.agency) for one in starts]:
        return []
    bounds = [0, *(start.place for start in own[1:]), len(alternative.blocks)]
    return [replace(alternative, blocks=alternative.blocks[bounds[n] : bounds[n + 1]]) for n in range(len(own))]


def _starts(blocks: Sequence[Block], named: Sequence[str]) -> list[_Start]:
    """Titles of different reports, each with the body of one between it and the next. A page may print the first one's title elsewhere."""
    printed = [*_titles(blocks)]
    if printed and printed[0].place > 0:
        printed.insert(0, _start_of_page(named))
    titles: list[_Start] = []
    for start in printed:
        if not titles or not _is_same(titles[-1], start):
            titles.append(start)
    if len(titles) < 2:
        return []
    ends = [*(start.place for start in titles[1:]), len(blocks)]
    kept: list[_Start] = []
    for start, end in zip(titles, ends, strict=True):
        if count_markers(_text(blocks[start.place : end])) >= _BODY and not (kept and _is_same(kept[-1], start)):
            kept.append(start)
    return kept


def _start_of_page(named: Sequence[str]) -> _Start:
    """The beginning of the document as that of a report by what the page declares as its title; year 0 if that names no report."""
    for judged in map(judge_title, named):
        if judged.year is not None:
            return _Start(0, judged.year, judged.agency)
    return _Start(0, 0, None)


def _is_same(one: _Start, other: _Start) -> bool:
    """Whether two titles are one report's: a cover and the first page, a title that is printed again."""
    if one.year != other.year:
        return False
    return one.agency is None or other.agency is None or same_house(one.agency, other.agency)


def _titles(blocks: Sequence[Block]) -> Iterator[_Start]:
    for place, block in enumerate(blocks):
        if not isinstance(block, Line) or len(block.text) > _LONGEST_TITLE + 20:
            continue
        window = ""
        for following in blocks[place : place + _TITLE_LINES]:
            if not isinstance(following, Line) or len(following.text) > _LONGEST_TITLE or "。" in following.text:
                break
            window += squeeze(following.text).lstrip("#*")
            if len(window) > _LONGEST_TITLE or not _may_name(window):
                continue
            judged = judge_title(window)
            if judged.year is not None and is_report_title(window) and genre_of(window) is Genre.REPORT:
                yield _Start(place, judged.year, judged.agency)
                break


def _may_name(text: str) -> bool:
    """A cheap look before the words are asked."""
    return "公开" in text and ("报告" in text or "年报" in text or "总结" in text)


def _text(blocks: Sequence[Block]) -> str:
    texts = []
    for block in blocks:
        if isinstance(block, Line):
            texts.append(block.text)
        else:
            texts += [cell.text for row in block.rows for cell in row if cell is not None and len(cell.text) > 3]
    return squeeze("".join(texts))
