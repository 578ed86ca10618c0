"""What portals and machines do wrong, one fault each, met by a whole harvest: the verdict, and that nothing else suffers.

Further faults: redirects that never end (tests/crawler/harvest/test_harvest.py), lists that never end (tests/crawler/families/test_families_damage.py),
framings (tests/crawler/http/test_transport.py), a full disk and kill -9 (tests/archive/warc/test_segments.py, tests/archive/warc/test_recover.py).
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.clock import clock_at
from archive.files.folder import Archive
from archive.history.ingest import rebuild
from archive.index.database import open_database
from archive.lists.queries import dump, list_changes
from archive.verify.run import verify
from crawler.families import open_walk
from crawler.harvest.run import harvest
from crawler.pages.exchange import PageBytes
from crawler.portals.definitions import parse_definition
from crawler.replica.tls import server_context
from tests.answering import accepting, free_port, request_head
from tests.crawler.sites import serve_site

ROOT = Path(__file__).parents[2]
#: Most memory that the harvest or one of its jobs may take in these tests, MiB. A job without faults takes about 130.
MEMORY_MIB = 900
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"

Talk = Callable[[socket.socket], None]


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drip(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
    for _ in range(60):
        connection.sendall(b"x")
        time.sleep(1)  # the fault itself, not a wait of the test


def silent(connection: socket.socket) -> None:
    connection.recv(1)  # until the client has had enough


def reset_before_head(connection: socket.socket) -> None:
    _reset(connection)


def reset_in_head(connection: socket.socket) -> None:
    connection.sendall(HEAD)
    _reset(connection)


def reset_in_body(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 5000\r\n\r\n<html><ul>")
    _reset(connection)


def too_short_length(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 40\r\n\r\n" + b"<html><body>" + b"<p>x</p>" * 500)


def too_long_length(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 90000\r\n\r\n<html><body><ul></ul></body></html>")


def hundred_gigabytes(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 100000000000\r\n\r\n")
    for _ in range(4000):
        connection.sendall(b"0" * 65536)


def gzip_bomb(connection: socket.socket) -> None:
    bomb = b"".join(gzip.compress(bytes(64 << 20), 9) for _ in range(16))  # 1 GiB in one MB
    connection.sendall(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb)


def endless_head(connection: socket.socket) -> None:
    connection.sendall(HEAD)
    for number in range(2_000_000):
        connection.sendall(b"X-%d: y\r\n" % number)


#: Name → behaviour of the column page, and what the reason of the portal's pass must hold.
FAULTS: dict[str, tuple[Talk, str]] = {
    "drip": (drip, ""),
    "silent": (silent, "unreachable"),
    "reset-head": (reset_before_head, "unreachable"),
    "reset-in-head": (reset_in_head, "unreachable"),
    "reset-body": (reset_in_body, ""),
    "short-length": (too_short_length, ""),
    "long-length": (too_long_length, ""),
    "huge": (hundred_gigabytes, ""),
    "bomb": (gzip_bomb, ""),
    "endless-head": (endless_head, "unreachable"),
}
TLS = ("self-signed", "expired", "wrong-name")
#: Reset before the request, and before the handshake.
RESET_AT_ONCE = {"reset-connect": "http", "reset-handshake": "https"}


@contextmanager
def faulty(talk: Talk, context: ssl.SSLContext | None = None, *, at_once: bool = False) -> Iterator[int]:
    """A server on loopback that has no robots.txt and answers everything else by the fault. Gives its port.

    `at_once`: the fault comes with the connection, before a handshake or a request.
    """

    def answer(connection: socket.socket) -> None:
        if at_once:
            talk(connection)
            return
        if context is not None:
            connection = context.wrap_socket(connection, server_side=True)
        request = request_head(connection)
        if b"/robots.txt" in request.split(b"\r\n")[0]:
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        elif request:
            talk(connection)

    with accepting(answer) as port:
        yield port


def definition(identifier: str, url: str) -> str:
    return (
        f'[portal]\nid = "{identifier}"\nname = "示例{identifier}"\nregion = "330304"\nurl = "{url}/"\n'
        f'start = ["{url}/nb/"]\ndelay = 0.0\ngroup = "faults"\n'
    )


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One harvest, by one job, of every faulty portal, with a sound one at the end."""
    folder = tmp_path_factory.mktemp("faults")
    root = folder / "archive"
    manners = {"harvest.timeout": 2.0, "harvest.retries": 0, "harvest.backoff": 0.0, "harvest.max_bytes": 5_000_000}
    archive = Archive.create(root, {**manners, "operator.contact": "test@example.org"})
    definitions = folder / "portals"
    definitions.mkdir()
    with ExitStack() as stack:
        for name, (talk, _) in FAULTS.items():
            port = stack.enter_context(faulty(talk))
            (definitions / f"a-{name}.toml").write_text(definition(name, f"http://127.0.0.1:{port}"), "utf-8")
        for name in TLS:
            port = stack.enter_context(faulty(silent, server_context(name)))
            (definitions / f"b-{name}.toml").write_text(definition(name, f"https://127.0.0.1:{port}"), "utf-8")
        for name, scheme in RESET_AT_ONCE.items():
            port = stack.enter_context(faulty(reset_before_head, at_once=True))
            (definitions / f"b-{name}.toml").write_text(definition(name, f"{scheme}://127.0.0.1:{port}"), "utf-8")
        (definitions / "c-refused.toml").write_text(definition("refused", f"http://127.0.0.1:{free_port()}"), "utf-8")
        (definitions / "d-dns.toml").write_text(definition("dns", "http://no-such-host.invalid"), "utf-8")
        sound = stack.enter_context(serve_site())
        sound.list_reports(3)
        text = sound.definition(identifier="sound", more='group = "faults"\n')
        (definitions / "z-sound.toml").write_text(text, "utf-8")
        command = [sys.executable, "-m", "crawler", "harvest", "--json", "--archive", str(root)]
        began = time.monotonic()
        with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
            process = subprocess.Popen([*command, "--portals", str(definitions)], cwd=ROOT, stdout=out, stderr=err)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        elapsed = time.monotonic() - began
    errors = (folder / "err").read_text()
    assert process.returncode == 1, errors
    found = json.loads((folder / "out").read_text())
    return {
        "portals": {portal["portal"]: portal for portal in found["portals"]},
        "elapsed": elapsed,
        "rss_mib": usage.ru_maxrss / 1024,
        "archive": archive,
        "errors": errors,
    }


@pytest.mark.slow
def test_faulty_portals_end_in_bounded_time_and_memory_and_spoil_nothing(outcome: dict[str, Any]) -> None:
    assert outcome["portals"]["sound"]["ok"]
    assert "Traceback" not in outcome["errors"]
    assert outcome["elapsed"] < 120
    assert outcome["rss_mib"] < MEMORY_MIB
    report = verify(outcome["archive"])
    assert report.is_whole, report.damages
    db = open_database(outcome["archive"].db_path, read_only=True)
    assert {row["kind"] for row in list_changes(db)} == {"published"}
    before = dump(db)
    db.close()
    rebuild(outcome["archive"])
    db = open_database(outcome["archive"].db_path, read_only=True)
    assert dump(db) == before
    db.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said"),
    [
        *((name, said) for name, (_, said) in FAULTS.items()),
        *((name, "tls:") for name in TLS),
        *((name, "") for name in RESET_AT_ONCE),
        ("refused", "unreachable"),
        ("dns", "unreachable"),
    ],
)
def test_each_fault_fails_its_portal_and_is_named(outcome: dict[str, Any], name: str, said: str) -> None:
    portal = outcome["portals"][name]
    assert not portal["ok"]
    assert portal["reason"]
    assert said in json.dumps(portal, ensure_ascii=False)


@pytest.mark.slow
def test_a_page_of_a_million_links_is_read_in_bounded_time() -> None:
    links = b"".join(b'<li><a href="/x/%d.html">%d</a></li>' % (number, number) for number in range(1_000_000))
    url = "http://www.example.gov.cn/nb/"
    walk = open_walk("static", url)
    began = time.process_time()
    step = walk.feed(PageBytes(url, 200, (), b"<html><body><ul>" + links + b"</ul></body></html>", walk.start()))
    assert time.process_time() - began < 90
    assert len(step.next) <= 2000
    assert not step.complete


def test_a_clock_that_jumps_back_loses_nothing(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path / "archive")
    with serve_site() as site:
        site.list_reports(2)
        portal = parse_definition(site.definition())
        for day, count in ((9, 2), (3, 3)):
            site.list_reports(count)
            clock = clock_at(datetime(2021, 3, day, tzinfo=UTC))
            assert harvest(archive, [portal], clock=clock, full=True).is_ok
    db = open_database(archive.db_path, read_only=True)
    assert sorted(row["kind"] for row in list_changes(db)) == ["published"] * 3
    before = dump(db)
    db.close()
    assert verify(archive).is_whole
    rebuild(archive)
    db = open_database(archive.db_path, read_only=True)
    assert dump(db) == before
    db.close()


@pytest.mark.slow
def test_a_read_only_archive_is_read_and_writing_is_one_line(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path / "archive")
    with serve_site() as site:
        site.list_reports(2)
        assert harvest(archive, [parse_definition(site.definition())], clock=clock_at(None)).is_ok
        definitions = tmp_path / "site.toml"
        definitions.write_text(site.definition(), "utf-8")
        prefix: list[str] = []
        if os.geteuid() == 0:  # root may write anywhere, unless it gives that up
            if shutil.which("setpriv") is None:
                pytest.skip("root without setpriv can't try a read-only folder")
            prefix = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
        paths = [archive.root, *archive.root.rglob("*")]
        for path in paths:
            path.chmod(0o555 if path.is_dir() else 0o444)
        try:

            def ogi(*arguments: str) -> subprocess.CompletedProcess[str]:
                command = [*prefix, sys.executable, "-m", "crawler", *arguments, "--archive", str(archive.root)]
                return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

            for reading in (["verify"], ["reports"], ["changes"]):
                done = ogi(*reading)
                assert done.returncode == 0, (reading, done.stdout, done.stderr)
            for writing in (["harvest", "--portals", str(definitions)], ["rebuild"]):
                done = ogi(*writing)
                assert done.returncode == 2, (writing, done.stdout, done.stderr)
                assert "Traceback" not in done.stderr
                assert str(archive.root) in done.stderr
        finally:
            for path in paths:
                path.chmod(0o755 if path.is_dir() else 0o644)
    assert verify(archive).is_whole
