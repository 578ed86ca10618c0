"""Tables for people: whole lines in files and pipes, and a layout that stays readable on a narrow terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_GAP = 2
_INDENT = 4
#: A column of text isn't made narrower than this beside others: four to eight characters a line can't be read.
_LEAST = 16
#: What is longer, or is prose or Chinese, may be wrapped; names, dates and codes may not.
_LONGEST_WORD = 40
_WORD = re.compile(r"[!-~]+")
_PROSE = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]|(?<!\S)\S++ \S++ \S")


@dataclass(slots=True)
class _Column:
    key: str
    heading: str
    cells: list[str]
    natural: int
    may_wrap: bool
    longest_word: int
    width: int = 0


def layout(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], width: int | None) -> Iterator[str]:
    """The lines of a table; `columns` maps keys to headings.

    Args:
        width: Of the terminal, in cells (a Chinese character takes two). `None`: no bound. Where a table is wider, long texts stand
            indented under their row, and names are wrapped within their column; dates, codes and numbers are never cut.
    """
    made = [_column(key, heading, rows) for key, heading in columns.items()]
    beside, under = _fit(made, width)
    yield from _lines([column.heading for column in beside], beside)
    for number in range(len(rows)):
        yield from _lines([column.cells[number] for column in beside], beside)
        for column in under:
            if text := column.cells[number]:
                for part in wrapped(f"{column.heading}: {text}", (width or 80) - _INDENT):
                    yield " " * _INDENT + part


def wrapped(text: str, width: int) -> list[str]:
    """A text cut into lines of at most so many cells, between words where there are any."""
    from rich.cells import cell_len, chop_cells

    lines: list[str] = []
    for word in text.split(" "):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
            continue
        lines += chop_cells(word, max(2, width)) or [""]
    return lines


def _column(key: str, heading: str, rows: Sequence[Mapping[str, Any]]) -> _Column:
    from rich.cells import cell_len

    cells = ["" if row.get(key) is None else " ".join(str(row[key]).split()) for row in rows]
    longest = max(map(cell_len, cells), default=0)
    may_wrap = longest > _LONGEST_WORD or any(_PROSE.search(cell) for cell in cells)
    longest_word = max((len(word) for cell in cells for word in _WORD.findall(cell)), default=0)
    return _Column(key, heading, cells, max(longest, cell_len(heading)), may_wrap, longest_word)


def _fit(columns: list[_Column], width: int | None) -> tuple[list[_Column], list[_Column]]:
    """Which columns stand beside each other, with their widths, and which under their row."""
    beside = list(columns)
    under: list[_Column] = []
    for column in columns:
        column.width = column.natural
    while width is not None and _total(beside) > width:
        texts = [column for column in beside if column.may_wrap]
        left = width - _total(beside) + sum(column.natural for column in texts)
        if _is_readable(texts, left):
            _share_out(texts, left)
            break
        movable = _movable(beside, texts)
        if not movable:
            break  # nothing that may be cut: the terminal wraps it
        longest = max(movable, key=lambda one: one.natural)
        beside.remove(longest)
        under.append(longest)
    return beside, [column for column in columns if column in under]


def _is_readable(texts: list[_Column], left: int) -> bool:
    """Whether columns of text can share the cells that are left so that a row takes two lines at most, the first column's text apart."""
    share = left // len(texts) if texts else 0
    return share >= _LEAST and all(column.natural <= 2 * share and column.longest_word <= share for column in texts[1:])


def _share_out(texts: list[_Column], left: int) -> None:
    """Give each column of text its width: the short ones what they need, the others equal shares of the rest."""
    for number, column in enumerate(sorted(texts, key=lambda one: one.natural)):
        column.width = min(column.natural, left // (len(texts) - number))
        left -= column.width


def _movable(beside: list[_Column], texts: list[_Column]) -> list[_Column]:
    """What may go under its row: texts of more than two lines, then any long column; the first column says what the row is about."""
    if len(texts) <= 1:
        return [column for column in beside[1:] if not column.may_wrap and column.natural > _LEAST]
    return [column for column in texts if column is not beside[0]]


def _total(columns: Sequence[_Column]) -> int:
    return sum(column.width for column in columns) + _GAP * (len(columns) - 1)


def _lines(cells: Sequence[str], columns: Sequence[_Column]) -> Iterator[str]:
    from rich.cells import cell_len

    parts = [
        wrapped(cell, column.width) if cell_len(cell) > column.width else [cell]
        for cell, column in zip(cells, columns, strict=True)
    ]
    for number in range(max(map(len, parts), default=1)):
        line = ""
        for part, column in zip(parts, columns, strict=True):
            text = part[number] if number < len(part) else ""
            line += text + " " * (column.width - cell_len(text) + _GAP)
        yield line.rstrip()
