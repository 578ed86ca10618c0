"""What is known of a table while it is read: its rows before they are bound, and the figures after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from extract.model import Figure
from extract.tables.headers import TableHeader
from extract.tables.place import is_blank
from extract.tables.tokens import Token


@dataclass(slots=True)
class TableEntry:
    """A labelled row with its values, before they are bound."""

    code: str
    label: Token
    values: list[Token]
    bounded: bool
    source: int
    position: int
    header: TableHeader | None
    doubt: str = ""
    exact: bool = True
    factor: Decimal | None = None
    end: int = 0
    in_grid: bool = False

    @property
    def says_more(self) -> bool:
        """Whether the label says more than that of the form, and so may be that of another row."""
        return self.label.meaning is not None and bool(self.label.meaning.beside)


@dataclass(slots=True)
class TableReading:
    """What was read of one table, before copies are merged.

    Attributes:
        text_rows: The rows that came from text, where a blank may be the trace of a merged cell.
        adds_up: Every row of the form is there, and all its sums hold: nothing foreign stands among its figures.
        begins_at_label: Rows between borders begin right behind their labels; cells too many stand behind the figures.
    """

    figures: list[Figure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    seen: bool = False
    expected: frozenset[tuple[str, str]] = frozenset()
    form: str | None = None
    text_rows: set[str] = field(default_factory=set)
    adds_up: bool = False
    begins_at_label: bool = False


def contiguous(values: Sequence[Token], width: int) -> bool:
    """Whether the figures of a row stand side by side."""
    first = next(index for index, value in enumerate(values) if not is_blank(value))
    return not any(is_blank(value) for value in values[first : first + width])


def usual_ends(entries: Sequence[TableEntry]) -> dict[int, int]:
    """The length that most rows of each source have; a row with a cell too many is longer."""
    ends: dict[int, Counter[int]] = {}
    for entry in entries:
        if entry.bounded:
            ends.setdefault(entry.source, Counter())[entry.end] += 1
    return {source: counts.most_common(1)[0][0] for source, counts in ends.items()}


def without_empty_halves(entries: list[TableEntry]) -> list[TableEntry]:
    """Entries without the empty part of a row that a page break cut in two."""
    kept: list[TableEntry] = []
    for entry in entries:
        if kept and kept[-1].code == entry.code and (not entry.exact or not kept[-1].exact):
            if all(is_blank(value) for value in entry.values):
                continue
            if all(is_blank(value) for value in kept[-1].values):
                kept[-1] = entry
                continue
        if (
            not entry.values
            and entry.doubt
            and any(other.code == entry.code for other in entries if other is not entry)
        ):
            continue
        kept.append(entry)
    return kept
