"""Bringing in what others captured: the same history as a harvest's, once."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from archive.files.folder import Archive
from archive.index.database import open_index
from crawler.cli import run
from crawler.replica.documents.invent import invent
from tests.archive.demo_archive import demo_archive
from tests.archive.kept import copy_of
from tests.archive.season import page, report
from tests.crawler.sites import Page, listing, serve_site

SEEDS = Path(__file__).parents[2] / "fixtures" / "seeds"


def ogi(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "crawler", *arguments], capture_output=True, text=True, check=False)


def changes(archive: Path) -> list[tuple[Any, ...]]:
    lines = ogi("changes", "--archive", str(archive), "--json").stdout.splitlines()
    return [
        (c["report"], c["kind"], c["at"][:10], len(c["figures"]), c["text"]["added"]) for c in map(json.loads, lines)
    ]


@pytest.fixture(scope="module")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return copy_of("demo", demo_archive, tmp_path_factory.mktemp("import") / "a", tmp_path_factory)


def test_import_of_another_archives_files_gives_what_was_there_and_again_nothing(
    harvested: Archive, tmp_path: Path
) -> None:
    Archive.create(tmp_path / "b")
    files = [str(path) for path in sorted(harvested.warc_dir.glob("*.warc.gz"))]
    first = ogi("import", *files, "--archive", str(tmp_path / "b"), "--json")
    assert first.returncode == 0, first.stderr
    positive = [change for change in changes(harvested.root) if change[1] in ("published", "revised")]
    assert {change[1] for change in changes(harvested.root)} - {"published", "revised"}, (
        "there is something that others' looks can't show"
    )
    assert sorted(change[1:] for change in changes(tmp_path / "b")) == sorted(change[1:] for change in positive)
    again = json.loads(ogi("import", *files, "--archive", str(tmp_path / "b"), "--json").stdout)
    assert (again["written"], again["changes"]) == (0, {})
    assert ogi("verify", "--archive", str(tmp_path / "b")).returncode == 0


def test_files_without_our_contexts_give_the_reports_too(harvested: Archive, tmp_path: Path) -> None:
    """As another tool's files: the field that explains a capture is taken out."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.warcwriter import WARCWriter

    foreign = tmp_path / "foreign.warc.gz"
    with foreign.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for path in sorted(harvested.warc_dir.glob("*.warc.gz")):
            with path.open("rb") as source:
                for record in ArchiveIterator(source):
                    if record.rec_type not in ("request", "response", "revisit"):
                        continue
                    record.rec_headers.remove_header("OGI-Context")
                    writer.write_record(record)
    Archive.create(tmp_path / "b")
    done = ogi("import", str(foreign), "--archive", str(tmp_path / "b"), "--json")
    assert done.returncode == 0, done.stderr
    found = {(kind, day, figures) for _, kind, day, figures, _ in changes(tmp_path / "b")}
    assert {("revised", "2021-03-09", 1), ("revised", "2021-03-09", 0), ("published", "2021-03-02", 0)} <= found
    assert sum(kind == "published" for _, kind, *_ in changes(tmp_path / "b")) == 5


def test_damaged_file_is_read_as_far_as_it_goes(harvested: Archive, tmp_path: Path) -> None:
    source = max(harvested.warc_dir.glob("*.warc.gz"), key=lambda path: path.stat().st_size)
    torn = tmp_path / "torn.warc.gz"
    data = source.read_bytes()
    torn.write_bytes(data[: len(data) * 2 // 3])
    Archive.create(tmp_path / "b")
    done = ogi("import", str(torn), "--archive", str(tmp_path / "b"), "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["problems"]
    assert "not read:" in done.stderr


def test_loose_document_with_its_address_and_date(tmp_path: Path) -> None:
    Archive.create(tmp_path / "b")
    arguments = ["--url", "http://www.yy.gov.cn/2019.txt", "--date", "2020-03-28", "--archive", str(tmp_path / "b")]
    done = ogi("import", str(SEEDS / "yuyao-2019.txt"), *arguments, "--json")
    assert done.returncode == 0, done.stderr
    (report,) = [
        json.loads(line) for line in ogi("reports", "--archive", str(tmp_path / "b"), "--json").stdout.splitlines()
    ]
    assert (report["agency"], report["year"], report["first_seen"][:10]) == ("余姚市人民政府", 2019, "2020-03-28")
    again = json.loads(ogi("import", str(SEEDS / "yuyao-2019.txt"), *arguments, "--json").stdout)
    assert again["written"] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing.warc.gz"], "no such file"),
        ([str(SEEDS / "yuyao-2019.txt")], "--url and --date"),
        ([str(SEEDS / "yuyao-2019.txt"), "--url", "http://x/", "--date", "gestern"], "is no date"),
    ],
)
def test_bad_input_is_one_line_and_status_two(arguments: list[str], words: str, tmp_path: Path) -> None:
    Archive.create(tmp_path / "b")
    done = ogi("import", *arguments, "--archive", str(tmp_path / "b"))
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.fixture
def crawls(tmp_path: Path) -> tuple[Path, list[Path], Path, str]:
    """A portal crawled twice by wget, a figure edited and a report withdrawn in between; the portal's definition and address."""
    wget = shutil.which("wget")
    if wget is None:
        pytest.skip("wget is not installed")
    with serve_site() as site:
        site.list_reports(4)
        paths = sorted(path for path in site.pages if path.endswith(".html"))
        made = [invent(f"示例区第{number}局", 2019 + number, number) for number in range(4)]
        for path, what in zip(paths, made, strict=True):
            site.pages[path] = Page(page(what))
        site.pages["/nb/"] = Page(
            listing([(path, what.title, "2021-01-20") for path, what in zip(paths, made, strict=True)])
        )
        definition = tmp_path / "site.toml"
        definition.write_text(site.definition(), "utf-8")
        files = []
        for number, more in enumerate(([], ["--no-warc-compression"], [f"--warc-dedup={tmp_path / 'crawl0.cdx'}"])):
            if number:
                old = ("applications", "received", "natural_person")
                site.pages[paths[0]] = Page(page(made[0].with_figure(old, "777")))
                site.pages[paths[1]] = Page("<title>404</title>", 404)
            began = int(time.time())
            while number and int(time.time()) == began:
                pass  # captures are dated by the second: the same page in the same second is one capture
            name = str(tmp_path / f"crawl{number}")
            options = [
                "-q",
                "-r",
                "-l",
                "2",
                "-e",
                "robots=off",
                "--delete-after",
                f"--warc-file={name}",
                "--warc-cdx",
                *more,
            ]
            subprocess.run([wget, *options, site.base + "/nb/"], check=False, cwd=tmp_path, capture_output=True)
            files += list(tmp_path.glob(f"crawl{number}.warc*"))
        return definition, files, tmp_path / "b", site.base + paths[1]


def test_what_wget_crawled_is_history(crawls: tuple[Path, list[Path], Path, str]) -> None:
    definition, files, root, gone = crawls
    assert [path.suffix for path in files] == [".gz", ".warc", ".gz"]
    Archive.create(root)
    for path in files:
        done = ogi("import", str(path), "--portals", str(definition), "--archive", str(root), "--json")
        assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in ogi("changes", "--archive", str(root), "--json").stdout.splitlines()]
    kinds = Counter(change["kind"] for change in told)
    assert kinds == {"published": 4, "revised": 1}, "that a report is gone rests on own looks"
    assert {change["origin"]["file"] for change in told} <= {path.name for path in files}
    (revised,) = [change for change in told if change["kind"] == "revised"]
    assert [(one["row"], one["column"], one["after"]) for one in revised["figures"]] == [
        ("received", "natural_person", 777)
    ]
    reports = ogi("reports", "--archive", str(root), "--json").stdout.splitlines()
    assert [one["status"] for one in map(json.loads, reports) if one["url"] == gone] == ["present"]
    for path in files:
        again = json.loads(
            ogi("import", str(path), "--portals", str(definition), "--archive", str(root), "--json").stdout
        )
        assert (again["written"], again["changes"]) == (0, {})
    assert ogi("verify", "--archive", str(root)).returncode == 0


@pytest.mark.parametrize(
    ("url", "date", "words"),
    [
        ("notaurl", "2021-03-04", "is no address"),
        ("ftp://a.gov.cn/x.html", "2021-03-04", "is no address"),
        ("http://[::1", "2021-03-04", "is no address"),
        ("http://a.gov.cn/x.html", "2999-01-01", "lies in the future"),
        ("http://a.gov.cn/x.html", "1970-01-01", "lies before the web"),
        ("http://a.gov.cn/x.html", "9999-12-31T23:59-14:00", "is no date"),
        ("http://a.gov.cn/x.html", "2021-02-30", "is no date"),
    ],
)
def test_document_of_no_address_or_of_an_impossible_time_is_refused_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str, date: str, words: str
) -> None:
    archive = Archive.create(tmp_path / "a")
    (tmp_path / "x.html").write_bytes(page(report()))
    place = ["--archive", str(archive.root), "--url", url, "--date", date]
    assert run(["import", str(tmp_path / "x.html"), *place]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert list(archive.warc_dir.iterdir()) == []


@pytest.mark.parametrize("date", ["2021-03-04", "20210304", "2021-W09-4", "2021-03-04T00:30+08:00", "2021-03-04T00:30"])
def test_day_of_a_document_is_that_day_in_shanghai(tmp_path: Path, date: str) -> None:
    archive = Archive.create(tmp_path / "a")
    (tmp_path / "x.html").write_bytes(page(report()))
    place = ["--archive", str(archive.root), "--url", "http://a.gov.cn/x.html", "--date", date]
    assert run(["import", str(tmp_path / "x.html"), *place]) == 0
    db = open_index(archive)
    try:
        ((at,),) = db.execute("select distinct at from changes").fetchall()
    finally:
        db.close()
    assert at == ("2021-03-03T16:30:00Z" if "T" in date else "2021-03-04T04:00:00Z")
