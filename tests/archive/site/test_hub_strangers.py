"""A hub and provinces that mean no good, over real connections: what one answers costs that one, and speaks for nobody else."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import brotli
import httpx
import pytest

from archive.clock import SystemClock
from archive.site.hub import sites as asked
from archive.site.hub.gather import gather
from archive.site.hub.store import HubProvince
from tests.archive.site.test_hub import AGENCY, DUTY, REPORT, RUN, rows_of

ROWS: dict[str, dict[str, Any]] = {"agencies": AGENCY, "reports": REPORT, "obligations": DUTY, "runs": RUN}
HIT = {"report": "x-2020-1", "title": "报告", "agency": "某局", "year": 2020, "status": "present", "pieces": ["公开"]}


def table(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in (*rows, {"end": True, "rows": len(rows)}))


@dataclass
class Province:
    """A site that answers what it is told to, with any headers, in pieces; `seen` are the addresses that it was asked for."""

    name: str
    answers: dict[str, tuple[int, dict[str, str], Callable[[], Iterator[bytes]]]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    left: Event = field(default_factory=Event)
    url: str = ""

    def say(self, path: str, body: bytes, status: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, named, lambda: iter([body]))

    def drip(self, path: str, piece: bytes, pause: float = 0.05) -> None:
        def pieces() -> Iterator[bytes]:
            while True:
                yield piece
                time.sleep(pause)

        self.answers[path] = (200, {}, pieces)


@contextmanager
def running(name: str) -> Iterator[Province]:
    province = Province(name)
    for kind, row in ROWS.items():
        province.say(f"/data/{kind}.ndjson", table(row))
    province.say("/search.json", json.dumps({"total": 1, "results": [HIT]}).encode())
    province.say("/", "<p>总目</p>".encode(), content_type="text/html; charset=utf-8")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            province.seen.append(self.path)
            path = urlsplit(self.path).path.removeprefix(f"/p/{name}")
            status, headers, pieces = province.answers.get(path, (404, {}, lambda: iter([b""])))
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.end_headers()
            try:
                for piece in pieces():
                    self.wfile.write(piece)
                    self.wfile.flush()
            except OSError:
                province.left.set()

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    province.url = f"http://127.0.0.1:{server.server_port}/p/{name}"
    try:
        yield province
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def bad() -> Iterator[Province]:
    with running("bad") as province:
        yield province


@pytest.fixture
def good() -> Iterator[Province]:
    with running("good") as province:
        yield province


def gathered(folder: Path, bad: Province, good: Province) -> HubProvince:
    """What became of the bad one, which is asked first; the good one is whole."""
    found = {one.name: one for one in gather(folder, {"bad": bad.url, "good": good.url}, SystemClock())}
    assert found["good"].reason is None
    assert found["good"].gathered_at is not None
    return found["bad"]


BOMB = gzip.compress(b" " * (64 << 20) + b"\n", mtime=0)


@pytest.mark.parametrize(
    ("body", "headers", "said"),
    [
        (BOMB, {"content_encoding": "gzip"}, "a row is longer"),
        (
            gzip.compress(gzip.compress(BOMB, mtime=0), mtime=0),
            {"content_encoding": "gzip, gzip, gzip"},
            "wasn't asked for",
        ),
        (brotli.compress(b" " * (64 << 20)), {"content_encoding": "br"}, "wasn't asked for"),
        (table(REPORT), {"content_encoding": "gzip"}, "can't be unpacked"),
        (table(REPORT)[:-12], {}, "broken off after 1 rows"),
        (b"\xff\xfe" + table(REPORT), {}, "can't be read"),
        (table({**REPORT, "first_seen": "9999-12-31T23:59:59Z"}), {}, "first_seen"),
        (table({**REPORT, "first_seen": "2021-13-01T00:00:00Z"}), {}, "first_seen"),
        (table({**REPORT, "published_on": "2021-02-31"}), {}, "published_on"),
        (table({**REPORT, "year": 9000}), {}, "year 9000"),
        (table({**REPORT, "year": 10**400}), {}, "year is no whole number"),
        (b'{"id": ' + b"9" * 9000 + b"}\n", {}, "can't be read"),
        (table({**REPORT, "agency": "x" * 100_000}), {}, "can't be read"),
        (table(REPORT, REPORT), {}, "twice"),
    ],
)
def test_what_no_table_can_be_costs_that_province(
    tmp_path: Path, bad: Province, good: Province, body: bytes, headers: dict[str, str], said: str
) -> None:
    bad.say("/data/reports.ndjson", body, **headers)
    found = gathered(tmp_path, bad, good)
    assert found.gathered_at is None
    assert found.reason is not None
    assert said in found.reason
    assert len(found.reason) <= 500
    assert rows_of(tmp_path) == {"agencies": 1, "reports": 1, "duties": 1}


def test_a_packed_table_is_read(tmp_path: Path, bad: Province, good: Province) -> None:
    bad.say("/data/reports.ndjson", gzip.compress(table(REPORT)), content_encoding="gzip")
    assert gathered(tmp_path, bad, good).reason is None


def test_nobody_is_led_to_another_host(tmp_path: Path, bad: Province, good: Province) -> None:
    with running("other") as other:
        bad.say("/data/reports.ndjson", b"", status=302, location=f"{other.url}/data/reports.ndjson")
        bad.say("/search.json", b"", status=307, location=f"{other.url}/search.json")
        assert "answered 302" in str(gathered(tmp_path, bad, good).reason)
        with serving_hub(tmp_path) as hub:
            hits = hub.get("/search.json", params={"q": "公开"}).json()["provinces"]
        assert {one["province"]: one["reason"] for one in hits} == {"bad": "answered 307", "good": None}
        assert other.seen == []


def test_a_table_that_never_ends_is_left(
    tmp_path: Path, bad: Province, good: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad.drip("/data/agencies.ndjson", b" ")
    monkeypatch.setattr("archive.site.hub.gather.PROVINCE_S", 1.0)
    assert "did not come to its end" in str(gathered(tmp_path, bad, good).reason)
    monkeypatch.setattr("archive.site.hub.gather.PROVINCE_S", 60.0)
    monkeypatch.setattr(asked, "_TABLE_BYTES", 50_000)
    bad.drip("/data/reports.ndjson", b" " * 4000, pause=0.0)
    assert "is longer than 50000 bytes" in str(gathered(tmp_path, bad, good).reason)


def test_words_of_a_province_obey_nobody(tmp_path: Path, bad: Province, good: Province) -> None:
    name = "\u202e某\x1b]0;x\x07局\ud800"
    bad.say("/data/agencies.ndjson", table({**AGENCY, "name": name}))
    bad.say("/data/reports.ndjson", table({**REPORT, "title": name}))
    assert gathered(tmp_path, bad, good).reason is None
    with serving_hub(tmp_path) as hub:
        for path in ("/missing", "/search", "/search.json"):
            answer = hub.get(path)
            assert answer.status_code == 200
            assert not set("\u202e\x1b\x07") & set(answer.text)


@pytest.mark.parametrize(
    "answer",
    [
        {"total": 1, "results": [{**HIT, "title": "\ud800"}]},
        {"total": 1, "results": [{**HIT, "pieces": ["\ud800", "\u202e", 7, None]}]},
        {"total": -5, "results": [HIT]},
        {"total": 0, "results": [HIT]},
        {"total": 10**300, "results": [HIT]},
        {"total": 1, "results": [{**HIT, "status": "evil", "agency": "\x1b[2J"}]},
        {"total": 1, "results": [{**HIT, "year": 1e309}]},
    ],
)
def test_hits_of_one_never_take_the_search_from_all(
    tmp_path: Path, bad: Province, good: Province, answer: dict[str, Any]
) -> None:
    gathered(tmp_path, bad, good)
    bad.say("/search.json", json.dumps(answer).encode())
    with serving_hub(tmp_path) as hub:
        found = hub.get("/search.json", params={"q": "公开"}).json()
        assert [one["reason"] for one in found["provinces"] if one["province"] == "good"] == [None]
        assert found["total"] >= 1
        page = hub.get("/search", params={"q": "公开"})
        assert page.status_code == 200
        assert "\x1b" not in page.text


@contextmanager
def serving_hub(folder: Path) -> Iterator[httpx.Client]:
    """`ogi hub serve` as a process of its own; a traceback in its log is a failure."""
    command = [
        sys.executable,
        "-c",
        "from crawler.cli import main; main()",
        "hub",
        "serve",
        "--hub",
        str(folder),
        "--port",
        "0",
        "--json",
    ]
    log = folder / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stream)
    assert process.stdout is not None
    try:
        url = json.loads(process.stdout.readline())["url"]
        with httpx.Client(base_url=url, timeout=30) as client:
            yield client
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()
    assert "Traceback" not in log.read_text("utf-8"), log.read_text("utf-8")


def raw(hub: httpx.Client, request: bytes) -> bytes:
    with socket.create_connection((hub.base_url.host, hub.base_url.port or 80), timeout=20) as channel:
        channel.sendall(request)
        found = b""
        while piece := channel.recv(65536):
            found += piece
    return found


def test_pages_through_the_hub(tmp_path: Path, bad: Province, good: Province) -> None:
    gathered(tmp_path, bad, good)
    with serving_hub(tmp_path) as hub:
        # a forged host is written nowhere
        for path in (b"/", b"/missing", b"/search", b"/r/x-2020-1", b"/p/good/", b"/p/none/", b"/provinces.json"):
            said = raw(
                hub,
                b"GET "
                + path
                + b" HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n",
            )
            assert said.startswith(b"HTTP/1.1 ")
            assert b"evil.example" not in said, path
        # nothing of the province's host but its own part is asked for
        bad.seen.clear()
        for path in (
            "/p/bad/../admin",
            "/p/bad/%2e%2e/admin",
            "/p/bad/x/..%2f..%2fadmin",
            "/p/bad/%252e%252e/x",
            "/p/bad/..\\admin",
            "/p/bad/.",
        ):
            said = raw(hub, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            assert said.startswith(b"HTTP/1.1 404"), (path, said[:80])
        assert bad.seen == []
        for path in (
            b"/p/bad/\x01",
            b"/p/bad/\x7f?\x02",
            b"/p/bad/\xff\xfe",
            b"/p/bad/%",
            b"/p/bad//evil.example/",
            b"/p/bad/@evil.example:80/",
        ):
            assert b" 500 " not in raw(hub, b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[:20]
        assert all(path.startswith("/p/bad/") for path in bad.seen)


def test_a_province_speaks_for_its_pages_and_not_for_the_host(tmp_path: Path, bad: Province, good: Province) -> None:
    gathered(tmp_path, bad, good)
    wide = {
        "set_cookie": "a=1; path=/", "service_worker_allowed": "/", "clear_site_data": '"*"', "strict_transport_security": "max-age=9; includeSubDomains",
        "alt_svc": 'h2="evil.example:443"', "refresh": "0;url=http://evil.example/", "report_to": "{}", "public_key_pins": "x", "x_anything": "1",
        "content_security_policy": "default-src * 'unsafe-inline'", "x_content_type_options": "sniff", "content_type": "text/html", "etag": '"a"',
    }  # fmt: skip
    bad.say("/", b"<script>x()</script>", **wide)
    with serving_hub(tmp_path) as hub:
        answer = hub.get("/p/bad/")
    names = {name.lower() for name in answer.headers}
    assert not names & {name.replace("_", "-") for name in list(wide)[:9]}
    assert answer.headers["etag"] == '"a"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    policies = answer.headers.get_list("content-security-policy")
    assert any("default-src 'none'" in policy and "script-src 'self'" in policy for policy in policies)


def test_who_hung_up_is_fetched_nothing_for_and_a_slow_one_holds_its_own_readers_only(
    tmp_path: Path, bad: Province, good: Province
) -> None:
    gathered(tmp_path, bad, good)
    bad.drip("/endless", b"x" * 1000)
    bad.drip("/silent", b"", pause=0.5)
    with serving_hub(tmp_path) as hub, ExitStack() as stack:
        address = (hub.base_url.host, hub.base_url.port or 80)
        with closing(socket.create_connection(address)) as channel:
            channel.sendall(b"GET /p/bad/endless HTTP/1.1\r\nHost: x\r\n\r\n")
            assert channel.recv(4096)
        assert bad.left.wait(20), "the hub went on reading for nobody"
        for _ in range(40):
            channel = stack.enter_context(closing(socket.create_connection(address)))
            channel.sendall(b"GET /p/bad/silent HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(1)
        began = time.monotonic()
        assert hub.get("/p/good/").status_code == 200
        assert time.monotonic() - began < 5
        full = hub.get("/p/bad/")
        assert full.status_code == 503
        assert "retry-after" in full.headers
