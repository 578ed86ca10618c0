"""Sixty portals of bad will: what each answers on a connection, byte by byte. Every one of them has a column at `/nb/`.

They are meant to crash, hang, fill the memory, lead elsewhere or hold a pass; a harvest beside them must not notice (`test_hostile_portals.py`).
"""

from __future__ import annotations

import gzip
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.answering import accepting, request_head
from tests.crawler.sites import listing, report

#: Answers a request of a path on a connection.
Talk = Callable[[socket.socket, str], None]

_ROWS = [
    (f"/nb/202101/t2021012{n}_{n}.html", f"示例区第{n}局2020年政府信息公开工作年度报告", "2021-01-20") for n in range(3)
]
_LIST = listing(_ROWS).encode()
_HTML = b"Content-Type: text/html; charset=utf-8\r\n"


def answer(body: bytes, head: bytes = b"", status: bytes = b"200 OK") -> bytes:
    """A sound answer."""
    return (
        b"HTTP/1.1 "
        + status
        + b"\r\n"
        + _HTML
        + head
        + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
        + body
    )


def raw(data: bytes) -> Talk:
    """The same bytes for every path but robots.txt."""
    return lambda connection, path: connection.sendall(
        answer(b"", status=b"404 Not Found") if path == "/robots.txt" else data
    )


def robots(data: bytes) -> Talk:
    """A portal that is sound but for its robots.txt."""
    return lambda connection, path: connection.sendall(data if path == "/robots.txt" else _sound(path))


def pages(make: Callable[[str], bytes]) -> Talk:
    """A sound list whose report pages are bad."""
    return lambda connection, path: connection.sendall(_sound(path) if path in ("/robots.txt", "/nb/") else make(path))


def _sound(path: str) -> bytes:
    if path == "/robots.txt":
        return answer(b"", status=b"404 Not Found")
    if path == "/nb/":
        return answer(_LIST)
    if path.startswith("/nb/2021"):
        return answer(report(f"示例区第{path[-6]}局2020年政府信息公开工作年度报告", 3).encode())
    return answer(b"<h1>404 Not Found</h1>", status=b"404 Not Found")


def _slowly(head: bytes, piece: bytes, seconds: float = 40.0, pause: float = 0.3) -> Talk:
    def talk(connection: socket.socket, path: str) -> None:
        connection.sendall(head)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            connection.sendall(piece)
            time.sleep(pause)  # the fault itself

    return talk


def _flood(head: bytes, piece: bytes, times: int) -> Talk:
    def talk(connection: socket.socket, path: str) -> None:
        connection.sendall(head)
        for _ in range(times):
            connection.sendall(piece)

    return talk


def _onward(make: Callable[[str], bytes]) -> Talk:
    return lambda connection, path: connection.sendall(answer(b"", make(path), b"302 Found"))


def _gzip(data: bytes, times: int) -> bytes:
    for _ in range(times):
        data = gzip.compress(data, 9)
    return data


def _lists(make: Callable[[str], bytes]) -> Talk:
    return lambda connection, path: connection.sendall(_sound(path) if path == "/robots.txt" else answer(make(path)))


def _endless(path: str) -> bytes:
    number = int("".join(filter(str.isdigit, path)) or 0) + 1
    return _LIST.replace(
        b"</body>", f'<div class="page">共99999页 <a href="/nb/index_{number}.html">下一页</a></div></body>'.encode()
    )


def _turning(path: str, seen: list[int] = [0]) -> bytes:  # noqa: B006  # the state of the fault
    seen[0] += 1
    return _LIST.replace(b"</ul>", b"</ul>" + (b"<a>" if seen[0] % 2 else b"<b>") * 1 + b"<i><u><i><s>" * 900)


_CHUNKED = b"HTTP/1.1 200 OK\r\n" + _HTML + b"Transfer-Encoding: chunked\r\n\r\n"

HOSTILE: dict[str, Talk] = {
    # status lines and heads
    "status-superscript": raw("HTTP/1.1 ²¹³ OK\r\n\r\n".encode()),
    "status-huge": raw(b"HTTP/1.1 " + b"9" * 5000 + b" OK\r\n\r\n"),
    "status-none": raw(b"\x00\x01\x02 hello\r\n\r\n"),
    "status-negative": raw(b"HTTP/1.1 -200 OK\r\n\r\n"),
    "status-version": raw(b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n"),
    "status-999": raw(answer(_LIST, status=b"999 Strange")),
    "length-digits": raw(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n" + _LIST),
    "length-arabic": raw("HTTP/1.1 200 OK\r\nContent-Length: ٣٣\r\n\r\nabc".encode()),
    "length-twice": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\nabcde"),
    "length-negative": raw(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabcde"),
    "folded": raw(answer(_LIST, b"X-A: a\r\n\t" + b"b" * 3000 + b"\r\n \r\n")),
    "nul-in-head": raw(answer(_LIST, b"X-\x00A: \x00\r\nSet-Cookie: a\x00=b\x0c\x85\r\n")),
    "colonless": raw(answer(_LIST, b"no colon here\r\n: empty name\r\n")),
    "early-hints": _flood(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 200_000),
    "continue-slowly": _slowly(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "headers-endless": _flood(b"HTTP/1.1 200 OK\r\n", b"X-Y: z\r\n" * 1000, 2000),
    "header-long": _flood(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 65536, 1000),
    "cookies": raw(answer(_LIST, b"".join(b"Set-Cookie: c%d=%s; Max-Age=99999999999999999999\r\n" % (n, b"v" * 200) for n in range(300)))),
    # chunks
    "chunk-size-huge": raw(_CHUNKED + b"f" * 5000 + b"\r\nabc"),
    "chunk-size-word": raw(_CHUNKED + b"zz\r\nabc\r\n"),
    "chunk-extensions": raw(_CHUNKED + b"3;" + b"e=f;" * 100_000 + b"\r\nabc\r\n0\r\n\r\n"),
    "chunk-trailers": _flood(_CHUNKED + b"3\r\nabc\r\n0\r\n", b"X-Trailer: y\r\n" * 1000, 2000),
    "chunk-tiny": _slowly(_CHUNKED, b"1\r\nx\r\n"),
    "chunks-endless": _flood(_CHUNKED, b"10000\r\n" + b"0" * 65536 + b"\r\n", 3000),
    # codings
    "gzip-thrice": raw(answer(_gzip(bytes(50 << 20), 3), b"Content-Encoding: gzip, gzip, gzip\r\n")),
    "gzip-bomb": raw(answer(_gzip(bytes(200 << 20), 1), b"Content-Encoding: gzip\r\n")),
    "deflate-torn": raw(answer(zlib.compress(_LIST)[:-9] + b"\xff" * 40, b"Content-Encoding: deflate\r\n")),
    "coding-unknown": raw(answer(_LIST, b"Content-Encoding: x-rot13, br, zstd\r\n")),
    "coding-false": raw(answer(_LIST, b"Content-Encoding: br\r\n")),
    "charset": raw(answer(_LIST, b"Content-Type: text/html; charset=unicode_escape\r\nContent-Type: text/html; charset=../../etc\r\n")),
    # slow
    "silent": lambda connection, path: [connection.recv(1), None][1],
    "drip-head": _slowly(b"HTTP/1.1 200 OK\r\n", b"X"),
    "drip-body": _slowly(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
    "reset": lambda connection, path: connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)),
    # leads
    "location-bracket": _onward(lambda path: b"Location: http://[::1\r\n"),
    "location-loop": _onward(lambda path: b"Location: " + path.encode() + b"?\r\n"),
    "location-growing": _onward(lambda path: b"Location: " + path.encode()[:60_000] * 2 + b"\r\n"),
    "location-script": _onward(lambda path: b"Location: javascript:alert(1)\r\nRefresh: 0; url=file:///etc/passwd\r\n"),
    "location-nfkc": _onward(lambda path: "Location: http://ⓛocalhost℀/\r\n".encode()),
    "location-userinfo": _onward(lambda path: b"Location: http://a:b@127.0.0.1:99999/\r\n"),
    "location-private": _onward(lambda path: b"Location: http://169.254.169.254/latest/meta-data\r\n"),
    "refresh-loop": _lists(lambda path: f'<meta http-equiv=refresh content="0;url={path}x">'.encode()),
    # robots.txt and waits
    "robots-delay": robots(answer(b"User-agent: *\nCrawl-delay: 1000000\n")),
    "robots-delay-odd": robots(answer("User-agent: *\nCrawl-delay: ²\nCrawl-delay: nan\nCrawl-delay: -1e999\nRequest-rate: 1/0s\n".encode())),
    "robots-long": robots(answer(b"User-agent: *\n" + b"Disallow: /" + b"a*" * 20_000 + b"$\n" * 20)),
    "robots-503": robots(answer(b"", b"Retry-After: 999999999999999999999\r\n", b"503 Busy")),
    "robots-loop": robots(answer(b"", b"Location: /robots.txt\r\n", b"301 Moved")),
    "retry-after": raw(answer(b"", b"Retry-After: Fri, 31 Dec 99999 23:59:59 GMT\r\n", b"429 Too Many Requests")),
    # pages
    "list-endless": _lists(_endless),
    "list-adverse": _lists(_turning),
    "list-comments": _lists(lambda path: b"<!--" * 2_000_000),
    "list-tags": _lists(lambda path: b"<p>a</p>" * 1_500_000),
    "list-deep": _lists(lambda path: b"<div>" * 400_000 + _LIST),
    "list-script": _lists(lambda path: _LIST + b"<script src=unitbuild.js " + b'a="" ' * 60_000),
    "list-links": _lists(lambda path: b"".join(b"<li><a href=/x/%d.html>%d</a>" % (n, n) for n in range(200_000))),
    "list-addresses": _lists(lambda path: _LIST.replace(b"/nb/202101", "http://[::1]:99999999/%ff\u202e".encode())),
    "list-blanks": _lists(lambda path: _LIST.replace(b"title=", b" " * 3_000_000 + b"title=")),
    "report-zip": pages(lambda path: b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nConnection: close\r\n\r\nPK\x03\x04" + bytes(70_000)),
    "report-pdf": pages(lambda path: answer(b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]/Count 99999999>>endobj\ntrailer<</Root 1 0 R>>")),
    "report-tables": pages(lambda path: answer(report("示例区第1局2020年政府信息公开工作年度报告", 1).replace("<p>无</p>", "<table>" + "<tr><td rowspan=60000 colspan=1000>1" * 400).encode())),
}  # fmt: skip


@contextmanager
def hostile_portal(talk: Talk) -> Iterator[int]:
    """Serve one on loopback until the block ends. Gives its port."""

    def serve(connection: socket.socket) -> None:
        head = request_head(connection)
        if head:
            talk(connection, head.split(b" ", 2)[1].decode("latin-1"))

    with accepting(serve) as port:
        yield port
