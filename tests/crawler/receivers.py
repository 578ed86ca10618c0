"""Where messages arrive in tests: an SMTP server and a webhook on loopback."""

from __future__ import annotations

import email
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Mailbox:
    """Mails that an SMTP server took; with `refuses` it says 550 to every recipient."""

    port: int = 0
    refuses: bool = False
    mails: list[Message] = field(default_factory=list)

    def texts(self) -> list[str]:
        """The decoded parts of all mails."""
        parts = [part for mail in self.mails for part in mail.walk() if not part.is_multipart()]
        return [part.get_payload(decode=True).decode(part.get_content_charset() or "utf-8") for part in parts]  # type: ignore[union-attr]


@contextmanager
def smtp_server() -> Iterator[Mailbox]:
    """Speaks as much of RFC 5321 as a sender needs."""
    box = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 loopback ESMTP")
            while line := self.rfile.readline():
                verb = line.split()[0].upper().decode() if line.split() else ""
                if verb == "RCPT" and box.refuses:
                    self.say("550 no such mailbox")
                elif verb == "DATA":
                    self.say("354 go on")
                    lines = []
                    while (part := self.rfile.readline()) != b".\r\n":
                        lines.append(part[1:] if part.startswith(b"..") else part)
                    box.mails.append(email.message_from_bytes(b"".join(lines)))
                    self.say("250 taken")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with _serving(Server(("127.0.0.1", 0), Handler)) as box.port:
        yield box


@dataclass
class Webhook:
    """Bodies that a webhook took. `status` is what it answers; `hangs_up` takes a body and gives no answer; `before_answer` is waited for.

    `refuses_after`: takes so many in all, and answers 429 to others; `asked` counts all.
    """

    port: int = 0
    status: int = 200
    asked: int = 0
    refuses_after: int | None = None
    hangs_up: bool = False
    taken: list[dict[str, Any]] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    before_answer: threading.Event | None = None

    @property
    def url(self) -> str:
        """Its address in apprise's notation."""
        return f"json://127.0.0.1:{self.port}/"


@contextmanager
def webhook() -> Iterator[Webhook]:
    """Takes JSON by POST."""
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            hook.asked += 1
            status = 429 if hook.refuses_after is not None and len(hook.taken) >= hook.refuses_after else hook.status
            if status == 200:
                hook.taken.append(body)
            hook.arrived.set()
            if hook.before_answer is not None:
                hook.before_answer.wait(60)
            if hook.hangs_up:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
            """Stay silent."""

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as hook.port:
        yield hook


@contextmanager
def _serving(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.socket.getsockname()[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
