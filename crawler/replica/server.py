"""The replica's web servers: 127.0.0.1, a port for each portal, one thread for each connection.

Content depends on the clock alone, noise on the number of requests. Every request is logged with what was wrong about it.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import socket
import ssl
import struct
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from archive.clock import Clock, utc_text
from crawler.replica import faults
from crawler.replica.definitions import definition_toml
from crawler.replica.families import FAMILIES
from crawler.replica.families.base import Site, View
from crawler.replica.http import Answer, Request, html, text
from crawler.replica.ledger import Asked, RequestLog
from crawler.replica.tls import server_context

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from crawler.replica.world import Portal, World

_DRIP_PIECE = 512
_DRIP_PAUSE_S = 0.05


class _PortalServer(ThreadingHTTPServer):
    """The socket of one portal."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, host: PortalHost, port: int) -> None:
        self.host = host
        self.open_connections: set[socket.socket] = set()
        self.connections_lock = threading.Lock()
        kind = host.portal.traits.tls
        context = server_context(kind) if kind else None
        super().__init__(("127.0.0.1", port), _Handler)
        if context is not None:
            # The handshake happens in the connection's own thread, at its first read.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is its own business; anything else is the base class's."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError | ssl.SSLError):
            super().handle_error(request, client_address)


class PortalHost:
    """One portal being served: its site, its states over time, its counters."""

    def __init__(self, portal: Portal, world: World, clock: Clock, log: RequestLog) -> None:
        self.portal = portal
        self.site: Site = FAMILIES[portal.family](portal)
        self.timeline = world.timeline(portal.id)
        self.clock = clock
        self.log = log
        self.base = ""
        self._lock = threading.Lock()
        self._hits = 0
        self._busy = 0
        self.max_busy = 0
        self._recent: list[float] = []

    def view(self) -> View:
        """The portal now; counts as a hit."""
        with self._lock:
            self._hits += 1
            hits = self._hits
        now = self.clock.now()
        return View(self.portal, self.timeline.at(now), self.base, now, hits)

    def answer(self, request: Request) -> Answer:
        """The answer to a request, faults included; logs it."""
        view = self.view()
        with self._lock:
            self._busy += 1
            self.max_busy = max(self.max_busy, self._busy)
            self._recent = [*self._recent[-99:], time.monotonic()]
            recent = tuple(self._recent)
        try:
            answer = self._robots(view) if request.path == "/robots.txt" else None
            if answer is None:
                answer = faults.before(view.state.fault, request, recent)
            if answer is None and self._is_counter(request.path):
                answer = text("document.write('1');", "application/javascript")
            if answer is None:
                answer = self.site.respond(request, view)
                if view.state.fault == "index-after-burst" and faults.is_burst(recent):
                    answer = self.site.respond(replace(request, target="/"), view)
                answer = faults.after(view.state.fault, answer)
            answer = self._validators(request, view, answer)
        finally:
            with self._lock:
                self._busy -= 1
        self.log.add(
            Asked(
                portal=self.portal.id,
                method=request.method,
                target=request.target,
                user_agent=request.headers.get("user-agent", ""),
                referer=request.headers.get("referer", ""),
                status=answer.status,
                sent=len(answer.body),
                seconds=time.monotonic(),
                at=utc_text(view.now),
                violation=self._violation(request),
            )
        )
        return answer

    def _is_counter(self, path: str) -> bool:
        return any(path.startswith(counter) for counter in self.site.counters)

    def _violation(self, request: Request) -> str:
        if self._is_counter(request.path):
            return "counter"
        rules = self.portal.traits.robots
        disallowed = [
            line.partition(":")[2].strip() for line in rules.splitlines() if line.lower().startswith("disallow:")
        ]
        if request.path != "/robots.txt" and any(rule and request.path.startswith(rule) for rule in disallowed):
            return "robots"
        return ""

    def _robots(self, view: View) -> Answer:
        rules = self.portal.traits.robots
        if rules == "html":
            return self.site.page(view, "error.html", title="提示信息", message="您访问的页面不存在")
        if rules == "503":
            return html("<html><body><h1>503 Service Unavailable</h1></body></html>", status=503)
        return text(rules) if rules else html("<html><body><h1>404 Not Found</h1></body></html>", status=404)

    def _validators(self, request: Request, view: View, answer: Answer) -> Answer:
        """ETag and Last-Modified for what doesn't change from one request to the next, and 304 for who has it already."""
        if not self.portal.traits.etag or answer.is_volatile or answer.status != HTTPStatus.OK:
            return answer
        etag = f'"{hashlib.sha256(answer.body).hexdigest()[:24]}"'
        changed = (view.state.changed_at or view.now).astimezone(UTC).replace(microsecond=0)
        headers = (("ETag", etag), ("Last-Modified", format_datetime(changed, usegmt=True)))
        asked = request.headers
        if asked.get("if-none-match") == etag or ("if-none-match" not in asked and _is_fresh(asked, changed)):
            return Answer(304, headers=headers, charset=None, is_volatile=False)
        return answer.with_headers(*headers)


def _is_fresh(headers: Mapping[str, str], changed: datetime) -> bool:
    since = headers.get("if-modified-since")
    try:
        return since is not None and parsedate_to_datetime(since) >= changed
    except ValueError:
        return False


class _Handler(BaseHTTPRequestHandler):
    """Turns bytes into requests and answers into bytes."""

    protocol_version = "HTTP/1.1"
    server: _PortalServer
    timeout = 60

    def setup(self) -> None:
        super().setup()
        with self.server.connections_lock:
            self.server.open_connections.add(self.connection)

    def finish(self) -> None:
        with self.server.connections_lock:
            self.server.open_connections.discard(self.connection)
        super().finish()

    def version_string(self) -> str:
        return "nginx"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Requests are kept in the log, not printed."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.host.answer(Request(self.command, self.path, headers, body))
        self._send(answer)

    do_GET = do_POST = do_HEAD = _serve  # noqa: N815

    def _send(self, answer: Answer) -> None:
        if answer.delivery == "reset":
            self.close_connection = True
            # With a linger of 0 the kernel sends RST instead of FIN.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())
            return
        body = answer.body
        if any(name == "Content-Encoding" and value == "gzip" for name, value in answer.headers):
            body = gzip.compress(body, mtime=0)
        self.send_response(answer.status, _reason(answer.status))
        if answer.status != HTTPStatus.NOT_MODIFIED:
            if answer.media_type:
                charset = f"; charset={answer.charset}" if answer.charset else ""
                self.send_header("Content-Type", f"{answer.media_type}{charset}")
            self.send_header("Content-Length", str(len(body)))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD" or answer.status == HTTPStatus.NOT_MODIFIED:
            return
        if answer.delivery != "drip":
            self.wfile.write(body)
            return
        for start in range(0, len(body), _DRIP_PIECE):
            self.wfile.write(body[start : start + _DRIP_PIECE])
            self.wfile.flush()
            time.sleep(_DRIP_PAUSE_S)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


@dataclass(frozen=True, slots=True)
class ServedPortal:
    """A portal and where it is served. `start` are the addresses of its report columns as they were when the server started."""

    portal: Portal
    base: str
    start: tuple[str, ...]

    @property
    def id(self) -> str:
        """The portal's id."""
        return self.portal.id

    def toml(self, *, with_start: bool = True) -> str:
        """The definition for `--portals`; without `start` the columns have to be sought."""
        return definition_toml(self.portal, self.base, self.start if with_start else ())


class ReplicaServer:
    """All portals of a world, served. Made by `serve`."""

    def __init__(self, world: World, clock: Clock, ports: Mapping[str, int]) -> None:
        self.world = world
        self.clock = clock
        self.requests = RequestLog()
        self.hosts: dict[str, PortalHost] = {}
        self._servers: list[_PortalServer] = []
        self._threads: list[threading.Thread] = []
        portals = []
        try:
            for portal in world.portals:
                host = PortalHost(portal, world, clock, self.requests)
                server = _PortalServer(host, ports.get(portal.id, 0))
                self._servers.append(server)
                scheme = "https" if portal.traits.tls else "http"
                host.base = f"{scheme}://127.0.0.1:{server.server_address[1]}"
                self.hosts[portal.id] = host
                start = tuple(host.base + path for path in host.site.start_paths(host.view()))
                portals.append(ServedPortal(portal, host.base, start))
        except OSError:
            self.close()
            raise
        self.portals = tuple(portals)
        for server in self._servers:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
            thread.start()
            self._threads.append(thread)

    @property
    def ledger(self) -> list[dict[str, Any]]:
        """What happened up to now, as JSON objects: the truth by which a harvest is scored."""
        return self.world.ledger(self.clock.now())

    def portal(self, portal_id: str) -> ServedPortal:
        """A served portal by its id. Raises `KeyError`."""
        return {portal.id: portal for portal in self.portals}[portal_id]

    def url(self, portal_id: str, key: str, *, file: bool = False) -> str:
        """The address of a publication's page, or of its file."""
        host = self.hosts[portal_id]
        view = View(host.portal, host.timeline.at(self.clock.now()), host.base, self.clock.now(), 0)
        publication = view.state.shown[key].publication
        path = host.site.file_path(view, publication) if file else host.site.article_path(view, publication)
        return host.base + path

    def write_definitions(self, folder: Path, *, with_start: bool = True) -> Path:
        """One TOML file a portal, ready for `--portals`; gives the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for portal in self.portals:
            (folder / f"{portal.id}.toml").write_text(portal.toml(with_start=with_start), encoding="utf-8")
        return folder

    def close(self) -> None:
        """Stop listening and hang up."""
        for server in self._servers:
            if self._threads:
                server.shutdown()
            server.server_close()
            with server.connections_lock:
                connections = list(server.open_connections)
            for connection in connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the client was faster
        for thread in self._threads:
            thread.join()


@contextmanager
def serve(world: World, clock: Clock, ports: Mapping[str, int] | None = None) -> Iterator[ReplicaServer]:
    """Serve a world on 127.0.0.1 until the block ends.

    Args:
        world: Portals and their events.
        clock: What time it is there; content follows it.
        ports: Port of each portal by id; a free one for every other.

    Raises:
        OSError: a port is taken.
    """
    server = ReplicaServer(world, clock, ports or {})
    try:
        yield server
    finally:
        server.close()
