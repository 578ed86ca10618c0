"""One portal pass: its lists to the end, then the reports that are new or due, then what hangs on them.

Knows no Scrapy: it drives the pure walks of `crawler.families` through a `Visitor` and writes down what it saw. Each step has its module:
`lost_place` (columns), `candidates`, `schedule_of_visits`, `report_visits`, `attachments`, `outcome`.
"""

from __future__ import annotations

import asyncio
import logging
from itertools import chain
from typing import TYPE_CHECKING

from archive.warc.visit_log import ListProof
from crawler.pages import classify
from crawler.passes.candidates import choose_candidates, unmet_expectations
from crawler.passes.context import PassContext, PassStopped
from crawler.passes.looks import learn_looks
from crawler.passes.lost_place import Columns, ColumnsRead
from crawler.passes.memory import PassMemory
from crawler.passes.outcome import PassResult, problems_of_columns, settle
from crawler.passes.report_visits import ReportVisits
from crawler.passes.schedule_of_visits import KnownReports
from extract.errors import OgiError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from archive.index.known import Known
    from crawler.http.capture import VisitLog
    from crawler.http.session import Session
    from crawler.http.visiting import Visitor
    from crawler.passes.candidates import ReportCandidate
    from crawler.passes.columns import ColumnReading
    from crawler.passes.schedule_of_visits import PlannedVisit
    from crawler.portals.definitions import PortalDefinition

logger = logging.getLogger(__name__)

#: So many reports in a row that meet the same unforeseen error end the pass: the fault is not in their pages.
_SAME_IN_A_ROW = 3


class PortalPass:
    """Walks one portal.

    Args:
        full: Visit every known report, whatever its age.
        stored: Gives the content that the archive holds for a known address.
        memory: What earlier passes learnt of the portal's lists.
        unfinished: Segments of runs that died.
        columns: Columns that an earlier run read: for a portal without `start`, and for one whose columns have moved.
        should_stop: Asked between reports.
    """

    def __init__(
        self,
        portal: PortalDefinition,
        session: Session,
        visitor: Visitor,
        *,
        stored: Callable[[Known], bytes],
        full: bool = False,
        memory: PassMemory | None = None,
        unfinished: Iterable[str] = (),
        columns: Sequence[str] = (),
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.portal = portal
        self.result = PassResult(portal.id)
        self._full = full
        self._context = PassContext(portal, session, visitor, stored, should_stop)
        self._known = KnownReports(session.known, unfinished)
        self._columns = Columns(self._context, memory or PassMemory(), columns)
        self._found = ColumnsRead()

    async def run(self) -> PassResult:
        """Make the pass. Whatever happens, the result says how far it got.

        Raises:
            DiskFull: Nothing more can be stored.
        """
        context = self._context
        before = context.session.requests
        frames_before = len(context.session.misframed)
        problems: list[str] = []
        try:
            await learn_looks(self.portal, context.session, context.visitor, context.stored)
            await self._make(problems)
            problems += context.tally.lost_reports()
        except PassStopped:
            problems.append("interrupted")
        except BaseException as error:
            is_stop = isinstance(error, asyncio.CancelledError)
            problems.append("interrupted" if is_stop else f"the pass broke off ({type(error).__name__}: {error})")
            raise
        finally:
            context.tally.misframed += context.session.misframed[frames_before:]
            self._finish(problems, before)
        return self.result

    async def _make(self, problems: list[str]) -> None:
        """Read the lists, then visit the reports; what is wrong is added to `problems`."""
        found = self._found = await self._columns.read()
        problems += problems_of_columns(found.readings, found.not_found)
        listed = self._choose(found.readings)
        problems += unmet_expectations(listed, self.portal.expect)
        self._log_lists(found.readings, problems)
        if not found.readings or any(reading.verdict == classify.OK for reading in found.readings):
            await self._visit_reports(listed, is_whole=not problems)

    def _choose(self, readings: Sequence[ColumnReading]) -> dict[str, ReportCandidate]:
        chosen = choose_candidates(readings, self._context.refusal)
        for url, reason in chosen.refused:
            self._context.note_refusal(url, reason)
        self.result.rejected += chosen.rejected
        self.result.listed = len(chosen.by_url)
        return chosen.by_url

    async def _visit_reports(self, listed: Mapping[str, ReportCandidate], *, is_whole: bool) -> None:
        now = self._context.session.clock.now()
        planned = chain(
            self._known.listed_visits(listed, now, full=self._full),
            self._known.unlisted_visits(self.portal.id, listed, now, full=self._full, is_whole=is_whole),
        )
        await self._visit_all(planned, listed)

    async def _visit_all(self, visits_planned: Iterable[PlannedVisit], listed: Mapping[str, ReportCandidate]) -> None:
        visits = ReportVisits(self._context, self._known, listed)
        failures: list[type[Exception]] = []
        for planned in visits_planned:
            failures = await self._visit(visits, planned, failures)
        visits.settle()

    async def _visit(
        self, visits: ReportVisits, planned: PlannedVisit, before: Sequence[type[Exception]]
    ) -> list[type[Exception]]:
        """Make one visit. What nobody foresaw costs its report alone, unless it meets several in a row: then it isn't theirs.

        Gives the errors met in a row, this one's included.
        """
        try:
            await visits.make(planned)
        except (OgiError, PassStopped):
            raise
        except Exception as error:
            if before.count(type(error)) + 1 >= _SAME_IN_A_ROW:
                raise
            logger.warning("%s: %s: %s", planned.url, type(error).__name__, error, exc_info=True)
            self._context.tally.reports["failed"] += 1
            self._context.tally.misread.append(f"{planned.url} ({type(error).__name__}: {error})")
            return [*before, type(error)]
        return []

    def _log_lists(self, readings: Sequence[ColumnReading], problems: Sequence[str]) -> None:
        visits = self._context.session.visits
        if visits is None:
            return
        unmet = "; ".join(problems)
        for reading in readings:
            complete = reading.complete and not (unmet and all(r.complete for r in readings))
            is_same = complete and self._is_told_short(reading)
            visits.listing(
                self.portal.id,
                reading.url,
                self._context.session.clock.now(),
                complete=complete,
                reason=reading.reason if complete or not reading.complete else unmet,
                entries=None if is_same else reading.entries,
                proof=reading.proof if complete or not reading.complete else ListProof(rows=reading.proof.rows),
            )

    def _is_told_short(self, reading: ColumnReading) -> bool:
        """Whether the log says of a list that it is the same as before, instead of its rows."""
        return self._columns.is_same(reading)

    def _finish(self, problems: Sequence[str], requests_before: int) -> None:
        session, tally, result = self._context.session, self._context.tally, self.result
        said = [*problems, *self._found.moved, *tally.remarks()]
        settle(result, tally, self._found.readings, said, ok=self._is_ok(problems))
        result.requests = session.requests - requests_before
        if session.visits is not None:
            self._log_end(session.visits, session.clock.now())

    def _is_ok(self, problems: Sequence[str]) -> bool:
        return not problems and bool(self._found.readings)

    def _log_end(self, visits: VisitLog, at: datetime) -> None:
        result, expected = self.result, self.portal.expect.min_reports
        visits.portal(self.portal.id, at, ok=result.ok, reason=result.reason, listed=result.listed, expected=expected)
