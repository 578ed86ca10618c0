"""Whether a body is whole although its frame says that it isn't: a length of the unpacked page, a last chunk that never comes.

Browsers show such pages, and portals don't notice. What proves that nothing is missing stands in the body itself: the end of its coding, or
of its format. Without such an end the body counts as broken off.
"""

from __future__ import annotations

import re
import zlib

from extract.document.notations import parse_json

#: Pieces in which a coded body is walked through; what they unpack to is thrown away.
_PIECE = 1 << 20
#: A stream that unpacks to more is nobody's page, and not worth the walk.
_MOST_UNPACKED = 64 << 20
_TAIL_BYTES = 4096
_PAGE_END = re.compile(rb"</html\s*+>(?:\s++|<!--(?:(?!-->).)*+-->)*+\Z", re.IGNORECASE | re.DOTALL)
_MARKUP = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*+<[!a-z?]", re.IGNORECASE)
_PDF_END = re.compile(rb"%%EOF\s*+\Z")
_ZIP_END = b"PK\x05\x06"
_ZIP_END_BYTES = 22


def proves_itself_whole(body: bytes, coding: str | None) -> bool:
    """Whether the end of a body is its own end. `coding` is the Content-Encoding field; a stack of codings proves nothing."""
    name = (coding or "").strip().lower()
    if name in ("gzip", "x-gzip"):
        return _stream_ends(body, 31)
    if name == "deflate":
        return _stream_ends(body, 15) or _stream_ends(body, -15)
    return name in ("", "identity") and _format_ends(body)


def _stream_ends(body: bytes, window: int) -> bool:
    unpacker = zlib.decompressobj(window)
    rest, size = body, 0
    try:
        while rest and not unpacker.eof and size < _MOST_UNPACKED:
            size += len(unpacker.decompress(rest, _PIECE))
            rest = unpacker.unconsumed_tail
    except zlib.error:
        return False
    return unpacker.eof and not unpacker.unused_data.strip(b"\r\n\0")


def _format_ends(body: bytes) -> bool:
    tail = body[-_TAIL_BYTES:]
    if body.startswith(b"%PDF"):
        return _PDF_END.search(tail) is not None
    if body.startswith(b"PK\x03\x04"):
        end = body.rfind(_ZIP_END, -(_ZIP_END_BYTES + 0xFFFF))
        return end >= 0 and end + _ZIP_END_BYTES + int.from_bytes(body[end + 20 : end + 22], "little") == len(body)
    if body[:1] in (b"{", b"["):
        try:
            parse_json(body)
        except ValueError:
            return False
        return True
    return _MARKUP.match(body) is not None and _PAGE_END.search(tail) is not None
