"""The demo's season end to end, through the program's own commands."""

from __future__ import annotations

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from archive.clock import SHANGHAI
from archive.duties.obligations import obligations
from archive.index.database import open_index
from archive.index.rows import rows
from archive.lists.queries import list_changes
from crawler.demo import DemoError, check_port, run_demo
from crawler.harvest.run import harvest
from crawler.portals.definitions import load_portals
from crawler.replica.clock import SeasonClock
from tests.answering import free_port

SEEDS = Path(__file__).parents[1] / "fixtures" / "seeds"
SLUGS = {
    "haishu": "haishu-office-2020",
    "yuyao": "yuyao-2019",
    "keqiao": "keqiao-2020",
    "nbhtz": "ningbo-hightech-2019",
    "ouhai": "ouhai-2020",
}


def ogi(*arguments: str, status: int = 0) -> str:
    """Run the program; give its stdout."""
    environment = {name: value for name, value in os.environ.items() if name != "OGI_ARCHIVE"}
    done = subprocess.run(
        [sys.executable, "-m", "crawler", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """An archive that lived through the season, and what the demo said in JSON."""
    root = tmp_path_factory.mktemp("demo") / "archive"
    said = ogi("demo", "--no-serve", "--json", "--archive", str(root))
    return root, json.loads(said)


def test_changes_are_exactly_the_seasons(season: tuple[Path, dict[str, Any]]) -> None:
    root, said = season
    changes = [json.loads(line) for line in ogi("changes", "--json", "--archive", str(root)).splitlines()]
    assert changes == said["changes"]
    assert Counter(change["kind"] for change in changes) == {"published": 5, "revised": 2, "vanished": 1}
    days = [datetime.fromisoformat(change["at"]).astimezone(SHANGHAI).date().isoformat() for change in changes]
    assert Counter(zip(days, (change["kind"] for change in changes), strict=True)) == {
        ("2021-03-02", "published"): 4,
        ("2021-03-09", "published"): 1,
        ("2021-03-09", "revised"): 2,
        ("2021-04-01", "vanished"): 1,
    }
    revised = {change["agency"]: change for change in changes if change["kind"] == "revised"}
    assert revised["温州市瓯海区人民政府"]["figures"] == [
        {"table": "disclosure", "row": "penalties", "column": "decisions", "before": 8133, "after": 8313}
    ]
    assert revised["温州市瓯海区人民政府"]["text"] == {"added": 0, "removed": 0}
    assert revised["绍兴市柯桥区人民政府"]["figures"] == []
    assert revised["绍兴市柯桥区人民政府"]["text"] == {"added": 1, "removed": 1}
    (gone,) = [change for change in changes if change["kind"] == "vanished"]
    assert gone["agency"] == "余姚市人民政府"


def test_obligations_show_published_late_and_missing(season: tuple[Path, dict[str, Any]]) -> None:
    root, said = season
    text = ogi("obligations", "--json", "--year", "2020", "--as-of", "2021-04-01", "--archive", str(root))
    found = {row["agency"]: row for row in map(json.loads, text.splitlines())}
    assert list(found.values()) == said["obligations"]["rows"]
    assert {agency: (row["status"], row["due"]) for agency, row in found.items()} == {
        "温州市瓯海区人民政府": ("published", "2021-03-31"),
        "绍兴市柯桥区人民政府": ("published", "2021-03-31"),
        "宁波市海曙区人民政府办公室": ("late", "2021-01-31"),
        "示例市示例局": ("missing", "2021-01-31"),
    }
    assert found["宁波市海曙区人民政府办公室"]["days_late"] == 36


def test_obligations_follow_the_date(season: tuple[Path, dict[str, Any]]) -> None:
    root, _ = season
    from archive.files.folder import Archive

    db = open_index(Archive.open(root))
    try:

        def status(day: date) -> dict[str, str]:
            return {row.agency: row.status for row in obligations(db, day, 2020)}

        assert status(date(2021, 1, 15))["示例市示例局"] == "pending"
        assert status(date(2021, 2, 15))["示例市示例局"] == "unknown"  # nobody looked between the due date and 2 March
        assert status(date(2021, 3, 5))["示例市示例局"] == "missing"
        assert status(date(2021, 3, 5))["宁波市海曙区人民政府办公室"] == "missing"
        assert status(date(2021, 3, 5))["温州市瓯海区人民政府"] == "published"
    finally:
        db.close()


def test_every_gold_figure_is_in_the_archive(season: tuple[Path, dict[str, Any]]) -> None:
    root, said = season
    from archive.files.folder import Archive

    reports = {report["portal"]: report["report"] for report in said["reports"]}
    db = open_index(Archive.open(root))
    count = 0
    try:
        for portal, slug in SLUGS.items():
            found = {
                (row["table"], row["row"], row["column"]): row["value"]
                for row in rows(db, "SELECT * FROM figures WHERE report = ?", (reports[portal],))
            }
            with (SEEDS / f"{slug}.gold.csv").open(encoding="utf-8") as file:
                for row in csv.DictReader(file):
                    address = (row["table"], row["row"], row["column"])
                    expected = Decimal(row["value"]) if row["value"] else None
                    if (portal, address) == ("ouhai", ("disclosure", "penalties", "decisions")):
                        expected = Decimal(8313)
                    value = found[address]
                    assert (None if value is None else Decimal(str(value))) == expected, (slug, address)
                    count += 1
    finally:
        db.close()
    assert count == 989


def test_reports_carry_the_metadata_of_the_seeds(season: tuple[Path, dict[str, Any]]) -> None:
    _, said = season
    by_portal = {report["portal"]: report for report in said["reports"]}
    for portal, slug in SLUGS.items():
        meta = json.loads((SEEDS / f"{slug}.meta.json").read_text(encoding="utf-8"))
        report = by_portal[portal]
        assert (report["agency"], report["year"], report["form"]) == (meta["agency"], meta["year"], meta["form"])
        if meta["title"] is not None:
            assert "".join(report["title"].split()) == "".join(meta["title"].split())
        if meta["published"] is not None:
            assert report["published_on"] == meta["published"]


def test_archive_says_that_its_clock_is_simulated(season: tuple[Path, dict[str, Any]]) -> None:
    root, said = season
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    segments = sorted((root / "warc").glob("*.warc.gz"))
    assert segments
    for path in segments:
        with path.open("rb") as stream:
            info = next(iter(ArchiveIterator(stream, record_types=WarcRecordType.warcinfo)))
            assert b"ogi-clock: simulated" in info.reader.read()
    assert said["verify"]["whole"] is True


def test_portals_were_treated_politely(season: tuple[Path, dict[str, Any]]) -> None:
    _, said = season
    assert said["violations"] == 0
    assert [day["at"] for day in said["days"]] == [
        "2021-03-02T01:30:00Z",
        "2021-03-09T01:30:00Z",
        "2021-04-01T01:30:00Z",
    ]
    assert all(day["ok"] for day in said["days"])


def test_demo_refuses_a_folder_that_holds_an_archive(season: tuple[Path, dict[str, Any]]) -> None:
    root, _ = season
    with pytest.raises(DemoError, match="holds an archive already"), run_demo(root):
        pass


def test_a_taken_port_is_known_before_the_season() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(DemoError, match="choose another --port"):
            check_port("127.0.0.1", taken.getsockname()[1])
    check_port("127.0.0.1", 0)


@pytest.mark.slow
def test_another_pass_adds_no_version_and_no_change(tmp_path: Path) -> None:
    with run_demo(tmp_path / "archive") as demo:
        archive = demo.archive
        db = open_index(archive)
        versions = rows(db, "SELECT report, version FROM versions ORDER BY report, version")
        db.close()
        moment = datetime(2021, 4, 2, 9, tzinfo=SHANGHAI)
        clock = demo.replica.clock
        assert isinstance(clock, SeasonClock)
        clock.set(moment)
        harvest(archive, load_portals([archive.root / "portals"]), clock=clock, full=True)
        db = open_index(archive)
        try:
            assert list(list_changes(db)) == list(demo.changes)
            assert rows(db, "SELECT report, version FROM versions ORDER BY report, version") == versions
        finally:
            db.close()


@pytest.mark.slow
def test_served_demo_answers_and_leaves_nothing_behind(tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    environment.pop("OGI_ARCHIVE", None)
    command = [sys.executable, "-m", "crawler", "demo", "--port", str(port)]
    told = tmp_path / "told"
    with told.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=output)
    try:
        deadline = time.monotonic() + 240
        body = b""
        while not body:
            assert process.poll() is None
            assert time.monotonic() < deadline
            try:
                with urllib.request.urlopen(
                    f"http://127.0.0.1:{port}/ogi/reports.json?_shape=array", timeout=20
                ) as answer:
                    body = answer.read()
            except OSError:
                time.sleep(0.2)  # not up yet; the loop's condition is the answer
        assert len(json.loads(body)) == 5
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert list(tmp_path.glob("ogi-demo-*")) == []
    assert told.read_text("utf-8").splitlines()[-1].startswith("Interrupted; the demo's archive was temporary")
    assert process.returncode == 130
