"""ZIP files that others made: what reading them may raise, and small members read at a bounded cost."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What `zipfile` raises over a file that is torn, false, encrypted, or packed in a way that isn't known; offsets before its beginning and
#: names that are none among them.
ZIP_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    ArithmeticError,
)
#: The record at the end of a ZIP file (APPNOTE 4.3.16): its mark, its size without a comment, and with the longest one.
_END_MARK, _END_SIZE, _LONGEST_END = b"PK\x05\x06", 22, 22 + 65535
#: A local header without name and extra field (4.3.7); the flag of a member that a data descriptor follows (4.3.9), its mark and its longest form.
_LOCAL_SIZE, _IS_DESCRIBED_BEHIND, _DESCRIPTOR_MARK, _LONGEST_DESCRIPTOR = 30, 0x08, b"PK\x07\x08", 24
#: Bytes of a description; that of a package with 100,000 files has 20 MB.
MOST_DESCRIBED = 64 << 20


def read_small(package: zipfile.ZipFile, name: str, most: int = MOST_DESCRIBED) -> bytes:
    """A member's content.

    Raises:
        KeyError: There is none of that name.
        BadZipFile: It unpacks to more than `most` bytes, or can't be read; others of `ZIP_FAULTS` likewise.
    """
    with package.open(name) as member:
        data = member.read(most + 1)
    if len(data) > most:
        raise zipfile.BadZipFile(f"{name} unpacks to more than {most} bytes")
    return data


def bytes_outside(package: zipfile.ZipFile) -> int:
    """How many bytes stand before its first member, between members, behind its directory, or as a comment: no hash of a member covers them."""
    stream = package.fp
    if stream is None:
        return 0
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _LONGEST_END))
    tail = stream.read(_LONGEST_END)
    behind = len(tail) - tail.rfind(_END_MARK) - _END_SIZE
    found, end = behind, 0
    for item in sorted(package.infolist(), key=lambda item: item.header_offset):
        gap = item.header_offset - end
        found += max(0, gap) + len(item.comment)
        end = _end_of(stream, item)
    return found + max(0, package.start_dir - end)


def _end_of(stream: IO[bytes], item: zipfile.ZipInfo) -> int:
    """Where a member ends: behind its local header, its data, and, where it was written to a stream, what describes those."""
    stream.seek(max(0, item.header_offset))  # one before the file can't be read either
    header = stream.read(_LOCAL_SIZE)
    if len(header) < _LOCAL_SIZE:
        return item.header_offset  # reading it fails, and is told
    names, extra = struct.unpack("<HH", header[26:])
    end = item.header_offset + _LOCAL_SIZE + int(names) + int(extra) + item.compress_size
    if not item.flag_bits & _IS_DESCRIBED_BEHIND:
        return end
    stream.seek(end)
    behind = stream.read(_LONGEST_DESCRIPTOR)
    return end + next((len(one) for one in _descriptors(item) if behind.startswith(one)), 0)


def _descriptors(item: zipfile.ZipInfo) -> Iterator[bytes]:
    """What may stand behind a member's data: its checksum and sizes, in the long form or the short one, with a mark or without."""
    for form, most in (("<LQQ", 0xFFFFFFFFFFFFFFFF), ("<LLL", 0xFFFFFFFF)):
        said = struct.pack(form, item.CRC, item.compress_size & most, item.file_size & most)
        yield _DESCRIPTOR_MARK + said
        yield said
