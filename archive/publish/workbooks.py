"""Tables of a release as workbooks, for readers who open files by a click: made of the CSV beside them, so that both say the same."""

from __future__ import annotations

import csv
import gzip
import io
from typing import TYPE_CHECKING, Any

from archive.publish.export import write_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from archive.publish.described import FileData
    from archive.publish.export import Resource
    from archive.publish.release_work import ReleaseWork

#: A workbook holds so many cells at most: writing takes 10 µs a cell, and spreadsheets open larger ones in minutes (a sheet ends at 1,048,576
#: rows anyway). What is larger is left out by name in the manifest, and stands in CSV and Parquet.
MOST_CELLS = 3_000_000
_NUMBERS: dict[str, Callable[[str], Any]] = {"integer": int, "year": int}


def has_workbooks() -> bool:
    """Whether workbooks can be written here (extra "xlsx")."""
    try:
        import openpyxl  # noqa: F401
    except ImportError:
        return False
    return True


def write_workbook(work: ReleaseWork, resource: Resource, source: str, *, year: int | None = None) -> None:
    """Write the workbook of a CSV file of the release (`source`), or of its rows of a year; taken from the release before where the CSV is the same.

    One that would be too large is noted as left out.
    """
    path = f"xlsx/{resource.name if year is None else f'{resource.name}-{year}'}.xlsx"
    key, rows = _extent(next(one for one in work.files if one["path"] == source), year)
    if rows > MOST_CELLS // len(resource.columns):
        work.left_out.append(path)
        return
    known = work.known(path, key)
    if known is not None:
        work.take(path, known)
        return
    target = work.folder / path
    target.parent.mkdir(exist_ok=True)
    count = write_xlsx(target, resource, _rows(work.folder / source, resource, year))
    about: FileData = {"format": "xlsx", "rows": count, "key": key}
    if year is not None:
        about["year"] = year
    work.note(path, resource.name, about)


def _extent(about: FileData, year: int | None) -> tuple[str, int]:
    """What is the same for the same rows of a CSV file, or of a year in it (its digest, or the keys of the year's parts), and how many there are."""
    if year is None:
        return str(about["sha256"]), about["rows"]
    parts = [one for one in about["members"] if one["year"] == year]
    return " ".join(str(one["key"]) for one in parts), sum(one["rows"] for one in parts)


def _rows(path: Path, resource: Resource, year: int | None) -> Iterator[tuple[Any, ...]]:
    """The rows of a packed CSV file, numbers as numbers, blanks as `None`."""
    kinds = [_reader_of(column.type) for column in resource.columns]
    place = [column.name for column in resource.columns].index("year") if year is not None else 0
    with gzip.open(path, "rb") as stream, io.TextIOWrapper(stream, "utf-8-sig", newline="") as text:
        lines = csv.reader(text)
        next(lines)
        for line in lines:
            if year is None or line[place] == str(year):
                yield tuple(read(cell) for read, cell in zip(kinds, line, strict=True))


def _reader_of(kind: str) -> Callable[[str], Any]:
    if kind in _NUMBERS:
        return lambda cell: _NUMBERS[kind](cell) if cell else None
    if kind == "number":
        return lambda cell: _number(cell) if cell else None
    return lambda cell: cell or None


def _number(cell: str) -> float | int:
    value = float(cell)
    return int(value) if value.is_integer() and abs(value) < 1 << 53 else value


def years_of(about: FileData) -> Sequence[int]:
    """The years of a CSV file's parts."""
    return sorted({one["year"] for one in about["members"]})
