"""Distinguishing removal from throttling: if the front page comes instead of a report, a sibling report is requested for comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.warc.context import Role
from crawler.http.capture import Purpose
from crawler.http.hosts import host_key
from crawler.pages import classify
from extract.lexicon.addresses import is_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archive.warc.context import Entry
    from crawler.http.visiting import Visit
    from crawler.passes.candidates import ReportCandidate
    from crawler.passes.context import PassContext


class SiblingCheck:
    """Visits pages and files; asks for a sibling page where a front page came in place of one.

    Args:
        listed: The reports that the lists name, by address.
    """

    def __init__(self, context: PassContext, listed: Mapping[str, ReportCandidate]) -> None:
        self._context = context
        self._listed = listed
        self._came: dict[str, tuple[str, Entry | None, str | None]] = {}  # by host, the report that came last

    def note_came(self, url: str, entry: Entry | None, column: str | None) -> None:
        """A report was there."""
        self._came[host_key(url)] = (url, entry, column)

    async def visit(self, url: str, purpose: Purpose, referer: str | None, *, is_logged: bool = True) -> Visit:
        """Visit a page or a file. If the front page comes instead, a sibling report is requested to distinguish removal from throttling."""
        session, visitor = self._context.session, self._context.visitor

        async def ask() -> Visit:
            known = session.known.get(url)
            return await visitor.fetch(url, purpose, referer=referer, known=known, is_logged=is_logged)

        gate = session.gate(url, self._context.portal.id)
        delay = gate.delay_s
        visit = await ask()
        if not visit.is_front_in_place:
            return visit
        comparison = self._comparison(visit, purpose.column)
        if comparison is not None:
            address, beside = comparison
            held = session.known.get(address)
            if not (await visitor.fetch(address, beside, referer=beside.column, known=held)).is_ok:
                return visit
            gate.clear_of_throttling(delay)
            session.withdrawn.add(url)
        return await ask() if gate.stopped is None else visit

    def _comparison(self, visit: Visit, column: str | None) -> tuple[str, Purpose] | None:
        """What a host that isn't throttling still answers: another of its reports; where this one is the only one, the list that names it.

        A list says nothing if it is the page that came in the report's place.
        """
        session, portal = self._context.session, self._context.portal.id
        host = host_key(visit.requested)
        sibling = self._came.get(host) or self._sibling(visit.requested)
        if sibling is not None:
            address, entry, listed_in = sibling
            return address, Purpose(portal, Role.REPORT, entry=entry, column=listed_in)
        look = session.columns.get(host, {}).get(column or "")
        if column is None or look is None or classify.is_home(column, session.looks[host].home):
            return None
        if look.looks_like(classify.take_fingerprint(200, visit.headers, visit.content, visit.requested)):
            return None
        return column, Purpose(portal, Role.LIST, column=column)

    def _sibling(self, url: str) -> tuple[str, Entry | None, str | None] | None:
        """Another report of the same host: one that was there at the last visit, best a page, best far down the list."""
        found: list[tuple[bool, bool, int, str]] = []
        for position, other in enumerate(self._listed):
            if other != url and host_key(other) == host_key(url):
                known = self._context.session.known.get(other)
                found.append((known is not None and known.verdict == "ok", not is_file(other), position, other))
        if not found:
            return None
        other = max(found)[-1]
        return other, self._listed[other].entry, self._listed[other].column
