"""Reports after a pass: each one judged, compared with its last version, and written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from archive.history.across import CheckAcross
from archive.history.backdated import check_backdated
from archive.history.changes import Assessment, LifeEvent, Standing, address_of, as_before, judge
from archive.history.corrections import MOST_OF_NOTICE
from archive.history.costs_itself import costing_itself
from archive.history.items import item_of, version_item
from archive.history.read_item import read_apart
from archive.history.report_writer import ReportWriter, state_of
from archive.history.revise import (
    Basis,
    CannotCompare,
    Continued,
    LastLook,
    Outcome,
    Revised,
    Shrunken,
    Unchanged,
    Volatile,
    base_of,
    decide,
    late_files,
    needs_old_reading,
)
from archive.index import documents, reports
from archive.index.codes import ChangeKind, ReportStatus
from extract.lexicon.addresses import file_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.history.item import ItemReading, Part
    from archive.history.versions import Difference
    from archive.history.visits import PassSpan
    from archive.index.types import DocumentRow, VersionRow


class Reporter:
    """Judges the reports that a pass touched. Used once, inside a transaction; `writer` writes what the pass says beside that."""

    def __init__(self, db: Database, archive: Archive, span: PassSpan) -> None:
        self._db = db
        self._archive = archive
        self._span = span
        self._readings: dict[str, tuple[str, ItemReading]] = {}
        self._across = CheckAcross(db)
        self.writer = ReportWriter(db, span.run)

    def remember(self, url: str, at: str, reading: ItemReading) -> None:
        """Keep what a document says until its report is judged."""
        if reading.content is not None:
            self.writer.texts[url] = "\n".join(reading.content.text or reading.content.lines)[:MOST_OF_NOTICE]
        self._readings[url] = (at, reading)

    def judge(self, touched: Iterable[str]) -> None:
        """Judge reports, then run the checks that need several of them, for those that have new versions."""
        for report in sorted(touched):
            found = documents.documents_of(self._db, report)
            if not found:  # its page turned out to be another report's
                self._without_page(report)
                continue
            with costing_itself(self._db, self._span.run, found[0].url, self._span.since, "its report can't be judged"):
                self._judge(report, found)
        self._across.run()

    def _judge(self, report: str, found: Sequence[DocumentRow]) -> None:
        known = reports.find_report(self._db, report)
        assert known is not None  # documents refer to reports
        standing = None if known.status == reports.NEW else Standing(known.status, known.is_delisted)
        addresses = [address_of(document) for document in found]
        judgement = judge(standing, addresses, this_pass=self._span.name, since=self._span.since)
        if self._span.is_import and standing is not None:
            judgement = as_before(judgement, standing)
        self._apply(report, judgement, next((one.url for one in addresses if one.is_primary), None))

    def _without_page(self, report: str) -> None:
        """A report all of whose addresses show others now: it was written over, unless it was never judged at all."""
        reports.delete_new_report(self._db, report)
        known = reports.find_report(self._db, report)
        if known is None or known.status == ReportStatus.VANISHED or self._span.is_import:
            return  # that it is gone from an address, others' looks don't say
        new = documents.document(self._db, known.url)
        at = new.last_seen if new is not None else self._span.since
        event = LifeEvent(ChangeKind.REPLACED, max(at, self._span.since), None)
        judgement = Assessment(known.url, ReportStatus.VANISHED, known.is_delisted, (event,))
        reports.set_replaced(self._db, report)
        version = known.version or None
        by = {"replaced_by": {"report": new.report, "title": new.title}} if new is not None else {}
        self.writer.changes(report, judgement, (version, version), None, details={ChangeKind.REPLACED: by})

    def _apply(self, report: str, judgement: Assessment, old_primary: str | None) -> None:
        """Write what was judged: the address that counts, a new version if its content is another, and the changes."""
        documents.set_primary(self._db, report, judgement.primary)
        before = reports.current_version(self._db, report)
        status, revision = judgement.status, None
        found = self._readings.get(judgement.primary)
        if found is None and old_primary is not None and judgement.primary != old_primary:
            found = self._read_again(judgement.primary)
        if found is not None and judgement.status == ReportStatus.PRESENT:
            at, reading = found
            if before is None:
                self._store(report, 1, at, judgement.primary, reading)
                self._note_date(judgement.primary, reading)
            else:
                outcome = self._compare(report, before, judgement.primary, at, reading)
                if isinstance(outcome, Shrunken | Continued):
                    status = ReportStatus.SUSPECT
                difference = self._carry_out(outcome, report, before, judgement.primary, at, reading)
                revision = (at, difference) if difference is not None else None
        self.writer.standing(report, judgement, status)
        current = reports.current_version(self._db, report)
        versions = (before.version if before else None, current.version if current else None)
        self.writer.changes(report, judgement, versions, revision)
        if any(event.kind is ChangeKind.PUBLISHED for event in judgement.events):
            check_backdated(self._db, report)

    def _read_again(self, url: str) -> tuple[str, ItemReading] | None:
        """Read a document that this pass didn't bring anew, because it counts from now on."""
        item = item_of(self._db, self._archive, url)
        if item is None:
            return None
        reading = read_apart(item)
        return (item.page.at, reading) if reading.content is not None else None

    def _compare(self, report: str, before: VersionRow, url: str, at: str, reading: ItemReading) -> Outcome:
        """Whether a reading is another version than the last one, which is read again where that is needed."""
        document = documents.document(self._db, url)
        assert document is not None  # the report was judged by its documents
        base, old = base_of(before, document, self._span.name), None
        if needs_old_reading(base, reading):
            shown = document if base.is_shown else None
            old = read_apart(version_item(self._db, self._archive, before, shown))
            if late := late_files(old, reading):
                old = self._complete(report, before, base, old, late, at)
        last = LastLook(document.pending_digest, document.last_label, document.last_published)
        return decide(base, old, reading, last, at=at)

    def _complete(
        self, report: str, before: VersionRow, base: Basis, old: ItemReading, late: tuple[Part, ...], at: str
    ) -> ItemReading:
        """The base with files that its page linked already and that were captured since; the last version is written again with them."""
        parts = (*old.item.parts, *(replace(part, is_kept=True) for part in late))
        completed = read_apart(replace(old.item, parts=parts))
        if completed.content is None:
            return old
        if base.is_shown:
            documents.set_shown(self._db, old.item.page.url, before.version, state_of(completed))
            return completed
        number = before.version
        reports.delete_version(self._db, report, number)
        self._store(report, number, before.first_seen, before.url, completed)
        names = ", ".join(file_name(part.url) for part in late)
        message = f"version {number} got what its page named before: {names}"
        self.writer.notice(before.url, at, report, "completed", message)
        return completed

    def _carry_out(
        self, outcome: Outcome, report: str, before: VersionRow, url: str, at: str, reading: ItemReading
    ) -> Difference | None:
        """Write what a comparison came to. Gives what differs, if that makes a new version."""
        assert reading.content is not None  # only what can be compared is remembered
        digest = reading.content.digest
        if not isinstance(outcome, Shrunken | Continued):
            self._note_date(url, reading)
        match outcome:
            case Unchanged(is_same_content):
                if is_same_content:
                    documents.set_pending(self._db, url, None)
                if is_same_content or url != before.url:
                    documents.set_content(self._db, url, digest)
                elif reading.files and state_of(reading) != before.state:
                    self.writer.notice(
                        url, at, report, "saved-again", "file saved again: other bytes, the same content"
                    )
                if url != before.url:
                    documents.set_shown(self._db, url, before.version, state_of(reading))
            case CannotCompare():
                message = f"version {before.version} can't be read any more: not compared"
                self.writer.notice(url, at, report, "cannot-compare", message)
            case Shrunken(why):
                documents.set_pending(self._db, url, digest)
                message = f"doubtful, looked at again before it counts: {why}"
                self.writer.notice(url, at, report, "shrunken", message)
            case Volatile():
                documents.set_pending(self._db, url, digest)
                message = "only numbers in lines of text differ: they count if they stay"
                self.writer.notice(url, at, report, "volatile", message)
            case Continued(place):
                message = f"chapters are gone and the page goes on at {place}, which was not had: not compared"
                self.writer.notice(url, at, report, "continued", message)
            case Revised(difference):
                documents.set_pending(self._db, url, None)
                self._store(report, before.version + 1, at, url, reading)
                return difference
        return None

    def _note_date(self, url: str, reading: ItemReading) -> None:
        published = reading.extraction.published
        day = published.isoformat() if published is not None else None
        documents.set_last_date(self._db, url, reading.extraction.published_label, day)

    def _store(self, report: str, number: int, at: str, url: str, reading: ItemReading) -> None:
        self.writer.version(report, number, at, url, reading)
        self._across.touch(report)
