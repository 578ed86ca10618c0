"""One pass over one portal: its lists to the end, then the reports that are new or due, then what hangs on them.

Knows no Scrapy: it drives the pure walks of `crawler.families` through a `Visitor` and writes down what it saw.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.warc.context import Role
from crawler.families.article import ArticleLinks, answers_nothing, is_shell_address, read_article
from crawler.families.walk import has_report_marks
from crawler.http.capture import Purpose
from crawler.http.hosts import host_key
from crawler.http.session import OFF_SITE, REFUSED
from crawler.pages import classify, markup
from crawler.passes.columns import read_column
from crawler.passes.due import is_due
from crawler.passes.listings import listing_digest
from crawler.passes.looks import learn_looks
from crawler.passes.seeking import seek_columns
from extract.lexicon.addresses import FILE_EXTENSIONS, is_file
from extract.lexicon.titles import Judgement, judge_title

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from archive.index.known import Known
    from archive.warc.context import Entry
    from crawler.http.session import Session
    from crawler.http.visiting import Visit, Visitor
    from crawler.passes.columns import ColumnReading
    from crawler.portals.definitions import PortalDefinition

logger = logging.getLogger(__name__)

#: Rows that may or may not be reports are looked at only if the list isn't made of something else.
_MAX_UNSURE = 20


_SAYS_SOMETHING = frozenset({classify.OK, classify.GONE, classify.MOVED, classify.EMPTY})


#: Reports looked at in each pass although they are not due; few enough to be no load, enough to see a small portal whole.
SPOT_CHECKS = 8


class PassStopped(Exception):
    """Raised between two reports when the job is to end."""


@dataclass(slots=True)
class PassResult:
    """What a pass over a portal came to.

    `reports` and `attachments` count by outcome: new; stored (known, and its bytes are others than before); same; not due; gone; empty;
    failed (never had, and could not be had now); unchecked (had before, could not be looked at now); left (the host is left alone);
    elsewhere (leads to a host that the definition doesn't name).
    """

    portal: str
    ok: bool = False
    reason: str = "interrupted"
    lists: int = 0
    lists_complete: int = 0
    listed: int = 0
    rejected: int = 0
    reports: dict[str, int] = field(default_factory=dict)
    attachments: dict[str, int] = field(default_factory=dict)
    verdicts: dict[str, int] = field(default_factory=dict)
    requests: int = 0

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


class PortalPass:
    """Walks one portal.

    Args:
        full: Look at every known report, whatever its age.
        stored: Gives the content that the archive holds for a known address.
        listings: For each column read to its end before, the digest of what it named.
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
        listings: Mapping[str, str] | None = None,
        unfinished: Iterable[str] = (),
        columns: Sequence[str] = (),
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.portal = portal
        self.result = PassResult(portal.id)
        self._session = session
        self._visitor = visitor
        self._stored = stored
        self._full = full
        self._listings = listings or {}
        self._unfinished = frozenset(unfinished)
        self._columns = tuple(columns)
        self._should_stop = should_stop
        self._not_found = ""
        self._elsewhere: set[str] = set()
        self._misread: list[str] = []
        self._moved: list[str] = []
        self._reports: Counter[str] = Counter()
        self._attachments: Counter[str] = Counter()
        self._verdicts: Counter[str] = Counter()
        self._children: dict[str, list[Known]] = {}
        self._fetched: set[tuple[str, str]] = set()
        self._listed: dict[str, tuple[Entry, str, list[str]]] = {}
        self._bare: set[str] = set()  # shells whose call for the text brought nothing
        self._bare_looks: list[tuple[Visit, Purpose, str]] = []
        self._texts_came: set[str] = set()  # hosts whose shells have text
        self._came: dict[str, tuple[str, Entry | None, str | None]] = {}  # by host, the report that came last
        self._led_to: dict[str, Known] = {}
        for known in session.known:
            if known.parent is not None and known.role is Role.ATTACHMENT:
                self._children.setdefault(known.parent, []).append(known)
            elif known.role is Role.REPORT and known.digest is not None and known.entry is not None:
                self._led_to.setdefault(known.entry.url.partition("#")[0], known)

    async def run(self) -> PassResult:
        """Make the pass. Whatever happens, the result says how far it got.

        Raises:
            DiskFull: Nothing more can be stored.
        """
        before = self._session.requests
        readings: list[ColumnReading] = []
        problems: list[str] = []
        try:
            await learn_looks(self.portal, self._session, self._visitor, self._stored)
            readings = await self._read_columns()
            problems = self._problems(readings)
            entries = self._candidates(readings)
            self.result.listed = len(entries)
            problems += self._unmet(entries)
            self._write_listings(readings, problems)
            if not readings or any(reading.verdict == classify.OK for reading in readings):
                await self._look_at_reports(entries, readings, is_whole=not problems)
            problems += self._lost(self._reports, "reports")
        except PassStopped:
            problems.append("interrupted")
        except BaseException as error:
            is_stop = isinstance(error, asyncio.CancelledError)
            problems.append("interrupted" if is_stop else f"the pass broke off ({type(error).__name__}: {error})")
            raise
        finally:
            self._finish(readings, problems, before)
        return self.result

    def _finish(self, readings: Sequence[ColumnReading], problems: Sequence[str], requests_before: int) -> None:
        result = self.result
        result.lists, result.lists_complete = len(readings), sum(reading.complete for reading in readings)
        result.reports, result.attachments = dict(self._reports), dict(self._attachments)
        result.verdicts = dict(self._verdicts)
        result.requests = self._session.requests - requests_before
        result.ok = not problems and bool(readings)
        result.reason = "; ".join(dict.fromkeys([*problems, *self._remarks()])) or ("" if readings else "interrupted")
        if self._session.visits is not None:
            expected = self.portal.expect.min_reports
            self._session.visits.portal(
                self.portal.id,
                self._session.clock.now(),
                ok=result.ok,
                reason=result.reason,
                listed=result.listed,
                expected=expected,
            )

    # lists

    async def _read_columns(self) -> list[ColumnReading]:
        wanted = list(self.portal.start or self._columns)
        readings = [await self._read_column(column) for column in wanted]
        lost = [reading for reading in readings if reading.verdict in (classify.GONE, classify.MOVED)]
        if readings and not lost:
            return readings
        # A definition goes on naming a column that moved: what an earlier pass found in its place comes first.
        others = [column for column in self._columns if column not in wanted]
        fresh = [await self._read_column(column) for column in others]
        if not any(reading.complete for reading in fresh):
            found, self._not_found = await seek_columns(self.portal, self._session, self._visitor, self._pause)
            fresh += [await self._read_column(column) for column in found if column not in (*wanted, *others)]
        if self.portal.start:
            fresh = [reading for reading in fresh if self._takes_the_place(reading, lost)]
        if fresh:  # what moved is read at its new place; its old one is no news any more
            readings = [reading for reading in readings if reading not in lost]
            places = ", ".join(reading.url for reading in fresh)
            self._moved += [f"the column {reading.url} is gone, {places} was read in its place" for reading in lost]
        return readings + fresh

    def _takes_the_place(self, reading: ColumnReading, lost: Sequence[ColumnReading]) -> bool:
        """Whether a column that was found names at least half of the reports that lost ones named: else it is another list."""
        columns = {one.url for one in lost}
        before = {
            known.entry.title
            for known in self._session.known
            if known.role is Role.REPORT and known.is_listed and known.column in columns and known.entry is not None
        }
        return reading.complete and 2 * len(before & {entry.title for entry in reading.entries}) >= len(before)

    async def _read_column(self, column: str) -> ColumnReading:
        self._pause()
        recorder = self._session.recorder
        is_same = False
        if recorder is not None and column in self._listings:
            recorder.hold_lists()
        try:
            reading = await read_column(
                column, self.portal, self._session, self._visitor, stored=self._stored, pause=self._pause
            )
            is_same = self._is_same(reading)
        finally:
            if recorder is not None:
                recorder.release_lists(is_same=is_same)
        self._verdicts.update(reading.verdicts)
        return reading

    def _is_same(self, reading: ColumnReading) -> bool:
        """Whether a list names what it named when it was last read to its end."""
        return reading.complete and self._listings.get(reading.url) == listing_digest(reading.entries)

    def _problems(self, readings: Sequence[ColumnReading]) -> list[str]:
        if not readings:
            return [self._not_found or "no annual-report column was found"]
        return [f"{reading.reason or 'incomplete'} ({reading.url})" for reading in readings if not reading.complete]

    def _unmet(self, entries: Mapping[str, tuple[Entry, str, list[str]]]) -> list[str]:
        """Expectations of the definition that the lists fall short of."""
        expect = self.portal.expect
        problems = []
        if expect.min_reports is not None and len(entries) < expect.min_reports:
            problems.append(f"{len(entries)} reports listed, at least {expect.min_reports} expected")
        if expect.newest_year is not None:
            years = [year for entry, _, _ in entries.values() if (year := judge_title(entry.title).year) is not None]
            if max(years, default=0) < expect.newest_year:
                problems.append(
                    f"newest report listed is of {max(years, default=0) or 'no year'}, not {expect.newest_year}"
                )
        return problems

    def _write_listings(self, readings: Sequence[ColumnReading], problems: Sequence[str]) -> None:
        visits = self._session.visits
        if visits is None:
            return
        unmet = "" if not problems else "; ".join(problems)
        for reading in readings:
            complete = reading.complete and not (unmet and all(r.complete for r in readings))
            is_same = complete and self._is_same(reading)
            visits.listing(
                self.portal.id,
                reading.url,
                self._session.clock.now(),
                complete=complete,
                reason=reading.reason if complete or not reading.complete else unmet,
                entries=None if is_same else reading.entries,
            )

    # reports

    def _candidates(self, readings: Sequence[ColumnReading]) -> dict[str, tuple[Entry, str, list[str]]]:
        """Rows that are, or may be, annual reports: by address, with their column and the files that the list names."""
        chosen: dict[str, tuple[Entry, str, list[str]]] = {}
        for reading in readings:
            judged = [(entry, judge_title(entry.title)) for entry in reading.entries]
            accepted = sum(title.judgement is Judgement.ACCEPT for _, title in judged)
            unsure = sum(title.judgement is Judgement.UNSURE for _, title in judged)
            is_proven = unsure <= max(_MAX_UNSURE, 2 * accepted)
            for entry, title in judged:
                is_wanted = title.judgement is Judgement.ACCEPT or (
                    title.judgement is Judgement.UNSURE and (is_proven or title.is_bare)
                )
                url = entry.url.partition("#")[0]
                reason = self._session.refusal(url, self.portal.id)
                if not is_wanted or reason is not None:
                    if is_wanted:
                        self._note_refusal(url, reason or "")
                    self.result.rejected += 1
                    continue
                chosen.setdefault(url, (entry, reading.url, reading.attachments.get(entry.url, [])))
        return chosen

    async def _look_at_reports(
        self,
        entries: Mapping[str, tuple[Entry, str, list[str]]],
        readings: Sequence[ColumnReading],
        *,
        is_whole: bool,
    ) -> None:
        now = self._session.clock.now()
        self._listed = dict(entries)
        checked = self._spot_checks(entries, now)
        for url, (entry, column, files) in entries.items():
            known = self._page_of(url)
            if known is not None and not self._full and url not in checked and not is_due(known, now, entry):
                await self._complete(known, entry)
            else:
                await self._look_at(url, entry, column, files)
        for known in list(self._session.known):
            is_page = known.role is Role.REPORT and known.portal == self.portal.id and known.url not in entries
            if not is_page or (known.entry is not None and known.entry.url.partition("#")[0] != known.url):
                continue  # a redirect's target is looked at through the address that the list gives
            is_missing = is_whole and known.is_listed
            if self._full or is_missing or is_due(known, now, None):
                await self._look_at(known.url, known.entry, known.column, [])
        self._settle_bare_shells()

    def _settle_bare_shells(self) -> None:
        """Say of shells without text that the report is gone, if the host has given text for others; else nothing is known of them."""
        for visit, purpose, outcome in self._bare_looks:
            is_gone = host_key(visit.url) in self._texts_came
            if is_gone:
                self._reports[outcome] -= 1
                self._reports["gone"] += 1
            said = (
                replace(visit, verdict=classify.GONE, evidence="a shell whose text is not there") if is_gone else visit
            )
            self._visitor.log(said, purpose)

    def _spot_checks(self, entries: Mapping[str, tuple[Entry, str, list[str]]], now: datetime) -> set[str]:
        """A few listed reports that are not due, looked at least recently: so that each is seen in turn, whatever its age."""
        resting = []
        for url, (entry, _, _) in entries.items():
            known = self._page_of(url)
            if known is not None and not is_due(known, now, entry) and not self._is_unfinished(known):
                resting.append((known.visited_at or "", url))
        return {url for _, url in sorted(resting)[:SPOT_CHECKS]}

    def _page_of(self, url: str) -> Known | None:
        """What is known of a report by the address that its list gives, which may lead to another one."""
        known = self._session.known.get(url)
        if known is not None and known.role is not Role.REPORT:
            return None
        return known if known is not None and known.digest is not None else self._led_to.get(url, known)

    async def _look_at(self, url: str, entry: Entry | None, column: str | None, files: Sequence[str]) -> None:
        """Visit a report's page and whatever hangs on it."""
        if not self._go_on(url):
            self._reports["left"] += 1
            return
        before = self._page_of(url)
        visit = await self._visit_report(url, entry, column)
        self._verdicts[visit.verdict] += 1
        outcome = _outcome(visit, before)
        self._reports[outcome] += 1
        if not visit.is_ok:
            if is_shell_address(url):
                self._visitor.log(visit, Purpose(self.portal.id, Role.REPORT, entry=entry, column=column))
            return
        self._came[host_key(url)] = (url, entry, column)
        held = self._session.known.get(visit.url)
        is_shell = is_shell_address(visit.url)
        wanted = dict.fromkeys(files)
        if visit.state in ("same", "304", "like") and held is not None:
            if not is_shell:
                wanted |= dict.fromkeys(child.url for child in self._children.get(visit.url, ()))
            if is_shell or self._is_unfinished(held):  # a shell is always the same, its text is not
                wanted |= await self._hanging_on(visit.content or self._stored(held), visit.url, entry, column)
        else:
            wanted |= await self._hanging_on(visit.content, visit.url, entry, column)
        if is_shell_address(url):
            purpose = Purpose(self.portal.id, Role.REPORT, entry=entry, column=column)
            if visit.url in self._bare:
                self._bare_looks.append((visit, purpose, outcome))
            else:
                self._visitor.log(visit, purpose)
        for address in wanted:
            await self._attach(address, visit.url, entry, column)

    async def _visit_report(self, url: str, entry: Entry | None, column: str | None) -> Visit:
        """Visit a report's page; of a shell the visit is logged later, because it says nothing before its text is there."""
        purpose = Purpose(self.portal.id, Role.REPORT, entry=entry, column=column)
        return await self._visit(url, purpose, column, is_logged=not is_shell_address(url))

    async def _visit(self, url: str, purpose: Purpose, referer: str | None, *, is_logged: bool = True) -> Visit:
        """Visit a page or a file. A front page in its place is told from throttling by the answer for a report beside it."""

        async def ask() -> Visit:
            known = self._session.known.get(url)
            return await self._visitor.fetch(url, purpose, referer=referer, known=known, is_logged=is_logged)

        gate = self._session.gate(url, self.portal.id)
        delay = gate.delay_s
        visit = await ask()
        if not visit.is_front_in_place:
            return visit
        control = self._control(visit, purpose.column)
        if control is not None:
            address, beside = control
            held = self._session.known.get(address)
            if not (await self._visitor.fetch(address, beside, referer=beside.column, known=held)).is_ok:
                return visit
            gate.clear_of_throttling(delay)
            self._session.withdrawn.add(url)
        return await ask() if gate.stopped is None else visit

    def _control(self, visit: Visit, column: str | None) -> tuple[str, Purpose] | None:
        """What a host that isn't throttling still answers: another of its reports; where this one is the only one, the list that names it.

        A list says nothing if it is the page that came in the report's place.
        """
        host = host_key(visit.requested)
        neighbour = self._came.get(host) or self._neighbour(visit.requested)
        if neighbour is not None:
            address, entry, listed_in = neighbour
            return address, Purpose(self.portal.id, Role.REPORT, entry=entry, column=listed_in)
        look = self._session.columns.get(host, {}).get(column or "")
        if column is None or look is None or classify.is_home(column, self._session.looks[host].home):
            return None
        if look.looks_like(classify.take_fingerprint(200, visit.headers, visit.content, visit.requested)):
            return None
        return column, Purpose(self.portal.id, Role.LIST, column=column)

    def _neighbour(self, url: str) -> tuple[str, Entry | None, str | None] | None:
        """Another report of the same host: one that was there at the last look, best a page, best far down the list."""
        found: list[tuple[bool, bool, int, str]] = []
        for place, other in enumerate(self._listed):
            if other != url and host_key(other) == host_key(url):
                known = self._session.known.get(other)
                found.append((known is not None and known.verdict == "ok", not is_file(other), place, other))
        if not found:
            return None
        other = max(found)[-1]
        entry, column, _ = self._listed[other]
        return other, entry, column

    async def _complete(self, known: Known, entry: Entry | None) -> None:
        """Fetch what hangs on a page that a run stored before it died."""
        self._reports["not due"] += 1
        if not self._is_unfinished(known) or known.verdict != "ok":
            return
        for address in await self._hanging_on(self._stored(known), known.url, entry, known.column):
            if self._session.known.get(address) is None:
                await self._attach(address, known.url, entry, known.column)

    def _is_unfinished(self, known: Known) -> bool:
        return known.segment in self._unfinished

    async def _hanging_on(self, content: bytes, url: str, entry: Entry | None, column: str | None) -> dict[str, None]:
        """Addresses of the files that a page names; a shell's content is asked for first."""
        if not may_name_files(content):
            return {}
        links = self._links_of(content, url)
        wanted = dict.fromkeys(link.url for link in links.attachments)
        if not wanted and links.images and not has_report_marks(markup.decode(content)):
            wanted = dict.fromkeys(link.url for link in links.images)  # a scan: its pages are the report
        if links.detail is not None and self._go_on(links.detail.url):
            purpose = Purpose(self.portal.id, Role.ATTACHMENT, entry=entry, parent=url, column=column)
            visit = await self._visitor.fetch(links.detail, purpose, referer=url)
            self._count_attachment(visit)
            if visit.status in (404, 410) or (visit.is_ok and visit.content and answers_nothing(visit.content)):
                self._bare.add(url)
            elif visit.is_ok and visit.content:
                self._texts_came.add(host_key(url))
                wanted |= dict.fromkeys(link.url for link in self._links_of(visit.content, visit.url).attachments)
        return wanted

    async def _attach(self, address: str, parent: str, entry: Entry | None, column: str | None) -> None:
        """Visit one file of a report."""
        url = address.partition("#")[0]
        reason = self._session.refusal(url, self.portal.id)
        if reason is not None:
            self._note_refusal(url, reason)
            self._attachments["elsewhere"] += 1
            return
        if url == parent or (url, parent) in self._fetched:
            return
        self._fetched.add((url, parent))
        if not self._go_on(url):
            self._attachments["left"] += 1
            return
        purpose = Purpose(self.portal.id, Role.ATTACHMENT, entry=entry, parent=parent, column=column)
        self._count_attachment(await self._visit(url, purpose, parent))

    def _note_refusal(self, url: str, reason: str) -> None:
        logger.info("%s: not followed, %s: %s", self.portal.id, reason, url)
        if reason == OFF_SITE:
            self._elsewhere.add(urlsplit(url).netloc or url)

    def _links_of(self, content: bytes, url: str) -> ArticleLinks:
        """What a page leads to. A page that breaks the parser is told of, and keeps the others from nothing."""
        try:
            return read_article(content, url)
        except Exception as error:
            logger.debug("%s", url, exc_info=True)
            self._misread.append(f"{url} ({type(error).__name__}: {error})")
            return ArticleLinks()

    def _count_attachment(self, visit: Visit) -> None:
        self._verdicts[visit.verdict] += 1
        self._attachments[_outcome(visit, self._session.known.get(visit.requested))] += 1

    def _lost(self, counts: Counter[str], what: str) -> list[str]:
        """Say how many could not be had although they should."""
        lost = counts["failed"] + counts["left"]
        if not lost:
            return []
        seen = sorted(verdict for verdict in self._verdicts if verdict not in _SAYS_SOMETHING)
        return [f"{', '.join(seen) or 'host left alone'}: {lost} {what} could not be fetched"]

    def _remarks(self) -> list[str]:
        """What an archivist should know, although the pass is whole: nothing here says who published."""
        said = [*self._moved, *self._lost(self._attachments, "files")]
        unchecked = self._reports["unchecked"] + self._attachments["unchecked"]
        if unchecked:
            said.append(f"{unchecked} known pages or files could not be looked at")
        if self._reports["empty"]:
            said.append(f"{self._reports['empty']} pages that the lists name are empty")
        if self._elsewhere:
            hosts = ", ".join(sorted(self._elsewhere))
            said.append(f"rows or files on hosts that the definition does not name were not followed: {hosts}")
        return said + [f"page not understood: {problem}" for problem in self._misread]

    def _pause(self) -> None:
        if self._should_stop():
            raise PassStopped

    def _go_on(self, url: str) -> bool:
        """Whether the host may still be asked. Raises `PassStopped` when the job is to end."""
        self._pause()
        return self._session.gate(url, self.portal.id).stopped is None


def _outcome(visit: Visit, known: Known | None) -> str:
    is_held = known is not None and known.digest is not None
    if visit.verdict == REFUSED:
        return "elsewhere"
    if visit.is_turned_away:
        return "unchecked" if is_held else "failed"
    if visit.verdict in (classify.GONE, classify.MOVED):
        return "gone"
    if not visit.is_ok:
        return "empty"
    if visit.state in ("same", "304", "like"):
        return "same"
    return "stored" if is_held else "new"


#: What stands in a page that names a file in any of the ways that `families.article` knows.
_FILE_MARKS = (
    *(f".{extension}".encode() for extension in FILE_EXTENSIONS if extension not in ("jpg", "jpeg", "png")),
    *(b"download", b"downfile", b"attach", b"viewer", b"data-value", b"data-pdf", b"appendix", b"<embed", b"<object"),
    *("附件".encode(charset) for charset in ("utf-8", "gb18030")),
)


def may_name_files(content: bytes) -> bool:
    """Whether a page is worth parsing for the files it names.

    Most pages hold the report itself and no file; a few searches tell so at a twentieth of the cost of a tree. A page without the headings of
    a report may be a shell or a scan and is always parsed; documents never are.
    """
    head = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head.startswith((b"<", b"{", b"[")):
        return False
    lowered = content.lower()
    return any(mark in lowered for mark in _FILE_MARKS) or not has_report_marks(markup.decode(content))
