"""Small archives for tests: exchanges, sealed segments, judges from outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.files.folder import Archive
from archive.warc.closing import seal
from archive.warc.context import Context, Role
from archive.warc.manifest import ManifestLine
from archive.warc.records import Exchange, Original
from archive.warc.segments import SegmentWriter, WarcInfo

DAY = datetime(2021, 3, 4, 3, 8, 17, tzinfo=UTC)
CONTEXT = Context("ouhai", Role.REPORT)


VISIT = (
    b'{"k":"v","u":"http://www.example.gov.cn/zwgk/t0.html","t":"2021-03-05T03:08:27Z",'
    b'"s":200,"v":"ok","r":"report","p":"ouhai","d":null,"c":"same"}\n'
)


class StandingClock:
    """A clock that moves only when told."""

    kind = "simulated"

    def __init__(self, start: datetime = DAY) -> None:
        self.time = start

    def now(self) -> datetime:
        return self.time

    def advance(self, **span: float) -> None:
        self.time += timedelta(**span)


def page(number: int, text: str = "主动公开 0 件") -> bytes:
    return f"<!DOCTYPE html><meta charset=utf-8><h1>报告 {number}</h1><table><tr><td>{text}</td></tr></table>".encode()


def exchange(number: int = 1, at: datetime = DAY, **changes: object) -> Exchange:
    body = changes.pop("body", None)
    values: dict[str, object] = {
        "url": f"http://www.example.gov.cn/zwgk/t{number}.html",
        "method": "GET",
        "request_headers": [("User-Agent", "test/0 (+mailto:ops@example.org)")],
        "request_body": b"",
        "status": 200,
        "reason": "OK",
        "response_headers": [("Content-Type", "text/html; charset=utf-8"), ("ETag", f'"{number}"')],
        "body": page(number) if body is None else body,
        "ip": "192.0.2.10",
        "at": at,
    }
    return Exchange(**{**values, **changes})  # type: ignore[arg-type]


def writer(archive: Archive, clock: StandingClock | None = None, **options: object) -> SegmentWriter:
    values: dict[str, object] = {"run": "r1", "group": "g1", "info": WarcInfo.of(archive.settings), "host": "test"}
    return SegmentWriter(archive.warc_dir, clock=clock or StandingClock(), **{**values, **options})  # type: ignore[arg-type]


def original_of(archive: Archive, segment: str, offset: int) -> Original:
    from archive.warc.records import read_record

    record = read_record(archive, segment, offset)
    date = record.get("WARC-Date")
    assert date is not None
    return Original(record.uri, date, record.payload_digest, record.id)


def fill(archive: Archive, clock: StandingClock | None = None, pages: int = 5) -> list[ManifestLine]:
    """Two sealed segments: pages and a revisit; then, a day later, both kinds of revisit, a changed page and a visit log."""
    clock = clock or StandingClock()
    first = writer(archive, clock)
    places = []
    for number in range(pages):
        places.append(first.write_exchange(exchange(number, clock.now()), CONTEXT))
        clock.advance(seconds=2)
    first.write_metadata("urn:ogi:run:r1:g1:start", {"portals": ["ouhai"]})
    first.close()
    entries = [seal(archive, first.finished[0])]
    clock.advance(days=1)
    original = original_of(archive, places[0].segment, places[0].offset)
    second = writer(archive, clock, run="r2")
    second.write_exchange(exchange(0, clock.now()), CONTEXT, original)
    clock.advance(seconds=2)
    second.write_exchange(exchange(0, clock.now(), status=304, reason="Not Modified", body=b""), CONTEXT, original)
    clock.advance(seconds=2)
    second.write_exchange(exchange(1, clock.now(), body=page(1, "主动公开 7 件")), CONTEXT)
    second.write_resource("urn:ogi:run:r2:g1:visits", "application/x-ndjson", VISIT, clock.now())
    second.close()
    entries.append(seal(archive, second.finished[0]))
    return entries


def find_judge(command: str) -> str | None:
    """A program of this environment, of the folders in `OGI_JUDGES` (tools that need an environment of their own), or of the system."""
    folders = [str(Path(sys.executable).parent), *os.environ.get("OGI_JUDGES", "").split(os.pathsep)]
    return shutil.which(command, path=os.pathsep.join(folders)) or shutil.which(command)


def need_judge(command: str) -> str:
    """Where a program is. The test is skipped where it isn't installed, and fails if `OGI_JUDGES` says that judges are there."""
    found = find_judge(command)
    if found is None:
        import pytest  # here, because the programs that tests kill import this module too

        if os.environ.get("OGI_JUDGES"):
            pytest.fail(f"{command} is not in the folders of OGI_JUDGES")
        pytest.skip(f"{command} is not installed")
    return found


def judge(command: str, *arguments: str | Path) -> tuple[int, str]:
    """Run a program; its exit status and all it said. The test is skipped where it isn't installed."""
    done = subprocess.run(
        [need_judge(command), *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout + done.stderr
