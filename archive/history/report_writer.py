"""Reports, versions, changes and notices of one pass as rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from archive.history.changes import change_id
from archive.history.findings import store_findings
from archive.history.versions import KEPT_SENTENCES, Difference, text_parts
from archive.index import addresses, documents, register, reports, search
from archive.index.codes import PROCESSING_ORDER, ChangeKind
from archive.index.facts import store_facts
from archive.index.figures import store_figures
from archive.index.texts import store_text
from archive.index.types import ChangeRow, NoticeRow, VersionRow, as_json
from archive.work.release import extractor_version
from extract.lexicon.addresses import file_name
from extract.model import number_to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlite_utils import Database

    from archive.history.changes import Assessment, LifeEvent
    from archive.history.delisting import Shrinkage
    from archive.history.item import ItemReading, Part

_FIGURES_OF = "figures are those of "
#: Hex digits of an agency's name in a report's id; more of them where another agency's name has the same ones.
_ID_DIGITS = 6


class ReportWriter:
    """Writes rows about reports. Used for one pass, inside a transaction."""

    def __init__(self, db: Database, run: str) -> None:
        self._db = db
        self._run = run
        self._position = 0
        #: Beginnings of the texts of pages that were read in the pass, by address.
        self.texts: dict[str, str] = {}

    def notice(self, url: str, at: str, report: str | None, code: str, message: str) -> None:
        """Record that something could not be read, compared or assigned."""
        reports.put_notice(self._db, NoticeRow(self._run, url, at, report, code, message))

    def report_of(self, agency: str, year: int, portal: str, url: str, at: str) -> str:
        """The id of an agency's report for a year; a new one is entered, to be judged at the end of the pass."""
        known = reports.report_of(self._db, agency, year)
        if known is not None:
            return known
        found = register.agency(self._db, agency)
        assert found is not None  # the register gave the id
        made = self.free_id(portal, year, found.name)
        reports.put_report(self._db, made, agency=agency, year=year, url=url, portal=portal, region=found.region, at=at)
        return made

    def free_id(self, portal: str, year: int, agency: str) -> str:
        """An id for a report that no other one bears."""
        digits = _ID_DIGITS
        while reports.is_taken(self._db, made := register.report_id(portal, year, agency, digits)):
            digits += 2
        return made

    def version(self, report: str, number: int, at: str, url: str, reading: ItemReading) -> None:
        """Write a version with its figures, text and findings, and make it the current one."""
        db, extraction = self._db, reading.extraction
        assert reading.content is not None  # callers compare contents first
        reports.put_version(db, self._version_row(report, number, at, url, reading, reading.content.digest))
        documents.set_content(db, url, reading.content.digest)
        reports.set_version(db, report, number)
        store_figures(db, report, number, extraction.figures)
        store_facts(db, report, number, extraction.form, extraction.figures)
        parts = text_parts(reading)
        store_text(db, report, number, parts)
        store_findings(db, report, number, extraction.findings)
        search_id, agency = reports.search_entry(db, report)
        text = "\n".join(f"{part.heading}\n{part.text}" for part in parts)
        search.index_report(db, search_id, f"{extraction.title or ''}\n{agency}", text)

    def _version_row(
        self, report: str, number: int, at: str, url: str, reading: ItemReading, digest: str
    ) -> VersionRow:
        extraction = reading.extraction
        address = addresses.address(self._db, url)
        listed = address.listed if address is not None else None
        page = reading.item.page
        capture = addresses.capture_of(self._db, page.url, page.digest, at, page.segment, page.offset)
        published = extraction.published.isoformat() if extraction.published else None
        return VersionRow(
            report=report,
            version=number,
            first_seen=at,
            capture=capture,
            figures_capture=self._figures_capture(reading) or capture,
            url=url,
            media_type=extraction.media_type,
            title=extraction.title or (listed.title or None if listed is not None else None),
            published_on=published or (listed.date if listed is not None else None),
            form=extraction.form,
            scope=extraction.scope.value if extraction.scope else None,
            index_number=extraction.index_number,
            content_digest=digest,
            state=state_of(reading),
            attachments=as_json(
                [{"url": part.url, "name": file_name(part.url), "digest": part.digest} for part in reading.files]
            ),
            coverage=json.dumps({table: list(counts) for table, counts in extraction.coverage.items()}),
            warnings=as_json(list(extraction.warnings)),
            extractor=extractor_version(),
        )

    def _figures_capture(self, reading: ItemReading) -> str | None:
        """The capture of the file that the figures were read from, `None` if that is the page."""
        for warning in reading.extraction.warnings:
            if warning.startswith(_FIGURES_OF):
                url = warning.removeprefix(_FIGURES_OF)
                for part in reading.parts:
                    if part.url == url:
                        return self._capture(part)
        return None

    def _capture(self, part: Part) -> str:
        return addresses.capture_of(self._db, part.url, part.digest, "~", part.segment, part.offset)

    def standing(self, report: str, judgement: Assessment, status: str) -> None:
        """Write how a report stands after the pass, and what describes it."""
        db = self._db
        current = reports.current_version(db, report)
        reports.set_status(db, report, status=status, is_delisted=judgement.is_delisted, url=judgement.primary)
        if current is not None:
            reports.describe_by_version(db, report, current)
            return
        address = addresses.address(db, judgement.primary)
        listed = address.listed if address is not None else None
        title, date = (listed.title or None, listed.date) if listed is not None else (None, None)
        reports.describe_by_list(db, report, title, date)

    def changes(
        self,
        report: str,
        judgement: Assessment,
        versions: tuple[int | None, int | None],
        revision: tuple[str, Difference] | None,
        *,
        details: Mapping[ChangeKind, Mapping[str, Any]] | None = None,
    ) -> None:
        """Write what happened to a report, in the order of time.

        Args:
            details: What else events state, by kind.
            versions: Numbers of the version before and after the pass.
            revision: When another content was captured, and what differs.
        """
        before, after = versions
        more = details or {}
        events = [
            (event.kind, event.at, event.from_url, Difference(details=more.get(event.kind) or self._of_notice(event)))
            for event in judgement.events
        ]
        if revision is not None:
            events.append((ChangeKind.REVISED, revision[0], None, revision[1]))
        latest = ""
        for kind, at, from_url, what in sorted(events, key=lambda event: (PROCESSING_ORDER.index(event[0]), event[1])):
            latest = max(at, latest)  # events stay in order, whatever their own times
            is_content = kind in (ChangeKind.REVISED, ChangeKind.PUBLISHED)
            to_version = after if is_content else before
            self._change(report, kind, latest, (before, to_version), judgement.primary, from_url, what)

    def _of_notice(self, event: LifeEvent) -> Mapping[str, Any]:
        """Title and text of a notice of correction."""
        if event.kind is not ChangeKind.CORRECTED or event.from_url is None:
            return {}
        found = documents.document(self._db, event.from_url)
        return {
            "notice": {"title": found.title if found is not None else None, "text": self.texts.get(event.from_url, "")}
        }

    def corrected(self, report: str, at: str, url: str, title: str, text: str) -> None:
        """Write, once, that a notice of correction appeared beside a report: one that holds no report itself."""
        if reports.is_told_of(self._db, report, ChangeKind.CORRECTED, url):
            return
        about, version = reports.find_report(self._db, report), reports.current_version(self._db, report)
        assert about is not None  # known by its id
        number = version.version if version is not None else None
        what = Difference(details={"notice": {"title": title, "text": text}})
        self._change(report, ChangeKind.CORRECTED, at, (number, number), about.url, url, what)

    def shrunken(self, event: Shrinkage) -> None:
        """Write that a column lost many rows at once: one change, at the newest of their reports."""
        newest = max(event.rows, key=lambda row: (row.year or 0, row.url))
        assert newest.report is not None  # only rows with reports make an event
        version = reports.current_version(self._db, newest.report)
        number = version.version if version is not None else None
        rows = [{"url": row.url, "title": row.title, "report": row.report} for row in event.rows]
        details = {"column": event.column, "rows_before": event.before, "rows_after": event.after, "rows": rows}
        what = Difference(details=details)
        kind = ChangeKind.COLUMN_SHRANK
        self._change(newest.report, kind, event.at, (number, number), newest.url, event.column, what)

    def _change(
        self,
        report: str,
        kind: ChangeKind,
        at: str,
        versions: tuple[int | None, int | None],
        url: str,
        from_url: str | None,
        difference: Difference,
    ) -> None:
        details = {
            **difference.details,
            **({"added": list(difference.added[:KEPT_SENTENCES])} if difference.added else {}),
            **({"removed": list(difference.removed[:KEPT_SENTENCES])} if difference.removed else {}),
        }
        row = ChangeRow(
            id=change_id(report, kind, at, versions[1], url),
            report=report,
            kind=kind,
            at=at,
            from_version=versions[0],
            to_version=versions[1],
            url=url,
            from_url=from_url,
            text_added=len(difference.added),
            text_removed=len(difference.removed),
            details=as_json(details),
            run=self._run,
            position=self._position,
            is_false_alarm=False,
        )
        reports.put_change(self._db, row, _figure_rows(difference))
        self._position += 1


def state_of(reading: ItemReading) -> str:
    """The payloads that a reading was made of, as columns hold them: address and digest of the page, then of what belongs to it."""
    return as_json([[part.url, part.digest] for part in (reading.item.page, *reading.parts)])


def _figure_rows(difference: Difference) -> Iterable[tuple[object, ...]]:
    for figure in difference.figures:
        yield figure.table, figure.row, figure.column, number_to_json(figure.before), number_to_json(figure.after)
