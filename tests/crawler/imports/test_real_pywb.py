"""`ogi backfill` against a real pywb server on loopback, in an environment of its own.

`OGI_PYWB` names the folder with pywb's programs; without it one is made for the run (pip must reach a registry, else the test is skipped and says why).
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.clock import SystemClock
from archive.files.folder import Archive
from archive.verify.run import VerifyOptions, verify
from crawler.cli import run
from crawler.imports.files import import_archives
from tests.answering import free_port
from tests.crawler.imports.test_backfill import OLD
from tests.crawler.imports.test_foreign_records import PAGE, URL, answer, http, put, record, told

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `wayback` and `wb-manager`."""
    if given := os.environ.get("OGI_PYWB"):
        return Path(given)
    folder = tmp_path_factory.mktemp("pywb")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    words = [str(folder / "bin" / "pip"), "install", "-q", "setuptools<81", "pywb==2.10.0"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"pywb can't be installed here: {done.stderr.strip().splitlines()[-1]}")
    return folder / "bin"


@pytest.fixture
def collection(programs: Path, tmp_path: Path) -> Iterator[str]:
    """A server with one collection: a page in gzip, the page revised, the same again, gone, and led elsewhere."""
    packed = http(
        gzip.compress(OLD, mtime=0), headers="Content-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n"
    )
    file = put(
        tmp_path / "old.warc.gz",
        record("response", URL, "2023-01-21T01:00:00Z", packed, 1),
        answer("2023-02-15T01:00:00Z", PAGE, 2),
        answer("2023-03-01T01:00:00Z", PAGE, 3),
        answer("2023-04-01T01:00:00Z", b"gone", 4, status="404 Not Found"),
        record("response", URL, "2023-05-01T01:00:00Z", http(b"", "302 Found", "Location: /\r\n"), 5),
    )
    for words in (("init", "old"), ("add", "old", str(file))):
        subprocess.run([str(programs / "wb-manager"), *words], cwd=tmp_path, check=True, capture_output=True)
    port = free_port()
    words = [str(programs / "wayback"), "-b", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait(f"http://127.0.0.1:{port}/old/cdx?url={URL}")
            yield f"http://127.0.0.1:{port}/old"
        finally:
            server.terminate()
            server.wait(20)


def _wait(url: str) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.25)
    raise AssertionError("pywb doesn't answer")


def test_captures_of_a_real_server_give_the_history_before(
    tmp_path: Path, collection: str, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = Archive.create(tmp_path / "a")
    import_archives(archive, [put(tmp_path / "x.warc.gz", answer("2024-01-02T00:00:00Z", PAGE, 9))], [], SystemClock(), workers=1)  # fmt: skip
    with (archive.root / "ogi.toml").open("a", encoding="utf-8") as settings:
        settings.write(
            f'\n[[backfill]]\nname = "own"\nkind = "pywb"\nindex = "{collection}/cdx"\nreplay = "{collection}"\n'
        )
    assert run(["backfill", "--archive", str(archive.root), "--dry-run"]) == 0
    listed = [line[:20] for line in capsys.readouterr().out.splitlines() if line.endswith(URL)]
    assert listed == ["2023-01-21T01:00:00Z", "2023-02-15T01:00:00Z"]
    for written in (2, 0):
        assert run(["backfill", "--archive", str(archive.root)]) == 0, capsys.readouterr().err
        opened = Archive.open(archive.root)
        looks = sorted((one["origin"]["at"], one["kind"]) for one in told(opened) if one["origin"].get("archive"))
        assert looks == [("2023-01-21T01:00:00Z", "published"), ("2023-02-15T01:00:00Z", "revised")], written
        assert verify(opened, VerifyOptions(workers=1, deep=True)).is_whole
