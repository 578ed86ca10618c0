"""The data package: tables as files with a Frictionless descriptor, dictionary, provenance, accuracy and the head of the evidence chain."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import ExportFailed
from archive.files.digest import sha256_of_file
from archive.index.codes import ChangeKind, DutyStatus, FindingStatus, ReportStatus, Severity
from archive.index.database import open_database
from archive.index.exported import (
    EXPORTED,
    addresses_of_report,
    count_withheld,
    extractors,
    newest_run,
    portals_with_address,
)
from archive.index.figure_rows import FigureTally, figure_rows, panel_columns, panel_rows
from archive.index.freshness import require_index, segments_behind
from archive.index.hidden import open_shown
from archive.publish.changelog import Package, change_log, read_package, release_before
from archive.publish.fewer import FewerReports, counted, require_not_fewer
from archive.publish.spreadsheet import harmless
from archive.warc.attest import attest
from extract.lexicon.organs import KINDS
from extract.model import State

if TYPE_CHECKING:
    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.publish.described import FieldData, PackageData, ResourceData, SchemaData
    from archive.publish.fewer import ReportExtent

FORMATS = ("csv", "parquet", "xlsx")
PROFILE = "tabular-data-package"
_NAME = "ogi-annual-reports"
#: The statement over `datapackage.json`, and what its first line says.
PACKAGE_NOTE, STATEMENT = "SIGNATURE.note", "ogi-package-1"
_TEXTS = ("README.md", "CHANGES.md", PACKAGE_NOTE)


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column of an exported table: name, Frictionless type, meaning, unit, closed set of values."""

    name: str
    type: str
    description: str
    unit: str = ""
    values: tuple[str, ...] = ()

    def to_json(self) -> FieldData:
        """The field of a Frictionless table schema."""
        found: FieldData = {"name": self.name, "type": self.type, "description": self.description}
        if self.unit:
            found["unit"] = self.unit
        if self.values:
            found["constraints"] = {"enum": list(self.values)}
        return found


@dataclass(frozen=True, slots=True)
class Resource:
    """An exported table: its rows (a query, or what gives them) and columns in the same order, its key and what the key refers to."""

    name: str
    title: str
    rows: str | Callable[[Database], Iterator[tuple[Any, ...]]]
    columns: tuple[ExportColumn, ...]
    key: tuple[str, ...] = ()
    foreign_keys: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = field(default_factory=tuple)


_FIGURE_KEY = ("report", "table", "row", "column")
_AMOUNT = "yuan for amounts, a count otherwise"

RESOURCES: tuple[Resource, ...] = (
    Resource(
        "agencies",
        "Agencies that must publish (机关)",
        EXPORTED["agencies"],
        (
            ExportColumn("agency_id", "string", "Identifier of the agency in this archive"),
            ExportColumn("name", "string", "Name in the register"),
            ExportColumn("kind", "string", "Kind of agency", values=tuple(KINDS)),
            ExportColumn("region", "string", "GB/T 2260 code"),
            ExportColumn("parent", "string", "Agency above"),
            ExportColumn("since", "year", "First report year expected"),
            ExportColumn("until", "year", "Last report year expected"),
            ExportColumn("successor", "string", "Agency that took over its duty"),
            ExportColumn("aliases", "string", "Other names, a JSON array"),
        ),
        ("agency_id",),
    ),
    Resource(
        "reports",
        "Annual reports (年报): one row an agency and year",
        EXPORTED["reports"],
        (
            ExportColumn("report", "string", "Identifier of the report"),
            ExportColumn("agency_id", "string", "Agency that published it"),
            ExportColumn("agency", "string", "The agency's name"),
            ExportColumn("region", "string", "GB/T 2260 code"),
            ExportColumn("year", "year", "Report year"),
            ExportColumn("form", "string", "Official layout; empty for free-form reports", values=("2019", "2021")),
            ExportColumn(
                "scope",
                "string",
                "Whose figures: own office, department, whole area",
                values=("office", "department", "region"),
            ),
            ExportColumn("title", "string", "Title as printed"),
            ExportColumn("url", "string", "Address of the primary document"),
            ExportColumn("portal", "string", "Portal that lists it"),
            ExportColumn("published_on", "date", "Printed publication date"),
            ExportColumn("first_seen", "datetime", "When this archive first saw it (UTC)"),
            ExportColumn("last_seen", "datetime", "When it was last seen (UTC)"),
            ExportColumn("status", "string", "present, suspect or vanished", values=tuple(ReportStatus)),
            ExportColumn("version", "integer", "Number of the current version"),
        ),
        ("report",),
        ((("agency_id",), "agencies", ("agency_id",)),),
    ),
    Resource(
        "figures",
        "Figures of the official tables (数字): one row a figure of the current version",
        figure_rows,
        (
            ExportColumn("report", "string", "Report"),
            ExportColumn("agency", "string", "The agency's name"),
            ExportColumn("year", "year", "Report year"),
            ExportColumn("form", "string", "Official layout", values=("2019", "2021")),
            ExportColumn(
                "table", "string", "Official table", values=("disclosure", "applications", "challenges", "indicators")
            ),
            ExportColumn("row", "string", "Row code, or the printed label in indicators"),
            ExportColumn("column", "string", "Column code"),
            ExportColumn("value", "number", "Value; empty for a blank, a dash or an unread cell", unit=_AMOUNT),
            ExportColumn("raw", "string", "Text as printed"),
            ExportColumn(
                "state",
                "string",
                "What the cell shows; nothing: 0 or a blank, the carrier doesn't tell",
                values=tuple(State),
            ),
            ExportColumn(
                "confidence", "number", "1.0: place certain; 0.9 and more: rely on it; below: look at the original"
            ),
            ExportColumn("version", "integer", "Version of the report"),
            ExportColumn("capture", "string", "Capture (WARC record) of the version"),
            ExportColumn("where", "string", "Place in the document"),
            ExportColumn(
                "placed", "string", "How the place was found; empty: the document shows it", values=("proved",)
            ),
            ExportColumn("unsure", "integer", "1: read with a confidence below 0.9"),
            ExportColumn("disputed", "integer", "1: a finding of severity error names the figure"),
            ExportColumn(
                "findings", "string", "Codes of the checks that speak against the figure, errors and warnings"
            ),
        ),
        _FIGURE_KEY,
        ((("report",), "reports", ("report",)),),
    ),
    Resource(
        "changes",
        "Changes (变动)",
        EXPORTED["changes"],
        (
            ExportColumn("change", "string", "Identifier of the change"),
            ExportColumn("report", "string", "Report"),
            ExportColumn(
                "kind",
                "string",
                "What happened",
                values=tuple(ChangeKind),
            ),
            ExportColumn("at", "datetime", "When it was seen (UTC)"),
            ExportColumn("from_version", "integer", "Version before"),
            ExportColumn("to_version", "integer", "Version after"),
            ExportColumn("text_added", "integer", "Sentences added"),
            ExportColumn("text_removed", "integer", "Sentences removed"),
            ExportColumn("url", "string", "Address"),
            ExportColumn(
                "seen_by",
                "string",
                "Whose look it rests on: a file that was brought in, a public archive; empty: this archive's own",
            ),
            ExportColumn("learned_at", "datetime", "When this archive learned of it, if it rests on others (UTC)"),
        ),
        ("change",),
        ((("report",), "reports", ("report",)),),
    ),
    Resource(
        "figure_changes",
        "Figures before and after a revision (数字变动)",
        EXPORTED["figure_changes"],
        (
            ExportColumn("change", "string", "Change"),
            ExportColumn("report", "string", "Report"),
            ExportColumn("table", "string", "Official table"),
            ExportColumn("row", "string", "Row code"),
            ExportColumn("column", "string", "Column code"),
            ExportColumn("before", "number", "Value before; empty for a blank", unit=_AMOUNT),
            ExportColumn("after", "number", "Value after; empty for a blank", unit=_AMOUNT),
        ),
        ("change", "table", "row", "column"),
        ((("change",), "changes", ("change",)),),
    ),
    Resource(
        "findings",
        "Findings of the audit (核对结果), current versions",
        EXPORTED["findings"],
        (
            ExportColumn("finding", "string", "Identifier of the finding"),
            ExportColumn("report", "string", "Report"),
            ExportColumn("version", "integer", "Version"),
            ExportColumn("check", "string", "Code of the check"),
            ExportColumn("severity", "string", "error, warning or info", values=tuple(Severity)),
            ExportColumn("where", "string", "Figures concerned"),
            ExportColumn("expected", "number", "What the compared figures give"),
            ExportColumn("actual", "number", "What is printed"),
            ExportColumn("message", "string", "In words"),
            ExportColumn("figures", "string", "Addresses of the figures compared, a JSON array"),
            ExportColumn(
                "status",
                "string",
                "open, confirmed or dismissed by the archivist",
                values=tuple(FindingStatus),
            ),
        ),
        ("finding",),
        ((("report",), "reports", ("report",)),),
    ),
    Resource(
        "obligations",
        "Who had to publish by when (发布义务)",
        EXPORTED["obligations"],
        (
            ExportColumn("agency_id", "string", "Agency"),
            ExportColumn("agency", "string", "The agency's name"),
            ExportColumn("kind", "string", "Kind of agency", values=tuple(KINDS)),
            ExportColumn("region", "string", "GB/T 2260 code"),
            ExportColumn("year", "year", "Report year"),
            ExportColumn("due", "date", "Legal due date"),
            ExportColumn(
                "status",
                "string",
                "State of the duty",
                values=tuple(DutyStatus),
            ),
            ExportColumn("published_on", "date", "Printed publication date"),
            ExportColumn("first_seen", "date", "First seen by this archive (Beijing date)"),
            ExportColumn("days_late", "integer", "Days after the due date", unit="day"),
            ExportColumn("report", "string", "Report, if there is one"),
            ExportColumn("reason", "string", "Why nothing can be said"),
            ExportColumn("list_read_at", "datetime", "When the portal's list was last read to its end (UTC)"),
            ExportColumn("as_of", "date", "Day for which the status holds"),
        ),
        ("agency_id", "year"),
        ((("agency_id",), "agencies", ("agency_id",)),),
    ),
)

#: Wide panels: one row a report, a column a figure (`received_total`).
PANELS = ("disclosure", "applications", "challenges")


def export_package(
    archive: Archive,
    target: Path,
    *,
    form: str = "csv",
    release: str | None = None,
    allow_fewer: bool = False,
    progress: Callable[[str], None] | None = None,
) -> list[Path]:
    """Write a data package into a folder; gives the files written.

    Args:
        form: `csv`, `parquet` (extra "parquet") or `xlsx` (extra "xlsx").
        release: A name that freezes the package; a folder that holds another release is never overwritten.
        allow_fewer: Let it have fewer reports than the package that it replaces.

    Raises:
        ExportFailed: No database, an unknown format, a missing extra, or a folder that holds something else.
        DamagedArchive: The index is lost, or has taken in no segment.
        FewerReports: It would have fewer reports than the one that it replaces.
    """
    require_index(archive)
    if not archive.db_path.is_file():
        raise ExportFailed(f"{archive.root} has no database yet: run `ogi harvest` or `ogi rebuild` first")
    _check_target(target, release)
    previous = release_before(target, archive.exports_dir)
    writer = _writer(form)
    temporary = target.with_name(target.name + ".part")
    shutil.rmtree(temporary, ignore_errors=True)
    (temporary / "data").mkdir(parents=True)
    with open_shown(archive.db_path) as db:
        segments_behind(archive, db)
        resources = []
        tally = FigureTally()
        for resource in (*RESOURCES, *(_panel(db, table) for table in PANELS)):
            if progress:
                progress(resource.name)
            path = temporary / "data" / f"{resource.name}.{form}"
            found = iter_rows(db, resource)
            count = writer(path, resource, tally.counted(found) if resource.name == "figures" else found)
            resources.append(_descriptor(resource, path, form, count))
        (temporary / "README.md").write_text(readme_of(archive, tally, release, resources), encoding="utf-8")
        changes = change_log(previous, temporary, resources, release)
        (temporary / "CHANGES.md").write_text(changes, encoding="utf-8")
        package = package_of(archive, db, release, resources)
        package["files"] = [
            {"path": name, "bytes": (temporary / name).stat().st_size, "sha256": sha256_of_file(temporary / name)}
            for name in ("README.md", "CHANGES.md")
        ]
        if not allow_fewer:
            _require_not_fewer(target, package["extent"])
    seal_package(archive, temporary, package)
    if target.exists():
        shutil.rmtree(target)
    temporary.rename(target)
    return sorted(path for path in target.rglob("*") if path.is_file())


def seal_package(archive: Archive, folder: Path, package: PackageData) -> None:
    """Write `datapackage.json`, and the archive's statement over it beside it."""
    path = folder / "datapackage.json"
    path.write_text(json.dumps(package, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    statement = attest(archive, STATEMENT, sha256_of_file(path))
    if statement is not None:
        (folder / PACKAGE_NOTE).write_text(statement, encoding="utf-8")


def addresses_of_reports(archive: Archive, reports: Sequence[str]) -> set[str]:
    """Every address of some reports: pages and attachments.

    Raises:
        ExportFailed: A report that the archive doesn't have.
    """
    db = open_database(archive.db_path, read_only=True)
    try:
        found: set[str] = set()
        for report in reports:
            addresses = addresses_of_report(db, report)
            if not addresses:
                raise ExportFailed(f"there is no report {report!r} in {archive.root}: `ogi reports` lists them")
            found |= addresses
        return found
    finally:
        db.close()


def iter_rows(db: Database, resource: Resource) -> Iterator[tuple[Any, ...]]:
    """The rows of a table, streamed."""
    if not isinstance(resource.rows, str):
        yield from resource.rows(db)
        return
    cursor = db.conn.execute(resource.rows)
    while batch := cursor.fetchmany(2000):
        yield from batch


def _check_target(target: Path, release: str | None) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise ExportFailed(f"{target} is a file: name a folder")
    if not any(target.iterdir()):
        return
    package = read_package(target)
    if package is None or not _is_ours(package):
        raise ExportFailed(f"{target} holds something else: choose an empty or new folder")
    found = package.descriptor
    if found.get("release") and found["release"] != release:
        raise ExportFailed(f"{target} holds the frozen release {found['release']!r}: choose another folder")
    if release and found.get("release") == release:
        raise ExportFailed(f"{target} holds the release {release!r} already; a release never changes")


def _require_not_fewer(target: Path, extent: ReportExtent) -> None:
    before = read_package(target)
    try:
        require_not_fewer(target, before.descriptor.get("extent") if before is not None else None, extent)
    except FewerReports:
        shutil.rmtree(target.with_name(target.name + ".part"))
        raise


def _is_ours(package: Package) -> bool:
    """Whether a folder holds a package of this archive and nothing else, so that a new one may take its place."""
    known = {"datapackage.json", *_TEXTS, *(str(item.get("path")) for item in package.descriptor.get("resources", []))}
    files = {path.relative_to(package.folder).as_posix() for path in package.folder.rglob("*") if not path.is_dir()}
    return package.descriptor.get("name") == _NAME and files <= known


def _panel(db: Database, table: str) -> Resource:
    """One row a report, one column a figure: what statistics packages like best."""
    present = panel_columns(db, table)
    columns = (
        ExportColumn("report", "string", "Report"),
        ExportColumn("agency", "string", "The agency's name"),
        ExportColumn("year", "year", "Report year"),
        ExportColumn("form", "string", "Official layout", values=("2019", "2021")),
        ExportColumn("scope", "string", "Whose figures", values=("office", "department", "region")),
        *(
            ExportColumn(f"{code}_{column}", "number", f"{table}.{code}.{column}", unit=_AMOUNT)
            for code, column in present
        ),
        ExportColumn("unsure", "string", "Columns of figures read with a confidence below 0.9"),
        ExportColumn("disputed", "string", "Columns of figures that a finding of severity error names"),
        ExportColumn(
            "findings", "string", "Codes of the checks that speak against one of the figures, errors and warnings"
        ),
    )
    return Resource(
        f"panel_{table}",
        f"Wide panel of {table}: one row a report; states stand in figures",
        partial(panel_rows, table=table, wanted=present),
        columns,
        ("report",),
        ((("report",), "reports", ("report",)),),
    )


def _writer(form: str) -> Callable[[Path, Resource, Iterable[Sequence[Any]]], int]:
    if form == "csv":
        return _write_csv
    if form == "parquet":
        try:
            import pyarrow  # noqa: F401
        except ImportError:
            raise ExportFailed("Parquet needs an extra: pip install 'ogi-archive[parquet]'") from None
        return _write_parquet
    if form == "xlsx":
        try:
            import openpyxl  # noqa: F401
        except ImportError:
            raise ExportFailed("xlsx needs an extra: pip install 'ogi-archive[xlsx]'") from None
        return write_xlsx
    raise ExportFailed(f"unknown format {form!r}: one of {', '.join(FORMATS)}")


def _write_csv(path: Path, resource: Resource, rows: Iterable[Sequence[Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")  # RFC 4180
        writer.writerow(column.name for column in resource.columns)
        for batch in _batches(rows, 2000):
            writer.writerows([harmless(value) for value in row] for row in batch)
            count += len(batch)
    return count


def _write_parquet(path: Path, resource: Resource, rows: Iterable[Sequence[Any]]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"integer": pa.int64(), "year": pa.int32(), "number": pa.float64()}
    schema = pa.schema([pa.field(column.name, types.get(column.type, pa.string())) for column in resource.columns])
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in _batches(rows, 50_000):
            arrays = [
                pa.array(
                    [_number(row[number]) if column.type == "number" else row[number] for row in batch], type=field.type
                )
                for number, (column, field) in enumerate(zip(resource.columns, schema, strict=True))
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(batch)
    return count


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def write_xlsx(path: Path, resource: Resource, rows: Iterable[Sequence[Any]]) -> int:
    """Write a table as a workbook; gives the number of its rows. Raises `ExportFailed` for more than a sheet can hold."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(resource.name[:31])
    sheet.freeze_panes = "A2"
    sheet.append([column.name for column in resource.columns])
    count = 0
    for row in rows:
        count += 1
        if count >= 1_048_576:
            raise ExportFailed(f"{resource.name} has more rows than a sheet can hold: export csv or parquet")
        # Text stays text: a cell that begins with = would be run as a formula by the reader.
        cells = [_literal(openpyxl, sheet, value) if isinstance(value, str) else value for value in row]
        if cells[-1] is None:  # readers take a row to end at its last cell that is written
            cells[-1] = _blank(openpyxl, sheet)
        sheet.append(cells)
    book.save(path)
    return count


def _literal(openpyxl: Any, sheet: Any, text: str) -> Any:
    """Text as text: as it is where openpyxl takes it for nothing else (a formula, an error), which is half the work."""
    if not text.startswith(("=", "#")) and not openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.search(text):
        return text
    cell = openpyxl.cell.WriteOnlyCell(sheet, openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"
    return cell


def _blank(openpyxl: Any, sheet: Any) -> Any:
    cell = openpyxl.cell.WriteOnlyCell(sheet)
    cell.alignment = openpyxl.styles.Alignment(horizontal="general")  # a cell without value and style isn't written
    return cell


def _batches(rows: Iterable[Sequence[Any]], size: int) -> Iterator[list[Sequence[Any]]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, size)):
        yield batch


def _descriptor(resource: Resource, path: Path, form: str, count: int) -> ResourceData:
    """What the data package says of a file of this package."""
    size = path.stat().st_size
    return describe(resource, f"data/{path.name}", rows=count, size=size, sha256=sha256_of_file(path), form=form)


def describe(
    resource: Resource, path: str, *, rows: int, size: int, sha256: str, form: str = "csv", name: str | None = None
) -> ResourceData:
    """What a data package says of a file with rows of a table: Frictionless's description of a resource.

    Args:
        path: Where the file lies in the package; `….gz` is packed.
        name: The resource's, where it holds a part of the table.
    """
    schema: SchemaData = {"fields": [column.to_json() for column in resource.columns], "missingValues": [""]}
    if form == "parquet":  # as data frames give them: blanks as NaN, whole numbers as integers
        schema["missingValues"] = ["", "nan"]
        for one in schema["fields"]:
            one["type"] = "integer" if one["type"] == "year" else one["type"]
    if resource.key:
        schema["primaryKey"] = list(resource.key)
    if resource.foreign_keys:
        schema["foreignKeys"] = [
            {"fields": list(fields), "reference": {"resource": other.replace("_", "-"), "fields": list(keys)}}
            for fields, other, keys in resource.foreign_keys
        ]
    found: ResourceData = {
        "name": (name or resource.name).replace("_", "-"),
        "title": resource.title,
        "path": path,
        "format": form,
        "bytes": size,
        "hash": f"sha256:{sha256}",
        "rows": rows,
        "schema": schema,
    }
    if form == "parquet":  # Frictionless counts no bytes of Parquet, and calls a count that it doesn't know a wrong one
        del found["bytes"]
    if path.endswith(".gz"):
        found["compression"] = "gz"
    if form == "csv":
        found["profile"] = "tabular-data-resource"
        found["mediatype"] = "text/csv"
        found["encoding"] = "utf-8"
        found["dialect"] = {"lineTerminator": "\r\n"}
    return found


def _chain_head(archive: Archive) -> str:
    from archive.verify.run import head

    return head(archive) or ""


def package_of(archive: Archive, db: Database, release: str | None, resources: list[ResourceData]) -> PackageData:
    """What `datapackage.json` says of the tables together."""
    newest = newest_run(db)
    title = archive.settings.serve.title or "OGI annual reports"
    return {
        "profile": "data-package",
        "name": _NAME,
        "title": title,
        "description": "Figures, changes, findings and obligations of 政府信息公开工作年度报告, read from archived bytes.",
        "release": release,
        "version": release or (newest or ""),
        "created": newest,
        "licenses": [
            {
                "name": "CC-BY-4.0",
                "title": "Creative Commons Attribution 4.0 (the compilation; facts are free, originals belong to their publishers)",
                "path": "https://creativecommons.org/licenses/by/4.0/",
            }
        ],
        "sources": [{"title": name or portal, "path": url} for portal, name, url in portals_with_address(db)],
        "contributors": [{"title": archive.settings.operator.name or "ogi-archive", "role": "publisher"}],
        "provenance": {
            "evidence": "WARC/1.1 segments behind a hash-chained manifest",
            "manifest_head": _chain_head(archive),
            "extractor": extractors(db),
            "method": "See README.md in this package.",
        },
        "extent": counted(
            next(item["rows"] for item in resources if item["name"] == "reports"),
            count_withheld(db),
        ),
        "resources": resources,
    }


def readme_of(archive: Archive, tally: FigureTally, release: str | None, resources: list[ResourceData]) -> str:
    """The text of `README.md`."""
    lines = [
        f"# OGI annual reports{f', release {release}' if release else ''}",
        "",
        "Annual reports on open government information (政府信息公开工作年度报告), as figures.",
        "",
        "## Files",
        "",
        *(f"- `{item['path']}`: {item['title']} ({item['rows']} rows)" for item in resources),
        "",
        "In CSV a text that a spreadsheet would run as a formula has an apostrophe in front; Parquet has every text as it is.",
        "",
        "## Method",
        "",
        "Portals are harvested politely; every exchange is stored raw. Figures are bound to the row and column labels of the official forms by a deterministic",
        "reader, without a model. A printed figure is never corrected: contradictions are in `findings`. Blank, dash, zero and unread are different states.",
        "Amounts are in yuan. Reports speak for an office, a department or a whole area (`scope`): never add different scopes.",
        "The forms of 2019 and 2021 differ (series break between the report years 2020 and 2021): see the row and column codes.",
        "",
        "## Accuracy",
        "",
        f"States of the figures: {', '.join(f'{state} {count}' for state, count in sorted(tally.states.items())) or 'none'}.",
        f"Figures with a confidence below 0.9, not to be relied on without a look at the original: {tally.low}.",
        "Measured error by carrier and table: docs/accuracy.md of ogi-archive.",
        "",
        "## Provenance",
        "",
        f"Head of the evidence chain when this package was written: `{_chain_head(archive)}`. Each figure names its version and capture (WARC record);",
        "`ogi verify --head HASH` checks an archive against the head.",
        "",
        "## Licence",
        "",
        "The compilation: CC BY 4.0. The originals belong to the bodies that published them.",
    ]
    return "\n".join(lines) + "\n"
