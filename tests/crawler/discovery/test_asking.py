"""What `ogi probe` and `ogi backfill` ask with: addresses and answers that are none have the one documented outcome."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from crawler.discovery.asking import FetchManners, NotFetched, PoliteFetcher
from crawler.pages.exchange import NextRequest, PageBytes
from tests.answering import accepting

LONG = "a" * 70
ADDRESSES = [
    f"http://{LONG}.gov.cn/", "http://a..b/", "http://[::1/", "http://127.0.0.1:99999/", "http://127.0.0.1:²/", "http://\x00/",
    "http://xn--\udc80/", "http://ⓛ℀/", "http://" + "a." * 200 + "cn/", "http:///x", "//x", "http://a\r\nb/",
]  # fmt: skip
ANSWERS = [
    "HTTP/1.1 ²¹³ OK\r\n\r\n".encode(), b"HTTP/1.1 99999 OK\r\n\r\n", b"\0\1\2", b"", b"HTTP/0.9\r\n",
    b"HTTP/1.1 301 x\r\nLocation: http://[::1\r\n\r\n", b"HTTP/1.1 301 x\r\nLocation: http://127.0.0.1:99999/\r\n\r\n",
    f"HTTP/1.1 301 x\r\nLocation: http://{LONG}.cn/\r\n\r\n".encode(), b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nx",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 300 + b"\r\n",
    b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b; expires=Wed, 99 Foo 99999; max-age=\xb2\r\nSet-Cookie2: a; version=x\r\n\r\nx",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip, gzip\r\n\r\nx", b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=unicode_escape\r\n\r\n\\x",
    b"HTTP/1.1 100 C\r\n\r\n" * 2000, b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
]  # fmt: skip


def asked(url: str) -> PageBytes | None:
    fetch = PoliteFetcher("http://127.0.0.1/", FetchManners("ogi-test/1", timeout_s=5.0), lambda url: True)
    try:
        return fetch(NextRequest(url))
    except NotFetched:
        return None


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_that_is_none_has_no_answer(url: str) -> None:
    assert asked(url) is None


def hung_up(raw: bytes) -> Callable[[socket.socket], None]:
    """Says that there is no robots.txt, to everything else these bytes, and hangs up."""

    def talk(connection: socket.socket) -> None:
        robots = b"robots.txt" in connection.recv(65536)
        connection.sendall(b"HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n" if robots else raw)

    return talk


@pytest.mark.parametrize("raw", ANSWERS)
def test_an_answer_that_is_none_has_the_documented_outcome(raw: bytes) -> None:
    with accepting(hung_up(raw)) as port:
        page = asked(f"http://127.0.0.1:{port}/x")
    assert page is None or 100 <= page.status < 1000
