"""Files as they lie on the disk, sent piece by piece, whole or the part that was asked for (RFC 9110, 14: range requests)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.publish.spreadsheet import attachment

PIECE = 256 * 1024
_RANGE = re.compile(r"\s*bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a file: its first byte, and how many."""

    start: int
    length: int


def span_of(asked: str | None, size: int) -> Span | None:
    """What a `Range` header asks for of a file.

    Args:
        asked: The header's value. Several parts at once, other units and what is malformed mean the whole file, as RFC 9110 lets a server choose.

    Returns:
        The part, of length 0 where the file has nothing of it (status 416); `None` for the whole file.
    """
    found = _RANGE.fullmatch(asked or "")
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:  # so many from the end
        length = min(int(last), size)
        return Span(size - length, length)
    start = int(first)
    if last and int(last) < start:
        return None  # not a valid range: as if it weren't there
    return Span(start, max(0, min(int(last) + 1 if last else size, size) - start))


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
        asked = request.headers.get("if-range") in (None, tag) and request.headers.get("range")
        self._path = path
        self._span = span_of(asked or None, size)
        self._method = request.scope["method"]
        self.status = 200 if self._span is None else 206 if self._span.length else 416
        known = [part.strip().removeprefix("W/") for part in (request.headers.get("if-none-match") or "").split(",")]
        if tag in known:
            self.status, self._span = 304, Span(0, 0)
        span = self._span or Span(0, size)
        self.headers = {
            "content-type": content_type,
            "content-disposition": attachment(path.name),
            "accept-ranges": "bytes",
            "etag": tag,
            **(headers or {}),
        }
        if self.status != 304:
            self.headers["content-length"] = str(span.length)
        if self.status == 206:
            self.headers["content-range"] = f"bytes {span.start}-{span.start + span.length - 1}/{size}"
        elif self.status == 416:
            self.headers["content-range"] = f"bytes */{size}"

    async def asgi_send(self, send: Any) -> None:
        """Send the file, or its part."""
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        if self._method != "HEAD":
            with self._path.open("rb") as stream:
                stream.seek(self._span.start if self._span is not None else 0)
                left = self._span.length if self._span is not None else None
                while piece := await asyncio.to_thread(stream.read, PIECE if left is None else min(PIECE, left)):
                    left = None if left is None else left - len(piece)
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
