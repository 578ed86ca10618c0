"""Prefix and language in what is made without them: redirects, and the addresses in Datasette's JSON."""

from __future__ import annotations

from typing import Any

from archive.site.http.addresses import BASE, split_language, with_language
from archive.site.i18n import LANGUAGE
from archive.site.metadata import DATABASE


class Prefixer:
    """Wraps `send`. Datasette has a setting for a prefix, but takes one that begins like its database's name for part of that."""

    def __init__(self, scope: Any, send: Any) -> None:
        self._send = send
        self._prefix: str = scope[BASE]
        self._language: str = scope[LANGUAGE]
        host = dict(scope["headers"])[b"host"].decode()
        self._origin = f"{scope['scheme']}://{host}"
        self._is_datasettes = scope["path"].startswith(f"/{DATABASE}")
        self._start: Any = None
        self._body = b""

    async def __call__(self, message: Any) -> None:
        """Send a message of the application."""
        if message["type"] == "http.response.start":
            headers = [self._header(name, value) for name, value in message.get("headers", [])]
            message = {**message, "headers": headers}
            kind = {name.lower(): value for name, value in headers}.get(b"content-type", b"")
            if self._prefix and self._is_datasettes and kind.startswith(b"application/json"):
                self._start = message
                return
        elif self._start is not None and message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            await self._send(
                {
                    **self._start,
                    "headers": [item for item in self._start["headers"] if item[0].lower() != b"content-length"],
                }
            )
            message = {**message, "body": self._with_prefix(self._body)}
        await self._send(message)

    def _header(self, name: bytes, value: bytes) -> tuple[bytes, bytes]:
        if name.lower() == b"location" and value.startswith(b"/"):
            path = value.decode("latin-1")
            if self._is_datasettes and split_language(path)[1] is None:
                path = with_language(path, self._language)
            return name, (self._prefix + path).encode("latin-1")
        if name.lower() == b"link" and self._is_datasettes:
            return name, value.replace(
                f"<{self._origin}/{DATABASE}".encode(), f"<{self._origin}{self._prefix}/{DATABASE}".encode()
            )
        return name, value

    def _with_prefix(self, body: bytes) -> bytes:
        """JSON with the prefix in texts that begin with an address of Datasette's pages."""
        own, prefixed = f'"{self._origin}/{DATABASE}', f'"{self._origin}{self._prefix}/{DATABASE}'
        return body.replace(own.encode(), prefixed.encode()).replace(
            f'"/{DATABASE}/'.encode(), f'"{self._prefix}/{DATABASE}/'.encode()
        )
