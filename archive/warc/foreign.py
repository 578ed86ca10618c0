"""Reading archives that others made, whole or damaged: WARC, ARC, WACZ (and packages of packages) and HAR, in any compression that is known.

Unreadable records are reported and skipped; every whole record before and behind it is given, with its own bytes. A record that has a
fault (no date, a digest that contradicts its bytes) is given with that fault.
"""

from __future__ import annotations

import logging
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from archive.warc import arc, har
from archive.warc.containers import ZIP, FileForm, is_compressed, remote_parts, unpacked
from archive.warc.digests import matches
from archive.warc.incoming import Incoming
from archive.warc.members import MAGIC, find_member
from archive.warc.records import Record, parse_header
from archive.warc.zips import ZIP_FAULTS
from extract.errors import UnreadableDocument
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

logger = logging.getLogger(__name__)

#: A block that claims to be longer is passed over: no capture of ours to be is, and a damaged length must not fill the memory.
MAX_BLOCK = 256 << 20
_MAX_HEADER = 1 << 20
_START = re.compile(rb"WARC/\d+\.\d+\r?\n")
#: The end of a header: an empty line, with line ends of two bytes or of one.
_HEADER_END = re.compile(rb"(?<=\r)\n\r\n|\n\n")
_LENGTH = re.compile(rb"\nContent-Length[ \t]*:[ \t]*(\d{1,12})[ \t]*\r?(?:\n|\Z)", re.IGNORECASE)
#: Places of one file that can't be read and are told one by one; the others are counted.
_MOST_TOLD = 100
_INSIDE = re.compile(r"(^|/)archive/[^/]+\.(warc|arc)(\.gz|\.zst|\.lz4)?$")
#: Packages in packages are opened so deep.
_MAX_DEPTH = 3


@dataclass(frozen=True)
class ForeignRecord(Record):
    """A record as somebody else wrote it.

    Attributes:
        raw: Its uncompressed bytes, with two line ends behind the block. For captures that stood in no WARC record, the record made of them.
        beside: Further records that were made with it, to keep what it was made from.
        problem: Why it can't be taken as a capture; empty if it can.
        faults: What is odd about it.
    """

    raw: bytes = b""
    beside: tuple[bytes, ...] = ()
    problem: str = ""
    faults: tuple[str, ...] = ()


def iter_foreign(path: Path, problems: list[str] | None = None) -> Iterator[ForeignRecord]:
    """Give the whole records of a file, in its order.

    `segment` of each is the file's name (in a package, behind it the name inside), `offset` that of its compressed member, or of the record
    itself in a file that isn't compressed, or as a whole.

    Args:
        path: The file.
        problems: Gets one line for each place that can't be read.

    Raises:
        UnreadableDocument: It holds no captures, or is in a compression that can't be read here.
    """

    told = 0

    def tell(problem: str) -> None:
        logger.warning("%s: %s", path.name, problem)
        if problems is not None:
            problems.append(f"{path.name}: {problem}")

    def say(problem: str) -> None:
        nonlocal told
        told += 1
        if told <= _MOST_TOLD:
            tell(problem)

    with path.open("rb") as stream:
        try:
            yield from _iter_stream(stream, path.name, say, 0)
        finally:
            if told > _MOST_TOLD:
                tell(f"{told - _MOST_TOLD} further places can't be read")


def _iter_stream(stream: BinaryIO, name: str, say: Callable[[str], None], depth: int) -> Iterator[ForeignRecord]:
    start = stream.read(16)
    stream.seek(0)
    if start.startswith(ZIP):
        yield from _iter_package(stream, name, say, depth)
    elif not is_compressed(start) and start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        for made in har.iter_har(stream, name, say):
            yield _made(made, name)
    else:
        yield from _iter_pieces(stream, start, name, say)


def _iter_pieces(stream: BinaryIO, start: bytes, name: str, say: Callable[[str], None]) -> Iterator[ForeignRecord]:
    """The records of a WARC or ARC file, distinguished by the first uncompressed bytes."""
    try:
        chunks = unpacked(stream, start, say)
        parser: _Parser | arc.ArcParser | None = None
        for offset, data in chunks:
            if data is None:
                if parser is not None:
                    parser.drop()
                continue
            if parser is None and data.strip():
                is_arc = data.lstrip().startswith(b"filedesc:")
                plain = not is_compressed(start)
                parser = arc.ArcParser(name, say) if is_arc else _Parser(name, say, is_plain=plain)
            if parser is None:
                continue
            if isinstance(parser, arc.ArcParser):
                for made in parser.feed(offset, data):
                    yield _made(made, name)
            else:
                yield from parser.feed(offset, data)
    except UnreadableDocument as error:
        raise UnreadableDocument(f"{name}: {error}") from error
    if parser is not None:
        parser.drop()
    if parser is None or not parser.found:
        raise UnreadableDocument(f"{name} holds no WARC or ARC record: give WARC, ARC, WACZ or HAR files")


def _made(made: arc.Made, name: str) -> ForeignRecord:
    return ForeignRecord(
        made.headers,
        made.block,
        name,
        made.offset,
        raw=made.raw,
        beside=made.beside,
        problem=made.problem,
        faults=made.faults,
    )


def _iter_package(stream: BinaryIO, name: str, say: Callable[[str], None], depth: int) -> Iterator[ForeignRecord]:
    try:
        package = zipfile.ZipFile(stream)
        inside = [item for item in package.infolist() if _INSIDE.search(item.filename) or _is_package(item.filename)]
    except ZIP_FAULTS as error:
        # its WARC files are stored without further compression, so their members can be found without the directory
        say(f"the ZIP directory can't be read ({error}); its records are sought one by one")
        first = find_member(stream, 0)
        if first is None:
            raise UnreadableDocument(f"{name} is a damaged ZIP file, and no WARC record was found in it") from error
        stream.seek(first)
        yield from _iter_pieces(stream, MAGIC, name, say)
        return
    for address in remote_parts(package):
        say(f"names a package elsewhere, which is not fetched: {address}")
    if not inside:
        raise UnreadableDocument(f"{name} is a ZIP file but no WACZ: it has no archive/*.warc.gz")
    for item in inside:
        place = f"{name}/{item.filename}"
        try:
            with package.open(item) as member:
                if not _is_package(item.filename):
                    start = member.read(16)
                    member.seek(0)
                    yield from _iter_pieces(member, start, place, say)  # type: ignore[arg-type]  # a ZipExtFile reads, seeks and tells
                elif depth < _MAX_DEPTH:
                    yield from _iter_stream(member, place, say, depth + 1)  # type: ignore[arg-type]
                else:
                    say(f"{item.filename}: packages stand more than {_MAX_DEPTH} deep in each other")
        except (UnreadableDocument, *ZIP_FAULTS) as error:
            say(f"{item.filename}: {error}")


def _is_package(name: str) -> bool:
    return name.lower().endswith(".wacz")


class _Parser:
    """Cuts a stream of uncompressed bytes into WARC records."""

    def __init__(self, name: str, say: Callable[[str], None], *, is_plain: bool) -> None:
        self._name = name
        self._say = say
        self._is_plain = is_plain
        self._buffer = Incoming()
        self._offset = self._member = 0
        self._needed = 0
        self._is_lost = False
        self.found = 0

    def drop(self) -> None:
        """The bytes that follow don't continue those before."""
        if self._buffer.holds():
            self._say(f"a record at offset {self._offset} isn't whole; left out")
        self._buffer.clear()
        self._needed = 0
        self._is_lost = False

    def feed(self, offset: int, data: bytes) -> Iterator[ForeignRecord]:
        """Take bytes that stand at, or in the member at, an offset; gives the records that they complete."""
        if not self._buffer:
            self._offset = offset
        self._buffer.add(data)
        self._member = offset
        while len(self._buffer) > self._needed and self._synchronise():
            span = self._buffer.find(_HEADER_END, 3)
            if span is None:
                if len(self._buffer) > _MAX_HEADER:
                    self._lose(len(b"WARC/"))
                    continue
                return
            start, head = span
            size = self._size(start)
            if size < 0 or size > MAX_BLOCK:
                # one that begins inside this header was meant to be a record of its own; else nothing begins before the header's end
                last = self._last_start(start)
                self._lose(last or start)
                continue
            end = head + size
            if len(self._buffer) < end:
                self._needed = end - 1
                return
            record = self._record(bytes(self._buffer.data[:head]), bytes(self._buffer.data[head:end]))
            self._discard(end)
            self._needed = 0
            self.found += 1
            yield record

    def _record(self, head: bytes, block: bytes) -> ForeignRecord:
        stripped = head.rstrip(b"\r\n").replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n\r\n"
        faults = (localizable("the line ends of its header were made whole"),) if stripped != head else ()
        record = ForeignRecord(
            parse_header(stripped),
            block,
            self._name,
            self._offset,
            0,
            stripped[:8].decode("ascii", "replace").strip(),
            raw=stripped + block + b"\r\n\r\n",
            faults=faults,
        )
        object.__setattr__(record, "problem", _problem(record))
        return record

    def _discard(self, count: int) -> None:
        """Remove bytes from the front and note where those behind them stand."""
        self._buffer.cut(count)
        self._moved(count)

    def _moved(self, count: int) -> None:
        if self._is_plain:
            self._offset += count
        elif count:
            self._offset = self._member

    def _synchronise(self) -> bool:
        """Remove what stands before the next record; whether one begins."""
        self._moved(self._buffer.cut_line_ends())
        match = _START.match(self._buffer.data)
        if match is not None:
            self._is_lost = False
            return True
        if len(self._buffer) < 16 and b"WARC/".startswith(bytes(self._buffer.data[:5])):
            return False
        found = _START.search(self._buffer.data)
        if not self._is_lost and self._buffer:
            self._say(f"no record begins behind the one before, near offset {self._offset}; the next one is sought")
        self._is_lost = True
        if found is None:
            self._discard(max(0, len(self._buffer) - 16))
            return False
        self._discard(found.start())
        self._is_lost = False
        return True

    def _size(self, end: int) -> int:
        """Length of the block behind the header in front, which ends there; -1 if it says none."""
        found = _LENGTH.search(self._buffer.data, 0, end)
        return int(found[1]) if found else -1

    def _last_start(self, end: int) -> int:
        """Where the last line of the header in front that begins a record stands; 0 if only its first does."""
        at = self._buffer.data.rfind(b"WARC/", 1, end)
        while at > 0 and _START.match(self._buffer.data, at) is None:
            at = self._buffer.data.rfind(b"WARC/", 1, at)
        return max(0, at)

    def _lose(self, count: int) -> None:
        self._say(
            f"the record at offset {self._offset} has no usable header or length, or is too long; the next one is sought"
        )
        self._discard(count)
        self._needed = 0
        self._is_lost = True


def _problem(record: ForeignRecord) -> str:
    """Why a record can't be taken as a capture; empty if it can."""
    if not (record.type and record.get("WARC-Date")):
        return localizable("it lacks its type or date")
    if record.type != "revisit" and not _agrees_with_digests(
        record
    ):  # wget gives every revisit the digest of an empty block
        return localizable("its digest differs from that of its bytes")
    return ""


def _agrees_with_digests(record: Record) -> bool:
    """Whether the bytes are those of the record's own digests, as far as it has some that can be computed."""
    if matches(record.get("WARC-Block-Digest") or "", record.block) is False:
        return False
    digest = record.get("WARC-Payload-Digest") or ""
    if record.type not in ("response", "resource") or record.get("WARC-Segment-Number") is not None:
        return True
    # several writers take the payload's digest over the chunked body, or over the whole block of what is no answer
    return (
        matches(digest, record.payload) is not False
        or matches(digest, record.http_body) is True
        or (record.type == "resource" and matches(digest, record.block) is True)
    )


__all__ = ["MAX_BLOCK", "FileForm", "ForeignRecord", "iter_foreign"]
