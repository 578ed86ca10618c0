"""Files as they lie on the disk, sent piece by piece, whole or the part that was asked for (RFC 9110, 14: range requests)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from archive.publish.spreadsheet import attachment
from archive.site.http.validators import is_known

PIECE = 256 * 1024
#: Media types by the ending of a file's name.
_MEDIA_TYPES = {
    ".gz": "application/gzip",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".db": "application/vnd.sqlite3",
    ".json": "application/json",
    ".md": "text/markdown",
    ".csv": "text/csv",
}
_RANGE = re.compile(r"bytes\s*+=\s*+([0-9]{0,18})\s*+-\s*+([0-9]{0,18})", re.IGNORECASE)


def media_type(name: str) -> str:
    """The media type of a file by its name."""
    return _MEDIA_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A part of a file: its first byte, and how many."""

    start: int
    length: int


def span_of(asked: str | None, size: int) -> ByteRange | None:
    """What a `Range` header asks for of a file.

    Args:
        asked: The header's value. Several parts at once, other units and what is malformed mean the whole file, as RFC 9110 lets a server choose.

    Returns:
        The part, of length 0 where the file has nothing of it (status 416); `None` for the whole file.
    """
    found = _RANGE.fullmatch((asked or "").strip())
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:  # so many from the end
        length = min(int(last), size)
        return ByteRange(size - length, length)
    start = int(first)
    if last and int(last) < start:
        return None  # not a valid range: as if it weren't there
    return ByteRange(start, max(0, min(int(last) + 1 if last else size, size) - start))


def _part_of(request: Any, size: int, tag: str) -> tuple[int, ByteRange, dict[str, str]]:
    """Status, the part to send and what the answer's head says of it, by a request's headers."""
    headers = request.headers
    if is_known(request.scope, tag, is_there=True):
        return 304, ByteRange(0, 0), {}
    is_asked = request.scope["method"] == "GET" and headers.get("if-range") in (None, tag)
    span = span_of(headers.get("range"), size) if is_asked else None
    if span is None:
        return 200, ByteRange(0, size), {"content-length": str(size)}
    if not span.length:
        return 416, span, {"content-length": "0", "content-range": f"bytes */{size}"}
    end = span.start + span.length - 1
    return 206, span, {"content-length": str(span.length), "content-range": f"bytes {span.start}-{end}/{size}"}


class FileResponse:
    """A file as a download. Its length is announced, so that a broken transfer shows; a part of it is given where one is asked for.

    Args:
        headers: Of the request, for `Range`, `If-Range` and `If-None-Match`.
        tag: Differs whenever a byte of the file does: by size and time if none is given.
    """

    def __init__(
        self,
        path: Path,
        *,
        content_type: str,
        request: Any,
        headers: dict[str, str] | None = None,
        tag: str | None = None,
    ) -> None:
        stat = path.stat()
        size = stat.st_size
        tag = f'"{tag or f"{stat.st_mtime_ns:x}-{size:x}"}"'
        self._path = path
        self._method = request.scope["method"]
        self.status, self._span, said = _part_of(request, size, tag)
        self.headers = {
            "content-type": content_type,
            "content-disposition": attachment(path.name),
            "accept-ranges": "bytes",
            "etag": tag,
            **said,
            **(headers or {}),
        }

    async def asgi_send(self, send: Any) -> None:
        """Send the file, or its part."""
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        if self._method != "HEAD":
            with self._path.open("rb") as stream:
                stream.seek(self._span.start)
                left = self._span.length
                while left and (piece := await asyncio.to_thread(stream.read, min(PIECE, left))):
                    left -= len(piece)
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
