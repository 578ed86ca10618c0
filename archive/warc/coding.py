"""HTTP content codings: from the bytes of the wire to the content, safe against truncation and decompression bombs."""

from __future__ import annotations

import importlib
import logging
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

#: No page or document in a content coding comes near this; a bomb stops at it.
MAX_CONTENT = 64 << 20
#: Codings on top of each other: a server's and a proxy's by mistake. More are made to multiply.
MAX_LAYERS = 2
#: What one coding may unpack to: so many times its bytes (a page of repeating rows: 300), …
_RATIO = 400
#: … and of a small body so much, whatever the ratio.
_ALWAYS = 4 << 20
_PIECE = 1 << 20
_FED = 8 << 10
_ZSTD_WINDOW = 8 << 20
_LIBRARIES = {"br": "brotli", "zstd": "zstandard"}


class _TooLarge(Exception):
    def __init__(self, begun: bytes) -> None:
        self.begun = begun


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A body without its codings.

    Attributes:
        content: What it holds; where there is a problem, the part of it that was unpacked, from which nothing is to be concluded.
        problem: Why it isn't all, in words; empty if it is.
    """

    content: bytes
    problem: str = ""


def decode_content(payload: bytes, encoding: str | None, limit: int = MAX_CONTENT) -> bytes:
    """The content that `unpack` gives, whole or not."""
    return unpack(payload, encoding, limit).content


def unpack(payload: bytes, encoding: str | None, limit: int = MAX_CONTENT) -> Unpacked:
    """Remove the codings that a Content-Encoding field names, last one first.

    A torn body gives what can be decoded. A body that isn't in the named coding at all (servers do claim it wrongly), or whose coding is
    unknown or needs a library that isn't installed, is given back unchanged with a warning in the log.

    Args:
        limit: Bytes that no layer may unpack to; it may unpack to fewer, by the bytes that it comes from.
    """
    names = [name for part in (encoding or "").split(",") if (name := part.strip().lower()) not in ("", "identity")]
    if len(names) > MAX_LAYERS:
        return Unpacked(payload, localizable(f"{len(names)} codings on top of each other ({', '.join(names[:4])} …)"))
    for name in reversed(names):
        most = min(limit, max(_ALWAYS, _RATIO * len(payload)))
        try:
            decoded = _decode_one(payload, name, most)
        except _TooLarge as error:
            return Unpacked(
                error.begun, localizable(f"{len(payload)} bytes in coding {name} unpack to more than {most}")
            )
        if decoded is None:
            logger.warning("Content-Encoding %r could not be removed; the bytes are left as they are", name[:40])
            return Unpacked(payload)
        payload = decoded
    return Unpacked(payload)


def _decode_one(payload: bytes, name: str, limit: int) -> bytes | None:
    """Remove one coding; `None` if the bytes aren't in it, or nothing here reads it."""
    if name in ("gzip", "x-gzip"):
        return _gather(_inflate(payload, 31), limit, payload)
    if name == "deflate":  # RFC 9110 means zlib's format, servers also send the bare stream
        decoded = _gather(_inflate(payload, 15), limit, payload)
        return decoded if decoded is not None else _gather(_inflate(payload, -15), limit, payload)
    if name in _LIBRARIES:
        try:
            library = importlib.import_module(_LIBRARIES[name])
        except ImportError:
            return None
        pieces = _brotli(payload, library) if name == "br" else _zstd(payload, library)
        return _gather(pieces, limit, payload)
    return None


def _gather(pieces: Iterator[bytes], limit: int, payload: bytes) -> bytes | None:
    """All pieces together; `None` if there is none although there are bytes to unpack. Raises `_TooLarge` beyond the limit."""
    gathered = bytearray()
    is_any = not payload
    for piece in pieces:
        is_any = True
        gathered += piece
        if len(gathered) > limit:
            raise _TooLarge(bytes(gathered[:limit]))
    return bytes(gathered) if is_any else None


def _inflate(payload: bytes, window: int) -> Iterator[bytes]:
    """The pieces of a stream, of all its members where it is gzip. It is fed bit by bit: each member gives back a copy of what stands behind it."""
    position, rest = 0, b""
    unpacker = zlib.decompressobj(window)
    try:
        while rest or position < len(payload):
            if not rest:
                rest = payload[position : position + _FED]
                position += len(rest)
            if unpacker.eof:  # gzip allows several members
                if window != 31:
                    return
                unpacker = zlib.decompressobj(window)
            yield unpacker.decompress(rest, _PIECE)
            rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        while piece := unpacker.decompress(b"", _PIECE):  # what was unpacked, and had no room in the last piece
            yield piece
    except zlib.error:
        return


def _brotli(payload: bytes, library: Any) -> Iterator[bytes]:
    unpacker = library.Decompressor()
    rest = payload
    try:
        while True:
            yield unpacker.process(rest, output_buffer_limit=_PIECE)
            rest = b""
            if unpacker.is_finished() or unpacker.can_accept_more_data():
                return
    except library.error:
        return


def _zstd(payload: bytes, library: Any) -> Iterator[bytes]:
    import io

    reader = library.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).stream_reader(io.BytesIO(payload))
    try:
        while piece := reader.read(_PIECE):
            yield piece
    except library.ZstdError:
        return
