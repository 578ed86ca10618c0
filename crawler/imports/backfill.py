"""Asking web archives for earlier captures of known addresses, and bringing in what they give.

What comes is kept in a WARC file under `work/` capture by capture, and goes the way of every import: a run that dies has lost nothing, the next one
brings in what it left. The record states the digest that the index gave: bytes that contradict it are set aside there, and make no version.

With lists, those are asked for first: what their old captures name and nothing here knows are candidates, which are asked for like reports.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archive.clock import utc_text
from archive.index.captures import addresses_to_ask, told_by
from archive.index.database import open_index
from archive.index.elsewhere import RowElsewhere, candidates, lists_to_ask
from archive.lists.row_outcomes import rows_elsewhere
from archive.warc.context import Entry
from archive.warc.members import BrokenMember, iter_members
from archive.warc.segments import program_version
from crawler.discovery.asking import FetchManners, PoliteFetcher
from crawler.http.hosts import is_loopback, origin
from crawler.http.politeness import seconds_asked
from crawler.imports.backfill_memory import DIFFERS, NAME, NOT_COME, BackfillMemory
from crawler.imports.derived import keep
from crawler.imports.exchanges import NotedExchanges
from crawler.imports.files import AskedArchive, ImportSummary, import_archives
from crawler.imports.run import WORK
from crawler.imports.web_archives import (
    ArchiveRefused,
    IndexRow,
    NotThatCapture,
    fetch_capture,
    list_captures,
)
from extract.lexicon.addresses import same_site
from extract.messages import localizable

if TYPE_CHECKING:
    from pathlib import Path

    from archive.clock import Clock
    from archive.files.folder import Archive
    from archive.files.settings import BackfillArchive
    from crawler.imports.exchanges import Exchanged
    from crawler.portals.definitions import PortalDefinition


#: Seconds between two requests to a web archive, at least: 20 a minute, where the Internet Archive's index takes 24 and blocks who asks more.
SLOWEST_DELAY_S = 3.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which captures are asked for. `since` and `until` are beginnings of time stamps; everything empty: all. `limit`: so many an archive.

    `lists`: list pages too, and the candidates that old lists name.
    """

    portals: Sequence[str] = ()
    reports: Sequence[str] = ()
    since: str = ""
    until: str = ""
    limit: int | None = None
    lists: bool = False


@dataclass(slots=True)
class Backfilled:
    """What one web archive was asked and gave.

    Attributes:
        addresses: How many addresses its index was asked for.
        captures: What was fetched; in a dry run what would be.
        known: Captures that it gave in an earlier run, or that show the payload of the one before them.
        left: Rows of its index that were not taken, by reason.
        problems: Captures that did not come as asked, with the reason.
        stopped: Why it was not asked any further; empty if it was asked everything.
        delay_s: Seconds between two requests.
        brought: The imports of what was fetched.
        candidates: With lists, what its captures of lists name and nothing here knows, in the shape of `ogi rows`.
    """

    name: str
    addresses: int = 0
    captures: list[IndexRow] = field(default_factory=list)
    known: int = 0
    left: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    stopped: str = ""
    delay_s: float = 0.0
    brought: list[ImportSummary] = field(default_factory=list)
    candidates: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """For `ogi backfill --json`."""
        changes: Counter[str] = Counter()
        for one in self.brought:
            changes.update(one.ingested.changes if one.ingested else {})
        return {
            "name": self.name,
            "addresses": self.addresses,
            "bytes": sum(one.size or 0 for one in self.captures),
            "minutes": math.ceil(len(self.captures) * self.delay_s / 60),
            "captures": [{"url": one.url, "at": utc_text(one.at), "digest": one.digest} for one in self.captures],
            "known": self.known,
            "left": self.left,
            "stopped": self.stopped or None,
            "written": sum(one.written for one in self.brought),
            "problems": [*self.problems, *(problem for one in self.brought for problem in one.problems)],
            "changes": dict(changes),
            "candidates": self.candidates,
        }


def backfill(
    archive: Archive,
    source: BackfillArchive,
    wanted: Wanted,
    portals: Sequence[PortalDefinition],
    clock: Clock,
    tell: Callable[[str], None],
    *,
    is_dry: bool = False,
) -> Backfilled:
    """Ask one web archive for captures of known reports, and bring in what it gives. A dry run asks its index alone and stores nothing.

    Raises:
        ArchiveBusy: A harvest or an import is under way.
    """
    memory = BackfillMemory(archive.root / WORK / NAME)
    asking = _Asking(archive, source, wanted, clock, tell, memory)
    if is_dry:
        lists = _lists(archive, wanted.portals, portals) if wanted.lists else []
        asking.run([*lists, *_addresses(archive, wanted, portals)], None)
        return asking.done
    with archive.lock():
        file = archive.root / WORK / f"backfill-{source.name}.warc.gz"
        file.parent.mkdir(exist_ok=True)

        def bring() -> None:
            asked = _asked(archive, source, portals)
            asking.done.brought.append(import_archives(archive, [file], portals, clock, tell=tell, asked=asked))
            file.unlink()

        if file.exists() and not _holds_a_record(file):
            file.unlink()
        if file.exists():
            tell(f"{source.name}: bringing in what an interrupted run had fetched")
            bring()
            asking.done.brought.clear()
        if wanted.lists:
            asking.run(_lists(archive, wanted.portals, portals), file)
            if file.exists():
                bring()
        asking.run(_addresses(archive, wanted, portals), file)
        if file.exists():
            bring()
    if wanted.lists:
        asking.done.candidates = _candidates(archive, wanted.portals, source.name)
    return asking.done


def _holds_a_record(file: Path) -> bool:
    """Whether the first record that a run fetched is whole. A death before that leaves nothing to bring in, and the capture is asked for again."""
    with file.open("rb") as stream:
        try:
            return next(iter_members(stream), None) is not None
        except BrokenMember:
            return False


def _candidates(archive: Archive, chosen: Sequence[str], name: str) -> list[dict[str, Any]]:
    with closing(open_index(archive)) as db:
        return list(rows_elsewhere(db, chosen, archive=name))


def _addresses(archive: Archive, wanted: Wanted, portals: Sequence[PortalDefinition]) -> list[str]:
    """Addresses of known reports; with lists those of candidates too, as far as they are of the portal whose list named them."""
    defined = {one.id: one for one in portals}
    with closing(open_index(archive)) as db:
        known = addresses_to_ask(db, wanted.portals, wanted.reports)
        named = candidates(db, wanted.portals) if wanted.lists else []
    return sorted({*known, *(one.url for one in named if _is_of(defined.get(one.portal), one))})


def _is_of(portal: PortalDefinition | None, row: RowElsewhere) -> bool:
    """Whether a row leads to where its portal's definition reaches; without a definition, to the site of the list."""
    return portal.allows(row.url) if portal is not None else same_site(row.url, row.column)


def _lists(archive: Archive, chosen: Sequence[str], portals: Sequence[PortalDefinition]) -> list[str]:
    """Addresses of lists: those that were read, and those that definitions name."""
    with closing(open_index(archive)) as db:
        read = lists_to_ask(db, chosen)
    return sorted({*read, *(url for one in portals if not chosen or one.id in chosen for url in one.start)})


def _asked(archive: Archive, source: BackfillArchive, portals: Sequence[PortalDefinition]) -> AskedArchive:
    """What an import must know of a web archive that was asked."""
    with closing(open_index(archive)) as db:
        rows = tuple(Entry(one.url, one.title or "", one.date, one.agency) for one in candidates(db))
    return AskedArchive(source.name, source.kind, frozenset(_lists(archive, (), portals)), rows)


class _Asking:
    """One web archive, asked address by address until all is asked, the limit is reached, or it refuses."""

    def __init__(
        self,
        archive: Archive,
        source: BackfillArchive,
        wanted: Wanted,
        clock: Clock,
        tell: Callable[[str], None],
        memory: BackfillMemory,
    ) -> None:
        self._archive = archive
        self._source = source
        self._wanted = wanted
        self._clock = clock
        self._tell = tell
        self._memory = memory
        self._ask = NotedExchanges(_fetcher(archive, source), clock)
        delay_s = 0.0 if is_loopback(source.index) else _delay_s(archive)
        self.done = Backfilled(source.name, delay_s=delay_s)
        self._listed: set[tuple[str, str]] = set()
        self._is_full = False

    def run(self, addresses: Sequence[str], file: Path | None) -> None:
        """Ask for addresses, and keep what comes in a file; without one, ask the index alone. Does nothing once the archive has stopped."""
        name, done = self._source.name, self.done
        until = self._memory.waits_until(name, self._clock.now())
        if until is not None and not done.stopped:
            done.stopped = localizable(f"it refused, and is not asked before {utc_text(until)}")
        with closing(open_index(self._archive)) as db:
            told = told_by(db, name)
        try:
            for url in addresses:
                if done.stopped or self._is_full:
                    break
                self._ask_for(url, told, file)
        except ArchiveRefused as stop:
            done.stopped = str(stop)
            if stop.is_refusal:
                now = self._clock.now()
                until = self._memory.refused(name, seconds_asked(stop.retry_after, now), now)
                done.stopped += localizable(f"; it is not asked before {utc_text(until)}")

    def _ask_for(self, url: str, told: set[tuple[str, str]], file: Path | None) -> None:
        """Ask for one address."""
        done, limit = self.done, self._wanted.limit
        self._tell(f"{done.name}: {url}")
        wanted, now = self._wanted, self._clock.now()
        self._ask.take()
        listed = list_captures(self._ask, self._source, url, wanted.since, wanted.until, now)
        index = [one for one in self._ask.take() if one.page.status == 200]
        self._memory.answered(done.name, self._clock.now())
        done.addresses += 1
        for why, count in listed.left.items():
            done.left[why] = done.left.get(why, 0) + count
        for row in self._new(listed.rows, told):
            if limit is not None and len(done.captures) >= limit:
                self._tell(f"{done.name}: {limit} captures, the limit; the next run goes on")
                self._is_full = True
                return
            if file is None:
                done.captures.append(row)
            elif self._take(row, file, index):
                index = []  # the index's answer is kept once, with the first capture that it names

    def _new(self, rows: Sequence[IndexRow], told: set[tuple[str, str]]) -> list[IndexRow]:
        """The first capture of each run of equal payloads, of those that the archive has not given before: a page may come back."""
        found, before = [], ""
        for row in rows:
            if (row.url, row.timestamp) in self._listed:
                continue  # asked for under its twin (http, https) in this run
            self._listed.add((row.url, row.timestamp))
            is_first, before = not row.digest or row.digest != before, row.digest
            settled = self._memory.settled(self._source.name, row, self._clock.now())
            if not is_first or (row.url, utc_text(row.at)) in told:
                self.done.known += 1
            elif settled:
                self.done.left[settled] = self.done.left.get(settled, 0) + 1
            else:
                found.append(row)
        return found

    def _take(self, row: IndexRow, file: Path, index: Sequence[Exchanged]) -> bool:
        """Fetch a capture and keep it with the exchange that gave it. Gives whether it came."""
        name = self._source.name
        try:
            capture = fetch_capture(self._ask, self._source, row)
        except NotThatCapture as error:
            self._memory.note(name, row, NOT_COME, self._clock.now())
            self.done.problems.append(f"{name}: {row.url} of {utc_text(row.at)}: {error}")
            return False
        keep(file, capture, [*self._ask.take(), *index])
        if not capture.is_as_listed:
            self._memory.note(name, row, DIFFERS, self._clock.now())
        self.done.captures.append(row)
        return True


def _delay_s(archive: Archive) -> float:
    """Seconds between two requests to a web archive."""
    return max(archive.settings.harvest.delay, SLOWEST_DELAY_S)


def _fetcher(archive: Archive, source: BackfillArchive) -> PoliteFetcher:
    settings = archive.settings
    harvest = settings.harvest
    manners = FetchManners(
        settings.user_agent(program_version()),
        _delay_s(archive),
        timeout_s=harvest.timeout,
        max_bytes=harvest.max_bytes,
    )
    replay = source.replay.rstrip("/") + "/"
    # Common Crawl's list names the indexes of its crawls: those of its own host are asked.
    index = origin(source.index) + "/" if source.kind == "commoncrawl" else source.index
    return PoliteFetcher(source.index, manners, lambda url: url.startswith((index, replay)))
