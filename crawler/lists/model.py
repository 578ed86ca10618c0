"""What every family of publishing systems speaks: pages in, rows of a list and further requests out.

A walk is a pure state machine: it never opens a connection, so the same code serves a harvest, `ogi probe` and the
tests. Whoever drives it fetches what `Step.next` asks for, in any order, and gives each answer to `feed`, or says with
`fail` why there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from crawler.pages.exchange import NextRequest, PageBytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.index.codes import ProofKind
    from archive.warc.context import Entry
    from extract.model import Link


@dataclass(frozen=True, slots=True)
class Step:
    """What one answer brought.

    Attributes:
        entries: Rows that earlier steps did not give, in the list's order.
        next: Requests to make now; empty while earlier ones are still under way, and at the end.
        finished: Nothing is under way any more and nothing is left to ask.
        complete: Meaningful once finished: every list of the column was read to its end.
        reason: Why the walk ended, or why it is incomplete; several reasons are joined by "; ".
        attachments: Files that the list itself names for a row: (address of the row, file).
        proof: Meaningful once finished and complete: what proves the end; of several lists the weakest proof.
        quote: What stands in the page: of the proof, or of the first mark that was neither followed nor disproved.
        way: How the further pages of the column's list were asked for; empty for one page.
        tried: Guesses at further pages that brought nothing.
        rows: Rows met, those that are no reports included.
        page_rows: Rows of the first page of a list that has several; `None` if no list has.
    """

    entries: tuple[Entry, ...]
    next: tuple[NextRequest, ...]
    finished: bool
    complete: bool
    reason: str
    attachments: tuple[tuple[str, Link], ...] = ()
    proof: ProofKind | None = None
    quote: str = ""
    way: str = ""
    tried: tuple[str, ...] = ()
    rows: int = 0
    page_rows: int | None = None


def joined_steps(steps: Sequence[Step]) -> Step:
    """What one answer brought to several lists."""
    return replace(
        steps[-1],
        entries=tuple(entry for step in steps for entry in step.entries),
        next=tuple(request for step in steps for request in step.next),
        attachments=tuple(file for step in steps for file in step.attachments),
    )


class ListWalk(Protocol):
    """Reads one annual-report column, with all its pages and sub-lists."""

    def start(self) -> NextRequest:
        """The first request: the column page."""

    def feed(self, page: PageBytes) -> Step:
        """Take an answer of whatever status. Answers to requests that the walk did not make change nothing."""

    def fail(self, request: NextRequest, reason: str) -> Step:
        """Take note that a request has no usable answer (unreachable, blocked, robots …): the walk ends incomplete."""
