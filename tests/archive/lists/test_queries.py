"""The lists behind the commands, in the contract's shapes; reading again; what a job knows; jobs that die."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from archive.errors import DamagedArchive
from archive.files.folder import Archive
from archive.history.ingest import ingest_sealed, rebuild
from archive.history.reextract import reextract
from archive.index.database import open_index
from archive.index.known import as_jsonl, from_jsonl
from archive.index.rows import row, rows, value
from archive.lists.overview import status
from archive.lists.queries import (
    Filter,
    UnknownReportError,
    dump,
    list_agencies,
    list_changes,
    list_findings,
    list_reports,
    report_diff,
)
from archive.warc.context import Entry, Role
from archive.work.jobs import WORTH_PROCESSES, run_ordered
from crawler.replica.documents.docx import write_docx
from crawler.replica.documents.model import Paragraph, Report
from tests.archive.season import BASE, BUREAU, COLUMN, GOVERNMENT, Season, Shown, page, report

DAY = datetime(2021, 2, 1, 2, 0, 0, tzinfo=UTC)
URL, SECOND = f"{BASE}/art/1.html", f"{BASE}/art/2.html"
ADDRESS = ("applications", "received", "business")


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Season:
    """Two reports; one is edited in a figure and a sentence a day later, then everything is blocked."""
    made = Season(tmp_path_factory.mktemp("queries") / "archive")
    what, bureau = report(), report(BUREAU, 2020, 9)
    entries = [Entry(URL, what.title, "2021-01-20"), Entry(SECOND, bureau.title)]
    made.run(DAY, [Shown(URL, page(what)), Shown(SECOND, page(bureau))], entries)
    edited = what.with_figure(ADDRESS, "5555").with_text(what.paragraphs[3], what.paragraphs[3] + "另有一句话。")
    made.run(DAY + timedelta(days=1), [Shown(URL, page(edited)), Shown(SECOND)], entries)
    made.run(DAY + timedelta(days=2), [Shown(URL, b"<html>", "blocked:waf", 403)], None, ok=False, reason="blocked:waf")
    return made


def test_reports_have_the_contracts_keys(season: Season) -> None:
    found = season.reports()
    assert [list(one) for one in found] == [
        ["report", "agency", "year", "form", "scope", "title", "url", "portal", "published_on", "first_seen", "last_seen", "status", "versions"]
    ] * 2  # fmt: skip


def test_changes_have_the_contracts_keys_first(season: Season) -> None:
    revised = season.changes()[-1]
    assert list(revised)[:10] == [
        "report", "agency", "year", "kind", "at", "from_version", "to_version", "figures", "text", "url",
    ]  # fmt: skip
    assert revised["text"] == {"added": 1, "removed": 0}
    assert list(revised["figures"][0]) == ["table", "row", "column", "before", "after"]


def test_lists_are_narrowed(season: Season) -> None:
    db = open_index(season.archive)
    assert [one["agency"] for one in list_reports(db, Filter(agency="财政局"))] == [BUREAU]
    assert [one["agency"] for one in list_reports(db, Filter(agency="瓯海区政府"))] == [GOVERNMENT]
    assert len(list(list_reports(db, Filter(region="330300", year=2020, portal="ouhai")))) == 2
    assert list(list_reports(db, Filter(region="110000"))) == []
    assert list(list_reports(db, Filter(year=2019))) == []
    assert [one["kind"] for one in list_changes(db, Filter(since="2021-02-02"))] == ["revised"]
    assert [one["kind"] for one in list_changes(db, Filter(kind="published", agency=BUREAU))] == ["published"]
    checks = {one["check"] for one in list_findings(db, Filter(severity="error"))}
    assert {"balance", "row_total"} <= checks
    assert {one["check"] for one in list_findings(db, Filter(check="balance"))} == {"balance"}
    assert [one["name"] for one in list_agencies(db, Filter(kind="department"))] == [BUREAU]
    db.close()


def test_diff_tells_cells_of_other_tables_and_replaced_files(tmp_path: Path) -> None:
    season = Season(tmp_path / "a")
    url, file = f"{BASE}/art/9.html", f"{BASE}/art/9.docx"
    what = report(BUREAU, 2019, 3)
    # a line in which only numbers differ counts once it stays
    looks = [("44", "一"), ("45", "一"), ("45", "一"), ("45", "二"), ("45", "二")]
    for day, (cell, title) in enumerate(looks, start=5):
        table = f"<table><tr><td>类别</td><td>件数</td></tr><tr><td>主动公开文件</td><td>{cell}</td></tr></table>"
        link = '<p><a href="/art/9.docx">目录.docx</a></p>'
        shown = Shown(url, page(what, links=table + link))
        annex = Report("目录", "", 0, "2021", (Paragraph(f"目录{title}"),))
        season.run(
            DAY + timedelta(days=day),
            [shown, Shown(file, write_docx(annex), role=Role.ATTACHMENT, parent=url, media_type="application/msword")],
            [Entry(url, what.title)],
        )
    db = open_index(season.archive)
    made = next(iter(list_reports(db, Filter(year=2019))))["report"]
    found = report_diff(db, made, 1, 2, archive=season.archive)
    assert found["text"] == {"added": ["主动公开文件 | 45"], "removed": ["主动公开文件 | 44"]}
    assert report_diff(db, made, 2, 3, archive=season.archive)["attachments"] == {"replaced": ["9.docx"]}
    db.close()


def test_diff_of_two_versions(season: Season) -> None:
    db = open_index(season.archive)
    made = next(iter(list_changes(db, Filter(kind="revised"))))["report"]
    for found in (report_diff(db, made), report_diff(db, made, 1, 2), report_diff(db, made, 1)):
        assert [(one["table"], one["row"], one["column"], one["after"]) for one in found["figures"]] == [
            (*ADDRESS, 5555)
        ]
        assert found["text"] == {"added": ["另有一句话。"], "removed": []}
    backwards = report_diff(db, made, 2, 1)
    assert backwards["figures"][0]["before"] == 5555
    assert backwards["text"]["removed"] == ["另有一句话。"]
    with pytest.raises(UnknownReportError, match="has no version 3"):
        report_diff(db, made, 1, 3)
    with pytest.raises(UnknownReportError, match="ogi reports"):
        report_diff(db, "nobody-2020-000000")
    db.close()


def test_status_names_what_needs_a_person(season: Season) -> None:
    db = open_index(season.archive)
    found = status(season.archive, db, date(2026, 1, 1))
    db.close()
    assert found["as_of"] == "2021-02-03", "a simulated archive lives in its own time"
    assert found["attention"] == ["ouhai: blocked since 2021-02-03 (blocked:waf)"]
    assert found["due"]["published"] == 2
    assert found["due"]["next_due"] == "2021-03-31"
    assert (found["size"]["reports"], found["size"]["versions"], found["not_indexed"]) == (2, 3, 0)


def test_known_captures_travel_as_lines(season: Season) -> None:
    known = season.known()
    assert from_jsonl(as_jsonl(known)) == known
    by_url = {item.url: item for item in known}
    first = by_url[URL]
    assert (first.role, first.verdict, first.state, first.report_status) == (
        Role.REPORT,
        "blocked:waf",
        "present",
        "present",
    )
    assert first.digest is not None
    assert first.visited_at.startswith("2021-02-03")
    assert first.last_changed_at is not None
    assert first.last_changed_at.startswith("2021-02-02")
    assert (first.column, first.is_listed, first.report_year) == (COLUMN, True, 2020)
    second = by_url[SECOND]
    assert second.last_changed_at is not None
    assert second.last_changed_at.startswith("2021-02-01")
    assert second.entry is not None
    assert second.entry.title.startswith(BUREAU)


def test_reading_again_corrects_the_archive_not_the_history(tmp_path: Path) -> None:
    season = Season(tmp_path / "archive")
    what = report()
    season.run(DAY, [Shown(URL, page(what))], [Entry(URL, what.title)])
    changes = season.changes()
    db = open_index(season.archive)
    true_value = value(db, "SELECT business FROM applications WHERE \"row\" = 'received'")
    with db.atomic():  # as if an older extractor had misread two figures
        db.execute("UPDATE applications SET business = 77777 WHERE \"row\" = 'received'")
        db.execute("UPDATE versions SET extractor = '0.0.1+older'")
    db.close()
    summary = reextract(season.archive, workers=1)
    assert (summary.corrections, summary.reports) == (1, 1)
    assert season.changes() == changes
    expected = {
        "row": "received",
        "column": "business",
        "before": 77777,
        "after": true_value,
        "from_extractor": "0.0.1+older",
    }
    for _ in range(2):  # the second time after a rebuild
        db = open_index(season.archive)
        assert rows(db, 'SELECT "row", "column", before, after, from_extractor FROM corrections') == [expected]
        assert value(db, "SELECT business FROM applications WHERE \"row\" = 'received'") == true_value
        db.close()
        rebuild(season.archive, workers=1)
    assert reextract(season.archive, workers=1).corrections == 0


def test_manifest_that_lost_a_segment_is_named(tmp_path: Path) -> None:
    season = Season(tmp_path / "archive")
    what = report()
    season.run(DAY, [Shown(URL, page(what))], [Entry(URL, what.title)])
    season.archive.manifest_path.write_text("", "utf-8")
    with pytest.raises(DamagedArchive, match="ogi verify"):
        ingest_sealed(season.archive)


def test_damaged_segment_leaves_the_old_database(tmp_path: Path) -> None:
    season = Season(tmp_path / "archive")
    what = report()
    season.run(DAY, [Shown(URL, page(what))], [Entry(URL, what.title)])
    segment = next(season.archive.warc_dir.glob("*.warc.gz"))
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 0xFF
    segment.write_bytes(bytes(data))
    before = season.reports()
    with pytest.raises(DamagedArchive, match="ogi verify"):
        rebuild(season.archive, workers=1)
    assert season.reports() == before


def test_database_thrown_away_comes_back(season: Season) -> None:
    db = open_index(season.archive)
    before = dump(db)
    db.close()
    for path in season.root.glob("ogi.db*"):
        path.unlink()
    ingest_sealed(Archive.open(season.root))
    db = open_index(season.archive)
    assert dump(db) == before
    assert row(db, "SELECT count(*) AS n FROM report_fts WHERE report_fts MATCH '\"瓯海\"'") == {"n": 2}
    db.close()


def _square(number: int) -> int:
    return number * number


def _square_or_die(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def test_few_jobs_run_here_in_order() -> None:
    assert list(run_ordered(_square, range(5), given_up=lambda number: -number)) == [0, 1, 4, 9, 16]


@pytest.mark.slow
def test_job_that_kills_its_worker_is_given_up_alone() -> None:
    numbers = list(range(WORTH_PROCESSES + 2))
    results = list(run_ordered(_square_or_die, numbers, given_up=lambda number: -number, workers=2))
    assert results == [-7 if number == 7 else number * number for number in numbers]


def test_json_of_known_has_no_empty_members(season: Season) -> None:
    line = json.loads(next(iter(as_jsonl([replace(season.known()[0], report=None, etag=None)]))))
    assert "report" not in line
    assert "etag" not in line
