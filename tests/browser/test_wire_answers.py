"""What Chromium shows of odd answers on the wire, the transport reads: the measurement that docs/architecture.md speaks of."""

from __future__ import annotations

import asyncio
import gzip
import shutil
import socket
from collections.abc import Iterator

import pytest

from tests.answering import accepting
from tests.crawler.http.test_transport import client

CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")]
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")

BODY = b"<html><body><p>figure 4711</p></body></html>"
OK, TYPE, LENGTH = b"HTTP/1.1 200 OK\r\n", b"Content-Type: text/html\r\n", b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = OK + TYPE + b"Transfer-Encoding: chunked\r\n\r\n"
SIZE = b"%x" % len(BODY)
ANSWERS = {
    "plain": OK + TYPE + LENGTH + b"\r\n" + BODY,
    "no-colon": OK + b"nonsense\r\n" + TYPE + LENGTH + b"\r\n" + BODY,
    "empty-line-first": b"\r\n" + OK + TYPE + LENGTH + b"\r\n" + BODY,
    "two-equal-lengths": OK + TYPE + LENGTH + LENGTH + b"\r\n" + BODY,
    "http2": b"HTTP/2 200 OK\r\n" + TYPE + LENGTH + b"\r\n" + BODY,
    "http2.0": b"HTTP/2.0 200 OK\r\n" + TYPE + LENGTH + b"\r\n" + BODY,
    "line-feeds": (OK + TYPE + LENGTH + b"\r\n").replace(b"\r\n", b"\n") + BODY,
    "no-last-chunk": CHUNKED + SIZE + b"\r\n" + BODY + b"\r\n",
    "no-length": OK + TYPE + b"\r\n" + BODY,
    "no-reason": b"HTTP/1.1 200\r\n" + TYPE + LENGTH + b"\r\n" + BODY,
    "small-letters": b"http/1.1 200 OK\r\n" + TYPE + LENGTH + b"\r\n" + BODY,
    "http1.0": b"HTTP/1.0 200 OK\r\n" + TYPE + b"\r\n" + BODY,
    "folded": OK + TYPE + b"X-A: a\r\n b\r\n" + LENGTH + b"\r\n" + BODY,
    "blank-before-colon": OK + b"Content-Type : text/html\r\n" + LENGTH + b"\r\n" + BODY,
    "raw-bytes": OK + TYPE + b"X-A: \xd6\xd0\xce\xc4\r\n" + LENGTH + b"\r\n" + BODY,
    "raw-reason": b"HTTP/1.1 200 \xd6\xd0\r\n" + TYPE + LENGTH + b"\r\n" + BODY,
    "chunk-extension": CHUNKED + SIZE + b";a=b\r\n" + BODY + b"\r\n0\r\n\r\n",
    "chunk-line-feeds": CHUNKED + SIZE + b"\n" + BODY + b"\n0\n\n",
    "chunk-blanks": CHUNKED + SIZE + b"  \r\n" + BODY + b"\r\n0\r\n\r\n",
    "chunked-and-length": OK + TYPE + b"Content-Length: 5\r\n" + CHUNKED.removeprefix(OK + TYPE) + SIZE + b"\r\n" + BODY + b"\r\n0\r\n\r\n",
    "length-too-long": OK + TYPE + b"Content-Length: 900\r\n\r\n" + BODY,
    "length-plus": OK + TYPE + b"Content-Length: +%d\r\n\r\n" % len(BODY) + BODY,
    "early-hints": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + TYPE + LENGTH + b"\r\n" + BODY,
    "continue": b"HTTP/1.1 100 Continue\r\n\r\n" + OK + TYPE + LENGTH + b"\r\n" + BODY,
    "long-header": OK + TYPE + b"X-A: " + b"a" * 30000 + b"\r\n" + LENGTH + b"\r\n" + BODY,
    "empty-name": OK + b": x\r\n" + TYPE + LENGTH + b"\r\n" + BODY,
    "trailer": CHUNKED + SIZE + b"\r\n" + BODY + b"\r\n0\r\nX: y\r\n\r\n",
    "gzip-short": OK + TYPE + b"Content-Encoding: gzip\r\nContent-Length: 900\r\n\r\n" + gzip.compress(BODY),
    "two-other-lengths": OK + TYPE + LENGTH + b"Content-Length: 5\r\n\r\n" + BODY,
    "identity": OK + TYPE + LENGTH + b"Transfer-Encoding: identity\r\n\r\n" + BODY,
}  # fmt: skip


def serve(connection: socket.socket) -> None:
    with connection:
        head = b""
        while b"\r\n\r\n" not in head and (data := connection.recv(4096)):
            head += data
        name = head.split()[1].decode()[1:] if head else ""
        connection.sendall(ANSWERS.get(name, b"HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n"))
        connection.shutdown(socket.SHUT_WR)
        connection.recv(10)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with accepting(serve) as found:
        yield found


def shown(port: int) -> set[str]:
    from playwright.sync_api import Error, sync_playwright  # an extra of the tests in a browser

    found = set()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for name in ANSWERS:
            page = browser.new_page()
            try:
                page.goto(f"http://127.0.0.1:{port}/{name}", timeout=10_000, wait_until="domcontentloaded")
            except Error:
                continue
            if "4711" in page.inner_text("body"):
                found.add(name)
            page.close()
        browser.close()
    return found


async def read(port: int) -> set[str]:
    found = set()
    for name in ANSWERS:
        http = client()
        answer = await http.exchange("GET", f"http://127.0.0.1:{port}/{name}", [("Host", "x")], b"")
        body = gzip.decompress(answer.body) if answer.header("content-encoding") else answer.body
        if b"4711" in body:
            found.add(name)
        await http.close()
    return found


def test_what_chromium_shows_is_read(port: int) -> None:
    by_browser = shown(port)
    assert len(by_browser) >= 20, "the browser shows most of them"
    assert by_browser <= asyncio.run(read(port))
