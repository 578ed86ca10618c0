"""Reading the lists of a definition once, without storing anything: what a harvest would make of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.work.helper import directly
from crawler.discovery.asking import NotFetched
from crawler.families.reading import BeginWalk, feed_apart, not_read, read_apart, too_large
from crawler.pages.exchange import MOST_READ, NextRequest
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archive.warc.context import Entry
    from crawler.lists.model import Step
    from crawler.pages.exchange import PageBytes
    from crawler.portals.definitions import PortalDefinition

#: A trial shows how a list is read; it is no harvest.
MOST_REQUESTS = 60


@dataclass(frozen=True, slots=True)
class TriedColumn:
    """How one column was read.

    Attributes:
        column: Its address.
        how: `described`, or the family that read it.
        entries: Rows that are, or may be, reports.
        rows: Rows met.
        requests: What was asked for, in order.
        whole: It was read to its end.
        proof: What proves that.
        quote: What stands in the page.
        way: How further pages were asked for.
        reason: Why the list ended, or why it is incomplete.
    """

    column: str
    how: str
    entries: tuple[Entry, ...]
    rows: int
    requests: tuple[str, ...]
    whole: bool
    proof: str
    quote: str
    way: str
    reason: str

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        names = ("column", "how", "rows", "whole", "quote", "way", "reason")
        found: dict[str, Any] = {name: getattr(self, name) for name in names}
        entries = [entry.to_json() for entry in self.entries]
        return {**found, "proof": self.proof or None, "requests": list(self.requests), "entries": entries}


def try_lists(
    portal: PortalDefinition,
    fetch: Callable[[NextRequest], PageBytes],
    apart: Callable[..., Any] = directly,
) -> list[TriedColumn]:
    """Read every column of a definition.

    Args:
        fetch: Gives the answer to a request, or raises `NotFetched`.
        apart: Calls a function with what a stranger wrote, where that can't cost this process (`archive.work.helper.Helper`).
    """
    return [_try(portal, column, fetch, apart) for column in portal.start]


def _try(
    portal: PortalDefinition, column: str, fetch: Callable[[NextRequest], PageBytes], apart: Callable[..., Any]
) -> TriedColumn:
    asked: list[str] = []
    entries: list[Entry] = []

    def answer(request: NextRequest) -> PageBytes:
        asked.append(f"{request.method} {request.url}")
        return fetch(request)

    try:
        first = answer(NextRequest(column))
    except NotFetched as error:
        return _not_begun(column, asked, str(error))
    described = portal.list_of(column)
    if len(first.body) > MOST_READ:
        return _not_begun(column, asked, too_large(first.body))
    try:
        walk, step = read_apart(apart, BeginWalk(portal.platform, column, (), "", described, portal.allows), first)
    except Exception as error:  # noqa: BLE001 - the boundary of a page: what it does to its reader costs its list
        return _not_begun(column, asked, not_read(first, error))
    queue: list[NextRequest] = []
    while True:
        entries += step.entries
        queue += step.next
        if not queue or step.finished or len(asked) >= MOST_REQUESTS:
            break
        request = queue.pop(0)
        try:
            page = answer(request)
        except NotFetched as error:
            step = walk.fail(request, str(error))
        else:
            walk, step = feed_apart(apart, walk, page)
    how = "described" if described is not None else ", ".join(sorted(walk.families)) or portal.platform
    return _tried(column, how, tuple(entries), tuple(asked), step)


def _not_begun(column: str, asked: Sequence[str], reason: str) -> TriedColumn:
    return TriedColumn(column, "", (), 0, tuple(asked), False, "", "", "", reason)


def _tried(column: str, how: str, entries: tuple[Entry, ...], asked: tuple[str, ...], step: Step) -> TriedColumn:
    whole = step.finished and step.complete
    reason = step.reason or ("" if step.finished else localizable(f"the trial ended after {MOST_REQUESTS} requests"))
    proof = step.proof.value if whole and step.proof is not None else ""
    return TriedColumn(column, how, entries, step.rows, asked, whole, proof, step.quote, step.way, reason)
