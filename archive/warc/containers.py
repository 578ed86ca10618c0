"""Containers that hold web captures: what a file is, by its first bytes, and the uncompressed bytes in it with the offset of each piece.

WARC and ARC files stand bare, or compressed with gzip, zstandard or LZ4: a member (frame) a record, or one for all. Those two last are read
with the packages `zstandard` and `lz4` (the extra `foreign`); without them the message says what to do.
"""

from __future__ import annotations

import zipfile
import zlib
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Any, BinaryIO

from archive.warc.members import GZIP, MAGIC, find_member
from archive.warc.zips import ZIP_FAULTS, read_small
from extract.document.notations import parse_json
from extract.errors import UnreadableDocument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_CHUNK = 1 << 16
#: Compressed bytes unpacked at a time. What follows a member in them is copied for each member, and what they unpack to is held at once: 32,768
#: times as much with zstandard (a block of 128 KiB in four bytes, RFC 8878), 64 MiB.
_PIECE = 1 << 11
ZIP = b"PK\x03\x04"
ZSTD = b"\x28\xb5\x2f\xfd"
#: A dictionary in front of the frames, as the proposal "WARC files compressed with zstandard" of the IIPC has it (a skippable frame).
ZSTD_DICTIONARY = (0x184D2A5D).to_bytes(4, "little")
LZ4 = b"\x04\x22\x4d\x18"
_PEEK = 1 << 12
#: What isn't read here, by its bytes at a place (those of the formats' own descriptions): its name, and what unpacks it.
_UNREAD: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"\xfd7zXZ\0", "xz", "unxz"),
    (0, b"BZh", "bzip2", "bunzip2"),
    (0, b"\x1f\x9d", "compress", "uncompress"),
    (257, b"ustar", "tar", "tar -xf"),
)


class FileForm(StrEnum):
    """What kind of file captures come in."""

    WARC = "WARC"
    ARC = "ARC"
    WACZ = "WACZ"
    HAR = "HAR"


def form_of(path: Path) -> FileForm | None:
    """What a file is, by its content; `None` for one that holds no captures (a loose document).

    A file whose content can't be recognised (damaged, or in a compression that isn't installed) is taken for what its name says.
    """
    with path.open("rb") as stream:
        start = stream.read(_PEEK)
        stream.seek(0)
        found = _form_of_bytes(_peek(stream, start))
        if found is None and start.startswith(ZIP):
            found = FileForm.WACZ if _is_package(stream) else None
    return found or _form_by_name(path.name.lower())


def require_unpacked(path: Path) -> None:
    """Raise `UnreadableDocument` for a file in a compression, or a container, that nothing here reads: what it is, and what unpacks it."""
    with path.open("rb") as stream:
        start = stream.read(_PEEK)
    for place, magic, name, program in _UNREAD:
        if start[place:].startswith(magic):
            raise UnreadableDocument(
                f"{path.name} is packed with {name}, which isn't read here: unpack it first ({program})"
            )


def _form_of_bytes(start: bytes) -> FileForm | None:
    bare = start.lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if bare.startswith(b"WARC/"):
        return FileForm.WARC
    if bare.startswith(b"filedesc:"):
        return FileForm.ARC
    if bare.startswith(b"{") and b'"log"' in bare[:_PEEK] and (b'"entries"' in bare or b'"creator"' in bare):
        return FileForm.HAR
    return None


def _form_by_name(name: str) -> FileForm | None:
    for form, endings in (
        (FileForm.WARC, (".warc", ".warc.gz", ".warc.zst", ".warc.lz4")),
        (FileForm.ARC, (".arc", ".arc.gz")),
        (FileForm.WACZ, (".wacz",)),
        (FileForm.HAR, (".har",)),
    ):
        if name.endswith(endings):
            return form
    return None


def _peek(stream: BinaryIO, start: bytes) -> bytes:
    """The first uncompressed bytes; the compressed ones where they can't be unpacked."""
    try:
        chunks = unpacked(stream, start, lambda problem: None)
        return next((data for _, data in chunks if data), b"")[:_PEEK]
    except (UnreadableDocument, zlib.error):
        return b""


def _is_package(stream: BinaryIO) -> bool:
    try:
        with zipfile.ZipFile(stream) as package:
            names = package.namelist()
            return any(name.startswith("archive/") or name.lower().endswith(".wacz") for name in names) or (
                "datapackage.json" in names and b"wacz" in _beginning(package, "datapackage.json")
            )
    except ZIP_FAULTS:
        return False


def _beginning(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as member:
        return member.read(1 << 20)


def unpacked(stream: BinaryIO, start: bytes, say: Callable[[str], None]) -> Iterator[tuple[int, bytes | None]]:
    """Uncompressed bytes with the offset of the member that they stand in (their own, if nothing is compressed); `None` where bytes are lost.

    Args:
        stream: At its beginning.
        start: Its first bytes.
        say: Gets a line for what can't be unpacked.

    Raises:
        UnreadableDocument: The compression needs a package that isn't installed.
    """
    if start.startswith(MAGIC):
        return _gunzip(stream, say)
    if start.startswith((ZSTD, ZSTD_DICTIONARY)):
        return _unzstd(stream, say)
    if start.startswith(LZ4):
        return _unlz4(stream, say)
    return _plain(stream)


def is_compressed(start: bytes) -> bool:
    """Whether a file that begins so is compressed as a stream."""
    return start.startswith((MAGIC, ZSTD, ZSTD_DICTIONARY, LZ4))


def _plain(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    offset = 0
    while data := stream.read(_CHUNK):
        yield offset, data
        offset += len(data)


def _gunzip(stream: BinaryIO, say: Callable[[str], None]) -> Iterator[tuple[int, bytes | None]]:
    member = position = stream.tell()
    unpacker = zlib.decompressobj(GZIP)
    rest = b""
    while True:
        rest = rest or stream.read(_PIECE)
        if position == member and rest.startswith(b"\0"):  # some writers fill the last block with zeros
            stripped = rest.lstrip(b"\0")
            member = position = position + len(rest) - len(stripped)
            rest = stripped
            continue
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


def _unzstd(stream: BinaryIO, say: Callable[[str], None]) -> Iterator[tuple[int, bytes | None]]:
    try:
        import zstandard  # an extra: most archives never meet such a file
    except ImportError:
        raise UnreadableDocument(
            "compressed with zstandard: `pip install ogi-archive[foreign]`, or unpack it with `zstd -d` first"
        ) from None
    dictionary, offset = None, 0
    head = stream.read(8)
    if head[:4] != ZSTD_DICTIONARY:
        stream.seek(0)
    if head[:4] == ZSTD_DICTIONARY:
        size = int.from_bytes(head[4:8], "little")
        raw = stream.read(size)
        offset = 8 + len(raw)
        try:
            data = zstandard.ZstdDecompressor().decompressobj().decompress(raw) if raw.startswith(ZSTD) else raw
            dictionary = zstandard.ZstdCompressionDict(data)
        except (zstandard.ZstdError, MemoryError) as error:
            raise UnreadableDocument(f"its zstandard dictionary can't be read ({error})") from None

    frame = stream.read(18)  # the longest header of a frame
    with suppress(zstandard.ZstdError):
        wanted = zstandard.get_frame_parameters(frame).dict_id
        if wanted and dictionary is None:
            raise UnreadableDocument(
                f"compressed with the zstandard dictionary {wanted}, which isn't in it: unpack it with `zstd -d -D DICTIONARY` first"
            )

    stream.seek(offset)
    decompressor = zstandard.ZstdDecompressor(dict_data=dictionary)
    yield from _frames(stream, offset, decompressor.decompressobj, zstandard.ZstdError, say)


def _unlz4(stream: BinaryIO, say: Callable[[str], None]) -> Iterator[tuple[int, bytes | None]]:
    try:
        import lz4.frame  # an extra: most archives never meet such a file
    except ImportError:
        raise UnreadableDocument(
            "compressed with LZ4: `pip install ogi-archive[foreign]`, or unpack it with `lz4 -d` first"
        ) from None
    yield from _frames(stream, 0, lz4.frame.LZ4FrameDecompressor, RuntimeError, say)


def _frames(
    stream: BinaryIO, offset: int, unpacker: Callable[[], Any], error: type[Exception], say: Callable[[str], None]
) -> Iterator[tuple[int, bytes | None]]:
    """Frame after frame of a compression whose unpackers have `decompress`, `eof` and `unused_data`."""
    frame = position = offset
    one, rest = unpacker(), b""
    while True:
        rest = rest or stream.read(_PIECE)
        if not rest:
            if position > frame:
                say(f"torn at its end, in the frame at offset {frame}")
                yield frame, None
            return
        try:
            data = one.decompress(rest)
        except error:
            say(f"damaged at offset {frame}; nothing behind it can be read")
            yield frame, None
            return
        yield frame, data
        unused = (one.unused_data or b"") if one.eof else b""
        position += len(rest) - len(unused)
        rest = unused
        if one.eof:
            frame, one = position, unpacker()


def remote_parts(package: zipfile.ZipFile) -> list[str]:
    """Addresses of packages that a collection of packages only names: nothing is fetched for them."""
    try:
        found = parse_json(read_small(package, "datapackage.json"))
        paths = [str(item.get("path", "")) for item in found.get("resources") or () if isinstance(item, dict)]
    except (KeyError, AttributeError, TypeError, *ZIP_FAULTS):
        return []
    return [path for path in paths if path.startswith(("http://", "https://"))]
