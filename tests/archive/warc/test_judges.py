"""The demo's archive before judges from outside: checkers of WARC, indexers, a replay engine, the validators, a Memento client.

Tools that pin old libraries live in environments of their own, which `.ci/judges` makes; with `OGI_JUDGES` set none may be missing.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archive.files.folder import Archive
from archive.index.database import open_index
from archive.index.rows import rows
from archive.warc.cdxj import cdxj_lines
from archive.warc.digests import digest_of
from tests.answering import free_port
from tests.archive.demo_archive import demo_archive
from tests.archive.kept import copy_of
from tests.archive.making import judge, need_judge
from tests.archive.site_archive import serving

pytestmark = pytest.mark.slow

_LINK = re.compile(r'<([^>]*)>((?:; *\w+="[^"]*")*)')


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return copy_of("demo", demo_archive, tmp_path_factory.mktemp("judged") / "a", tmp_path_factory)


def ogi(archive: Archive, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crawler", *map(str, arguments), "--archive", str(archive.root)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_every_segment_passes_the_checkers(archive: Archive) -> None:
    paths = [archive.warc_dir / name for name in archive.store.names()]
    assert len(paths) >= 10
    for path in paths:
        assert judge("gzip", "-t", path) == (0, "")
    code, said = judge("warcio", "check", *paths)
    assert code == 0, said
    for path in paths:
        code, said = judge("fastwarc", "check", "-q", path)
        assert code == 0, said


def test_the_index_is_the_reference_indexers(archive: Archive, tmp_path: Path) -> None:
    done = ogi(archive, "export", "--format", "cdxj", "--to", tmp_path / "x.cdxj")
    assert done.returncode == 0, done.stderr
    code, theirs = judge("cdxj-indexer", "--sort", *(archive.warc_dir / name for name in archive.store.names()))
    assert code == 0
    ours = (tmp_path / "x.cdxj").read_text("utf-8")
    assert pages(ours) == pages(theirs)
    assert len(pages(ours)) > 40


def pages(lines: str) -> list[str]:
    """Lines of a CDXJ file about what portals sent: without those of our own records."""
    return [line for line in lines.splitlines() if not line.startswith("urn:")]


def test_a_report_opens_in_another_replay_engine(archive: Archive, tmp_path: Path) -> None:
    db = open_index(archive)
    [found] = rows(
        db,
        "SELECT r.id, r.url FROM reports r JOIN versions v ON v.report = r.id WHERE v.version = 2 ORDER BY r.id LIMIT 1",
    )
    captures = rows(
        db, "SELECT url, at, digest, kind FROM captures WHERE url = ? AND status = 200 ORDER BY at", (found["url"],)
    )
    db.close()
    package = tmp_path / "report.wacz"
    done = ogi(archive, "export", "--format", "wacz", "--report", found["id"], "--to", package)
    assert done.returncode == 0, done.stderr
    code, said = judge("wacz", "validate", "-f", package)
    assert (code, "Validation succeeded" in said) == (0, True), said
    with replaying(tmp_path / "pywb", "--unpack-wacz", package) as base:
        assert len(captures) >= 2
        for capture in captures:
            stamp = re.sub(r"\D", "", capture["at"])
            with urllib.request.urlopen(f"{base}/{stamp}id_/{capture['url']}", timeout=20) as answer:
                assert digest_of(answer.read()) == capture["digest"]


def test_the_whole_archive_replays_with_its_digests(archive: Archive, tmp_path: Path) -> None:
    kinds = set()
    with replaying(tmp_path / "pywb", *(archive.warc_dir / name for name in archive.store.names())) as base:
        for line in cdxj_lines(archive):
            key, stamp, fields = line.split(" ", 2)
            found = json.loads(fields)
            if key.startswith("urn:") or found.get("status") != "200" or "__wb_method" in key:
                continue
            kinds.add(found["mime"])
            with urllib.request.urlopen(f"{base}/{stamp}id_/{found['url']}", timeout=20) as answer:
                assert digest_of(answer.read()) == found["digest"], line
    assert {"text/html", "application/pdf"} <= kinds


def test_the_data_package_is_valid(archive: Archive, tmp_path: Path) -> None:
    done = ogi(archive, "export", "--to", tmp_path / "p")
    assert done.returncode == 0, done.stderr
    code, said = judge("frictionless", "validate", tmp_path / "p" / "datapackage.json")
    assert code == 0, said


def test_a_memento_client_finds_its_way(archive: Archive) -> None:
    db = open_index(archive)
    [page] = rows(db, "SELECT url, min(at) AS first, max(at) AS last FROM captures WHERE role = 'report' AND status = 200 "
                      "GROUP BY url HAVING count(*) > 1 ORDER BY url LIMIT 1")  # fmt: skip
    db.close()
    url = page["url"]
    with serving(archive.root) as base:
        timemap = links(fetch(f"{base}/timemap/link/{url}")[2])
        original, gate = one(timemap, "original"), one(timemap, "timegate")
        assert original == url
        mementos = [(target, about["datetime"]) for target, about in timemap if "memento" in about["rel"].split()]
        assert len(mementos) >= 2
        for (target, moment), end in ((mementos[0], "first"), (mementos[-1], "last")):
            status, headers, _ = fetch(gate, {"Accept-Datetime": moment}, follow=False)
            assert (status, headers["location"]) == (302, target)
            assert "accept-datetime" in headers["vary"].lower()
            status, headers, body = fetch(target)
            assert (status, headers["memento-datetime"]) == (200, moment)
            relations = links(headers["link"])
            assert one(relations, "original") == url
            assert one(relations, "timegate") == gate
            assert any(end in about["rel"].split() and found == target for found, about in relations)
            assert body
        as_json = json.loads(fetch(f"{base}/timemap/json/{url}")[2])
        assert [item["uri"] for item in as_json["mementos"]["list"]] == [target for target, _ in mementos]
        for none in ("yesterday", "Thu, 01 Jan 99999999999 00:00:00 GMT", "Thu, 01 Jan 2020 00:00:00 +9999999999999"):
            assert fetch(gate, {"Accept-Datetime": none}, follow=False)[0] == 400
        assert fetch(f"{base}/timemap/link/http://nowhere.example/")[0] == 404


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def fetch(url: str, headers: dict[str, str] | None = None, *, follow: bool = True) -> tuple[int, dict[str, str], str]:
    """Status, header fields by lower-case name, and text of an answer."""
    opener = urllib.request.build_opener(*([] if follow else [_Stay]))
    try:
        answer = opener.open(urllib.request.Request(url, headers=headers or {}), timeout=20)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        fields = {name.lower(): value for name, value in answer.headers.items()}
        return answer.status, fields, answer.read().decode("utf-8", "replace")


def links(text: str) -> list[tuple[str, dict[str, str]]]:
    """Links of a `Link` header or a TimeMap: target and attributes."""
    return [(target, dict(re.findall(r'(\w+)="([^"]*)"', rest))) for target, rest in _LINK.findall(text)]


def one(found: list[tuple[str, dict[str, str]]], relation: str) -> str:
    [target] = [target for target, about in found if relation in about["rel"].split()]
    return target


@contextmanager
def replaying(root: Path, *add: str | Path) -> Iterator[str]:
    """pywb with files in a collection `c`; its address."""
    manager, wayback = need_judge("wb-manager"), need_judge("wayback")
    root.mkdir()
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore"}
    for arguments in (["init", "c"], ["add", "c", *map(str, sorted(map(str, add)))]):
        done = subprocess.run([manager, *arguments], cwd=root, capture_output=True, text=True, check=False, env=quiet)
        assert done.returncode == 0, done.stdout + done.stderr
    port = free_port()
    with (root / "log").open("wb") as log:
        process = subprocess.Popen(
            [wayback, "-b", "127.0.0.1", "-p", str(port)], cwd=root, stdout=log, stderr=log, env=quiet
        )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
            except OSError:
                assert process.poll() is None, (root / "log").read_text()
                assert time.monotonic() < deadline, (root / "log").read_text()
        yield f"http://127.0.0.1:{port}/c"
    finally:
        process.terminate()
        process.wait()
