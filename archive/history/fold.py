"""One pass folded into the index: what was captured and seen in it, applied to what was known before."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.duties.decisions import Decision, apply_to_register
from archive.duties.obligations import INTERRUPTED
from archive.history import scan
from archive.history.changes import Address, Standing, judge
from archive.history.item import Item, ItemReading, Part
from archive.history.readings import READING, failed, load_reader, read_item
from archive.history.reports import Reporter
from archive.index import register
from archive.index.codes import AddressStatus
from archive.index.rows import row, rows, value
from archive.work.jobs import run_ordered
from extract.lexicon.titles import NOT_PLAIN, Judgement, Shape, judge_title

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlite_utils import Database

    from archive.files.folder import Archive

#: Verdicts that are a look at something gone: 404 and 410, a soft 404, the portal's home in its place.
GONE_VERDICTS = frozenset({"gone?", "gone", "moved"})
OK = "ok"

#: Media types of answers that can be the text of a page rather than a file.
_FILLS_PAGES = ("json", "html", "text/plain")


@dataclass(frozen=True, slots=True)
class Look:
    """One look at an address, from the visit log or from a capture."""

    url: str
    at: str
    verdict: str
    status: int | None
    role: str
    portal: str
    digest: str | None = None


class Fold:
    """Applies one pass. Used once, inside a transaction."""

    def __init__(
        self,
        db: Database,
        archive: Archive,
        this_pass: dict[str, Any],
        *,
        decisions: Sequence[Decision],
        workers: int | None,
        cluster: str | None,
        say: Callable[[str], None],
    ) -> None:
        self._db = db
        self._archive = archive
        self._run: str = this_pass["run"]
        self._number: int = this_pass["number"]
        self._name = f"{self._run}#{self._number}" if self._number else self._run
        self._since: str = this_pass["starts_at"]
        following = value(
            db, "SELECT min(starts_at) FROM passes WHERE run = ? AND number > ?", (self._run, self._number)
        )
        self._until: str = following or "~"
        self._is_import = value(db, "SELECT kind FROM runs WHERE id = ?", (self._run,)) == "import"
        self._decisions = decisions
        self._workers = workers
        self._cluster = cluster
        self._say = say
        self._touched: set[str] = set()
        #: Addresses that a list names or dropped in this pass, and pages that it took in.
        self._relisted: set[str] = set()
        self._delisted_columns: set[str] = set()
        self._reporter = Reporter(db, archive, run=self._run)

    def run(self) -> None:
        """Fold the pass."""
        self._define()
        captures = self._captures()
        lines = self._lines()
        looks = self._looks(captures, lines)
        pages = self._enter_addresses(captures, looks)
        self._enter_lists(lines)
        self._enter_portal_passes(lines)
        self._read_pages(pages)
        self._apply_looks(looks)
        self._refresh_listed()
        self._judge_touched()
        self._reporter.finish()

    # -- what was harvested -------------------------------------------------------------------------------------------

    def _define(self) -> None:
        for start in scan.run_start(self._db, self._archive, self._run):
            for definition in scan.definitions_of(start):
                register.define_portal(self._db, definition, self._since)
        for decision in self._decisions:  # what a person decided about an agency outlives its definition
            apply_to_register(self._db, decision)

    def _lines(self) -> list[dict[str, Any]]:
        """The lines of the run's visit logs that belong to this pass."""
        return [
            line
            for line in scan.visit_lines(self._db, self._archive, self._run)
            if (not self._number or line["t"] >= self._since) and line["t"] < self._until
        ]

    def _captures(self) -> list[dict[str, Any]]:
        return rows(
            self._db,
            "SELECT * FROM captures WHERE run = ? AND at >= ? AND at < ? AND role IS NOT NULL "
            'ORDER BY at, segment, "offset"',
            (self._run, self._since if self._number else "", self._until),
        )

    def _looks(self, captures: list[dict[str, Any]], lines: list[dict[str, Any]]) -> list[Look]:
        """All looks of the pass in the order of time.

        Captures without a line in a visit log are the looks of an import, or of a job that was killed: of the latter only what was found is
        taken, since it may have been killed for what it met.
        """
        looks = [
            Look(line["u"], line["t"], line["v"], line.get("s"), line["r"], line["p"], line.get("d"))
            for line in lines
            if line["k"] == "v"
        ]
        visited = {look.url for look in looks}
        for capture in captures:
            if capture["url"] not in visited and (self._is_import or capture["verdict"] == OK):
                looks.append(
                    Look(
                        capture["url"],
                        capture["at"],
                        capture["verdict"],
                        capture["status"],
                        capture["role"],
                        capture["portal"],
                    )
                )
        return sorted(looks, key=lambda look: look.at)

    # -- addresses ----------------------------------------------------------------------------------------------------

    def _enter_addresses(self, captures: list[dict[str, Any]], looks: list[Look]) -> dict[str, str]:
        """Update what is known of each address. Gives the pages to be looked into: address → when it was captured."""
        pages: dict[str, str] = {}
        for capture in captures:
            self._make_portal(capture["portal"])
            is_whole = capture["verdict"] == OK and capture["digest"] and not _is_redirect(capture["status"])
            if is_whole and capture["role"] == "attachment" and capture["parent"] is not None:
                capture = {**capture, "url": self._own_address(capture)}
            self._enter_capture(capture, bool(is_whole))
            if capture["role"] not in ("report", "attachment") or not is_whole:
                continue
            page = self._page_of(capture)
            if page is not None:
                pages[page] = min(pages.get(page, capture["at"]), capture["at"])
        for look in looks:
            self._make_portal(look.portal)
            self._enter_look(look, pages)
        return pages

    def _make_portal(self, portal: str) -> None:
        """Portals that no definition describes (loose imports) still have a row."""
        self._db.execute(
            "INSERT OR IGNORE INTO portals (id, name, start, state) VALUES (?, ?, '[]', 'undefined')", (portal, portal)
        )

    def _own_address(self, capture: dict[str, Any]) -> str:
        """Under which address an answer that belongs to a page is kept.

        Portals that fill their shells by POST answer for every article at one address: there the first page keeps the address, each other
        one gets it with the page's own as fragment. Files are the same whoever asks for them.
        """
        media_type = (capture["media_type"] or "").lower()
        if not any(kind in media_type for kind in _FILLS_PAGES):
            return str(capture["url"])
        known = row(self._db, "SELECT parent, digest FROM addresses WHERE url = ?", (capture["url"],))
        is_free = known is None or known["parent"] in (None, capture["parent"]) or known["digest"] == capture["digest"]
        return str(capture["url"]) if is_free else f"{capture['url']}#{capture['parent']}"

    def _enter_capture(self, capture: dict[str, Any], is_whole: bool) -> None:
        known = row(self._db, "SELECT digest FROM addresses WHERE url = ?", (capture["url"],))
        if known is None:
            self._db.execute(
                "INSERT INTO addresses (url, portal, role, verdict, status, visited_at, visits, parent, column_url, entry, "
                "is_linked, is_gone) VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, 0, 0)",
                (
                    capture["url"],
                    capture["portal"],
                    capture["role"],
                    capture["verdict"],
                    capture["status"],
                    capture["at"],
                    capture["parent"],
                    capture["column_url"],
                    capture["entry"],
                ),
            )
        elif capture["role"] != "robots":
            self._db.execute(
                "UPDATE addresses SET portal = ?, role = ?, parent = coalesce(?, parent), column_url = coalesce(?, column_url), "
                "entry = coalesce(?, entry) WHERE url = ?",
                (
                    capture["portal"],
                    capture["role"],
                    capture["parent"],
                    capture["column_url"],
                    capture["entry"],
                    capture["url"],
                ),
            )
        if is_whole:
            self._db.execute(
                "UPDATE addresses SET changed_at = iif(digest IS ?, changed_at, ?), digest = ?, digest_at = ?, "
                "etag = coalesce(?, iif(digest IS ?, etag, NULL)), last_modified = coalesce(?, iif(digest IS ?, last_modified, NULL)), "
                "gone_run = NULL, is_gone = 0 WHERE url = ?",
                (
                    capture["digest"],
                    capture["at"],
                    capture["digest"],
                    capture["at"],
                    capture["etag"],
                    capture["digest"],
                    capture["last_modified"],
                    capture["digest"],
                    capture["url"],
                ),
            )

    def _page_of(self, capture: dict[str, Any]) -> str | None:
        """The page that a capture belongs to: itself, or the one that it hangs on."""
        parent = capture["parent"]
        if parent is None:
            return capture["url"] if capture["role"] == "report" else None
        return self._page_at(parent)

    def _page_at(self, url: str) -> str:
        """The page that answers for an address: itself, or where the list's address led when it was captured."""
        if row(self._db, "SELECT 1 AS one FROM addresses WHERE url = ? AND digest IS NOT NULL", (url,)) is not None:
            return url
        found = value(
            self._db, "SELECT url FROM documents WHERE entry_url = ? ORDER BY last_seen DESC, url LIMIT 1", (url,)
        )
        if found is None:
            found = value(
                self._db,
                "SELECT url FROM addresses WHERE role = 'report' AND parent IS NULL AND digest IS NOT NULL "
                "AND json_extract(entry, '$.url') <> url AND json_extract(entry, '$.url') = ? ORDER BY digest_at DESC, url LIMIT 1",
                (url,),
            )
        return str(found) if found is not None else url

    def _enter_look(self, look: Look, pages: dict[str, str]) -> None:
        self._db.execute(
            "INSERT INTO addresses (url, portal, role, verdict, status, visited_at, visits, is_linked, is_gone) "
            "VALUES (?, ?, ?, ?, ?, ?, 1, 0, 0) ON CONFLICT (url) DO UPDATE SET verdict = excluded.verdict, "
            "status = excluded.status, visited_at = excluded.visited_at, visits = visits + 1",
            (look.url, look.portal, look.role, look.verdict, look.status, look.at),
        )
        if look.role == "report" and look.verdict == OK:
            pending = value(self._db, "SELECT pending_digest FROM documents WHERE url = ?", (look.url,))
            if pending is not None:
                pages.setdefault(look.url, look.at)
        if look.role != "attachment":
            return
        known = row(self._db, "SELECT parent, gone_run, is_gone, digest FROM addresses WHERE url = ?", (look.url,))
        if known is None or known["parent"] is None or known["digest"] is None:
            return
        if look.verdict == OK and (known["is_gone"] or known["gone_run"]):
            self._db.execute("UPDATE addresses SET gone_run = NULL, is_gone = 0 WHERE url = ?", (look.url,))
            pages.setdefault(self._page_at(known["parent"]), look.at)
        elif look.verdict in GONE_VERDICTS and not known["is_gone"]:
            is_second = known["gone_run"] not in (None, self._name)
            self._db.execute(
                "UPDATE addresses SET gone_run = ?, is_gone = ? WHERE url = ?", (self._name, int(is_second), look.url)
            )
            if is_second:
                pages.setdefault(self._page_at(known["parent"]), look.at)

    # -- lists --------------------------------------------------------------------------------------------------------

    def _enter_lists(self, lines: list[dict[str, Any]]) -> None:
        healthy = _read_to_their_end(lines) | self._healthy_imports(lines)
        read: dict[str, set[str]] = {}
        for line in lines:
            if line["k"] != "l":
                continue
            portal, column = line["p"], line["u"]
            read.setdefault(portal, set()).add(column)
            is_same = bool(line.get("same"))
            entries = line.get("entries") or []
            count = (
                value(self._db, "SELECT count(*) FROM listings WHERE column_url = ?", (column,))
                if is_same
                else len(entries)
            )
            self._db.execute(
                "INSERT OR REPLACE INTO lists (portal, url, at, run, is_complete, reason, entries) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (portal, column, line["t"], self._run, int(line["complete"]), line.get("reason"), count),
            )
            if is_same:
                continue
            for entry in entries:
                self._enter_listing(portal, column, entry, line["t"])
            if line["complete"] and portal in healthy:
                self._drop_listings(column, {entry["url"] for entry in entries})
        for portal in sorted(
            healthy if not self._is_import else ()
        ):  # a column that a healthy pass no longer reads was given up or moved
            for found in rows(self._db, "SELECT DISTINCT column_url FROM listings WHERE portal = ?", (portal,)):
                if found["column_url"] not in read.get(portal, set()) and read.get(portal):
                    self._drop_listings(found["column_url"], set())

    def _healthy_imports(self, lines: list[dict[str, Any]]) -> set[str]:
        """Portals whose lists stand whole in an import: all columns of the definition, if it names them, read to their end."""
        if not self._is_import:
            return set()
        healthy: set[str] = set()
        for portal in sorted({line["p"] for line in lines if line["k"] == "l"}):
            readings = [line for line in lines if line["k"] == "l" and line["p"] == portal]
            start = set(json.loads(value(self._db, "SELECT start FROM portals WHERE id = ?", (portal,)) or "[]"))
            if all(line["complete"] for line in readings) and start <= {line["u"] for line in readings}:
                healthy.add(portal)
                self._db.execute(
                    "INSERT OR REPLACE INTO portal_passes (portal, run, at, is_ok, reason, listed) VALUES (?, ?, ?, 1, 'import', ?)",
                    (portal, self._run, readings[-1]["t"], sum(len(line.get("entries") or ()) for line in readings)),
                )
        return healthy

    def _enter_listing(self, portal: str, column: str, entry: dict[str, Any], at: str) -> None:
        self._db.execute(
            "INSERT INTO listings (column_url, url, portal, title, date, agency, first_at) VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (column_url, url) DO UPDATE SET title = excluded.title, date = excluded.date, agency = excluded.agency",
            (column, entry["url"], portal, entry.get("title"), entry.get("date"), entry.get("agency"), at),
        )
        self._db.execute(
            "UPDATE addresses SET entry = ? WHERE url = ?", (json.dumps(entry, ensure_ascii=False), entry["url"])
        )
        self._relisted.add(entry["url"])

    def _drop_listings(self, column: str, kept: set[str]) -> None:
        for found in rows(self._db, "SELECT url FROM listings WHERE column_url = ?", (column,)):
            if found["url"] not in kept:
                self._db.execute("DELETE FROM listings WHERE column_url = ? AND url = ?", (column, found["url"]))
                self._relisted.add(found["url"])

    def _refresh_listed(self) -> None:
        """Take over into the documents which of them the lists name now: those that this pass can have changed."""
        for url in sorted(self._relisted):
            changed = rows(
                self._db,
                "SELECT url, report, now FROM (SELECT d.url, d.report, d.is_listed, (EXISTS (SELECT 1 FROM listings l "
                "WHERE l.url = d.url) OR EXISTS (SELECT 1 FROM listings l WHERE l.url = d.entry_url)) AS now FROM documents d "
                "WHERE d.url = ? OR d.entry_url = ?) WHERE now <> is_listed",
                (url, url),
            )
            for found in changed:
                self._db.execute(
                    "UPDATE documents SET is_listed = ?, was_listed = max(was_listed, ?) WHERE url = ?",
                    (found["now"], found["now"], found["url"]),
                )
                self._touched.add(found["report"])

    def _enter_portal_passes(self, lines: list[dict[str, Any]]) -> None:
        whole = _read_to_their_end(lines)
        for line in lines:
            if line["k"] != "p":
                continue
            is_ok, reason = bool(line["ok"]), line.get("reason") or None
            self._make_portal(line["p"])
            self._db.execute(
                "INSERT OR REPLACE INTO portal_passes (portal, run, at, is_ok, reason, listed, expected) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (line["p"], self._run, line["t"], int(is_ok), reason, line.get("listed"), line.get("expected")),
            )
            if not is_ok and (reason or "").startswith(INTERRUPTED):  # by us: that says nothing of the portal
                self._db.execute("UPDATE portals SET last_pass_at = ? WHERE id = ?", (line["t"], line["p"]))
                continue
            self._db.execute(
                "UPDATE portals SET state = ?, reason = ?, last_pass_at = ?, last_ok_at = iif(?, ?, last_ok_at), "
                "failing_since = iif(?, NULL, coalesce(failing_since, ?)), listed = ?, expected = ? WHERE id = ?",
                (
                    _state(is_ok, reason, has_lists=line["p"] in whole),
                    None if is_ok else reason,
                    line["t"],
                    is_ok,
                    line["t"],
                    is_ok,
                    line["t"],
                    line.get("listed"),
                    line.get("expected"),
                    line["p"],
                ),
            )

    # -- pages --------------------------------------------------------------------------------------------------------

    def _read_pages(self, pages: dict[str, str]) -> None:
        """Read every page whose payloads are not those that were read last, and take in what it says."""
        waiting: list[tuple[str, str]] = []
        items: list[Item] = []
        for url, at in sorted(pages.items(), key=lambda pair: (pair[1], pair[0])):
            item = self._item(url)
            if item is None:
                continue
            known = row(self._db, "SELECT state, pending_digest FROM documents WHERE url = ?", (url,))
            if known is not None and known["state"] == item.state and known["pending_digest"] is None:
                continue
            waiting.append((url, at))
            items.append(item)
        if items:
            self._say(f"{len(items)} pages to read")
            load_reader()
        readings = run_ordered(
            read_item, items, given_up=failed, workers=self._workers, cluster=self._cluster, limits=READING
        )
        for (url, at), reading in zip(waiting, readings, strict=True):
            self._take_in(url, at, reading)

    def _item(self, url: str) -> Item | None:
        page = row(
            self._db,
            'SELECT a.url, a.portal, a.digest, a.entry, p.segment, p."offset" FROM addresses a '
            "JOIN payloads p ON p.digest = a.digest WHERE a.url = ?",
            (url,),
        )
        if page is None:
            return None
        entry_url = json.loads(page["entry"])["url"] if page["entry"] else url
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
                "JOIN payloads p ON p.digest = a.digest WHERE a.parent IN (?, ?) AND a.url <> ? AND a.is_gone = 0 ORDER BY a.url",
                (url, entry_url, url),
            )
        )
        return Item(
            str(self._archive.root),
            Part(page["url"], page["digest"], page["segment"], page["offset"]),
            parts,
            register.known_names(self._db, page["portal"]),
        )

    def _take_in(self, url: str, at: str, reading: ItemReading) -> None:
        for linked in reading.linked:
            self._db.execute("UPDATE addresses SET is_linked = 1 WHERE url = ?", (linked,))
        page = row(self._db, "SELECT portal, entry FROM addresses WHERE url = ?", (url,))
        assert page is not None  # entered before it was read
        entry = json.loads(page["entry"]) if page["entry"] else {}
        known = row(self._db, "SELECT * FROM documents WHERE url = ?", (url,))
        report = self._identify(url, at, page["portal"], entry, reading, known)
        if report is None:
            return
        known = row(self._db, "SELECT * FROM documents WHERE url = ?", (url,))
        if reading.problem is not None:
            self._reporter.notice(url, at, report, "unreadable", reading.problem)
        elif reading.content is None:
            self._reporter.notice(
                url, at, report, "cannot-compare", "the report can't be told from its page: not compared"
            )
        title = reading.extraction.title or entry.get("title")
        if known is None:
            self._db.execute(
                "INSERT INTO documents (url, entry_url, report, portal, status, first_seen, first_run, last_seen, is_primary, "
                "is_listed, was_listed, is_correction, is_plain, figures, state, title) "
                "VALUES (?, ?, ?, ?, 'present', ?, ?, ?, 0, 0, 0, 0, 0, 0, '', ?)",
                (url, entry.get("url") or url, report, page["portal"], at, self._name, at, title),
            )
        shapes = {shape for name in (title, entry.get("title")) for shape in judge_title(name or "").shapes}
        readable = reading.content is not None
        figures = sum(figure.is_reliable for figure in reading.extraction.figures)
        self._db.execute(
            "UPDATE documents SET state = ?, entry_url = ?, title = coalesce(?, title), is_correction = ?, is_plain = ?, "
            "figures = iif(?, ?, figures) WHERE url = ?",
            (
                reading.item.state,
                entry.get("url") or url,
                title,
                int(Shape.CORRECTION in shapes),
                int(not shapes & NOT_PLAIN),
                readable,
                figures,
                url,
            ),
        )
        self._relisted.add(url)
        if readable or known is None:
            self._seen(url, at)
        if readable:
            self._reporter.remember(url, at, reading)
        self._touched.add(report)

    def _identify(
        self,
        url: str,
        at: str,
        portal: str,
        entry: dict[str, Any],
        reading: ItemReading,
        known: dict[str, Any] | None,
    ) -> str | None:
        """The report that a page is a document of, made if it is new; `None`, with a notice, if it is no report."""
        extraction = reading.extraction
        listed_title = entry.get("title") or ""
        year = extraction.year
        if year is None:
            if known is not None:
                code = "unreadable" if reading.problem else "cannot-compare"
                said = reading.problem or "the page no longer looks like the report: not compared, not counted as gone"
                self._reporter.notice(url, at, known["report"], code, said)
                return None
            is_unread = reading.problem is not None or reading.content is None or not reading.content.lines
            listed = judge_title(listed_title)
            names_report = listed.judgement is Judgement.ACCEPT and not NOT_PLAIN.intersection(listed.shapes)
            if not (is_unread and names_report) or listed.year is None:
                said = reading.problem or next(iter(extraction.warnings), "not an annual report")
                self._reporter.notice(url, at, None, "unreadable" if reading.problem else "not-a-report", said)
                return None
            year = listed.year
        if known is not None:
            kept = row(self._db, "SELECT year FROM reports WHERE id = ?", (known["report"],))
            if kept is not None and kept["year"] == year:
                return str(known["report"])
        agency = self._agency(url, at, portal, entry, reading, year)
        if agency is None:
            return None
        if known is not None:
            self._db.execute("DELETE FROM documents WHERE url = ?", (url,))
            self._touched.add(known["report"])
        return self._reporter.report_of(agency, year, portal, url, at)

    def _agency(
        self, url: str, at: str, portal: str, entry: dict[str, Any], reading: ItemReading, year: int
    ) -> str | None:
        """Whose report it is: a name that the register knows, else the name as printed, else the portal's own government."""
        printed = [
            name
            for name in (
                reading.extraction.agency,
                entry.get("agency"),
                judge_title(entry.get("title") or "").agency,
            )
            if name
        ]
        for name in printed:
            found = register.find_agency(self._db, portal, name)
            if found is not None:
                return register.find_or_add(self._db, portal, name, year=year, at=at)
        if printed:
            return register.find_or_add(self._db, portal, printed[0], year=year, at=at)
        government = register.portal_government(self._db, portal)
        if government is None:
            self._reporter.notice(
                url, at, None, "agency-unknown", f"a report for {year} that names no agency: left out"
            )
            return None
        self._reporter.notice(
            url, at, None, "agency-assumed", "the report names no agency: taken for the portal's own government"
        )
        return government

    # -- looks and judgement ------------------------------------------------------------------------------------------

    def _seen(self, url: str, at: str) -> None:
        self._db.execute(
            "UPDATE documents SET status = 'present', gone_run = NULL, gone_at = NULL, last_seen = max(last_seen, ?) WHERE url = ?",
            (at, url),
        )

    def _apply_looks(self, looks: Iterable[Look]) -> None:
        for look in looks:
            if look.role not in ("report", "probe"):
                continue
            for document in self._documents_at(look.url):
                if look.verdict == OK and not _is_redirect(look.status):
                    self._apply_good_look(document, look)
                elif look.verdict in GONE_VERDICTS:
                    self._touched.add(document["report"])
                    self._looks_gone(document, look.at)

    def _apply_good_look(self, document: dict[str, Any], look: Look) -> None:
        if document["url"] != look.url:
            return
        if self._leads_elsewhere(look):
            if self._has_heir(document):
                self._touched.add(document["report"])
                self._db.execute(
                    "UPDATE documents SET status = ?, gone_run = ?, gone_at = ? WHERE url = ? AND status <> ?",
                    (AddressStatus.GONE, self._name, look.at, look.url, AddressStatus.GONE),
                )
            return
        item = self._item(look.url)
        if item is None or item.state != document["state"]:
            return  # a page without the report is no sight of it
        self._seen(look.url, look.at)
        if _needs_judging(document):
            self._touched.add(document["report"])
        else:
            self._reporter.seen(document["report"], look.at)

    def _leads_elsewhere(self, look: Look) -> bool:
        """Whether the good answer came from another address: the address itself answered with a redirect when last captured."""
        status = value(
            self._db,
            'SELECT status FROM captures WHERE url = ? ORDER BY at DESC, segment DESC, "offset" DESC LIMIT 1',
            (look.url,),
        )
        known = value(self._db, "SELECT digest FROM addresses WHERE url = ?", (look.url,))
        is_own = known is not None and look.digest is not None and str(known).startswith(look.digest)  # it may be cut
        return _is_redirect(status) and not is_own

    def _has_heir(self, document: dict[str, Any]) -> bool:
        """Whether the report was seen in this pass where the list's address leads now."""
        return (
            value(
                self._db,
                "SELECT 1 FROM documents WHERE report = ? AND url <> ? AND entry_url IN (?, ?) AND status = 'present' AND last_seen >= ?",
                (document["report"], document["url"], document["url"], document["entry_url"], self._since),
            )
            is not None
        )

    def _documents_at(self, url: str) -> Iterator[dict[str, Any]]:
        found = rows(self._db, "SELECT * FROM documents WHERE url = ?", (url,))
        if not found:
            found = rows(self._db, "SELECT * FROM documents WHERE entry_url = ? ORDER BY url", (url,))
        yield from found

    def _looks_gone(self, document: dict[str, Any], at: str) -> None:
        if document["status"] == AddressStatus.PRESENT:
            status = AddressStatus.SUSPECT
        elif document["status"] == AddressStatus.SUSPECT and document["gone_run"] != self._name:
            status = AddressStatus.GONE
        else:
            return
        self._db.execute(
            "UPDATE documents SET status = ?, gone_run = ?, gone_at = ? WHERE url = ?",
            (status, self._name, at, document["url"]),
        )

    def _judge_touched(self) -> None:
        for report in sorted(self._touched):
            documents = rows(self._db, "SELECT * FROM documents WHERE report = ? ORDER BY url", (report,))
            if not documents:
                self._reporter.drop(report)
                continue
            known = row(self._db, "SELECT status, is_delisted FROM reports WHERE id = ?", (report,))
            assert known is not None  # documents refer to reports
            standing = None if known["status"] == "new" else Standing(known["status"], bool(known["is_delisted"]))
            addresses = [_address(document) for document in documents]
            judgement = judge(standing, addresses, this_pass=self._name, since=self._since)
            old = next((address.url for address in addresses if address.is_primary), None)
            self._reporter.apply(report, judgement, old)


def _state(is_ok: bool, reason: str | None, *, has_lists: bool) -> str:
    """The state of a portal after a pass; one that refuses a report but not its lists isn't blocked."""
    if is_ok:
        return "ok"
    return "blocked" if (reason or "").startswith("blocked") and not has_lists else "failing"


def _read_to_their_end(lines: Iterable[dict[str, Any]]) -> set[str]:
    """Portals all of whose lists were read to their end. A report's own page that could not be had takes nothing from that."""
    passed: set[str] = set()
    whole: set[str] = set()
    cut: set[str] = set()
    for line in lines:
        if line["k"] == "p":
            passed.add(line["p"])
        elif line["k"] == "l":
            (whole if line["complete"] else cut).add(line["p"])
    return (passed & whole) - cut


def _needs_judging(document: dict[str, Any]) -> bool:
    """Whether seeing a document may change what is known of its report: not if it was there, counted and listed before."""
    is_settled = document["is_primary"] and (document["is_listed"] or not document["was_listed"])
    return document["status"] != AddressStatus.PRESENT or not is_settled


def _address(document: dict[str, Any]) -> Address:
    names = ("url", "entry_url", "status", "gone_at", "first_seen", "last_seen", "figures")
    flags = ("is_primary", "is_listed", "was_listed", "is_correction", "is_plain")
    members: dict[str, Any] = {name: document[name] for name in names} | {flag: bool(document[flag]) for flag in flags}
    return Address(**members, first_pass=document["first_run"])


def _is_redirect(status: int | None) -> bool:
    return status is not None and 300 <= status < 400 and status != 304
