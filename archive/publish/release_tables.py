"""The tables of a release: figures long and wide by year and province, facts of reports by year, all others whole; what did not change is taken
from the release before.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from archive.index.figure_rows import FIGURE_COLUMNS, FigureTally, figure_rows
from archive.index.released import ReleasePart, parts
from archive.publish.export import RESOURCES, ExportColumn, Resource, describe, iter_rows
from archive.publish.release_files import CsvFile, ParquetFile
from archive.publish.release_work import ReleaseWork
from archive.publish.wide import ABOUT, DOUBTS, WideRows, column_name
from archive.publish.workbooks import write_workbook, years_of
from archive.work.release import indexer_version

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sqlite_utils import Database

    from archive.publish.described import FileData, PartData, ResourceData


#: How parts are laid out: a change of it writes all parts anew.
_LAYOUT = 1
_FIGURES = next(resource for resource in RESOURCES if resource.name == "figures")
WIDE = Resource(
    "panel",
    "Wide panel: one row a report, a column a figure of the official forms",
    "",
    (
        *(ExportColumn(name, kind, meaning) for name, kind, meaning in ABOUT),
        *(
            ExportColumn(column_name(address), "number", ".".join(address), unit="yuan for amounts, a count otherwise")
            for address in WideRows().addresses
        ),
        *(ExportColumn(name, kind, meaning) for name, kind, meaning in DOUBTS),
    ),
    ("report",),
    ((("report",), "reports", ("report",)),),
)


def write_tables(db: Database, work: ReleaseWork, tell: Callable[[str], None]) -> list[ResourceData]:
    """Write the tables that are no figures, each whole; gives their descriptions in the data package."""
    found = []
    for resource in RESOURCES:
        if resource.name != "figures":
            tell(resource.name)
            found.append(write_table(db, work, resource))
    return found


def write_table(db: Database, work: ReleaseWork, resource: Resource) -> ResourceData:
    """Write a table, whole, in every format; gives its description in the data package."""
    rows = [tuple(row) for row in iter_rows(db, resource)]
    names = [column.name for column in resource.columns]
    path = f"csv/{resource.name}.csv.gz"
    csv_file = CsvFile(work.folder / path, names)
    csv_file.write(rows, {"key": ""})
    about = csv_file.close()
    work.note(path, resource.name, {"format": "csv.gz", "rows": about["rows"], "columns": names})
    described = _described(resource, work, path)
    if work.with_parquet:
        parquet = ParquetFile(
            work.folder / f"parquet/{resource.name}/part-0.parquet",
            [(column.name, column.type) for column in resource.columns],
        )
        parquet.write(rows)
        work.note(f"parquet/{resource.name}/part-0.parquet", resource.name, parquet.close())
    if work.with_workbooks:
        write_workbook(work, resource, path)
    years = Counter(str(row[names.index("year")]) for row in rows) if "year" in names else Counter({"": len(rows)})
    work.counts[resource.name] = years
    return described


def write_by_year(work: ReleaseWork, resource: Resource, rows: Sequence[Sequence[Any]]) -> ResourceData:
    """Write a table by the year of its rows: a member a year as CSV, a part a year as Parquet; gives its description in the data package.

    A year's key is a digest of its rows: they are made of several tables, so nothing else says whether they are the same.
    """
    names = [column.name for column in resource.columns]
    path = f"csv/{resource.name}.csv.gz"
    file = CsvFile(work.folder / path, names, _before(work, path))
    year_of = itemgetter(names.index("year"))
    counts = Counter[str]()
    for year, some in groupby(sorted(rows, key=year_of), key=year_of):
        of_year = list(some)
        about: PartData = {"year": year, "key": _digest([names, *of_year])}
        if file.has(about["key"]):
            file.copy(about)
        else:
            file.write(of_year, about)
        if work.with_parquet:
            _take_or_write(work, resource, f"parquet/{resource.name}/year={year}/part-0.parquet", of_year, about)
        counts[str(year)] = len(of_year)
    work.note(path, resource.name, file.close())
    described = _described(resource, work, path)
    if work.with_workbooks:
        write_workbook(work, resource, path)
    work.counts[resource.name] = counts
    return described


def _take_or_write(
    work: ReleaseWork, resource: Resource, path: str, rows: Sequence[Sequence[Any]], about: PartData
) -> None:
    known = work.known(path, about["key"])
    if known is not None:
        work.take(path, known)
    else:
        _write_part(work, resource, path, rows, about)


def _digest(rows: Sequence[Sequence[Any]]) -> str:
    digest = hashlib.sha256(str(_LAYOUT).encode())
    for row in rows:
        digest.update(json.dumps(row).encode())
    return digest.hexdigest()


def write_parts(db: Database, work: ReleaseWork, tally: FigureTally, tell: Callable[[str], None]) -> list[ResourceData]:
    """Write the figures, long and wide, by year and province; gives the descriptions of the CSV files."""
    wide = WideRows()
    panel = CsvFile(
        work.folder / "csv/panel.csv.gz", [one.name for one in WIDE.columns], _before(work, "csv/panel.csv.gz")
    )
    long_counts, wide_counts = Counter[str](), Counter[str]()
    found = []
    for year, some in groupby(parts(db, f"{_LAYOUT} {indexer_version()}"), key=lambda one: one.year):
        tell(f"figures of {year}")
        path = f"csv/figures-{year}.csv.gz"
        long = CsvFile(work.folder / path, FIGURE_COLUMNS, _before(work, path))
        for part in some:
            _part(db, work, part, (long, panel), wide, tally)
            wide_counts[str(year)] += len(part.reports)
        about = long.close()
        work.note(path, "figures", {**about, "year": year})
        long_counts[str(year)] = about["rows"]
        found.append(_described(_FIGURES, work, path, f"figures-{year}"))
    about = panel.close()
    work.note("csv/panel.csv.gz", "panel", about)
    found.append(_described(WIDE, work, "csv/panel.csv.gz"))
    if work.with_workbooks:
        for year in years_of(about):
            tell(f"workbook of {year}")
            write_workbook(work, WIDE, "csv/panel.csv.gz", year=year)
    work.counts |= {"figures": long_counts, "panel": wide_counts}
    return found


def _before(work: ReleaseWork, path: str) -> tuple[FileData, Path] | None:
    about = work.known(path)
    return (about, work.before.folder / path) if about is not None and work.before is not None else None


def _part(
    db: Database,
    work: ReleaseWork,
    part: ReleasePart,
    files: tuple[CsvFile, CsvFile],
    wide: WideRows,
    tally: FigureTally,
) -> None:
    """Write a year and province: taken from the release before where nothing in it changed."""
    about: PartData = {"year": part.year, "province": part.province, "key": part.key}
    folder = f"year={part.year}/province={part.province}/part-0.parquet"
    paths = {table: f"parquet/{table}/{folder}" for table in ("figures", "panel")} if work.with_parquet else {}
    known = {table: work.known(path, part.key) for table, path in paths.items()}
    if all(file.has(part.key) for file in files) and None not in known.values():
        for file in files:
            file.copy(about)
        for table, path in paths.items():
            work.take(path, known[table] or {})
        return
    long_rows, wide_rows = _rows(db, part, wide, tally)
    for file, resource, rows in zip(files, (_FIGURES, WIDE), (long_rows, wide_rows), strict=True):
        file.write(rows, about)
        if resource.name in paths:
            _write_part(work, resource, paths[resource.name], rows, about)


def _rows(
    db: Database, part: ReleasePart, wide: WideRows, tally: FigureTally
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The rows of a part, a figure each and a report each."""
    found = tally.counted(figure_rows(db, [one.report for one in part.reports]))
    by_report = {report: list(rows) for report, rows in groupby(found, key=itemgetter(0))}
    long_rows = [row for rows in by_report.values() for row in rows]
    return long_rows, [wide.row(one, by_report.get(one.report, ())) for one in part.reports]


def _write_part(
    work: ReleaseWork, resource: Resource, path: str, rows: Sequence[Sequence[Any]], about: PartData
) -> None:
    """Write a part as Parquet, without the columns that its folders carry (`year=2025/province=33`, in `about`): readers add them."""
    kept = [place for place, one in enumerate(resource.columns) if one.name not in about]
    file = ParquetFile(
        work.folder / path, [(resource.columns[place].name, resource.columns[place].type) for place in kept]
    )
    file.write(map(itemgetter(*kept), rows))
    said = file.close()
    del said["columns"]  # the same in all parts: the manifest has them once
    work.note(path, resource.name, {**said, **about})


def _described(resource: Resource, work: ReleaseWork, path: str, name: str | None = None) -> ResourceData:
    """What the data package says of a CSV file."""
    about = work.files[-1]
    assert about["path"] == path
    return describe(resource, path, rows=about["rows"], size=about["bytes"], sha256=about["sha256"], name=name)
