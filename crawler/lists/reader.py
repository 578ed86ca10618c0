"""The seam between a walk and the families: a reader turns the answers of one list into rows and further requests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from archive.warc.statuses import is_answered
from crawler.pages import markup
from extract.lexicon.addresses import canonical
from extract.messages import localizable

if TYPE_CHECKING:
    from archive.index.codes import ProofKind
    from archive.warc.context import Entry
    from crawler.pages.exchange import NextRequest, PageBytes
    from extract.model import Link


@dataclass(frozen=True, slots=True)
class SubList:
    """A further list that a column page leads to: a year's folder, a class of units, a unit.

    `is_sure` says that its name promises reports; a folder that is only followed because it lies below the column may hold none.
    `is_maybe` says that nothing but its place beside the list speaks for it: it counts only if it brings reports that are not known yet.
    """

    url: str
    label: str
    is_sure: bool = True
    is_maybe: bool = False


@dataclass(frozen=True, slots=True)
class ListReading:
    """What a reader makes of one answer.

    Attributes:
        rows: Rows of the list in its order, those seen before included.
        next: Requests that continue this list. None means that the list is at its end, or broken off: then `problem` says why.
        lists: Further lists to be read with readers of their own.
        problem: Why the list can't be called read to its end; empty if nothing is wrong.
        end: Why the list ends here, for the record.
        attachments: Files that the list itself names: (address of the row, file).
        proof: What proves the end; `None` leaves it to whether further pages were asked for.
        quote: What stands in the page: of the proof, or of the mark of a further page that was neither followed nor disproved.
        way: How further pages were asked for; empty for a list of one page.
        tried: Guesses at further pages that brought nothing.
    """

    rows: tuple[Entry, ...] = ()
    next: tuple[NextRequest, ...] = ()
    lists: tuple[SubList, ...] = ()
    problem: str = ""
    end: str = ""
    attachments: tuple[tuple[str, Link], ...] = ()
    proof: ProofKind | None = None
    quote: str = ""
    way: str = ""
    tried: tuple[str, ...] = ()

    def followed_by(self, further: ListReading) -> ListReading:
        """What two answers in a row bring."""
        return replace(
            further,
            rows=self.rows + further.rows,
            lists=self.lists + further.lists,
            attachments=self.attachments + further.attachments,
        )


class ListReader(Protocol):
    """Reads one list: first its column page, then whatever it asked for, in that order."""

    family: str

    def read(self, page: PageBytes) -> ListReading:
        """Take the next answer."""


class SeenRows:
    """The addresses that a list has given so far: the only trustworthy sign that a page is new."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self.count = 0  # rows met, repetitions included: what a site's own count is compared with

    def add(self, rows: tuple[Entry, ...]) -> int:
        """Take rows in and give the number of those that are new."""
        before = len(self._keys)
        self._keys.update(canonical(row.url) for row in rows)
        fresh = len(self._keys) - before
        if fresh:
            self.count += len(rows)
        return fresh

    def would_add(self, rows: tuple[Entry, ...]) -> int:
        """How many of the rows are new, without taking them in."""
        return len({canonical(row.url) for row in rows} - self._keys)


def is_answer(page: PageBytes) -> bool:
    """Whether the answer is one that can hold rows."""
    return is_answered(page.status) and bool(page.body.strip())


def text_of_page(page: PageBytes) -> str:
    """The answer as text."""
    return markup.decode(page.body, page.headers)


def short_of(announced: int | None, seen: int) -> str:
    """The problem of a list whose site announces more rows than it gave; empty if there is none."""
    if announced is not None and announced > seen:
        return localizable(f"the site counts {announced} rows, {seen} came")
    return ""


def looks_full(rows: int, first: int) -> bool:
    """Whether a page that should be the last one may have been cut off by a wrong count: it is as full as a whole page.

    A count alone never ends a list. A last page shorter than the first confirms it; so does a single page (`first` is 0) whose number
    of rows is no page size (those are multiples of five).
    """
    return rows >= first if first else rows >= 10 and rows % 5 == 0
