"""A small portal on loopback whose answers a test scripts, and which writes down what it was asked and when."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any


@dataclass(frozen=True)
class Asked:
    at: float
    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Page:
    """An answer; `body` of text is sent as UTF-8 HTML."""

    body: str | bytes = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def payload(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body


Answer = Page | Callable[["Site", Asked], Page]


class Site:
    def __init__(self) -> None:
        self.pages: dict[str, Answer] = {}
        self.asked: list[Asked] = []
        self.lock = threading.Lock()
        self.busy = self.max_busy = 0
        self.base = ""

    def requests(self, path: str | None = None) -> list[Asked]:
        with self.lock:
            return [asked for asked in self.asked if path is None or asked.path == path]

    def paths(self) -> list[str]:
        return [asked.path for asked in self.requests()]

    def forget(self) -> None:
        with self.lock:
            self.asked.clear()

    def gaps(self) -> list[float]:
        times = [asked.at for asked in self.requests()]
        return [later - earlier for earlier, later in pairwise(times)]

    def list_reports(self, count: int, *, column: str = "/nb/", year: int = 2004) -> None:
        """A static column with a report a year, each on a page of its own."""
        rows = []
        for number in range(count):
            path = f"/nb/202101/t20210120_{1000 + number}.html"
            title = f"示例区第{number}局{year + number % 17}年政府信息公开工作年度报告"
            self.pages[path] = Page(report(title, number))
            rows.append((path, title, "2021-01-20"))
        self.pages[column] = Page(listing(rows))

    def definition(self, *, identifier: str = "site", delay: float = 0.0, start: bool = True, more: str = "") -> str:
        column = f'start = ["{self.base}/nb/"]\n' if start else ""
        return (
            f'[portal]\nid = "{identifier}"\nname = "示例区人民政府"\nregion = "330304"\nurl = "{self.base}/"\n{column}'
            f"delay = {delay}\n{more}"
        )


def listing(rows: list[tuple[str, str, str]]) -> str:
    items = "".join(
        f'<li><a href="{url}" title="{title}">{title}</a><span>{on}</span></li>\n' for url, title, on in rows
    )
    return (
        f"<html><head><title>政府信息公开年报</title></head><body><div>政府信息公开年报</div>"
        f'<ul class="newsList">{items}</ul></body></html>'
    )


def report(title: str, number: int, *, links: str = "") -> str:
    text = f"本年度示例局认真落实条例要求，第{number}号，主动公开信息{number * 7 + 3}条，回应群众关切。" * 20
    return (
        f"<html><head><title>{title}</title><meta name='ArticleTitle' content='{title}'><meta name='PubDate' content='2021-01-20'>"
        f"</head><body><h1>{title}</h1><div class='TRS_Editor'><p>一、总体情况</p><p>{text}</p>"
        f"<p>二、主动公开政府信息情况</p><p>见下表</p><p>三、收到和处理政府信息公开申请情况</p><p>无</p>{links}</div></body></html>"
    )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up when they are killed; that is what some tests are about."""


@contextmanager
def serve_site() -> Iterator[Site]:
    """Serve a site on 127.0.0.1 until the block ends."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing on stderr."""

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            assert isinstance(body, bytes)
            asked = Asked(time.monotonic(), self.command, self.path, {k.lower(): v for k, v in self.headers.items()})
            with site.lock:
                site.asked.append(asked)
                site.busy += 1
                site.max_busy = max(site.max_busy, site.busy)
            try:
                answer = site.pages.get(self.path, Page("<html><body><h1>404 Not Found</h1></body></html>", 404))
                page = answer(site, asked) if callable(answer) else answer
                payload = page.payload()
                self.send_response(page.status)
                headers = {
                    "Content-Type": "text/html; charset=utf-8",
                    "Content-Length": str(len(payload)),
                    **page.headers,
                }
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(payload)
            finally:
                with site.lock:
                    site.busy -= 1

        do_POST = do_GET  # noqa: N815

    server = _Server(("127.0.0.1", 0), Handler)
    site.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
