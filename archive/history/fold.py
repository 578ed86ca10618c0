"""One pass applied to the index: what was captured and observed in it, on top of what was known before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.duties.decisions import Decision, apply_to_register, replay
from archive.history import scan
from archive.history.addresses import enter_addresses
from archive.history.costs_itself import costing_itself
from archive.history.delisting import settle_rows
from archive.history.document_entry import DocumentEntry
from archive.history.facts import IndexFacts
from archive.history.foreign_looks import positive
from archive.history.items import item_of
from archive.history.listings import enter_lists, read_to_their_end
from archive.history.presence import after_visit
from archive.history.read_item import READING, load_reader, read_item, sparing
from archive.history.reports import Reporter
from archive.history.visits import PassSpan, visits_of
from archive.index import documents, register, reports, runs
from archive.index.codes import AddressStatus
from archive.index.duties import INTERRUPTED
from archive.index.types import PortalPassRow
from archive.warc.visit_log import PartLine, PassLine
from archive.work.jobs import run_ordered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.history.item import Item
    from archive.history.visits import PageVisit
    from archive.index.types import DocumentRow, PassRow
    from archive.warc.visit_log import Line


class Fold:
    """Applies one pass. Used once, inside a transaction."""

    def __init__(
        self,
        db: Database,
        archive: Archive,
        this_pass: PassRow,
        *,
        decisions: Sequence[Decision],
        workers: int | None,
        cluster: str | None,
        say: Callable[[str], None],
    ) -> None:
        self._db = db
        self._archive = archive
        self._span = _span_of(db, this_pass)
        self._line = this_pass.line
        self._decisions = decisions
        self._workers = workers
        self._cluster = cluster
        self._say = say
        #: Reports that must be judged, and addresses that lists name or dropped in this pass, pages that it brought among them.
        self._touched: set[str] = set()
        self._relisted: set[str] = set()
        self._reporter = Reporter(db, archive, self._span)
        self._entering = DocumentEntry(db, self._span, self._reporter.writer, self._touched)

    def run(self) -> None:
        """Apply the pass."""
        db, span = self._db, self._span
        self._define()
        captures = runs.captures_of_pass(db, span.run, "" if span.is_first else span.since, span.until)
        if span.is_import:
            captures = positive(db, captures, self._reporter.writer, self._line)
        lines = [line for line in scan.visit_lines(db, self._archive, span.run) if span.has(line.at)]
        visits = visits_of(captures, lines)
        pages = enter_addresses(db, captures, [] if span.is_import else visits, run=span.run, this_pass=span.name)
        named, given_up, whole = enter_lists(db, span, lines)
        self._relisted |= named | given_up
        self._enter_portal_passes(lines)
        self._read_pages(pages)
        for url in sorted(
            given_up
        ):  # by us or with their columns, which says nothing about each; known now which of them moved
            documents.forget_listed(db, url)
        dropped, shrunken = settle_rows(db, whole)
        self._relisted |= dropped
        self._apply_visits(visits)
        for url in sorted(self._relisted):
            self._touched.update(documents.refresh_listed(db, url))
        self._reporter.judge(self._touched)
        for event in shrunken:
            self._reporter.writer.shrunken(event)

    def _define(self) -> None:
        for start in scan.run_start(self._db, self._archive, self._span.run):
            for definition in scan.definitions_of(start):
                register.define_portal(self._db, definition, self._span.since)
        # what a person decided about an agency outlives its definition
        replay(self._db, self._decisions, apply_to_register)

    def _enter_portal_passes(self, lines: Sequence[Line]) -> None:
        whole = read_to_their_end(lines)
        for line in lines:
            if isinstance(line, PartLine) and not line.is_ok and INTERRUPTED in (line.reason or ""):
                runs.set_broken(self._db, self._span.run)
            if not isinstance(line, PassLine):
                continue
            register.ensure_portal(self._db, line.portal)
            found = PortalPassRow(
                line.portal, self._span.run, line.at, line.is_ok, line.reason, line.listed, line.expected
            )
            runs.put_portal_pass(self._db, found)
            if not line.is_ok and (line.reason or "").startswith(INTERRUPTED):  # by us, not by the portal
                runs.set_last_pass(self._db, line.portal, line.at)
            else:
                runs.set_portal_state(self._db, found, portal_state(found, has_lists=line.portal in whole))

    def _read_pages(self, pages: dict[str, str]) -> None:
        """Read every page whose payloads are not those that were read last, and store the result."""
        waiting: list[tuple[str, str]] = []
        items: list[Item] = []
        for url, at in sorted(pages.items(), key=lambda pair: (pair[1], pair[0])):
            item = item_of(self._db, self._archive, url)
            if item is None:
                continue
            known = documents.document(self._db, url)
            if known is not None and known.state == item.state and known.pending_digest is None:
                continue
            waiting.append((url, at))
            items.append(item)
        if items:
            self._say(f"{len(items)} pages to read")
            load_reader()
        readings = run_ordered(
            read_item, items, given_up=sparing, workers=self._workers, cluster=self._cluster, limits=READING
        )
        for (url, at), reading in zip(waiting, readings, strict=True):
            report = None
            with costing_itself(self._db, self._span.run, url, at, "what was read can't be entered"):
                report = self._entering.enter(url, at, reading)
            if report is None:
                continue
            self._relisted.add(url)
            if reading.content is not None:
                self._reporter.remember(url, at, reading)

    def _apply_visits(self, visits: Iterable[PageVisit]) -> None:
        withdrawn: list[tuple[DocumentRow, PageVisit]] = []
        for visit in visits:
            if visit.role not in ("report", "probe"):
                continue
            for document in documents.documents_at(self._db, visit.url):
                if document.withdrawn_digest is not None:
                    withdrawn.append((document, visit))
                else:
                    self._apply_visit(document, visit)
        for document, visit in withdrawn:  # judged by how the host answered for others
            self._apply_visit(document, visit)

    def _apply_visit(self, document: DocumentRow, visit: PageVisit) -> None:
        with costing_itself(self._db, self._span.run, visit.url, visit.at, "a look can't be entered"):
            self._enter_visit(document, visit)

    def _enter_visit(self, document: DocumentRow, visit: PageVisit) -> None:
        facts = IndexFacts(self._db, self._archive, document, visit, self._span.since)
        if self._span.is_import and document.status != AddressStatus.PRESENT:
            return  # that somebody saw it once is no look of ours: it doesn't bring back what we found gone
        found = after_visit(document, visit, facts, this_pass=self._span.name)
        if found.status is AddressStatus.PRESENT:
            documents.set_present(self._db, document.url, visit.at)
            if not found.is_touched:
                reports.set_seen(self._db, document.report, visit.at)
        elif found.status is not None:
            documents.set_absent(self._db, document.url, found.status, self._span.name, visit.at)
        if found.is_touched:
            self._touched.add(document.report)


def _span_of(db: Database, this_pass: PassRow) -> PassSpan:
    run = runs.find_run(db, this_pass.run)
    return PassSpan(
        run=this_pass.run,
        name=this_pass.name,
        since=this_pass.starts_at,
        until=runs.next_start(db, this_pass) or "~",
        is_import=run is not None and run.kind == "import",
        is_first=not this_pass.number,
    )


def portal_state(found: PortalPassRow, *, has_lists: bool) -> str:
    """The state of a portal after a pass; one that refuses a report but not its lists isn't blocked."""
    if found.is_ok:
        return "ok"
    return "blocked" if (found.reason or "").startswith("blocked") and not has_lists else "failing"
