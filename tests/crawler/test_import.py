"""Bringing in what others captured: the same history as a harvest's, once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from archive.folder import Archive
from tests.archive.demo_archive import demo_archive

SEEDS = Path(__file__).parents[1] / "fixtures" / "seeds"


def ogi(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "crawler", *arguments], capture_output=True, text=True, check=False)


def changes(archive: Path) -> list[tuple[Any, ...]]:
    lines = ogi("changes", "--archive", str(archive), "--json").stdout.splitlines()
    return [
        (c["report"], c["kind"], c["at"][:10], len(c["figures"]), c["text"]["added"]) for c in map(json.loads, lines)
    ]


@pytest.fixture(scope="module")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return demo_archive(tmp_path_factory.mktemp("import") / "a")


def test_import_of_a_harvests_files_gives_its_history_and_again_nothing(harvested: Archive, tmp_path: Path) -> None:
    Archive.create(tmp_path / "b")
    files = [str(path) for path in sorted(harvested.warc_dir.glob("*.warc.gz"))]
    first = ogi("import", *files, "--archive", str(tmp_path / "b"), "--json")
    assert first.returncode == 0, first.stderr
    assert sorted(changes(tmp_path / "b")) == sorted(changes(harvested.root))
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
