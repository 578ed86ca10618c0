"""What every family of publishing systems speaks: pages in, rows of a list and further requests out.

A walk is a pure state machine: it never opens a connection, so the same code serves a harvest, `ogi probe` and the
tests. Whoever drives it fetches what `Step.next` asks for, in any order, and gives each answer to `feed`, or says with
`fail` why there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from archive.warc.context import Entry
    from extract.model import Link


@dataclass(frozen=True, slots=True)
class NextRequest:
    """A request that somebody should make. Two requests with the same `key` ask for the same thing.

    `is_guess`: nothing on the page says that there is more; the request only makes sure.
    """

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    is_guess: bool = False

    @property
    def key(self) -> tuple[str, str, bytes | None]:
        """What makes a request the same as another: address without fragment, method and body."""
        return self.url.partition("#")[0], self.method, self.body


@dataclass(frozen=True, slots=True)
class PageBytes:
    """The answer to a request.

    Attributes:
        url: The final address, after redirects.
        status: The HTTP status.
        headers: As received; names in any case.
        body: The content with its transfer and content encodings removed.
        request: What was asked for.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    request: NextRequest

    def header(self, name: str) -> str | None:
        """The first header of that name in any case, `None` without one."""
        wanted = name.lower()
        for key, value in self.headers:
            if key.lower() == wanted:
                return value
        return None


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
    """

    entries: tuple[Entry, ...]
    next: tuple[NextRequest, ...]
    finished: bool
    complete: bool
    reason: str
    attachments: tuple[tuple[str, Link], ...] = ()


class ListWalk(Protocol):
    """Reads one annual-report column, with all its pages and sub-lists."""

    def start(self) -> NextRequest:
        """The first request: the column page."""

    def feed(self, page: PageBytes) -> Step:
        """Take an answer of whatever status. Answers to requests that the walk did not make change nothing."""

    def fail(self, request: NextRequest, reason: str) -> Step:
        """Take note that a request has no usable answer (unreachable, blocked, robots …): the walk ends incomplete."""
