"""Files as they lie on the disk, sent piece by piece."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from archive.publish.spreadsheet import attachment

PIECE = 256 * 1024


class FileResponse:
    """A file as a download. Its length is announced, so that a broken transfer shows."""

    def __init__(self, path: Path, *, content_type: str, headers: dict[str, str] | None = None) -> None:
        self._path = path
        self.status = 200
        self.headers = {
            "content-type": content_type,
            "content-length": str(path.stat().st_size),
            "content-disposition": attachment(path.name),
            **(headers or {}),
        }

    async def asgi_send(self, send: Any) -> None:
        """Send the file."""
        with self._path.open("rb") as stream:
            headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
            await send({"type": "http.response.start", "status": self.status, "headers": headers})
            while piece := await asyncio.to_thread(stream.read, PIECE):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
