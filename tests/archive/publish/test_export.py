"""The data package, judged by Frictionless and read by other libraries."""

from __future__ import annotations

import csv
import json
import shutil
import warnings
from pathlib import Path

import pytest

from archive.errors import ExportFailed
from archive.files.folder import Archive
from archive.index.database import open_database, open_index
from archive.index.figure_rows import figure_rows, panel_columns, panel_rows
from archive.index.rows import rows
from archive.publish.export import PANELS, RESOURCES, export_package
from tests.archive.demo_archive import demo_archive
from tests.archive.kept import copy_of
from tests.archive.site_archive import build


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return copy_of("demo", demo_archive, tmp_path_factory.mktemp("export") / "a", tmp_path_factory)


def test_package_is_valid_for_frictionless(archive: Archive, tmp_path: Path) -> None:
    export_package(archive, tmp_path / "p")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own dependencies' deprecations
        from frictionless import Package

        report = Package(str(tmp_path / "p" / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "message"])
    assert report.stats["tasks"] == len(RESOURCES) + 3


@pytest.mark.parametrize("form", ["parquet", "xlsx"])
def test_package_in_other_formats_is_valid_for_frictionless(archive: Archive, tmp_path: Path, form: str) -> None:
    for needed in {"parquet": ("pyarrow", "pandas"), "xlsx": ("openpyxl",)}[form]:
        pytest.importorskip(needed)
    export_package(archive, tmp_path / "p", form=form)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from frictionless import Package

        report = Package(str(tmp_path / "p" / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "message"])[:5]


def test_every_row_of_a_sheet_reaches_to_its_last_column(archive: Archive, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="extra xlsx")
    export_package(archive, tmp_path / "p", form="xlsx")
    for path in sorted((tmp_path / "p" / "data").iterdir()):
        book = openpyxl.load_workbook(path, read_only=True)
        widths = {len(row) for row in book.worksheets[0].iter_rows()}
        assert len(widths) == 1, path.name
        book.close()


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_release_tells_what_changed_since_the_one_before(archive: Archive, tmp_path: Path, form: str) -> None:
    for needed in {"csv": (), "parquet": ("pyarrow",), "xlsx": ("openpyxl",)}[form]:
        pytest.importorskip(needed)
    copied = Archive.open(shutil.copytree(archive.root, tmp_path / "a"))
    export_package(copied, tmp_path / "out" / "first", form=form, release="2021-03")
    assert "no release before" in (tmp_path / "out" / "first" / "CHANGES.md").read_text("utf-8")
    db = open_index(copied)
    [gone, altered] = [found["id"] for found in rows(db, "SELECT id FROM changes ORDER BY id LIMIT 2")]
    db.execute("UPDATE changes SET is_false_alarm = 1 WHERE id = ?", (gone,))
    db.execute("UPDATE changes SET url = 'http://elsewhere.example/' WHERE id = ?", (altered,))
    db.conn.commit()
    db.close()
    export_package(copied, tmp_path / "out" / "second", form=form, release="2021-04")
    told = (tmp_path / "out" / "second" / "CHANGES.md").read_text("utf-8")
    assert "Since release 2021-03" in told
    assert f"1 taken out, 1 altered\n  - taken out: {gone}\n  - altered: {altered}\n" in told
    assert "- reports:" not in told
    export_package(copied, tmp_path / "out" / "third", form=form, release="2021-05")
    assert "Nothing differs." in (tmp_path / "out" / "third" / "CHANGES.md").read_text("utf-8")


def test_figures_are_those_of_the_database(archive: Archive, tmp_path: Path) -> None:
    export_package(archive, tmp_path / "p")
    with (tmp_path / "p" / "data" / "figures.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 198 * 3 + 183 + 212
    blank = [row for row in rows if row["state"] == "blank"]
    assert blank
    assert all(row["value"] == "" for row in blank)
    amount = [row for row in rows if row["report"].startswith("keqiao") and row["column"] == "amount"]
    assert [(row["value"], row["raw"]) for row in amount] == [("1327678900", "132767.89")]


def test_figures_and_panels_are_the_view_in_the_order_of_their_keys(tmp_path: Path) -> None:
    revised = build(tmp_path / "a")
    db = open_database(revised.db_path, read_only=True)
    where = (
        'report, agency, year, form, "table", "row", "column", value, raw, state, confidence, version, capture, "where", '
        "placed, unsure, disputed, findings"
    )
    view = db.execute(f'SELECT {where} FROM figures ORDER BY report, "table", "row", "column"').fetchall()
    assert list(figure_rows(db)) == view
    assert any(row[11] == 2 for row in view), "a revised report is among them"
    for table in PANELS:
        columns = panel_columns(db, table)
        long = {
            (report[0], *column): value
            for report in panel_rows(db, table, columns)
            for column, value in zip(columns, report[5:-3], strict=True)
            if value is not None
        }
        own = [row for row in view if row[4] == table]
        assert long == {(row[0], row[5], row[6]): row[7] for row in own if row[7] is not None}
        for place, wanted in ((-3, 15), (-2, 16)):
            named = {(report[0], name) for report in panel_rows(db, table, columns) for name in report[place].split()}
            assert named == {(row[0], f"{row[5]}_{row[6]}") for row in own if row[wanted]}, (table, place)
        checks = {(report[0], check) for report in panel_rows(db, table, columns) for check in report[-1].split()}
        assert checks == {(row[0], check) for row in own for check in (row[17] or "").split()}
    assert any(row[16] for row in view), "a disputed figure is among them"
    assert any(row[15] for row in view), "an unsure figure is among them"
    db.close()


def test_parquet_and_xlsx_hold_the_same_rows(archive: Archive, tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet", reason="extra parquet")
    openpyxl = pytest.importorskip("openpyxl", reason="extra xlsx")
    for form in ("csv", "parquet", "xlsx"):
        export_package(archive, tmp_path / form, form=form)
    descriptor = {
        item["name"]: item for item in json.loads((tmp_path / "csv" / "datapackage.json").read_text())["resources"]
    }
    table = pq.read_table(tmp_path / "parquet" / "data" / "figures.parquet")
    assert table.num_rows == descriptor["figures"]["rows"]
    assert table.column("value").null_count == sum(value is None for value in table.column("value").to_pylist()) > 0
    book = openpyxl.load_workbook(tmp_path / "xlsx" / "data" / "changes.xlsx", read_only=True)
    assert sum(1 for _ in book.active.iter_rows()) == descriptor["changes"]["rows"] + 1
    book.close()


def test_release_never_changes(archive: Archive, tmp_path: Path) -> None:
    export_package(archive, tmp_path / "p", release="2021-04")
    with pytest.raises(ExportFailed, match="never changes"):
        export_package(archive, tmp_path / "p", release="2021-04")
    with pytest.raises(ExportFailed, match="frozen release"):
        export_package(archive, tmp_path / "p")


def test_folder_with_something_else_is_left_alone(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "thesis.txt").write_text("mine")
    with pytest.raises(ExportFailed, match="something else"):
        export_package(archive, tmp_path / "p")
    assert (tmp_path / "p" / "thesis.txt").read_text() == "mine"
    export_package(archive, tmp_path / "q")
    (tmp_path / "q" / "thesis.txt").write_text("mine")
    with pytest.raises(ExportFailed, match="something else"):
        export_package(archive, tmp_path / "q")
    with pytest.raises(ExportFailed, match="is a file"):
        export_package(archive, tmp_path / "p" / "thesis.txt")


def test_provenance_names_the_head_of_the_chain(archive: Archive, tmp_path: Path) -> None:
    from archive.verify.run import head

    export_package(archive, tmp_path / "p")
    package = json.loads((tmp_path / "p" / "datapackage.json").read_text())
    assert package["provenance"]["manifest_head"] == head(archive)
    assert package["licenses"]
    assert {"title", "path"} <= set(package["sources"][0])
