"""Visits to reports: the page that a list names, and then what hangs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.warc.context import Role
from crawler.families.article import is_shell_address
from crawler.http.capture import Purpose
from crawler.passes.attachments import Attachments
from crawler.passes.outcome import UNCHANGED, outcome_of
from crawler.passes.shells import Shells
from crawler.passes.siblings import SiblingCheck

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archive.index.known import Known
    from archive.warc.context import Entry
    from crawler.http.visiting import Visit
    from crawler.passes.candidates import ReportCandidate
    from crawler.passes.context import PassContext
    from crawler.passes.schedule_of_visits import KnownReports, PlannedVisit


class ReportVisits:
    """Makes the visits that were planned.

    Args:
        known: What the archive knew when the pass began.
        listed: The reports that the lists name, by address.
    """

    def __init__(self, context: PassContext, known: KnownReports, listed: Mapping[str, ReportCandidate]) -> None:
        self._context = context
        self._known = known
        self._siblings = SiblingCheck(context, listed)
        self._shells = Shells(context)
        self._attachments = Attachments(context, self._siblings, self._shells)

    async def make(self, planned: PlannedVisit) -> None:
        """Visit a report's page and whatever hangs on it."""
        if planned.resting is not None:
            await self._complete(planned.resting, planned.entry)
            return
        context, url = self._context, planned.url
        if not context.go_on(url):
            context.tally.reports["left"] += 1
            return
        before = self._known.page_of(url)
        purpose = Purpose(context.portal.id, Role.REPORT, entry=planned.entry, column=planned.column)
        # Of a shell the visit is logged later, because it says nothing before its text is there.
        is_shell = is_shell_address(url)
        visit = await self._siblings.visit(url, purpose, planned.column, is_logged=not is_shell)
        context.tally.verdicts[visit.verdict] += 1
        outcome = outcome_of(visit, before)
        context.tally.reports[outcome] += 1
        if not visit.is_ok:
            if is_shell:
                context.visitor.log(visit, purpose)
            return
        self._siblings.note_came(url, planned.entry, planned.column)
        wanted = dict.fromkeys(planned.files) | await self._hanging_on(visit, planned)
        if is_shell:
            self._shells.log(visit, purpose, outcome)
        for address in wanted:
            await self._attachments.fetch(address, visit.url, planned.entry, planned.column)

    def settle(self) -> None:
        """Decide what could not be decided before all visits were made."""
        self._shells.settle()

    async def _hanging_on(self, visit: Visit, planned: PlannedVisit) -> dict[str, None]:
        """Files that hang on a page; of an unchanged page those that are known."""
        held = self._context.session.known.get(visit.url)
        if visit.state not in UNCHANGED or held is None:
            return await self._attachments.named_by(visit.content, visit.url, planned.entry, planned.column)
        is_shell = is_shell_address(visit.url)
        wanted: dict[str, None] = {} if is_shell else dict.fromkeys(self._known.files_of(visit.url))
        if is_shell or self._known.is_unfinished(held):  # a shell is always the same, its text is not
            content = visit.content or self._context.stored(held)
            wanted |= await self._attachments.named_by(content, visit.url, planned.entry, planned.column)
        return wanted

    async def _complete(self, known: Known, entry: Entry | None) -> None:
        """Fetch what hangs on a page that a run stored before it died."""
        self._context.tally.reports["not due"] += 1
        if not self._known.is_unfinished(known) or known.verdict != "ok":
            return
        content = self._context.stored(known)
        for address in await self._attachments.named_by(content, known.url, entry, known.column):
            if self._context.session.known.get(address) is None:
                await self._attachments.fetch(address, known.url, entry, known.column)
