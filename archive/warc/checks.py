"""What one segment reveals by itself: framing, mandatory fields, digests, pairs, references. Knows nothing of the manifest or the index."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from archive.clock import utc_text
from archive.errors import DamagedArchive
from archive.warc.digests import matches
from archive.warc.manifest import SegmentInfo, Survey, file_sha256, warcinfo_fields
from archive.warc.members import BrokenMember, Member, find_member, iter_members
from archive.warc.records import CAPTURES, Record, parse_date, parse_header, parse_record
from archive.warc.taken import Follower, Place, sha256_of
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.warc.taken import Shown

VERSIONS = frozenset({"WARC/1.0", "WARC/1.1"})
#: Fields without which a record is none (WARC/1.1 §5).
MANDATORY = ("WARC-Record-ID", "WARC-Type", "WARC-Date", "Content-Length")
#: Types that must say what they are about (§5.8).
WITH_URI = frozenset({"response", "request", "resource", "revisit", "conversion"})
_ID = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^<>\s]+>")
_NEXT_RECORD = re.compile(rb"\r\n\r\nWARC/\d\.\d+\r\nWARC-")


@dataclass(frozen=True, slots=True)
class Damage:
    """Something that isn't as it was written: what (`kind` for scripts, `message` for people), and where, as far as is known."""

    kind: str
    message: str
    segment: str | None = None
    offset: int | None = None
    record: str | None = None
    url: str | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.segment, self.offset) if part is not None)
        about = ", ".join(part for part in (self.record, self.url) if part)
        return "".join([f"{place}: " if place else "", self.message, f" ({about})" if about else ""])


@dataclass(frozen=True, slots=True)
class Capture:
    """What the index must repeat of a response, revisit or resource record. `at` is UTC text.

    The digest of an answer that broke off stands for no document: the index has none for it.
    """

    segment: str
    offset: int
    length: int
    type: str
    url: str
    at: str
    digest: str
    status: int | None
    record: str
    is_truncated: bool = False

    def damage(self, kind: str, message: str) -> Damage:
        """A damage at this capture."""
        return Damage(kind, message, self.segment, self.offset, self.record, self.url)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a revisit stands for: record id, or address and date (UTC text), or both."""

    capture: Capture
    target_id: str | None
    url: str | None
    at: str | None


@dataclass(slots=True)
class SegmentCheck:
    """Outcome of reading a segment from end to end. `info` is `None` if some record of it can't be read."""

    segment: str
    info: SegmentInfo | None = None
    size: int = 0
    #: Where the last member that can be read ends.
    end: int = 0
    sha256: str = ""
    is_ours: bool = False
    #: What its warcinfo records say, names in lower case.
    facts: dict[str, str] = field(default_factory=dict)
    damages: list[Damage] = field(default_factory=list)
    captures: list[Capture] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    #: Record id and offset of every record, in order.
    ids: list[tuple[str, int]] = field(default_factory=list)


def check_segment(stream: BinaryIO, segment: str) -> SegmentCheck:
    """Read a segment from end to end and name everything in it that is wrong.

    Reading goes on behind damaged bytes, so that one flipped bit is one damage.
    """
    check = SegmentCheck(segment)
    survey = Survey()
    is_whole = True
    requests: list[tuple[Record, str]] = []
    follower = Follower()
    for member in _members(stream, check):
        check.end = member.end
        reading = _RecordCheck(check, member, follower)
        if reading.record is None or reading.at is None:
            is_whole = False
            continue
        survey.add(member.data, reading.record)
        if reading.record.type == "request" and not reading.place.is_foreign:
            requests.append((reading.record, reading.at))
    if follower.lacking:
        check.damages.append(
            Damage("record", f"{follower.lacking} records of others that a note announces are not there", segment)
        )
    _check_requests(check, requests)
    check.sha256 = file_sha256(stream)
    check.size = stream.tell()
    if not check.ids and not check.damages:
        check.damages.append(Damage("record", "holds no record", segment))
    if is_whole and check.end == check.size:
        check.info = survey.info(segment, check.size, check.sha256)
    return check


def faults_of(data: bytes) -> list[Damage]:
    """What would be wrong with a record (its uncompressed bytes) if it stood in a segment."""
    check = SegmentCheck("")
    _RecordCheck(check, Member(0, 0, data), Follower())
    return check.damages


def _members(stream: BinaryIO, check: SegmentCheck) -> Iterator[Member]:
    """Every member that can be read; what can't be is a damage."""
    start = 0
    while True:
        try:
            yield from iter_members(stream, start)
            return
        except BrokenMember as error:
            following = find_member(stream, error.offset + 1)
            extent = localizable("its end") if following is None else f"offset {following}"
            message = localizable(f"{error.reason}, unreadable up to {extent}")
            check.damages.append(Damage("gzip", message, check.segment, error.offset))
            if following is None:
                return
            start = following


def _check_requests(check: SegmentCheck, requests: list[tuple[Record, str]]) -> None:
    """A request stands beside the answer that it names and has its date: a lost answer or a changed date shows without a manifest."""
    answers = {capture.record: capture for capture in check.captures}
    for record, at in requests:
        target = record.get("WARC-Concurrent-To")
        answer = answers.get(target or "")
        if target is not None and answer is None:
            message = localizable(f"its answer {target} is not in the segment")
            check.damages.append(Damage("pair", message, check.segment, record.offset, record.id, record.uri))
        elif answer is not None and check.is_ours and answer.at != at:
            message = localizable(f"WARC-Date {answer.at} isn't that of its request at offset {record.offset}, {at}")
            check.damages.append(answer.damage("date", message))


class _RecordCheck:
    """Reads one record and notes what is wrong. `record` and `at` are `None` where they aren't known.

    Of another's record only its bytes are judged, by the hash that the note in front has: its faults are its maker's.
    """

    def __init__(self, check: SegmentCheck, member: Member, follower: Follower) -> None:
        self._check = check
        self._header = Record(parse_header(member.data), b"", check.segment, member.offset, member.length)
        self.record: Record | None = None
        self.at: str | None = None
        self.place = Place()
        try:
            self.record = parse_record(member.data, check.segment, member.offset, member.length)
        except DamagedArchive as error:
            if _NEXT_RECORD.search(member.data):
                self._damaged("frame", "several records in one gzip member")
            else:
                self._damaged("record", str(error).partition(": ")[2])
            return
        try:
            self.place = follower.take(self.record)
        except DamagedArchive as error:
            self._damaged("record", str(error).partition(": ")[2])
        if self.place.sha256 is not None and self.place.sha256 != sha256_of(member.data):
            self._damaged("digest", "isn't the record that the note in front of it names")
        if self.place.is_foreign:
            self._note_foreign(self.record)
            return
        check.ids.append((self.record.id, member.offset))
        self._check_fields(self.record)
        self._check_date(self.record)
        self._check_digests(self.record)
        if self.record.type == "warcinfo":
            check.facts |= warcinfo_fields(self.record)
            check.is_ours = check.is_ours or "ogi-run" in check.facts
        if self.record.type in CAPTURES and self.at is not None:
            self._note_capture(self.record, self.at)

    def _note_foreign(self, record: Record) -> None:
        """Take over what a note says of another's record."""
        try:
            self.at = utc_text(record.date)
        except DamagedArchive:
            self._damaged("field", "its date can't be read")
            return
        self._check.ids.append(("", record.offset))
        shows = self.place.shows
        if shows is not None:
            self._note_shown(record, shows)

    def _note_shown(self, record: Record, shows: Shown) -> None:
        self._check.captures.append(
            Capture(
                record.segment,
                record.offset,
                record.length,
                shows.kind,
                shows.url,
                shows.at,
                shows.digest or "",
                shows.status,
                record.id or f"<{shows.id}>",
                shows.digest is None,
            )
        )

    def _damaged(self, kind: str, message: str) -> None:
        about = self._header
        self._check.damages.append(
            Damage(kind, message, self._check.segment, about.offset, about.id or None, about.uri or None)
        )

    def _check_fields(self, record: Record) -> None:
        required = [*MANDATORY, *(["WARC-Target-URI"] if record.type in WITH_URI else [])]
        for name in required:
            count = sum(key.lower() == name.lower() and bool(value) for key, value in record.headers)
            if count != 1:
                self._damaged("field", f"{name} is missing" if not count else f"{name} stands {count} times")
        if record.version not in VERSIONS:
            self._damaged("field", f"unknown version {record.version!r}")
        if record.id and not _ID.fullmatch(record.id):
            self._damaged("field", f"WARC-Record-ID is no address in angle brackets: {record.id!r}")
        try:
            record.context  # noqa: B018  # read for its error
        except DamagedArchive:
            self._damaged("field", "OGI-Context can't be read")

    def _check_date(self, record: Record) -> None:
        text = record.get("WARC-Date")
        if not text:  # named by _check_fields
            return
        try:
            self.at = utc_text(parse_date(text))
        except ValueError:
            self._damaged("field", f"WARC-Date is no date with a time: {text!r}")

    def _check_digests(self, record: Record) -> None:
        self._check_digest(record, "WARC-Block-Digest", record.block)
        if (
            record.type != "revisit" and record.get("WARC-Segment-Number") is None
        ):  # those speak of other records' bytes
            self._check_digest(record, "WARC-Payload-Digest", record.payload)

    def _check_digest(self, record: Record, name: str, data: bytes) -> None:
        value = record.get(name)
        if value is None:
            return
        outcome = matches(value, data)
        if not outcome:
            reason = (
                localizable("is not that of the bytes")
                if outcome is not None
                else localizable(f"can't be read: {value!r}")
            )
            self._damaged("digest", f"{name} {reason}")

    def _note_capture(self, record: Record, at: str) -> None:
        if self.place.shows is not None:
            self._note_shown(record, self.place.shows)
            return
        digest = record.get("WARC-Payload-Digest") or ""
        capture = Capture(
            record.segment,
            record.offset,
            record.length,
            record.type,
            record.uri,
            at,
            digest,
            record.http_status,
            record.id,
            record.truncated is not None,
        )
        self._check.captures.append(capture)
        if record.type != "revisit":
            return
        target_id, target_date = record.get("WARC-Refers-To"), record.get("WARC-Refers-To-Date")
        target_url = record.get("WARC-Refers-To-Target-URI")
        if target_id is None and (target_url is None or target_date is None):
            self._damaged("revisit", "doesn't say which record it stands for")
            return
        try:
            target_at = utc_text(parse_date(target_date)) if target_date is not None else None
        except ValueError:
            self._damaged("revisit", f"WARC-Refers-To-Date is no date with a time: {target_date!r}")
            return
        self._check.references.append(Reference(capture, target_id, target_url and target_url.strip("<>"), target_at))
