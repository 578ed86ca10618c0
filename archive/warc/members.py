"""Gzip members: the frames of a compressed segment, one a record (WARC/1.1 annex D)."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Bytes read at a time; small, because zlib copies what follows a member.
_CHUNK = 1 << 15
#: Bytes in which the next member is sought: few at first, because in a file full of damaged ones it is near.
_FIRST_LOOK, _FURTHEST_LOOK = 1 << 10, 1 << 20
#: Bytes of one member, unpacked: ten times the largest download by default, four times the largest record of an import. A bomb stops at it.
MOST_MEMBER = 1 << 30
GZIP = 31  # zlib's window bits for "gzip header and trailer, both checked"
MAGIC = b"\x1f\x8b\x08"
LEVEL = 6  # 1.5 % larger than level 9 at two thirds of its CPU time (measured on 30 KB pages)


@dataclass(frozen=True, slots=True)
class Member:
    """One whole gzip member: where it stands in the file, how long it is there, and what it holds."""

    offset: int
    length: int
    data: bytes

    @property
    def end(self) -> int:
        """The offset of the first byte behind it."""
        return self.offset + self.length


class BrokenMember(Exception):
    """Raised when bytes at `offset` are no whole gzip member, by `iter_members` and `read_member`."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(f"{reason} at offset {offset}")
        self.offset = offset
        self.reason = reason


def compress(data: bytes) -> bytes:
    """Give the data as one gzip member without time or name, so that equal records are equal bytes."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
    return packer.compress(data) + packer.flush()


def iter_members(stream: BinaryIO, start: int = 0) -> Iterator[Member]:
    """Give every member from `start` on; CRC and length of each are checked.

    Raises:
        BrokenMember: What follows the last member given is torn, no gzip, or unpacks to more than `MOST_MEMBER`. Its `offset` is where the good
            bytes end.
    """
    stream.seek(start)
    offset, consumed, size = start, 0, 0
    parts: list[bytes] = []
    unpacker = zlib.decompressobj(GZIP)
    rest = b""
    while True:
        if not rest:
            rest = stream.read(_CHUNK)
            if not rest:
                break
        try:
            parts.append(unpacker.decompress(rest))
        except zlib.error as error:
            raise BrokenMember(
                offset, "damaged gzip member" if _looks_like_gzip(stream, offset) else "no gzip member"
            ) from error
        size += len(parts[-1])
        if size > MOST_MEMBER:
            raise BrokenMember(offset, f"gzip member of more than {MOST_MEMBER >> 20} MiB")
        if not unpacker.eof:
            consumed += len(rest)
            rest = b""
            continue
        unused = unpacker.unused_data
        consumed += len(rest) - len(unused)
        yield Member(offset, consumed, parts[0] if len(parts) == 1 else b"".join(parts))
        offset += consumed
        consumed, size, parts, rest = 0, 0, [], unused
        unpacker = zlib.decompressobj(GZIP)
    if consumed:
        raise BrokenMember(offset, "torn gzip member")


def read_member(stream: BinaryIO, offset: int) -> Member:
    """Give the member that begins at `offset`. Raises `BrokenMember` if none does."""
    for member in iter_members(stream, offset):
        return member
    raise BrokenMember(offset, "no gzip member")


def find_member(stream: BinaryIO, start: int) -> int | None:
    """The offset of the next member, from `start` on, that begins like a WARC record; `None` if there is none. For damaged files."""
    window, position, ahead = b"", start, _FIRST_LOOK
    while True:
        stream.seek(position + len(window))
        more = stream.read(ahead)
        ahead = min(2 * ahead, _FURTHEST_LOOK)
        window += more
        found = window.find(MAGIC)
        while found >= 0:
            if _begins_record(stream, position + found):
                return position + found
            found = window.find(MAGIC, found + 1)
        if not more:
            return None
        position += max(0, len(window) - len(MAGIC) + 1)
        window = window[-len(MAGIC) + 1 :]


def _begins_record(stream: BinaryIO, offset: int) -> bool:
    stream.seek(offset)
    try:
        return zlib.decompressobj(GZIP).decompress(stream.read(512), 5).startswith(b"WARC/")
    except zlib.error:
        return False


def _looks_like_gzip(stream: BinaryIO, offset: int) -> bool:
    stream.seek(offset)
    return stream.read(len(MAGIC)) == MAGIC
