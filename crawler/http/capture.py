"""From answers to captures: which become WARC records, which only a line of the visit log.

An unchanged page costs a line. A record is written when a payload is new at its address; as a revisit if the archive holds the same
payload under another address, or once a month for an address that stays unchanged, so that replay shows it was looked at.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from archive.clock import utc_text
from archive.history.deltas import DIGEST_CHARS, Told, told_by
from archive.warc.context import Context, Role
from archive.warc.digests import digest_of
from archive.warc.fitness import UnfitRecord
from archive.warc.records import Exchange, Original, parse_date
from archive.warc.statuses import is_not_there
from crawler.pages import classify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from archive.clock import Clock
    from archive.index.known import Known
    from archive.warc.context import Entry
    from archive.warc.segments import SegmentWriter
    from archive.warc.visit_log import ListProof
    from crawler.http.transport import Answer

logger = logging.getLogger(__name__)

#: Smaller payloads are stored again rather than referred to: a revisit record would not be smaller.
MIN_REVISIT_BYTES = 1024
#: After so long without a record an unchanged address gets a revisit record at the first visit of a month.
RECORD_AFTER = timedelta(days=30)
#: Pages of lists that are put off take so much memory at most: hundreds of pages of a real list.
_MOST_HELD = 64 << 20
#: A report's page that says what the stored one says is stored anew after so long.
_FRESH = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why an address is asked for: what its capture will say of itself."""

    portal: str
    role: Role
    entry: Entry | None = None
    parent: str | None = None
    column: str | None = None

    def context(self, verdict: str) -> Context:
        """The capture's context."""
        return Context(self.portal, self.role, verdict, self.entry, self.parent, self.column)


@dataclass(frozen=True, slots=True)
class Captured:
    """One answer, after it was stored or found to be known.

    Attributes:
        content: The body without content encoding; empty for 304.
        state: `new` (another payload than before), `same`, `304`, `like` (another payload that says the same; `digest` is that of the
            stored one), or `none` (nothing to compare).
        told: How the visit log tells a page that is not stored: by what differs from the stored one (`archive.history.deltas.told_by`).
        is_held: Whether it is news is only known when its list has been read; see `Recorder.hold_lists`.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes
    verdict: str
    evidence: str
    digest: str | None
    state: str
    is_held: bool = False
    told: Told | None = None


class KnownPages:
    """What the archive knows of the job's portals, by address and by payload; grows as the job stores more."""

    def __init__(self, known: Iterable[Known]) -> None:
        self._by_url = {item.url: item for item in known}
        self._payloads: dict[str, tuple[str, str, str | None]] = {}
        for item in self._by_url.values():
            if item.digest and item.date:
                record_id = f"<{item.original_id}>" if item.original_id else None
                self._payloads.setdefault(item.digest, (item.original_url or item.url, item.date, record_id))

    def __len__(self) -> int:
        return len(self._by_url)

    def __iter__(self) -> Any:
        return iter(self._by_url.values())

    def get(self, url: str) -> Known | None:
        """What is known of an address, `None` if it is new."""
        return self._by_url.get(url)

    def original(self, digest: str) -> Original | None:
        """The record that holds a payload, `None` if there is none."""
        found = self._payloads.get(digest)
        return None if found is None else Original(found[0], found[1], digest, found[2])

    def remember(self, digest: str, url: str, at: str, record_id: str) -> None:
        """Take note of a payload that was stored now."""
        self._payloads.setdefault(digest, (url, at, record_id))


class VisitLog:
    """The visit log of a job: lines of JSON on disk until the job ends and they become a record."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream = path.open("w", encoding="utf-8")

    def visit(
        self,
        url: str,
        at: datetime,
        status: int | None,
        verdict: str,
        purpose: Purpose,
        digest: str | None,
        state: str,
        told: Told | None = None,
    ) -> None:
        """One visit, failures and 304 included. Of a payload that is stored already, the beginning of its digest tells enough.

        `told` is what makes a page again that is not stored, because it differs from the stored one in noise only.
        """
        if state in ("same", "like") and digest is not None:
            digest = digest[:DIGEST_CHARS]
        line: dict[str, Any] = {
            "k": "v",
            "u": url,
            "t": utc_text(at),
            "s": status,
            "v": verdict,
            "r": purpose.role.value,
            "p": purpose.portal,
            "d": digest,
            "c": state,
        }
        if told is not None:
            line["x"] = told
        self._write(line)

    def listing(
        self,
        portal: str,
        column: str,
        at: datetime,
        *,
        complete: bool,
        reason: str,
        entries: Sequence[Entry] | None,
        proof: ListProof,
    ) -> None:
        """One list read, to its end or not; `entries` is `None` if they equal the last complete reading."""
        line: dict[str, Any] = {
            "k": "l",
            "p": portal,
            "u": column,
            "t": utc_text(at),
            "complete": complete,
            "reason": reason,
            **proof.to_json(),
        }
        if entries is None:
            line["same"] = True
        else:
            line["entries"] = [entry.to_json() for entry in entries]
        self._write(line)

    def portal(self, portal: str, at: datetime, *, ok: bool, reason: str, listed: int, expected: int | None) -> None:
        """The portal's pass as a whole."""
        self._write(
            {
                "k": "p",
                "p": portal,
                "t": utc_text(at),
                "ok": ok,
                "reason": reason,
                "listed": listed,
                "expected": expected,
            }
        )

    def part(self, portal: str, at: datetime, *, ok: bool, reason: str, whole: bool) -> None:
        """A pass that asked a portal for some lists and pages only; `whole` if its lists are all that the portal has."""
        self._write({"k": "s", "p": portal, "t": utc_text(at), "ok": ok, "reason": reason, "whole": whole})

    def finish(self) -> bytes:
        """All lines; the file is removed."""
        self._stream.close()
        data = self._path.read_bytes()
        self._path.unlink()
        return data

    def _write(self, line: dict[str, Any]) -> None:
        self._stream.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


@dataclass(frozen=True, slots=True)
class _Compared:
    """An answer beside what the archive holds: `state` and `told` as in `Captured`, the record that has its payload, whether it is written."""

    state: str
    digest: str | None
    original: Original | None = None
    is_written: bool = True
    told: Told | None = None


class Recorder:
    """Stores answers of one job.

    Args:
        stored: Gives the content of a page that the archive holds; without it no deltas are written.
        is_alike: Whether two contents of an address say the same, although their bytes differ: stored one, new one, address.
        tell: How a page is stored as a delta: its payload's digest, its content, the page; `None` if that costs too much.
    """

    def __init__(
        self,
        writer: SegmentWriter,
        known: KnownPages,
        clock: Clock,
        stored: Callable[[Known], bytes] | None = None,
        is_alike: Callable[[bytes, bytes, str], bool] = lambda before, after, url: False,
        tell: Callable[[str, bytes, bytes], Told | None] = told_by,
    ) -> None:
        self._tell = tell
        self._writer = writer
        self._stored = stored
        self._is_alike = is_alike
        self._known = known
        self._clock = clock
        self._held: list[Callable[[bool], object]] | None = None
        self._held_bytes = 0

    def hold_lists(self) -> None:
        """Put off storing pages of lists until `release_lists`.

        Lists carry counters and clocks, so their bytes differ each time. What counts is what they name, which is known when the whole list
        has been read: if that is the same as before, a line of the visit log tells what differs, and no page is stored. A list that takes
        too much of the memory is stored as it comes.
        """
        self._held, self._held_bytes = [], 0

    def release_lists(self, *, is_same: bool) -> None:
        """Store the pages that were put off, or pass over them because the list names the same as before.

        Raises:
            DiskFull: Not all could be stored.
        """
        held, self._held = self._held, None
        for settle in held or ():
            settle(not is_same)

    def when_released(self, settle: Callable[[bool], object]) -> None:
        """Call `settle` at the release, with whether the pages were stored."""
        assert self._held is not None  # only pages that were held ask for this
        self._held.append(settle)

    def store(
        self,
        url: str,
        method: str,
        request_body: bytes,
        answer: Answer,
        content: bytes,
        purpose: Purpose,
        verdict: str,
        evidence: str = "",
    ) -> Captured:
        """Store an answer as far as it is news.

        Raises:
            DiskFull: Nothing of it was written.
        """
        now = self._clock.now()
        known = self._known.get(url) if method == "GET" else None
        found = self._compare(known, method, answer, content, purpose, verdict, now)
        told, is_held = found.told, False
        if found.is_written:
            exchange = answer.exchange(url, method, request_body, now)
            is_held = self._held is not None and purpose.role is Role.LIST and found.state == "new" and verdict == "ok"
            if is_held and self._held_bytes + len(answer.body) > _MOST_HELD:
                self.release_lists(is_same=False)
                is_held = False
            if is_held:
                self._held_bytes += len(answer.body)
                told = self._told(known, purpose, content, now)
                self.when_released(lambda news: news and self._write(exchange, purpose, verdict, found.original))
            elif unkept := self._write(exchange, purpose, verdict, found.original):
                return Captured(url, answer.status, answer.headers, b"", classify.UNREACHABLE, unkept, None, "none")
        return Captured(
            url, answer.status, answer.headers, content, verdict, evidence, found.digest, found.state, is_held, told
        )

    def _compare(
        self,
        known: Known | None,
        method: str,
        answer: Answer,
        content: bytes,
        purpose: Purpose,
        verdict: str,
        now: datetime,
    ) -> _Compared:
        """What an answer is beside what the archive holds of its address."""
        if answer.status == 304:
            original = self._original_of(known)
            return _Compared("304", None, original, original is None or self._is_record_due(known, now))
        if answer.truncated is not None:
            return _Compared("none", None)
        digest = digest_of(answer.body)
        stored = self._known.original(digest)
        if known is not None and known.digest == digest and verdict == "ok":
            return _Compared("same", digest, stored, stored is None or self._is_record_due(known, now))
        original = stored if len(answer.body) >= MIN_REVISIT_BYTES else None
        if stored is not None and method != "GET" and verdict == "ok":
            return _Compared("same", digest, original, False)  # the same question with the same answer
        if verdict == "ok" and purpose.role is Role.REPORT and (told := self._told(known, purpose, content, now)):
            assert known is not None  # else no delta could be written
            return _Compared("like", known.digest, original, False, told)
        if _is_still_missing(known, answer.status, verdict, purpose):
            return _Compared("none", digest, original, False)
        return _Compared("new", digest, original)

    def _told(self, known: Known | None, purpose: Purpose, content: bytes, now: datetime) -> Told | None:
        """How to tell a page by the stored one of its address: a list's always, a report's if nothing that is read from it differs.

        Twice a year a report's page is stored all the same, for tools that know nothing of visit logs.
        """
        if self._stored is None or known is None or known.digest is None or known.role is not purpose.role:
            return None
        if known.verdict != "ok" or known.segment is None or not known.date:
            return None
        is_fresh = known.report is not None and now - parse_date(known.date) < _FRESH
        if not (purpose.role is Role.LIST or (purpose.role is Role.REPORT and is_fresh)):
            return None
        before = self._stored(known)
        if purpose.role is Role.REPORT and not self._is_alike(before, content, known.url):
            return None
        return self._tell(known.digest, before, content)

    def _write(self, exchange: Exchange, purpose: Purpose, verdict: str, original: Original | None) -> str:
        """Write an exchange. Gives why it can't be kept, empty if it is."""
        try:
            written = self._writer.write_exchange(exchange, purpose.context(verdict), original)
        except UnfitRecord as error:
            logger.error("%s: %s", exchange.url, error)
            return str(error)
        if not written.is_revisit and exchange.truncated is None:
            self._known.remember(written.digest, exchange.url, utc_text(exchange.at), written.record_id)
        return ""

    def _original_of(self, known: Known | None) -> Original | None:
        if known is None or known.digest is None:
            return None
        return self._known.original(known.digest)

    def _is_record_due(self, known: Known | None, now: datetime) -> bool:
        if known is None or not known.date or not known.visited_at:
            return False
        stored, visited = parse_date(known.date), parse_date(known.visited_at)
        return now - stored >= RECORD_AFTER and (visited.year, visited.month) != (now.year, now.month)


def _is_still_missing(known: Known | None, status: int, verdict: str, purpose: Purpose) -> bool:
    """Whether an address that was missing is missing as before, and nobody expected it: no robots.txt, no page behind a list's last."""
    is_side = purpose.role in (Role.ROBOTS, Role.LIST, Role.CONTROL)
    return is_side and known is not None and known.verdict == verdict and is_not_there(status)
