"""A pass over a part of a portal: some lists and some pages, and no conclusion about the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive.warc.context import Role
from crawler.pages import classify
from crawler.passes.candidates import ReportCandidate, unmet_expectations
from crawler.passes.outcome import problems_of_columns
from crawler.passes.run import PortalPass
from crawler.passes.schedule_of_visits import PlannedVisit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from crawler.http.capture import VisitLog
    from crawler.passes.columns import ColumnReading
    from crawler.passes.wanted import PassScope


class PartialPass(PortalPass):
    """Asks a portal for what is wanted only.

    A row that is still missing from its list may stand in another list of the portal by now: then those are read as well, because it takes all
    of them to say that no list names it.

    Args:
        wanted: The lists and pages to ask for; the other arguments are those of `PortalPass`.
    """

    def __init__(self, wanted: PassScope, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._wanted = wanted
        self._is_whole = False

    async def _make(self, problems: list[str]) -> None:
        readings = self._found.readings
        columns = self._columns.all()
        readings += await self._columns.read_some(column for column in self._wanted.columns if column in columns)
        if any(self._still_lacks(reading) for reading in readings):
            read = {reading.url for reading in readings}
            readings += await self._columns.read_some(column for column in columns if column not in read)
            problems += unmet_expectations(self._choose(readings), self.portal.expect)
        problems += problems_of_columns(readings, "") if readings else []
        self._is_whole = bool(readings) and not problems and {reading.url for reading in readings} == set(columns)
        self._log_lists(readings, problems)
        if not readings or any(reading.verdict == classify.OK for reading in readings):
            files = {row: tuple(named) for reading in readings for row, named in reading.attachments.items()}
            await self._visit_all(self._planned(files), self._listed())

    def _still_lacks(self, reading: ColumnReading) -> bool:
        absent = set(self._wanted.columns.get(reading.url, ()))
        return reading.complete and bool(absent - {entry.url for entry in reading.entries})

    def _planned(self, files: Mapping[str, tuple[str, ...]]) -> Iterator[PlannedVisit]:
        for page in self._wanted.pages:
            reason = self._context.refusal(page.url)
            if reason is not None:
                self._context.note_refusal(page.url, reason)
                continue
            known = self._known.page_of(page.url)
            entry = page.entry or (known.entry if known is not None else None)
            column = page.column or (known.column if known is not None else None)
            yield PlannedVisit(page.url, entry, column, files.get(entry.url, ()) if entry is not None else ())

    def _listed(self) -> dict[str, ReportCandidate]:
        """The reports that the lists named when they were last read: one of them is asked for where another's page looks withdrawn."""
        return {
            known.url: ReportCandidate(known.entry, known.column)
            for known in self._context.session.known
            if known.role is Role.REPORT
            and known.portal == self.portal.id
            and known.is_listed
            and known.entry is not None
            and known.column is not None
        }

    def _is_told_short(self, reading: ColumnReading) -> bool:
        """Never: that a list is as before is found by a whole pass, which reads it against all that it named."""
        return False

    def _is_ok(self, problems: Sequence[str]) -> bool:
        return not problems

    def _log_end(self, visits: VisitLog, at: datetime) -> None:
        result = self.result
        visits.part(self.portal.id, at, ok=result.ok, reason=result.reason, whole=self._is_whole and result.ok)
