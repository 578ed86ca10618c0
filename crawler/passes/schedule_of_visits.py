"""Which known reports a pass visits: those that are due, a few spot checks, and those that their list no longer names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.warc.context import Role
from crawler.passes.candidates import ReportCandidate
from crawler.passes.due import is_due

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from archive.index.known import Known
    from archive.warc.context import Entry
    from crawler.http.capture import KnownPages

#: Reports visited in each pass although they are not due; few enough to be no load, enough to see a small portal whole.
SPOT_CHECKS = 8


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """What is to be done about a report.

    Attributes:
        url: Its address.
        entry: What a list says, or once said, of it.
        column: The list that names it.
        files: Files that the list names for it.
        resting: What is known of a report that is not due: only what hangs on it may still have to be fetched.
    """

    url: str
    entry: Entry | None
    column: str | None
    files: tuple[str, ...] = ()
    resting: Known | None = None


class KnownReports:
    """What the archive knew of a portal's reports when the pass began.

    Args:
        unfinished: Segments of runs that died: what hangs on a page stored there may not have been fetched.
    """

    def __init__(self, pages: KnownPages, unfinished: Iterable[str]) -> None:
        self._pages = pages
        self._unfinished = frozenset(unfinished)
        self._children: dict[str, list[Known]] = {}
        self._led_to: dict[str, Known] = {}
        for known in pages:
            if known.parent is not None and known.role is Role.ATTACHMENT:
                self._children.setdefault(known.parent, []).append(known)
            elif known.role is Role.REPORT and known.digest is not None and known.entry is not None:
                self._led_to.setdefault(known.entry.url.partition("#")[0], known)

    def page_of(self, url: str) -> Known | None:
        """What is known of a report by the address that its list gives, which may lead to another one."""
        known = self._pages.get(url)
        if known is not None and known.role is not Role.REPORT:
            return None
        return known if known is not None and known.digest is not None else self._led_to.get(url, known)

    def files_of(self, url: str) -> list[str]:
        """Files that hang on a page, as far as the archive knows."""
        return [child.url for child in self._children.get(url, ())]

    def is_unfinished(self, known: Known) -> bool:
        """Whether the run that stored a page died."""
        return known.segment in self._unfinished

    def listed_visits(
        self, candidates: Mapping[str, ReportCandidate], now: datetime, *, full: bool
    ) -> Iterator[PlannedVisit]:
        """What is to be done about each listed report; asked one by one, because a visit may change what is known."""
        checked = self._spot_checks(candidates, now)
        for url, candidate in candidates.items():
            known = self.page_of(url)
            is_resting = known is not None and not full and url not in checked
            if is_resting and known is not None and not is_due(known, now, candidate.entry):
                yield PlannedVisit(url, candidate.entry, candidate.column, resting=known)
            else:
                yield PlannedVisit(url, candidate.entry, candidate.column, candidate.files)

    def unlisted_visits(
        self, portal: str, candidates: Mapping[str, ReportCandidate], now: datetime, *, full: bool, is_whole: bool
    ) -> Iterator[PlannedVisit]:
        """Known reports that no list names now; `is_whole`: the lists were read to their ends, so that a missing one is news."""
        for known in list(self._pages):
            is_page = known.role is Role.REPORT and known.portal == portal and known.url not in candidates
            if not is_page or (known.entry is not None and known.entry.url.partition("#")[0] != known.url):
                continue  # a redirect's target is visited through the address that the list gives
            is_missing = is_whole and known.is_listed
            if full or is_missing or is_due(known, now, None):
                yield PlannedVisit(known.url, known.entry, known.column)

    def _spot_checks(self, candidates: Mapping[str, ReportCandidate], now: datetime) -> set[str]:
        """A few listed reports that are not due, visited least recently: so that each is seen in turn, whatever its age."""
        resting = []
        for url, candidate in candidates.items():
            known = self.page_of(url)
            if known is not None and not is_due(known, now, candidate.entry) and not self.is_unfinished(known):
                resting.append((known.visited_at or "", url))
        return {url for _, url in sorted(resting)[:SPOT_CHECKS]}
