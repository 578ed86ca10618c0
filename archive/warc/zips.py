"""ZIP files that others made: what reading them may raise, and small members read at a bounded cost."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib

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
    """How many bytes stand before its first member, behind its directory, or as its comment: no member has them, and no hash covers them."""
    stream = package.fp
    if stream is None:
        return 0
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _LONGEST_END))
    tail = stream.read(_LONGEST_END)
    behind = len(tail) - tail.rfind(_END_MARK) - _END_SIZE
    before = min((item.header_offset for item in package.infolist()), default=0)
    return before + behind
