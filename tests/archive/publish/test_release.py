"""A release: every table in every format with its digest, parts that are taken over where nothing changed, nothing that is withheld."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import shutil
import sqlite3
import warnings
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.errors import ExportFailed
from archive.files.folder import Archive
from archive.index.database import open_index
from archive.publish.export import export_package
from archive.publish.frozen import releases, withheld_files
from archive.publish.release_files import CsvFile
from archive.site.publish import publish
from archive.site.release import make_release
from archive.verify.package import verify_package
from tests.archive.site_archive import BUREAU_URL, Client, build

pytest.importorskip("pyarrow", reason="extra parquet")
NOW = datetime(2021, 5, 1, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    archive = build(tmp_path_factory.mktemp("release") / "a")
    make_release(archive, "2021-05-01", NOW)
    return archive


@pytest.fixture
def archive(made: Archive, tmp_path: Path) -> Archive:
    return Archive.open(shutil.copytree(made.root, tmp_path / "copy"))


def records(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rb") as stream, io.TextIOWrapper(stream, "utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def manifest(archive: Archive, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((archive.exports_dir / name / "manifest.json").read_text("utf-8"))
    return found


def test_every_file_is_named_with_its_digest_and_no_other_is_there(made: Archive) -> None:
    folder, said = made.exports_dir / "2021-05-01", manifest(made, "2021-05-01")
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    named = {one["path"]: one for one in said["files"]}
    assert there - {"manifest.json", "SIGNATURE.note"} == set(named)
    for path, one in named.items():
        content = (folder / path).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (one["bytes"], one["sha256"]), path
    assert {
        "csv/reports.csv.gz",
        "csv/panel.csv.gz",
        "csv/figures-2020.csv.gz",
        "ogi.db",
        "ogi.db.sha256",
        "CHANGES.md",
    } <= set(named)
    assert "parquet/figures/year=2020/province=33/part-0.parquet" in named
    assert said["counts"]["figures"]["2020"] == len(records(folder / "csv/figures-2020.csv.gz"))


def test_tables_hold_what_a_package_holds_and_parquet_what_csv_holds(made: Archive, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    folder = made.exports_dir / "2021-05-01"
    export_package(made, tmp_path / "p")
    for table in ("reports", "agencies", "changes", "findings", "obligations"):
        with (tmp_path / "p" / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
            assert records(folder / f"csv/{table}.csv.gz") == list(csv.DictReader(stream))
    with (tmp_path / "p" / "data" / "figures.csv").open(encoding="utf-8", newline="") as stream:
        wanted = sorted(
            csv.DictReader(stream), key=lambda row: [row[name] for name in ("report", "table", "row", "column")]
        )
    found = [row for path in sorted((folder / "csv").glob("figures-*")) for row in records(path)]
    assert sorted(found, key=lambda row: [row[name] for name in ("report", "table", "row", "column")]) == wanted
    table = pq.read_table(folder / "parquet" / "figures")
    assert table.num_rows == len(wanted)
    assert {str(year) for year in table.column("year").to_pylist()} == {row["year"] for row in wanted}
    panel = {row["report"]: row for row in records(folder / "csv/panel.csv.gz")}
    assert set(panel) == {row["report"] for row in records(folder / "csv/reports.csv.gz")}
    for row in wanted:
        if row["table"] != "indicators":
            assert panel[row["report"]][f"{row['table']}_{row['row']}_{row['column']}"] == row["value"]
    disputed = {row["report"] for row in wanted if row["disputed"] == "1"}
    assert {report for report, row in panel.items() if row["disputed"]} == disputed


def test_statistics_are_those_of_the_site(made: Archive) -> None:
    """Every total that the site gives, by the same functions; what a report adds to each makes the totals again."""
    folder = made.exports_dir / "2021-05-01"
    stats = records(folder / "csv/stats.csv.gz")
    site = Client(made)
    try:
        for code in ("granted_share", "received", "missing_share"):
            shown = csv.DictReader(io.StringIO(site.get(f"/stats/{code}.csv?all=1").text.removeprefix("\ufeff")))
            assert [row for row in stats if row["indicator"] == code] == list(shown), code
    finally:
        site.close()
    facts = records(folder / "csv/report_facts.csv.gz")
    sums: dict[tuple[str, ...], float] = {}
    for row in facts:
        if row["received_num"] and "received" not in row["disputed"].split():
            for area in {"", row["province"], row["city"], row["county"]}:
                key = (row["basis"], area, row["year"])
                sums[key] = sums.get(key, 0) + float(row["received_num"])
    for row in stats:
        if row["indicator"] == "received" and int(row["n_used"]):
            assert float(row["value"]) == sums[row["basis"], row["region"], row["year"]]
    named = {one["name"]: one for one in json.loads((folder / "datapackage.json").read_text("utf-8"))["resources"]}
    assert named["stats"]["rows"] == len(stats)
    assert named["report-facts"]["rows"] == len(facts) > 0


def test_facts_of_reports_are_parts_by_year_and_only_changed_years_are_written(archive: Archive) -> None:
    import pyarrow.parquet as pq

    db = open_index(archive)
    db.execute("UPDATE agencies SET since = NULL")  # then their reports of the years before count too
    db.conn.commit()
    folder = make_release(archive, "2021-05-02", NOW + timedelta(days=1))
    said = manifest(archive, "2021-05-02")
    facts = records(folder / "csv/report_facts.csv.gz")
    parts = {one["path"]: one for one in said["files"] if one["path"].startswith("parquet/report_facts/")}
    years = sorted({row["year"] for row in facts})
    assert sorted(parts) == [f"parquet/report_facts/year={year}/part-0.parquet" for year in years]
    assert said["counts"]["report_facts"] == {
        year: parts[path]["rows"] for year, path in zip(years, parts, strict=True)
    }
    table = pq.read_table(folder / "parquet/report_facts").to_pylist()
    assert set(table[0]) == set(facts[0])
    by_report = {row["report"]: row for row in table}
    for row in facts:
        for name, text in row.items():
            value = by_report[row["report"]][name]
            assert (
                float(text) == value
                if text and isinstance(value, float)
                else text == str("" if value is None else value)
            )
    [report] = db.execute("SELECT id FROM reports WHERE year = 2020 AND version > 0 LIMIT 1").fetchone()
    db.execute("UPDATE reports SET scope = 'office' WHERE id = ?", (report,))
    db.conn.commit()
    db.close()
    make_release(archive, "2021-05-03", NOW + timedelta(days=2))
    after = {one["path"]: one for one in manifest(archive, "2021-05-03")["files"]}
    kept = {path for path in parts if "unchanged_since" in after[path]}
    assert kept == set(parts) - {"parquet/report_facts/year=2020/part-0.parquet"} != set(), (
        "an area's scope is a basis of its own"
    )
    first = said["files"][[one["path"] for one in said["files"]].index("csv/report_facts.csv.gz")]["members"]
    again = after["csv/report_facts.csv.gz"]["members"]
    assert [one["key"] == two["key"] for one, two in zip(first, again, strict=True)] == [
        year != "2020" for year in years
    ]
    rows = records(archive.exports_dir / "2021-05-03" / "csv/report_facts.csv.gz")
    assert {row["report"] for row in rows if row["year"] != "2020"} == {
        row["report"] for row in facts if row["year"] != "2020"
    }


def test_workbooks_say_what_csv_says(made: Archive) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="extra xlsx")
    folder, said = made.exports_dir / "2021-05-01", manifest(made, "2021-05-01")
    books = {one["path"]: one for one in said["files"] if one["format"] == "xlsx"}
    assert {"xlsx/reports.xlsx", "xlsx/stats.xlsx", "xlsx/panel-2020.xlsx"} <= set(books)
    for path, source in {path: f"csv/{Path(path).stem.partition('-')[0]}.csv.gz" for path in books}.items():
        wanted = records(folder / source)
        if "-" in path:
            wanted = [row for row in wanted if row["year"] == Path(path).stem.partition("-")[2]]
        book = openpyxl.load_workbook(folder / path, read_only=True)
        header, *rows = book.worksheets[0].iter_rows(values_only=True)
        book.close()
        assert len(rows) == len(wanted) == books[path]["rows"], path
        for row, other in zip(rows, wanted, strict=True):
            for name, cell in zip(header, row, strict=True):
                text = other[name]
                said_cell = "" if cell is None else cell if isinstance(cell, str) else float(cell)
                wanted_cell = pytest.approx(float(text), rel=1e-12) if isinstance(said_cell, float) else text
                assert said_cell == wanted_cell, (path, name)


def test_a_workbook_that_would_be_too_large_is_left_out_by_name(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openpyxl", reason="extra xlsx")
    monkeypatch.setattr("archive.publish.workbooks.MOST_CELLS", 30)
    shutil.rmtree(archive.exports_dir / "2021-05-01" / "xlsx")  # nothing to take over
    make_release(archive, "2021-05-02", NOW + timedelta(days=1))
    said = manifest(archive, "2021-05-02")
    assert "xlsx/findings.xlsx" in said["xlsx"]
    assert not [one for one in said["files"] if one["path"] == "xlsx/findings.xlsx"]


def test_a_release_is_a_valid_package_and_verifies_until_one_byte_is_another(archive: Archive) -> None:
    folder = archive.exports_dir / "2021-05-01"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own dependencies' deprecations
        from frictionless import Package

        report = Package(str(folder / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "message"])[:5]
    assert not verify_package(folder).damages
    part = folder / "parquet/figures/year=2020/province=33/part-0.parquet"
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    assert [damage for damage in verify_package(folder).damages if "part-0" in str(damage)]


def test_what_did_not_change_is_linked_and_what_changed_is_told(archive: Archive) -> None:
    before = manifest(archive, "2021-05-01")
    db = open_index(archive)
    [gone] = [
        row[0] for row in db.execute("SELECT id FROM reports WHERE year = 2020 AND title LIKE '%财政局%'").fetchall()
    ] or [None]
    assert gone is not None
    db.execute("UPDATE reports SET version = 1 WHERE year = 2020 AND version = 2")
    db.conn.commit()
    db.close()
    folder = make_release(archive, "2021-05-02", NOW + timedelta(days=1))
    after = manifest(archive, "2021-05-02")
    old, new = ({one["path"]: one for one in said["files"]} for said in (before, after))
    same = {path for path in new if path in old and new[path]["sha256"] == old[path]["sha256"]}
    assert all(new[path]["unchanged_since"] == "2021-05-01" for path in same)
    assert "parquet/figures/year=2019/province=33/part-0.parquet" in same
    assert "csv/figures-2019.csv.gz" in same
    assert "parquet/figures/year=2020/province=33/part-0.parquet" not in same
    kept = archive.exports_dir / "2021-05-01" / "csv/figures-2019.csv.gz"
    assert (folder / "csv/figures-2019.csv.gz").samefile(kept)
    delta = json.loads((folder / "delta/from-2021-05-01.json").read_text("utf-8"))
    assert [(one["report"], one["version"]) for one in delta["changed"]] == [("ouhai-2020-5290cd", ["2", "1"])]
    assert "reports changed: 1\n  - ouhai-2020-5290cd" in (folder / "CHANGES.md").read_text("utf-8")
    assert after["previous"] == "2021-05-01"


def test_a_member_of_a_part_that_is_the_same_is_copied_as_it_is(tmp_path: Path) -> None:
    first = CsvFile(tmp_path / "1.csv.gz", ["a"])
    first.write([(1,), (2,)], {"key": "x"})
    first.write([("三",)], {"key": "y"})
    about = first.close()
    second = CsvFile(tmp_path / "2.csv.gz", ["a"], (about, tmp_path / "1.csv.gz"))
    assert [second.has(key) for key in "xyz"] == [True, True, False]
    second.copy({"key": "y"})
    second.write([(4,)], {"key": "z"})
    assert second.close()["rows"] == 2
    assert [row["a"] for row in records(tmp_path / "2.csv.gz")] == ["三", "4"]
    other = CsvFile(tmp_path / "3.csv.gz", ["b"], (about, tmp_path / "1.csv.gz"))
    assert not other.has("x"), "columns differ"
    other.close()


def test_a_release_never_changes(archive: Archive) -> None:
    with pytest.raises(ExportFailed, match="never changes"):
        make_release(archive, "2021-05-01", NOW)
    for name in ("../x", "a b", ""):
        with pytest.raises(ExportFailed, match="no name"):
            make_release(archive, name, NOW)
    assert not list(archive.exports_dir.glob("*.part"))


def test_the_database_is_whole_but_for_the_full_text(made: Archive) -> None:
    db = sqlite3.connect(f"file:{made.exports_dir / '2021-05-01' / 'ogi.db'}?mode=ro", uri=True)
    try:
        assert db.execute("select count(*) from reports").fetchone()[0] == len(
            records(made.exports_dir / "2021-05-01/csv/reports.csv.gz")
        )
        assert db.execute("select count(*) from report_text").fetchone()[0] == 0
        assert db.execute("pragma integrity_check").fetchone()[0] == "ok"
    finally:
        db.close()


def test_what_is_withheld_later_is_in_no_release_any_more(archive: Archive, tmp_path: Path) -> None:
    """Files that held it answer 410 with the reason, its years and places alone; a published copy is without them; a next release too."""
    hidden = "ouhai-2020-5290cd"
    db = open_index(archive)
    db.execute(
        "INSERT INTO withheld (report, url, reason, at) VALUES (?, '', 'a person is named', '2021-05-01T02:00:00Z')",
        (hidden,),
    )
    db.conn.commit()
    db.close()
    site = Client(archive)
    try:
        base = "/releases/2021-05-01"
        for path in (
            "csv/reports.csv.gz",
            "csv/figures-2020.csv.gz",
            "csv/stats.csv.gz",
            "csv/report_facts.csv.gz",
            "xlsx/panel-2020.xlsx",
            "parquet/figures/year=2020/province=33/part-0.parquet",
            "parquet/report_facts/year=2020/part-0.parquet",
            "ogi.db",
        ):
            answer = site.get(f"{base}/{path}")
            assert answer.status_code == 410, path
            assert "a person is named" in answer.text
        for path in (
            "csv/figures-2019.csv.gz",
            "csv/agencies.csv.gz",
            "manifest.json",
            "datapackage.json",
        ):
            assert site.get(f"{base}/{path}").status_code == 200, path
        assert [one for one in site.get("/releases/latest.json").json()["files"] if one.get("withheld")]
    finally:
        site.close()
    publish(archive, tmp_path / "snapshot", NOW)
    assert not (tmp_path / "snapshot/exports/2021-05-01/csv/reports.csv.gz").exists()
    assert (tmp_path / "snapshot/exports/2021-05-01/csv/figures-2019.csv.gz").is_file()
    folder = make_release(archive, "2021-05-03", NOW + timedelta(days=2))
    for path in folder.rglob("*"):
        if path.suffix == ".gz" and path.name != "obligations.csv.gz":
            assert hidden not in gzip.decompress(path.read_bytes()).decode(), path.name
        if path.suffix == ".xlsx" and path.name != "obligations.xlsx":
            with zipfile.ZipFile(path) as packed:
                assert not any(hidden.encode() in packed.read(name) for name in packed.namelist()), path.name
    assert [
        one["report"] for one in json.loads((folder / "delta/from-2021-05-01.json").read_text("utf-8"))["removed"]
    ] == [hidden]
    [newest, *_] = releases(archive.exports_dir)
    from archive.index.released import Withholding

    assert withheld_files(newest, [Withholding(hidden, "", "why", "2021-05-01T02:00:00Z")]) == {}


def test_the_site_gives_every_file_as_the_manifest_says(made: Archive) -> None:
    site = Client(made)
    try:
        newest = site.get("/releases/latest.json").json()
        for file in newest["files"]:
            answer = site.get(file["url"].removeprefix("http://localhost"))
            assert hashlib.sha256(answer.content).hexdigest() == file["sha256"], file["path"]
            assert "content-encoding" not in answer.headers or file["format"] in ("json", "markdown", "sqlite", "text")
        for lang in ("zh", "en"):
            page = site.text("/releases/", lang=lang)
            assert "csv/panel.csv.gz" in page
            assert len(page) < 100_000
        assert site.get("/releases/2021-05-01/../2021-05-01/ogi.toml").status_code == 404
        assert BUREAU_URL
    finally:
        site.close()
