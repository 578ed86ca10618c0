"""Reading the lists of a definition once, without storing anything: what a harvest would make of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crawler.discovery.asking import NotFetched
from crawler.families import open_walk
from crawler.pages.exchange import NextRequest
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Callable

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


def try_lists(portal: PortalDefinition, fetch: Callable[[NextRequest], PageBytes]) -> list[TriedColumn]:
    """Read every column of a definition.

    Args:
        fetch: Gives the answer to a request, or raises `NotFetched`.
    """
    return [_try(portal, column, fetch) for column in portal.start]


def _try(portal: PortalDefinition, column: str, fetch: Callable[[NextRequest], PageBytes]) -> TriedColumn:
    asked: list[str] = []
    entries: list[Entry] = []

    def answer(request: NextRequest) -> PageBytes:
        asked.append(f"{request.method} {request.url}")
        return fetch(request)

    try:
        first = answer(NextRequest(column))
    except NotFetched as error:
        return TriedColumn(column, "", (), 0, tuple(asked), False, "", "", "", str(error))
    described = portal.list_of(column)
    walk = open_walk(portal.platform, column, first, described=described, allows=portal.allows)
    step = walk.feed(replace(first, request=walk.start()))
    queue: list[NextRequest] = []
    while True:
        entries += step.entries
        queue += step.next
        if not queue or step.finished or len(asked) >= MOST_REQUESTS:
            break
        request = queue.pop(0)
        try:
            step = walk.feed(answer(request))
        except NotFetched as error:
            step = walk.fail(request, str(error))
    how = "described" if described is not None else ", ".join(sorted(walk.families)) or portal.platform
    return _tried(column, how, tuple(entries), tuple(asked), step)


def _tried(column: str, how: str, entries: tuple[Entry, ...], asked: tuple[str, ...], step: Step) -> TriedColumn:
    whole = step.finished and step.complete
    reason = step.reason or ("" if step.finished else localizable(f"the trial ended after {MOST_REQUESTS} requests"))
    proof = step.proof.value if whole and step.proof is not None else ""
    return TriedColumn(column, how, entries, step.rows, asked, whole, proof, step.quote, step.way, reason)
