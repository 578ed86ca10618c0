"""Reports, their versions and their changes: how one pass's judgements and readings become rows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from archive.history.across import CheckAcross
from archive.history.changes import Judgement, change_id
from archive.history.findings import insert_finding, store_findings
from archive.history.item import Item, ItemReading, Part, file_of
from archive.history.readings import read_apart
from archive.history.versions import KEPT_SENTENCES, Difference, compare, redated, store_figures, store_text
from archive.index import register, search
from archive.index.codes import PROCESSING_ORDER, ChangeKind, ReportStatus
from archive.index.rows import row, rows, value
from archive.work.release import extractor_version
from extract.lexicon.addresses import file_name
from extract.model import number_to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlite_utils import Database

    from archive.files.folder import Archive

#: A page that keeps less than this share of its text is looked at again before it counts as a revision.
MOST_TEXT = 0.4
_FIGURES_OF = "figures are those of "


class Reporter:
    """Writes what one pass says of reports. Used once, inside a transaction."""

    def __init__(self, db: Database, archive: Archive, *, run: str) -> None:
        self._db = db
        self._archive = archive
        self._run = run
        self._readings: dict[str, tuple[str, ItemReading]] = {}
        self._position = 0
        self._across = CheckAcross(db)

    def remember(self, url: str, at: str, reading: ItemReading) -> None:
        """Keep what a document says until its report is judged."""
        self._readings[url] = (at, reading)

    def notice(self, url: str, at: str, report: str | None, code: str, message: str) -> None:
        """Say that something could not be read, compared or placed."""
        self._db.execute(
            "INSERT OR REPLACE INTO notices (run, url, at, report, code, message) VALUES (?, ?, ?, ?, ?, ?)",
            (self._run, url, at, report, code, message),
        )

    def seen(self, report: str, at: str) -> None:
        """A report was seen as it was."""
        self._db.execute("UPDATE reports SET last_seen = max(last_seen, ?) WHERE id = ?", (at, report))

    def report_of(self, agency: str, year: int, portal: str, url: str, at: str) -> str:
        """The id of an agency's report for a year; a new one is entered, to be judged at the end of the pass."""
        known = value(self._db, "SELECT id FROM reports WHERE agency = ? AND year = ?", (agency, year))
        if known is not None:
            return str(known)
        found = row(self._db, "SELECT name, region FROM agencies WHERE id = ?", (agency,))
        assert found is not None  # the register gave the id
        digits = 6
        while True:
            made = register.report_id(portal, year, found["name"], digits)
            if value(self._db, "SELECT 1 FROM reports WHERE id = ?", (made,)) is None:
                break
            digits += 2
        self._db.execute(
            "INSERT INTO reports (id, agency, year, url, portal, region, first_seen, last_seen, status, is_delisted, version, "
            "search_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'new', 0, 0, ?)",
            (made, agency, year, url, portal, found["region"], at, at, self._search_id(made, year)),
        )
        return made

    def _search_id(self, report: str, year: int) -> int:
        """A number for the full-text table: later years are higher, so that the newest come first for free. Safe in JavaScript."""
        number = (max(0, min(255, year - 1900)) << 44) | int(hashlib.sha256(report.encode()).hexdigest()[:11], 16)
        while value(self._db, "SELECT 1 FROM reports WHERE search_id = ?", (number,)) is not None:
            number += 1
        return number

    def drop(self, report: str) -> None:
        """Forget a report that no address stands for any more, if it never had a version (its page turned out to be another's)."""
        self._db.execute("DELETE FROM reports WHERE id = ? AND version = 0 AND status = 'new'", (report,))

    # -- a judged report ------------------------------------------------------------------------------------------------

    def apply(self, report: str, judgement: Judgement, old_primary: str | None) -> None:
        """Write what was judged: the address that counts, a new version if its content is another, and the changes."""
        db = self._db
        db.execute("UPDATE documents SET is_primary = (url = ?) WHERE report = ?", (judgement.primary, report))
        is_switch = judgement.primary != old_primary
        before = self._current(report)
        status = judgement.status
        difference: Difference | None = None
        at = ""
        found = self._readings.get(judgement.primary)
        if found is None and is_switch and old_primary is not None:
            found = self._read_again(judgement.primary)
        if found is not None and judgement.status == ReportStatus.PRESENT:
            at, reading = found
            if before is None:
                self._store_version(report, 1, at, judgement.primary, reading)
            else:
                difference, is_shrunken = self._difference(report, before, judgement.primary, at, reading)
                if is_shrunken:
                    status = ReportStatus.SUSPECT
                elif difference is not None:
                    self._store_version(report, before["version"] + 1, at, judgement.primary, reading)
        self._update_report(report, judgement, status)
        from_version = before["version"] if before is not None else None
        current = self._current(report)
        to_version = current["version"] if current is not None else None
        events = [(event.kind, event.at, event.from_url, Difference()) for event in judgement.events]
        if difference is not None:
            events.append((ChangeKind.REVISED, at, None, difference))
        latest = ""
        for kind, when, from_url, what in sorted(
            events, key=lambda event: (PROCESSING_ORDER.index(event[0]), event[1])
        ):
            when = latest = max(when, latest)  # one after another, as they are told
            is_content = kind in (ChangeKind.REVISED, ChangeKind.PUBLISHED)
            self._write_change(
                report,
                kind,
                when,
                from_version,
                to_version if is_content else from_version,
                judgement.primary,
                from_url,
                what,
            )
        if standing_is_new(judgement):
            self._check_backdated(report)

    def _current(self, report: str) -> dict[str, Any] | None:
        return row(
            self._db,
            "SELECT v.* FROM versions v JOIN reports r ON r.id = v.report AND r.version = v.version WHERE r.id = ?",
            (report,),
        )

    def _read_again(self, url: str) -> tuple[str, ItemReading] | None:
        """Read a document that this pass didn't bring anew, because it counts from now on."""
        page = row(
            self._db,
            'SELECT a.url, a.portal, a.digest, a.digest_at, p.segment, p."offset" FROM addresses a '
            "JOIN payloads p ON p.digest = a.digest WHERE a.url = ?",
            (url,),
        )
        if page is None:
            return None
        parts = tuple(
            Part(
                found["url"],
                found["digest"],
                found["segment"],
                found["offset"],
                is_kept=not found["is_linked"],
                at=found["digest_at"],
            )
            for found in rows(
                self._db,
                'SELECT a.url, a.digest, a.digest_at, a.is_linked, p.segment, p."offset" FROM addresses a '
                "JOIN payloads p ON p.digest = a.digest WHERE a.parent = ? AND a.url <> ? AND a.is_gone = 0 ORDER BY a.url",
                (url, url),
            )
        )
        item = Item(
            str(self._archive.root),
            Part(page["url"], page["digest"], page["segment"], page["offset"]),
            parts,
            register.known_names(self._db, page["portal"]),
        )
        reading = read_apart(item)
        return (page["digest_at"], reading) if reading.content is not None else None

    def _difference(
        self, report: str, before: dict[str, Any], url: str, at: str, reading: ItemReading
    ) -> tuple[Difference | None, bool]:
        """What a reading has that the last version hadn't, `None` if nothing; and whether it lost so much that it must be seen twice."""
        assert reading.content is not None  # remembered only if it can be compared
        digest = reading.content.digest
        if digest == before["content_digest"]:
            self._db.execute(
                "UPDATE documents SET pending_digest = NULL, content_digest = ? WHERE url = ?", (digest, url)
            )
            return self._redated(before, url, at, reading), False
        old = read_apart(version_item(self._db, self._archive, before))
        if old.content is None:
            self.notice(
                url, at, report, "cannot-compare", f"version {before['version']} can't be read any more: not compared"
            )
            return None, False
        if (
            old.content.digest == digest
        ):  # the last version was read by an older extractor: nothing happened to the report
            return None, False
        old = self._completed(report, before, old, reading, at)
        difference = compare(old, reading, same_document=before["media_type"] == reading.extraction.media_type)
        if difference.is_empty:
            return None, False
        if _lost_most(old, reading):
            pending = value(self._db, "SELECT pending_digest FROM documents WHERE url = ?", (url,))
            if pending != digest:
                self._db.execute("UPDATE documents SET pending_digest = ? WHERE url = ?", (digest, url))
                self.notice(
                    url, at, report, "shrunken", "the page lost most of the report: looked at again before it counts"
                )
                return None, True
        self._db.execute("UPDATE documents SET pending_digest = NULL WHERE url = ?", (url,))
        return difference, False

    def _completed(
        self, report: str, before: dict[str, Any], old: ItemReading, reading: ItemReading, at: str
    ) -> ItemReading:
        """The last version with the files that its page linked already, but that were first captured since: ours was the delay."""
        late = [part for part in reading.files if file_of(part.url) in old.lacking]
        if not late:
            return old
        parts = (*old.item.parts, *(replace(part, is_kept=True) for part in late))
        completed = read_apart(replace(old.item, parts=parts))
        if completed.content is None:
            return old
        number = before["version"]
        for table in ("versions", "findings"):
            self._db.execute(f"DELETE FROM {table} WHERE report = ? AND version = ?", (report, number))
        self._store_version(report, number, before["first_seen"], before["url"], completed)
        names = ", ".join(file_name(part.url) for part in late)
        self.notice(before["url"], at, report, "completed", f"version {number} got what its page named before: {names}")
        return completed

    def _redated(self, before: dict[str, Any], url: str, at: str, reading: ItemReading) -> Difference | None:
        """Whether the same content bears another day of publication at the same address, as after a back-dating."""
        from archive.clock import shanghai_day

        published = reading.extraction.published
        if published is None or url != before["url"] or published.isoformat() == before["published_on"]:
            return None
        old = read_apart(version_item(self._db, self._archive, before))
        difference = redated(old, reading, shanghai_day(at))
        return None if difference.is_empty else difference

    def _store_version(self, report: str, version: int, at: str, url: str, reading: ItemReading) -> None:
        db, extraction = self._db, reading.extraction
        assert reading.content is not None  # callers compare contents first
        entry = value(db, "SELECT entry FROM addresses WHERE url = ?", (url,))
        listed = json.loads(entry) if entry else {}
        capture = self._capture(reading.item.page, at)
        attachments = [{"url": part.url, "name": file_name(part.url), "digest": part.digest} for part in reading.files]
        db.execute(
            "INSERT INTO versions (report, version, first_seen, capture, figures_capture, url, media_type, title, published_on, form, "
            "scope, index_number, content_digest, state, attachments, coverage, warnings, extractor) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                report,
                version,
                at,
                capture,
                self._figures_capture(reading, at) or capture,
                url,
                extraction.media_type,
                extraction.title or listed.get("title"),
                extraction.published.isoformat() if extraction.published else listed.get("date"),
                extraction.form,
                extraction.scope.value if extraction.scope else None,
                extraction.index_number,
                reading.content.digest,
                json.dumps(
                    [[part.url, part.digest] for part in (reading.item.page, *reading.parts)], ensure_ascii=False
                ),
                json.dumps(attachments, ensure_ascii=False),
                json.dumps({table: list(counts) for table, counts in extraction.coverage.items()}),
                json.dumps(list(extraction.warnings), ensure_ascii=False),
                extractor_version(),
            ),
        )
        db.execute("UPDATE documents SET content_digest = ? WHERE url = ?", (reading.content.digest, url))
        db.execute("UPDATE reports SET version = ? WHERE id = ?", (version, report))
        store_figures(db, report, version, extraction.figures)
        text = store_text(db, report, version, reading)
        store_findings(db, report, version, extraction.findings)
        about = row(
            db, "SELECT r.search_id, a.name FROM reports r JOIN agencies a ON a.id = r.agency WHERE r.id = ?", (report,)
        )
        assert about is not None  # the report was entered before its version
        search.index_report(db, about["search_id"], f"{extraction.title or ''}\n{about['name']}", text)
        self._across.touch(report)

    def _capture(self, part: Part, at: str) -> str:
        """The capture that a payload was seen in: the last of its address until then, else the record that stores it."""
        found = value(
            self._db,
            "SELECT id FROM captures WHERE url = ? AND digest = ? AND at <= ? ORDER BY at DESC, id LIMIT 1",
            (part.url, part.digest, at),
        )
        if found is None:
            found = value(
                self._db, 'SELECT id FROM captures WHERE segment = ? AND "offset" = ?', (part.segment, part.offset)
            )
        return str(found)

    def _figures_capture(self, reading: ItemReading, at: str) -> str | None:
        """The capture of the file that the figures were read from, `None` if that is the page."""
        for warning in reading.extraction.warnings:
            if warning.startswith(_FIGURES_OF):
                url = warning.removeprefix(_FIGURES_OF)
                for part in reading.parts:
                    if part.url == url:
                        return self._capture(part, "~")
        return None

    def _update_report(self, report: str, judgement: Judgement, status: str) -> None:
        db = self._db
        current = self._current(report)
        db.execute(
            "UPDATE reports SET status = ?, is_delisted = ?, url = ?, "
            "last_seen = (SELECT max(last_seen) FROM documents d WHERE d.report = reports.id), "
            "first_seen = min(first_seen, (SELECT min(first_seen) FROM documents d WHERE d.report = reports.id)) WHERE id = ?",
            (status, int(judgement.is_delisted), judgement.primary, report),
        )
        if current is not None:
            db.execute(
                "UPDATE reports SET form = ?, scope = ?, title = ?, published_on = ? WHERE id = ?",
                (current["form"], current["scope"], current["title"], current["published_on"], report),
            )
            return
        listed = value(db, "SELECT entry FROM addresses WHERE url = ?", (judgement.primary,))
        entry = json.loads(listed) if listed else {}
        db.execute(
            "UPDATE reports SET title = ?, published_on = ? WHERE id = ?",
            (entry.get("title"), entry.get("date"), report),
        )

    def _write_change(
        self,
        report: str,
        kind: str,
        at: str,
        from_version: int | None,
        to_version: int | None,
        url: str,
        from_url: str | None,
        difference: Difference,
    ) -> None:
        made = change_id(report, kind, at, to_version, url)
        details = {
            **difference.details,
            **({"added": list(difference.added[:KEPT_SENTENCES])} if difference.added else {}),
            **({"removed": list(difference.removed[:KEPT_SENTENCES])} if difference.removed else {}),
        }
        self._db.execute(
            "INSERT INTO changes (id, report, kind, at, from_version, to_version, url, from_url, text_added, text_removed, "
            "details, run, position, is_false_alarm) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            (
                made,
                report,
                kind,
                at,
                from_version,
                to_version,
                url,
                from_url,
                len(difference.added),
                len(difference.removed),
                json.dumps(details, ensure_ascii=False),
                self._run,
                self._position,
            ),
        )
        self._position += 1
        for figure in difference.figures:
            self._db.execute(
                'INSERT INTO figure_changes (change, "table", "row", "column", before, after) VALUES (?, ?, ?, ?, ?, ?)',
                (
                    made,
                    figure.table,
                    figure.row,
                    figure.column,
                    number_to_json(figure.before),
                    number_to_json(figure.after),
                ),
            )

    def _check_backdated(self, report: str) -> None:
        """Note the last complete look at the list that did not have the report; a printed date before it is a finding."""
        from archive.clock import shanghai_day

        db = self._db
        listed = row(
            db,
            "SELECT l.column_url, l.first_at, l.portal FROM listings l JOIN documents d ON d.entry_url = l.url OR d.url = l.url "
            "WHERE d.report = ? ORDER BY l.first_at, l.column_url LIMIT 1",
            (report,),
        )
        if listed is None:
            return
        absent_at = value(
            db,
            "SELECT max(at) FROM lists WHERE url = ? AND is_complete = 1 AND at < ?",
            (listed["column_url"], listed["first_at"]),
        ) or self._absent_before_move(listed)
        db.execute("UPDATE reports SET absent_at = ? WHERE id = ?", (absent_at, report))
        about = row(db, "SELECT published_on, first_seen, version FROM reports WHERE id = ?", (report,))
        assert about is not None  # it was judged a moment ago
        if absent_at is None or about["published_on"] is None or about["published_on"] >= shanghai_day(absent_at):
            return
        insert_finding(
            db,
            report,
            max(1, about["version"]),
            check="backdated",
            severity="warning",
            where="published_on",
            message=(
                f"印发日期 {about['published_on']} 早于 {shanghai_day(absent_at)} 对目录的完整检查，当时目录中没有这份报告；"
                f"首次见于 {shanghai_day(about['first_seen'])}"
            ),
        )

    def _absent_before_move(self, listed: Mapping[str, Any]) -> str | None:
        """When the portal's lists, all of them, were last read to their end before a column that was found by itself first named a report.

        Such a column stands for one that moved. One that a definition names may be new to the archive and old to the portal.
        """
        start = value(self._db, "SELECT start FROM portals WHERE id = ?", (listed["portal"],))
        if listed["column_url"] in json.loads(start or "[]"):
            return None
        at = value(
            self._db,
            "SELECT max(at) FROM (SELECT min(l.at) AS at FROM lists l JOIN portal_passes p ON p.portal = l.portal AND p.run = l.run "
            "WHERE l.portal = ? GROUP BY l.run HAVING min(l.is_complete) = 1) WHERE at < ?",
            (listed["portal"], listed["first_at"]),
        )
        return str(at) if at is not None else None

    def finish(self) -> None:
        """Run the checks that need several reports, for those that have new versions."""
        self._across.run()


def standing_is_new(judgement: Judgement) -> bool:
    """Whether the pass found the report."""
    return any(event.kind is ChangeKind.PUBLISHED for event in judgement.events)


def version_item(db: Database, archive: Archive, version: dict[str, Any]) -> Item:
    """The payloads that a version was read from, to be read again."""
    parts = []
    for url, digest in json.loads(version["state"]):
        place = row(db, 'SELECT segment, "offset" FROM payloads WHERE digest = ?', (digest,))
        assert place is not None  # a version's payloads are never removed
        parts.append(Part(url, digest, place["segment"], place["offset"], is_kept=True))
    portal = value(db, "SELECT portal FROM reports WHERE id = ?", (version["report"],))
    return Item(str(archive.root), parts[0], tuple(parts[1:]), register.known_names(db, portal))


def _lost_most(before: ItemReading, after: ItemReading) -> bool:
    if before.content is None or after.content is None:
        return False
    had = _size(before)
    return (
        had > 200
        and _size(after) < MOST_TEXT * had
        and len(after.extraction.figures) <= len(before.extraction.figures) / 2
    )


def _size(reading: ItemReading) -> int:
    """Characters of a report: its own and those of the file that its figures come from."""
    assert reading.content is not None  # checked by the caller
    own = sum(map(len, reading.content.lines)) + sum(
        len(cell) for grid in reading.content.grids for cells in grid for cell in cells
    )
    return max(own, sum(len(section.text) for section in reading.extraction.sections))
