"""Answers to HEAD: the head alone, and nobody reads a table to its end for it."""

from __future__ import annotations

from typing import Any

from archive.site.streams import StreamBroken


class HeadSent(StreamBroken):
    """Raised when the head of an answer was sent and more than its head was to follow."""


class OnlyHead:
    """Wraps `send`: of an answer only its head leaves; one that goes on is ended."""

    def __init__(self, send: Any) -> None:
        self._send = send

    async def __call__(self, message: Any) -> None:
        """Send a message of the application. Raises `HeadSent`."""
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        if message.get("more_body"):
            raise HeadSent("only the head was asked for")
