"""Articles that are shells, pages without their own text: a visit says nothing before the call for the text has answered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.http.hosts import host_key
from crawler.pages import classify
from extract.messages import localizable

if TYPE_CHECKING:
    from crawler.http.capture import Purpose
    from crawler.http.visiting import Visit
    from crawler.passes.context import PassContext


class Shells:
    """The shells of a pass: visits whose meaning depends on the host giving text for others."""

    def __init__(self, context: PassContext) -> None:
        self._context = context
        self._bare: set[str] = set()  # shells whose call for the text brought nothing
        self._visits: list[tuple[Visit, Purpose, str]] = []
        self._hosts: set[str] = set()  # hosts whose shells have text

    def note_nothing(self, url: str) -> None:
        """The call for a shell's text brought nothing."""
        self._bare.add(url)

    def note_text(self, url: str) -> None:
        """A shell's text came."""
        self._hosts.add(host_key(url))

    def log(self, visit: Visit, purpose: Purpose, outcome: str) -> None:
        """Log the visit to a shell, at once if its text came, else when the pass ends."""
        if visit.url in self._bare:
            self._visits.append((visit, purpose, outcome))
        else:
            self._context.visitor.log(visit, purpose)

    def settle(self) -> None:
        """Record shells without text as gone if the host gave text for others; else nothing is known of them."""
        reports = self._context.tally.reports
        for visit, purpose, outcome in self._visits:
            is_gone = host_key(visit.url) in self._hosts
            if is_gone:
                reports[outcome] -= 1
                reports["gone"] += 1
                visit = replace(visit, verdict=classify.GONE, evidence=localizable("a shell whose text is not there"))
            self._context.visitor.log(visit, purpose)
