"""HTTP content codings: from the bytes of the wire to the content, safe against truncation and decompression bombs."""

from __future__ import annotations

import importlib
import logging
import zlib
from typing import Any

logger = logging.getLogger(__name__)

#: Decoded content is cut here: no report or page comes near it, a bomb stops at it.
MAX_CONTENT = 512 << 20


def decode_content(payload: bytes, encoding: str | None, limit: int = MAX_CONTENT) -> bytes:
    """Remove the codings that a Content-Encoding field names, last one first.

    A torn body gives what can be decoded. A body that isn't in the named coding at all (servers do claim it wrongly), or whose coding is
    unknown or needs a library that isn't installed, is given back unchanged with a warning in the log.
    """
    for name in reversed([part.strip().lower() for part in (encoding or "").split(",")]):
        if name in ("", "identity"):
            continue
        decoded = _decode_one(payload, name, limit)
        if decoded is None:
            logger.warning("Content-Encoding %r could not be removed; the bytes are left as they are", name)
            return payload
        payload = decoded
    return payload


def _decode_one(payload: bytes, name: str, limit: int) -> bytes | None:
    if name in ("gzip", "x-gzip"):
        return _inflate(payload, 31, limit)
    if name == "deflate":  # RFC 9110 means zlib's format, servers also send the bare stream
        decoded = _inflate(payload, 15, limit)
        return decoded if decoded is not None else _inflate(payload, -15, limit)
    if name == "br":
        return _feed_library("brotli", payload)
    if name == "zstd":
        return _feed_library("zstandard", payload)
    return None


def _inflate(payload: bytes, window: int, limit: int) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    rest = payload
    while rest and size < limit:
        unpacker = zlib.decompressobj(window)
        try:
            parts.append(unpacker.decompress(rest, limit - size))
        except zlib.error:
            break
        size += len(parts[-1])
        if not unpacker.eof:
            break
        rest = unpacker.unused_data  # gzip allows several members
        if window != 31:
            break
    return b"".join(parts) if parts or not payload else None


def _feed_library(module: str, payload: bytes) -> bytes | None:
    """Decode with an optional library; `None` if it isn't installed or the bytes aren't in that coding."""
    try:
        library: Any = importlib.import_module(module)
    except ImportError:
        return None
    broken: type[Exception] = library.error if module == "brotli" else library.ZstdError
    try:
        if module == "brotli":
            decoded: bytes = library.decompress(payload)
        else:
            decoded = library.ZstdDecompressor().decompressobj().decompress(payload)
    except broken:
        return None
    return decoded
