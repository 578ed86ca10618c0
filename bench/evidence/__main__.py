"""`python -m bench.evidence`: what proof costs, against its bars.

A portal of 5,000 static pages is harvested again and again by the harvester's own pass and recorder (in memory, see `bench.history.passes`);
bytes are those of all files that a pass leaves: segments with the visit log, and the line of the manifest. Pages are small, because what an
unchanged page costs doesn't depend on its size, and a rebuild without extraction doesn't either. Exit status 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive.files.folder import Archive
from archive.history import scan
from archive.index import runs
from archive.index.database import open_database, open_index
from archive.index.rows import row, rows
from archive.verify.run import VerifyOptions, verify
from archive.warc import manifest
from archive.warc.records import read_record
from bench.history.passes import Season
from crawler.http.transport import Answer

START = datetime(2021, 2, 1, 2, 0, tzinfo=UTC)
BYTES_A_PAGE = 60.0
READ_MS = 5.0
REBUILD_A_SECOND = 500.0


class Pages:
    """A portal of static pages, in the shape that `bench.history.passes` asks."""

    portal = "static"
    base = "http://static.example"
    items: tuple[()] = ()

    def __init__(self, count: int) -> None:
        self.count = count
        self.has_validators = False

    @property
    def column(self) -> str:
        """The address of the report column."""
        return f"{self.base}/nb/list.html"

    def answer(self, url: str, validators: dict[str, str]) -> Answer:
        """The same answer to the same address at every call."""
        if url == self.column:
            return _answer(self._list())
        if "/t2021_" not in url:
            return _answer(b"<html><head><title>404</title></head></html>", 404)
        number = int(url.rpartition("_")[2].partition(".")[0])
        tag = hashlib.sha256(url.encode()).hexdigest()[:16]
        if self.has_validators and validators.get("if-none-match") == tag:
            return _answer(b"", 304, tag)
        return _answer(self._page(number), 200, tag)

    def _list(self) -> bytes:
        lines = "".join(
            f'<li><a href="/nb/t2021_{number}.html">{_title(number)}</a><span>2021-01-20</span></li>'
            for number in range(self.count)
        )
        return f"<html><head><title>政府信息公开年报</title></head><body><ul>{lines}</ul></body></html>".encode()

    def _page(self, number: int) -> bytes:
        words = (
            f"本年度主动公开信息{number}条，编号{hashlib.sha256(str(number).encode()).hexdigest()}，回应群众关切。" * 4
        )
        return (
            f"<html><head><title>{_title(number)}</title><meta name='ArticleTitle' content='{_title(number)}'></head><body><h1>{_title(number)}</h1>"
            f"<div class='TRS_Editor'><p>一、总体情况</p><p>{words}</p><p>二、主动公开政府信息情况</p><p>见网站</p><p>三、收到和处理政府信息公开申请情况</p><p>无</p></div></body></html>"
        ).encode()


def _title(number: int) -> str:
    return f"示例区第{number // 17}局{2004 + number % 17}年政府信息公开工作年度报告"


def _answer(body: bytes, status: int = 200, tag: str = "") -> Answer:
    fields = (("Content-Type", "text/html; charset=utf-8"), ("Server", "bench"), *((("ETag", tag),) if tag else ()))
    return Answer(
        status,
        "OK",
        fields,
        body,
        "127.0.0.1",
        "http/1.1",
        None,
        None,
        (("Host", "static.example"), ("User-Agent", "bench/1")),
        0.01,
    )


def size_of(archive: Archive) -> int:
    """Bytes of everything that counts: segments and the manifest."""
    return sum(path.stat().st_size for path in archive.warc_dir.iterdir()) + archive.manifest_path.stat().st_size


def read_times(archive: Archive, count: int) -> list[float]:
    """Milliseconds of a core for captures by address and time, revisits through their originals; database and files open for the first time before."""
    db = open_index(archive)
    choice = random.Random(1)
    places = rows(db, "SELECT url, at FROM captures WHERE role = 'report' AND status = 200 ORDER BY url, at")
    taken: list[float] = []
    for number in range(count + 50):
        wanted = choice.choice(places)
        began = time.thread_time()
        found = row(
            db,
            'SELECT p.segment, p."offset" FROM captures c JOIN payloads p ON p.digest = c.digest '
            "WHERE c.url = ? AND c.at <= ? ORDER BY c.at DESC LIMIT 1",
            (wanted["url"], wanted["at"]),
        )
        assert found is not None
        assert read_record(archive, found["segment"], found["offset"]).content
        if number >= 50:
            taken.append((time.thread_time() - began) * 1000)
    db.close()
    return sorted(taken)


def rebuild_rate(archive: Archive, folder: Path) -> float:
    """Captures a second of one core's time that become rows again, documents not read."""
    db = open_database(folder / "scan.db")
    began = time.process_time()
    with db.atomic():
        for entry in manifest.entries(archive):
            scan.scan_segment(db, archive, entry)
    for run, lines in sorted(runs.lines_of_runs(db).items()):
        scan.plan_passes(db, archive, run, lines)
    captures = int(db.execute("SELECT count(*) FROM captures").fetchone()[0])
    taken = time.process_time() - began
    db.close()
    return captures / taken


def main(arguments: list[str] | None = None) -> int:
    """Measure; the exit status is 1 if a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.evidence", description=__doc__)
    parser.add_argument("--pages", type=int, default=5000)
    options = parser.parse_args(arguments)
    logging.disable(logging.WARNING)
    misses: list[str] = []

    def bar(name: str, value: float, unit: str, limit: float, is_met: bool) -> None:
        print(f"{name:58} {value:9.2f} {unit:12} bar {limit:g}{'' if is_met else '  MISSED'}", flush=True)
        if not is_met:
            misses.append(name)

    with tempfile.TemporaryDirectory(prefix="ogi-evidence-") as name:
        site = Pages(options.pages)
        season = Season(Path(name) / "a", START, [site])  # type: ignore[list-item]
        season.run()
        first = size_of(season.archive)
        print(f"{'first pass, all records':58} {first / options.pages:9.2f} bytes/page")
        for what, validators, days in (("same answer, whole", False, 0), ("304", True, 0)):
            site.has_validators = validators
            before = size_of(season.archive)
            season.clock.advance(timedelta(days=days))
            season.run()
            spent = (size_of(season.archive) - before) / options.pages
            bar(f"unchanged page and pass, {what}", spent, "bytes", BYTES_A_PAGE, spent <= BYTES_A_PAGE)
        before = size_of(season.archive)
        season.clock.advance(timedelta(days=31))
        season.run()
        print(
            f"{'unchanged page, first pass of another month (revisit record)':58} {(size_of(season.archive) - before) / options.pages:9.2f} bytes"
        )
        taken = read_times(season.archive, 1000)
        bar("a capture by address and time, warm, 99th percentile", taken[990], "ms", READ_MS, taken[990] < READ_MS)
        rate = rebuild_rate(season.archive, Path(name))
        bar("rebuild without extraction", rate, "captures/s", REBUILD_A_SECOND, rate >= REBUILD_A_SECOND)
        _verify(season.archive, lambda text: print(text, flush=True))
    return 1 if misses else 0


def _verify(archive: Archive, tell: Callable[[str], Any]) -> None:
    """How fast records are checked, by one process and by two."""
    for workers in (1, 2):
        began = time.monotonic()
        report = verify(archive, VerifyOptions(deep=False, workers=workers))
        assert not report.is_damaged, report.damages[:3]
        spent = time.monotonic() - began
        tell(
            f"{f'verify with {workers} processes':58} {report.records / spent:9.0f} records/s, {report.size / spent / 1e6:.1f} MB/s compressed"
        )


if __name__ == "__main__":
    sys.exit(main())
