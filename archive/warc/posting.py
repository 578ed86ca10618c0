"""Posting a few bytes to a service that the operator named, and its answer: within a time in all, at that address and no other, of a size at most."""

from __future__ import annotations

import http.client
import socket
import threading
import urllib.error
import urllib.request
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def post(url: str, body: bytes, headers: Mapping[str, str], *, timeout_s: float, most: int) -> tuple[int, bytes]:
    """Status and content of the answer, whatever the status; of the content the first `most` bytes. Proxies of the environment are used.

    Raises:
        OSError: There is no answer, it did not come in time (`TimeoutError`), or it is none.
    """
    sockets: list[socket.socket] = []
    is_over = threading.Event()

    def end() -> None:
        is_over.set()
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # what waits for it ends

    opener = urllib.request.build_opener(_Http(sockets), _Https(sockets), _NotLedOn())
    timer = threading.Timer(timeout_s, end)
    timer.daemon = True
    timer.start()
    try:
        status, content = _exchange(opener, urllib.request.Request(url, body, dict(headers)), timeout_s, most)
    except (OSError, ValueError, http.client.HTTPException) as error:
        if is_over.is_set():
            raise TimeoutError(f"no whole answer within {timeout_s:g} s") from error
        raise OSError(str(error) or type(error).__name__) from error
    finally:
        timer.cancel()
    if is_over.is_set():  # a body without a length ends where the connection does
        raise TimeoutError(f"no whole answer within {timeout_s:g} s")
    return status, content


def _exchange(
    opener: urllib.request.OpenerDirector, request: urllib.request.Request, timeout_s: float, most: int
) -> tuple[int, bytes]:
    try:
        with opener.open(request, timeout=timeout_s) as answer:
            return answer.status, answer.read(most)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(most)


class _NotLedOn(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: what was to be posted here is nobody else's."""

    def redirect_request(self, *arguments: Any) -> None:
        return None


class _Http(urllib.request.HTTPHandler):
    def __init__(self, sockets: list[socket.socket]) -> None:
        super().__init__()
        self._sockets = sockets

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_watched(http.client.HTTPConnection, self._sockets), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, sockets: list[socket.socket]) -> None:
        super().__init__()
        self._sockets = sockets

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_watched(http.client.HTTPSConnection, self._sockets), req)


def _watched(kind: type[http.client.HTTPConnection], sockets: list[socket.socket]) -> Any:
    """The kind of connection, whose socket is told."""

    class Watched(kind):  # type: ignore[misc, valid-type]  # one of the two of the library
        def connect(self) -> None:
            super().connect()
            sockets.append(self.sock)

    return Watched
