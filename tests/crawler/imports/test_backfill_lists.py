"""`ogi backfill --lists`: what old list pages name and nothing here knows are candidates, asked for and shown; never a claim of absence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.files.folder import Archive
from archive.history.ingest import rebuild
from archive.index.database import open_index
from archive.index.dump import dump
from archive.lists.queries import list_changes, list_reports
from archive.verify.run import VerifyOptions, verify
from archive.warc.context import Entry
from archive.warc.members import iter_members
from archive.warc.records import parse_record
from crawler.cli import run
from tests.archive.season import BASE, BUREAU, COLUMN, GOVERNMENT, Season, Shown, page, report
from tests.crawler.imports.test_backfill import Public
from tests.crawler.imports.test_backfill import public as public_fixture

public = public_fixture
OLD, LATER = "20180301010000", "20190301010000"
NOW_URL = f"{BASE}/art/2021/1.html"
DEFINITION = f"""
[portal]
id = "ouhai"
name = "{GOVERNMENT}"
region = "330304"
platform = "static"
start = ["{COLUMN}"]
url = "{BASE}/"
"""


def old_list(*rows: tuple[str, str]) -> bytes:
    """A list page as portals of that time drew it."""
    items = "".join(f'<li><a href="{url}">{title}</a><span>2018-03-01</span></li>' for url, title in rows)
    return f'<html><head><meta charset="utf-8"><title>政府信息公开年报</title></head><body><ul>{items}</ul></body></html>'.encode()


@pytest.fixture
def root(tmp_path: Path, public: Public) -> Path:
    """An archive whose own list names one report of 2020, and a web archive."""
    season = Season(tmp_path / "a")
    what = report()
    season.run(
        datetime(2021, 2, 1, tzinfo=UTC), [Shown(NOW_URL, page(what))], [Entry(NOW_URL, what.title, "2021-01-20")]
    )
    (season.archive.root / "portals").mkdir(exist_ok=True)
    (season.archive.root / "portals" / "ouhai.toml").write_text(DEFINITION, encoding="utf-8")
    with (season.archive.root / "ogi.toml").open("a", encoding="utf-8") as stream:
        stream.write(
            f'\n[[backfill]]\nname = "old"\nkind = "cdx"\nindex = "{public.base}/cdx"\nreplay = "{public.base}/web"\n'
        )
    return season.archive.root


@pytest.fixture
def ask(root: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """Runs the command; gives what it says in JSON."""

    def asked(*options: str) -> dict[str, Any]:
        status = run(["backfill", "--archive", str(root), "--json", *options])
        out, err = capsys.readouterr()
        assert status == 0, err
        return dict(json.loads(out))

    return asked


def elsewhere(root: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    assert run(["rows", "--archive", str(root), "--elsewhere", "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_old_lists_give_candidates_and_what_is_kept_of_them_becomes_history(
    root: Path,
    public: Public,
    ask: Callable[..., dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    kept, lost, twin = f"{BASE}/art/2016/9.html", f"{BASE}/art/2016/8.html", NOW_URL.replace("http:", "https:")
    early, middle = report(BUREAU, 2016, 3), report(GOVERNMENT, 2017, 4)
    body = old_list((kept, early.title), (lost, middle.title), (twin, report().title), ("/art/1.html", "通知公告"))
    public.hold(OLD, body, url=COLUMN)
    public.hold(LATER, page(early), url=kept)
    planned = ask("--lists", "--dry-run")
    assert [one["url"] for one in planned["captures"]] == [COLUMN], (
        "nothing is stored, so nothing is known of candidates"
    )
    assert elsewhere(root, capsys) == []
    assert run(["rows", "--archive", str(root), "--elsewhere", "--lang", "en"]) == 0
    assert "holds no list captured by others" in capsys.readouterr().out, "nobody looked"

    found = ask("--lists")
    assert (found["written"], [one["url"] for one in found["candidates"]]) == (2, [lost]), found
    asked = [path for path in public.asked if path.startswith("/cdx")]
    assert sum("art%2F2016%2F8.html" in path for path in asked) == 1, "a candidate's address is asked for too"
    shown = elsewhere(root, capsys)
    assert [(one["url"], one["title"], one["outcome"], one["column"]) for one in shown] == [
        (lost, middle.title, "not asked", COLUMN)
    ]
    assert shown[0]["seen_by"] == {"archive": "old", "at": "2018-03-01T01:00:00Z"}
    db = open_index(Archive.open(root))
    try:
        reports = {(one["agency"], one["year"], one["status"]) for one in list_reports(db)}
        changes = {(one["kind"], (one["origin"] or {}).get("archive")) for one in list_changes(db)}
        before = dump(db)
    finally:
        db.close()
    assert reports == {(GOVERNMENT, 2020, "present"), (BUREAU, 2016, "present")}
    assert changes == {("published", None), ("published", "old")}, (
        "a list that lacks a row, or a row without a page, says nothing"
    )
    assert run(["obligations", "--archive", str(root), "--year", "2017", "--json"]) == 0
    assert '"missing"' not in capsys.readouterr().out

    archive = Archive.open(root)
    rebuild(archive, workers=1)
    db = open_index(archive)
    try:
        assert dump(db) == before
    finally:
        db.close()
    assert verify(archive, VerifyOptions(workers=1, deep=True)).is_whole
    again = ask("--lists")
    assert (again["written"], again["known"]) == (0, 2)


@pytest.mark.parametrize(
    "body",
    [
        old_list(("/art/2016/9.html", "关于春节放假的通知")),
        old_list(("http://elsewhere.example/1.html", "示例市示例局2016年政府信息公开工作年度报告")),
        b"<html><body>\xc3",
        page(report(BUREAU, 2016, 3)),
    ],
    ids=["no report", "another host", "nothing", "a report in its place"],
)
def test_a_list_that_names_no_report_of_the_portal_is_kept_and_not_asked_for_again(
    root: Path,
    public: Public,
    ask: Callable[..., dict[str, Any]],
    body: bytes,
    capsys: pytest.CaptureFixture[str],
) -> None:
    public.hold(OLD, body, url=COLUMN)
    found = ask("--lists")
    assert [one["outcome"] for one in found["candidates"]] == (["refused"] if b"elsewhere" in body else [])
    assert not [path for path in public.asked if "elsewhere" in path], "of another host nobody is asked"
    if not found["candidates"]:
        assert run(["rows", "--archive", str(root), "--elsewhere", "--lang", "en"]) == 0
        assert "no list captured by others names" in capsys.readouterr().out
    before = len([path for path in public.asked if "/web/" in path])
    ask("--lists")
    assert len([path for path in public.asked if "/web/" in path]) == before, "it is kept, and known"
    db = open_index(Archive.open(root))
    try:
        assert {one["kind"] for one in list_changes(db)} == {"published"}
    finally:
        db.close()


def test_the_exchange_with_the_archive_stands_beside_what_is_derived_from_it(
    root: Path,
    public: Public,
    ask: Callable[..., dict[str, Any]],
) -> None:
    public.hold(OLD, page(report(seed=9)), url=NOW_URL, X_Archive_Src="crawl-7.warc.gz")
    assert ask()["written"] == 1
    archive = Archive.open(root)
    beside = []
    for name in archive.store.names():
        with archive.store.open(name) as stream:
            records = [parse_record(member.data) for member in iter_members(stream)]
        beside += [
            one
            for one in records
            if (one.get("Content-Type") or "").startswith("application/http;msgtype=") and one.type == "metadata"
        ]
    assert [one.uri.replace(public.base, "").partition("?")[0] for one in beside] == [
        f"/web/{OLD}id_/{NOW_URL}"
    ] * 2 + ["/cdx"] * 2
    sent, came, sent_index, came_index = (one.block for one in beside)
    assert sent.startswith(f"GET /web/{OLD}id_/{NOW_URL} HTTP/1.1\r\n".encode())
    assert all(part in sent for part in (b"User-Agent: ", b"\r\nHost: 127.0.0.1:"))
    assert re.match(rb"HTTP/1\.\d 200 OK\r\n", came)
    assert b"X-Archive-Src: crawl-7.warc.gz\r\n" in came
    assert came.endswith(page(report(seed=9)))
    assert b"url=" in sent_index.split(b"\r\n")[0]
    assert OLD.encode() in came_index
    assert len({one.get("WARC-Concurrent-To") for one in beside}) == 1


def test_lists_are_of_portals(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backfill", "--archive", str(root), "--lists", "--report", "x-1"]) == 2
    assert "--portal" in capsys.readouterr().err
