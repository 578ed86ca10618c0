"""The examples of docs/bulk-data.md, run as they stand on a release of an invented country: every report is in every table."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.site.release import make_release
from crawler.demo_country import SECOND, make_country
from tests.archive.site_archive import serving

pytest.importorskip("pyarrow", reason="extra parquet")
TEXT = (Path(__file__).parents[1] / "docs" / "bulk-data.md").read_text("utf-8")


def examples(language: str, first_line: str = "") -> list[str]:
    found = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return [one for one in found if one.startswith(first_line)]


@pytest.fixture(scope="module", params=["small", pytest.param("whole", marks=pytest.mark.slow)])
def fetched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """A folder with `release/`, fetched from a site by the commands of the page, and the number of reports."""
    root = tmp_path_factory.mktemp("bulk")
    size: dict[str, Any] = {} if request.param == "whole" else {"size": 0.2, "only": ("330000", "110000")}
    archive, _ = make_country(root / "a", **size)
    make_release(archive, "2026-05-26", SECOND)
    db = sqlite3.connect(archive.db_path)
    number = db.execute("select count(*) from reports").fetchone()[0]
    db.close()
    (root / "work").mkdir()
    [fetch] = examples("bash")
    with serving(archive.root) as base:
        subprocess.run(
            ["bash", "-euc", fetch], cwd=root / "work", env={"SITE": base, "PATH": "/usr/bin:/bin"}, check=True
        )
    yield root / "work", number
    shutil.rmtree(root, ignore_errors=True)


def test_duckdb_reads_all_parts(fetched: tuple[Path, int], monkeypatch: pytest.MonkeyPatch) -> None:
    duckdb = pytest.importorskip("duckdb", reason="in the dev extra")
    folder, number = fetched
    monkeypatch.chdir(folder)
    db = duckdb.connect()
    [whole, by_year, facts, grounds] = examples("sql", "-- duckdb")
    assert db.execute(whole).fetchone() == (number,)
    rows = db.execute(by_year).fetchall()
    assert [row[0] for row in rows] == list(range(2018, 2026))
    assert all(row[2] > 0 for row in rows)
    assert db.execute(facts).fetchall()
    assert db.execute(grounds).fetchall()
    figures = "read_parquet('release/parquet/figures/*/*/*.parquet', hive_partitioning = true)"
    assert db.execute(f"select count(distinct report) from {figures}").fetchone() == (number,)
    parts = "read_parquet('release/parquet/report_facts/*/*.parquet', hive_partitioning = true)"
    assert db.execute(f"select count(*), count(distinct report) from {parts}").fetchone() == (number, number)
    packed = "read_csv('release/csv/report_facts.csv.gz', types = {'province': 'varchar'})"
    assert db.execute(f"select year, count(*) from {parts} group by 1 order by 1").fetchall() == (
        db.execute(f"select year, count(*) from {packed} group by 1 order by 1").fetchall()
    )
    db.close()


def test_pandas_reads_all_rows(fetched: tuple[Path, int], monkeypatch: pytest.MonkeyPatch) -> None:
    pandas = pytest.importorskip("pandas", reason="in the dev extra")
    folder, number = fetched
    monkeypatch.chdir(folder)
    csv_code, parquet_code = examples("python")
    found: dict[str, Any] = {}
    exec(csv_code, found)
    assert len(found["reports"]) == len(found["panel"]) == number
    assert found["received"]["count"].sum() > 0.9 * number
    exec(parquet_code, found)
    assert found["figures"]["report"].nunique() == found["facts"]["report"].nunique() == len(found["facts"]) == number
    assert found["sums"].sum() > 0
    packed = sorted((folder / "release/csv").glob("figures-*.csv.gz"))
    assert sum(len(pandas.read_csv(path, low_memory=False)) for path in packed) == len(found["figures"])


def test_r_reads_all_rows(fetched: tuple[Path, int]) -> None:
    program = shutil.which("Rscript")
    if program is None:
        pytest.skip("R is not installed")
    folder, number = fetched
    [code] = examples("r")
    code += '\ncat(nrow(panel), sum(!is.na(panel$applications_received_total)), nrow(received), panel$agency[1], sep = "\\n")\n'
    done = subprocess.run(
        [program, "-e", code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    rows, with_value, groups, agency = done.stdout.split()
    assert int(rows) == number
    assert int(with_value) > 0.9 * number
    assert int(groups) > 8
    assert re.search("[\u4e00-\u9fff]", agency)


def test_the_database_answers(fetched: tuple[Path, int]) -> None:
    folder, number = fetched
    db = sqlite3.connect(folder / "release" / "ogi.db")
    [sql] = examples("sql", "-- sqlite")
    rows = db.execute(sql).fetchall()
    assert [row[0] for row in rows] == list(range(2018, 2026))
    assert db.execute("select count(*) from reports").fetchone() == (number,)
    db.close()
