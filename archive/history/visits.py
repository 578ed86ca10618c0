"""Visits of one pass: each request to an address with its outcome, from visit logs and captures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.warc.statuses import is_redirect
from archive.warc.visit_log import VisitLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from archive.index.types import PassCapture
    from archive.warc.visit_log import Line

OK = "ok"
#: Verdicts that say that something is gone: 404 and 410, a soft 404, the portal's home in its place.
GONE_VERDICTS = frozenset({"gone?", "gone", "moved"})


@dataclass(frozen=True, slots=True)
class PassSpan:
    """The pass that is applied: its run, its name, and from when until before when its captures and visits are its own (UTC ISO text)."""

    run: str
    name: str
    since: str
    until: str
    is_import: bool
    is_first: bool

    def has(self, at: str) -> bool:
        """Whether a visit of the run belongs to the pass. Harvests are one pass: what their log says belongs to it."""
        return (self.is_first or at >= self.since) and at < self.until


@dataclass(frozen=True, slots=True)
class PageVisit:
    """One visit to an address, from the visit log or from a capture. `digest` may be a prefix."""

    url: str
    at: str
    verdict: str
    status: int | None
    role: str
    portal: str
    digest: str | None = None

    @property
    def is_good(self) -> bool:
        """Whether it answered with what it is for, and not with another address."""
        return self.verdict == OK and not is_redirect(self.status)

    @property
    def is_gone(self) -> bool:
        """Whether it said that there is nothing any more."""
        return self.verdict in GONE_VERDICTS


def visits_of(captures: Sequence[PassCapture], lines: Iterable[Line]) -> list[PageVisit]:
    """All visits of a pass in the order of time.

    Captures without a line in a visit log are those of others, or of a job that was killed. Of both only what was found is taken: another's
    word shows that something was there, never that it was not; and a job may have been killed for what it met.
    """
    visits = [
        PageVisit(line.url, line.at, line.verdict, line.status, line.role, line.portal, line.digest)
        for line in lines
        if isinstance(line, VisitLine)
    ]
    logged = {visit.url for visit in visits}
    for capture in captures:
        if capture.url not in logged and capture.verdict == OK:
            visits.append(
                PageVisit(capture.url, capture.at, capture.verdict, capture.status, capture.role, capture.portal)
            )
    return sorted(visits, key=lambda visit: visit.at)


def is_whole(capture: PassCapture) -> bool:
    """Whether a capture holds what its address is for, to its last byte."""
    return capture.verdict == OK and bool(capture.digest) and not is_redirect(capture.status)
