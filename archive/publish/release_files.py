"""The files of a release: tables as CSV in gzip members and as Parquet, a part a year and province, unchanged ones taken from the release before.

A gzip file may consist of several members, which every reader takes as one stream: so the rows of a year and province that did not change
are copied as bytes, and what a release costs is what has changed since the last one.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import shutil
from itertools import islice
from typing import TYPE_CHECKING, Any

from archive.publish.spreadsheet import MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from archive.publish.described import FileData, MemberData, PartData

#: Rows of a Parquet file's group: so many are held in memory.
_GROUP = 50_000
#: A copy is made in pieces.
_PIECE = 1 << 20


class CsvFile:
    """A `.csv.gz` that is written member by member: UTF-8 with a mark in front, lines ended by CR LF, every text as it is.

    Args:
        before: What the manifest of the release before says of the same file, and where it lies; its members are copied where keys agree.
    """

    def __init__(self, path: Path, columns: Sequence[str], before: tuple[FileData, Path] | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._stream = path.open("wb")
        self._members: list[MemberData] = []
        self._before = before if before is not None and list(columns) == before[0].get("columns") else None
        self._known = {one["key"]: one for one in self._before[0].get("members", ())} if self._before else {}
        self._columns = list(columns)
        self._rows = 0
        self.write([self._columns], None, mark=MARK)

    def has(self, key: str) -> bool:
        """Whether the release before has the rows of a part."""
        return key in self._known

    def write(self, rows: Iterable[Sequence[Any]], about: PartData | None, mark: str = "") -> None:
        """Write rows as a member. `about` names the part, with its `key`; `None` for the header."""
        start, count = self._stream.tell(), 0
        with (
            gzip.GzipFile("", "wb", 6, self._stream, mtime=0) as packed,
            io.TextIOWrapper(packed, "utf-8", newline="") as text,
        ):
            text.write(mark)
            writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
            for some in batches(rows, 2000):
                writer.writerows(some)
                count += len(some)
        if about is not None:
            self._note(about, start, count)

    def copy(self, about: PartData) -> None:
        """Take the member with `about["key"]` over from the release before."""
        assert self._before is not None
        member, start = self._known[about["key"]], self._stream.tell()
        with self._before[1].open("rb") as source:
            source.seek(member["offset"])
            left = member["bytes"]
            while left and (piece := source.read(min(left, _PIECE))):
                self._stream.write(piece)
                left -= len(piece)
        self._note(about, start, member["rows"])

    def _note(self, about: PartData, start: int, rows: int) -> None:
        self._rows += rows
        self._members.append({**about, "offset": start, "bytes": self._stream.tell() - start, "rows": rows})

    def close(self) -> FileData:
        """End the file; gives what the manifest says of it beside its path and digest."""
        self._stream.close()
        return {"format": "csv.gz", "rows": self._rows, "columns": self._columns, "members": self._members}


class ParquetFile:
    """A Parquet file (zstd), written some rows at a time.

    Args:
        columns: Name and type (`string`, `integer`, `year`, `number`, as in a data package) of each column.
    """

    def __init__(self, path: Path, columns: Sequence[tuple[str, str]]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        path.parent.mkdir(parents=True, exist_ok=True)
        types = {"integer": pa.int64(), "year": pa.int32(), "number": pa.float64()}
        self._schema = pa.schema([pa.field(name, types.get(kind, pa.string())) for name, kind in columns])
        self._numbers = [kind == "number" for _, kind in columns]
        # Of two hundred columns of numbers, dictionaries and extremes would take more room than the numbers.
        text = [name for name, kind in columns if kind != "number"]
        self._writer = pq.ParquetWriter(
            path, self._schema, compression="zstd", use_dictionary=text, write_statistics=text, store_schema=False
        )
        self._rows = 0

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows."""
        import pyarrow as pa

        for some in batches(rows, _GROUP):
            columns = [
                pa.array(
                    [None if value is None else float(value) for value in column] if is_number else column,
                    type=field.type,
                )
                for column, field, is_number in zip(zip(*some, strict=True), self._schema, self._numbers, strict=True)
            ]
            self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))
            self._rows += len(some)

    def close(self) -> FileData:
        """End the file; gives what the manifest says of it beside its path and digest."""
        self._writer.close()
        return {"format": "parquet", "rows": self._rows, "columns": self._schema.names}


def has_parquet() -> bool:
    """Whether Parquet can be written here (extra "parquet")."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        return False
    return True


def batches(rows: Iterable[Sequence[Any]], size: int) -> Iterator[list[Sequence[Any]]]:
    """Rows, so many at a time."""
    waiting = iter(rows)
    while batch := list(islice(waiting, size)):
        yield batch


def link(source: Path, target: Path) -> None:
    """Let a file that did not change lie in two releases: by a link, or a copy where the disk has none."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
