"""Reading archives that others made, whole or damaged: WARC (compressed or not, a member a record or one for all) and WACZ.

What can't be read is told and passed over; every whole record before and behind it is given. A record whose own digest contradicts its
bytes is damaged too, and is told instead of given.
"""

from __future__ import annotations

import logging
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO

from archive.warc.digests import matches
from archive.warc.members import GZIP, MAGIC, find_member
from archive.warc.records import Record, parse_header
from extract.errors import UnreadableDocument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

logger = logging.getLogger(__name__)

#: A block that claims to be longer is passed over: no capture of ours to be is, and a damaged length must not fill the memory.
MAX_BLOCK = 1 << 30
_MAX_HEADER = 1 << 20
_CHUNK = 1 << 16
_START = re.compile(rb"WARC/\d+\.\d+\r?\n")
_ZIP = b"PK\x03\x04"
_ZSTD = (b"\x28\xb5\x2f\xfd", b"\x5d\x2a\x4d\x18")


def iter_foreign(path: Path, problems: list[str] | None = None) -> Iterator[Record]:
    """Give the whole records of a WARC or WACZ file, in its order.

    `segment` of each is the file's name (in a WACZ, behind it the name inside), `offset` that of its gzip member, or of the record itself
    in a file that isn't compressed, or as a whole.

    Args:
        path: The file.
        problems: Gets one line for each place that can't be read.

    Raises:
        UnreadableDocument: It is neither, or in a compression that isn't known.
    """

    def say(problem: str) -> None:
        logger.warning("%s: %s", path.name, problem)
        if problems is not None:
            problems.append(f"{path.name}: {problem}")

    with path.open("rb") as stream:
        start = stream.read(16)
        stream.seek(0)
        if start.startswith(_ZIP):
            yield from _iter_wacz(stream, path.name, say)
        else:
            yield from _iter_warc(stream, start, path.name, say)


def _iter_warc(stream: BinaryIO, start: bytes, name: str, say: Callable[[str], None]) -> Iterator[Record]:
    if start.startswith(_ZSTD):
        raise UnreadableDocument(f"{name} is compressed with zstandard: unpack it with `zstd -d` first")
    if start.startswith(b"filedesc:"):
        raise UnreadableDocument(f"{name} is an ARC file: convert it with `warcio recompress` first")
    chunks = _gunzip(stream, say) if start.startswith(MAGIC) else _plain(stream)
    parser = _Parser(name, say, is_plain=not start.startswith(MAGIC))
    for offset, data in chunks:
        if data is None:
            parser.drop()
        else:
            yield from parser.feed(offset, data)
    parser.drop()
    if not parser.found:
        raise UnreadableDocument(f"{name} holds no WARC record: give WARC (.warc, .warc.gz) or WACZ files")


def _iter_wacz(stream: BinaryIO, name: str, say: Callable[[str], None]) -> Iterator[Record]:
    try:
        package = zipfile.ZipFile(stream)
        inside = [item for item in package.infolist() if re.search(r"(^|/)archive/[^/]+\.warc(\.gz)?$", item.filename)]
    except zipfile.BadZipFile as error:
        # its WARC files are stored without further compression, so their members can be found without the directory
        say(f"the ZIP directory can't be read ({error}); its records are sought one by one")
        first = find_member(stream, 0)
        if first is None:
            raise UnreadableDocument(f"{name} is a damaged ZIP file, and no WARC record was found in it") from error
        stream.seek(first)
        yield from _iter_warc(stream, MAGIC, name, say)
        return
    if not inside:
        raise UnreadableDocument(f"{name} is a ZIP file but no WACZ: it has no archive/*.warc.gz")
    for item in inside:
        place = f"{name}/{item.filename}"
        try:
            with package.open(item) as member:
                start = member.read(16)
                member.seek(0)
                yield from _iter_warc(member, start, place, say)  # type: ignore[arg-type]  # a ZipExtFile reads, seeks and tells
        except (zipfile.BadZipFile, UnreadableDocument) as error:
            say(f"{item.filename}: {error}")


def _plain(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    offset = 0
    while data := stream.read(_CHUNK):
        yield offset, data
        offset += len(data)


def _gunzip(stream: BinaryIO, say: Callable[[str], None]) -> Iterator[tuple[int, bytes | None]]:
    """Uncompressed bytes with the offset of their member; `None` where bytes are lost."""
    member = position = stream.tell()
    unpacker = zlib.decompressobj(GZIP)
    rest = b""
    while True:
        rest = rest or stream.read(_CHUNK)
        if not rest:
            if position > member:
                say(f"torn at its end, in the member at offset {member}")
                yield member, None
            return
        try:
            data = unpacker.decompress(rest)
        except zlib.error:
            yield member, None
            following = find_member(stream, member + 1)
            say(f"damaged at offset {member}, read on at {'its end' if following is None else following}")
            if following is None:
                return
            stream.seek(following)
            member = position = following
            unpacker, rest = zlib.decompressobj(GZIP), b""
            continue
        yield member, data
        unused = unpacker.unused_data if unpacker.eof else b""
        position += len(rest) - len(unused)
        rest = unused
        if unpacker.eof:
            member = position
            unpacker = zlib.decompressobj(GZIP)
            padding = len(rest) - len(rest.lstrip(b"\0"))  # some writers fill the last block with zeros
            if padding and padding == len(rest):
                rest = b""
                member = position = position + padding


class _Parser:
    """Cuts a stream of uncompressed bytes into records."""

    def __init__(self, name: str, say: Callable[[str], None], *, is_plain: bool) -> None:
        self._name = name
        self._say = say
        self._is_plain = is_plain
        self._buffer = bytearray()
        self._offset = self._member = 0
        self._needed = 0
        self._is_lost = False
        self.found = 0

    def drop(self) -> None:
        """The bytes that follow don't continue those before."""
        if self._buffer.strip():
            self._say(f"a record at offset {self._offset} isn't whole; left out")
        self._buffer.clear()
        self._needed = 0
        self._is_lost = False

    def feed(self, offset: int, data: bytes) -> Iterator[Record]:
        """Take bytes that stand at, or in the member at, an offset; gives the records that they complete."""
        if not self._buffer:
            self._offset = offset
        self._buffer += data
        self._member = offset
        while len(self._buffer) > self._needed and self._synchronise():
            head, gap, size = self._header()
            if size is None:
                if len(self._buffer) > _MAX_HEADER:
                    self._lose()
                    continue
                return
            if size < 0 or size > MAX_BLOCK:
                self._lose()
                continue
            end = head + gap + size
            if len(self._buffer) < end:
                self._needed = end - 1
                return
            raw = bytes(self._buffer[:head]).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            block = bytes(self._buffer[head + gap : end])
            record = Record(
                parse_header(raw + b"\r\n\r\n"), block, self._name, self._offset, 0, raw[:8].decode("ascii")
            )
            self._discard(end)
            self._needed = 0
            if self._is_sound(record):
                self.found += 1
                yield record

    def _discard(self, count: int) -> None:
        """Remove bytes from the front and note where those behind them stand."""
        del self._buffer[:count]
        if self._is_plain:
            self._offset += count
        elif count:
            self._offset = self._member

    def _synchronise(self) -> bool:
        """Remove what stands before the next record; whether one begins."""
        blank = len(self._buffer) - len(self._buffer.lstrip(b"\r\n"))
        self._discard(blank)
        match = _START.match(self._buffer)
        if match is not None:
            self._is_lost = False
            return True
        if len(self._buffer) < 16 and b"WARC/".startswith(bytes(self._buffer[:5])):
            return False
        found = _START.search(self._buffer)
        if not self._is_lost and self._buffer:
            self._say(f"no record begins behind the one before, near offset {self._offset}; the next one is sought")
        self._is_lost = True
        if found is None:
            self._discard(max(0, len(self._buffer) - 16))
            return False
        self._discard(found.start())
        self._is_lost = False
        return True

    def _header(self) -> tuple[int, int, int | None]:
        """Length of the header, of the gap behind it, and of the block; `None` if the header isn't there yet, -1 if it has no length."""
        ends = [(self._buffer.find(mark), len(mark)) for mark in (b"\r\n\r\n", b"\n\n")]
        whole = [pair for pair in ends if pair[0] >= 0]
        if not whole:
            return 0, 0, None
        head, gap = min(whole)
        match = re.search(
            rb"\nContent-Length[ \t]*:[ \t]*(\d{1,12})[ \t]*\r?(?:\n|$)", self._buffer[:head], re.IGNORECASE
        )
        return head, gap, int(match[1]) if match else -1

    def _lose(self) -> None:
        self._say(f"the record at offset {self._offset} has no usable header or length; the next one is sought")
        self._discard(5)
        self._needed = 0
        self._is_lost = True

    def _is_sound(self, record: Record) -> bool:
        if not (record.type and record.get("WARC-Date")):
            self._say(f"the record at offset {record.offset} lacks its type or date; left out")
            return False
        if record.type != "revisit" and not _agrees_with_digests(
            record
        ):  # wget gives every revisit the digest of an empty block
            self._say(
                f"the record of {record.uri or record.id} at offset {record.offset} is damaged: its digest differs; left out"
            )
            return False
        return True


def _agrees_with_digests(record: Record) -> bool:
    """Whether the bytes are those of the record's own digests, as far as it has some that can be computed."""
    if matches(record.get("WARC-Block-Digest") or "", record.block) is False:
        return False
    digest = record.get("WARC-Payload-Digest") or ""
    if record.type not in ("response", "resource") or record.get("WARC-Segment-Number") is not None:
        return True
    # several writers take the payload's digest over the chunked body
    return matches(digest, record.payload) is not False or matches(digest, record.http_body) is True
