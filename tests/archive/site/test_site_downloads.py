"""Downloads are whole or visibly broken off: every table in both formats, and with a fault in the middle."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.files.folder import Archive
from archive.publish.spreadsheet import MARK, csv_text, harmless
from archive.site.tables import TABLES
from tests.archive.kept import copy_of
from tests.archive.site_archive import Client, build, serving

REPORT = "ouhai-2020-5290cd"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return copy_of("site", build, tmp_path_factory.mktemp("downloads") / "a", tmp_path_factory)


@pytest.fixture(scope="module")
def site(archive: Archive) -> Iterator[Client]:
    client = Client(archive)
    yield client
    client.close()


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix(MARK), newline="")))


@pytest.mark.parametrize("table", TABLES)
def test_every_table_comes_whole(site: Client, table: str) -> None:
    (count,) = site.sql(f"select count(*) as n from {table}")
    answer = site.get(f"/data/{table}.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert f"{table}.csv" in answer.headers["content-disposition"]
    assert answer.text.startswith(MARK)
    assert answer.text.endswith("\r\n")
    assert len(read(answer.text)) == count["n"]
    lines = [json.loads(line) for line in site.text(f"/data/{table}.ndjson").splitlines()]
    assert lines[-1] == {"end": True, "rows": count["n"]}
    assert len(lines) == count["n"] + 1
    if table != "figures":
        assert answer.headers["x-ogi-rows"] == str(count["n"])


def test_figures_are_those_of_the_view_with_what_speaks_against_them(site: Client) -> None:
    lines = [json.loads(line) for line in site.text("/data/figures.ndjson").splitlines()][:-1]
    view = site.sql("select * from figures")
    key = lambda row: (row["report"], row["table"], row["row"], row["column"])  # noqa: E731
    assert sorted(lines, key=key) == sorted(view, key=key)
    disputed = [row for row in lines if row["disputed"]]
    assert {row["report"] for row in disputed} >= {REPORT}
    assert all(row["findings"] for row in disputed)
    one = site.text(f"/data/figures.csv?report={REPORT}&table=applications&row=received")
    assert len(read(one)) == 7
    assert next(row for row in read(one) if row["column"] == "total")["disputed"] == "1"
    assert {row["year"] for row in read(site.text("/data/figures.csv?year=2019"))} == {"2019"}
    assert site.get("/data/figures.csv?nothing=1").status_code == 400
    assert site.get("/data/addresses.csv").status_code == 404


def test_datasettes_csv_is_whole_too(site: Client) -> None:
    """Its first page alone, as it would give without being asked, looks like the whole to a program."""
    (count,) = site.sql("select count(*) as n from figures")
    for address in (
        "/ogi/figures.csv",
        "/ogi/figures.csv?_size=max",
        "/ogi/figures.csv?_stream=on",
        "/ogi/figures.csv?year__gte=2000",
    ):
        assert len(read(site.text(address))) == count["n"], address
    assert len(read(site.text("/ogi/figures.csv?_size=5"))) == 5, "who asks for a page gets it"
    (few,) = site.sql("select count(*) as n from figures where year = 2019")
    assert len(read(site.text("/ogi/figures.csv?year=2019"))) == few["n"]


def test_no_cell_is_run_as_a_formula_and_no_number_is_altered() -> None:
    for text in ("=1+1", "+cmd|x", "-2+3", "@SUM(A1)", "\tx", "\rx", "=HYPERLINK(1)"):
        assert harmless(text) == "'" + text
    for same in ("-92", "+5", "-1,234.5", "-3%", "-", "=", "公开", -92, 1.5, None, "a=b"):
        assert harmless(same) == same
    assert csv_text(["a"], [["=1"]]) == MARK + "a\r\n'=1\r\n"
    assert csv_text(None, [["=1"]], is_exact=True) == "=1\r\n"


def test_a_spreadsheets_formula_is_harmless_in_a_download(tmp_path: Path, archive: Archive) -> None:
    shutil.copytree(archive.root, tmp_path / "a")
    with sqlite3.connect(tmp_path / "a" / "ogi.db") as db:
        db.execute("update agencies set aliases = '=cmd|'' /c calc''!A1'")
    client = Client(Archive.open(tmp_path / "a"))
    try:
        assert all(row["aliases"].startswith("'=cmd") for row in read(client.text("/data/agencies.csv")))
        assert all(row["aliases"].startswith("=cmd") for row in read(client.text("/data/agencies.csv?for=programs")))
    finally:
        client.close()


@pytest.fixture(scope="module")
def damaged(archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose table of texts can't be read to its end, some thousand rows from the beginning."""
    root = tmp_path_factory.mktemp("damaged") / "a"
    shutil.copytree(archive.root, root)
    db = sqlite3.connect(root / "ogi.db")
    db.execute("pragma journal_mode = delete")
    db.execute(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 4000) insert into report_text "
        "select (select id from reports limit 1), 1, 1000 + i, 'paragraph', '', hex(randomblob(2000)) from n"
    )
    db.commit()
    (size,) = db.execute("select page_count * page_size from pragma_page_count, pragma_page_size").fetchone()
    db.close()
    with (root / "ogi.db").open("r+b") as stream:
        stream.seek(int(size * 0.6))
        stream.write(b"\xff" * 200_000)
    with serving(root) as base:
        yield base


@pytest.mark.parametrize(
    "path",
    [
        "/data/report_text.csv",
        "/data/report_text.ndjson",
        "/ogi/report_text.csv?_stream=on",
        "/ogi/report_text.csv?kind__contains=p",
    ],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_a_fault_in_the_middle_is_a_failed_transfer(damaged: str, tmp_path: Path, path: str, compressed: bool) -> None:
    target = tmp_path / "out"
    done = subprocess.run(
        ["curl", "-sS", "-o", str(target), *(["--compressed"] if compressed else []), damaged + path],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0, f"{path}: curl takes {target.stat().st_size} bytes for the whole"
    assert target.stat().st_size > 1_000_000, "rows before the fault were sent"
    assert b"malformed" not in target.read_bytes()[-300:], "the error is no row"


def test_a_fault_in_the_middle_is_an_exception_of_python(damaged: str) -> None:
    import http.client
    import urllib.request

    with urllib.request.urlopen(damaged + "/data/report_text.csv") as answer, pytest.raises(http.client.IncompleteRead):
        answer.read()
