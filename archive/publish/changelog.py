"""What differs between a data package and the release before it, in words: `CHANGES.md`."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archive.publish.described import PackageData, ResourceData

#: Larger tables are compared by their counts and hashes only.
MOST_ROWS = 200_000
_NAMED = 100  # rows named one by one


@dataclass(frozen=True, slots=True)
class Package:
    """A package as it lies in its folder."""

    folder: Path
    descriptor: PackageData

    @property
    def release(self) -> str | None:
        """The name that it was frozen under."""
        return self.descriptor.get("release")


def read_package(folder: Path) -> Package | None:
    """The package in a folder, `None` if there is none that can be read."""
    try:
        descriptor = json.loads((folder / "datapackage.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return Package(folder, cast("PackageData", descriptor)) if isinstance(descriptor, dict) else None


def release_before(target: Path, exports: Path) -> Package | None:
    """The last frozen release beside a new package, or among the archive's own; the package that it replaces if there is none."""
    folders = {folder.resolve() for root in (target.parent, exports) if root.is_dir() for folder in root.iterdir()}
    found = [
        (str(package.descriptor.get("created") or ""), (folder / "datapackage.json").stat().st_mtime_ns, package)
        for folder in folders - {target.resolve()}
        if (package := read_package(folder)) is not None and package.release
    ]
    return max(found, key=lambda item: item[:2])[2] if found else read_package(target)


def change_log(before: Package | None, folder: Path, resources: list[ResourceData], release: str | None) -> str:
    """The text of `CHANGES.md`: for each table the rows added, taken out and altered since the package before."""
    lines = [f"# Changes{f' in release {release}' if release else ''}", ""]
    if before is None:
        return "\n".join([*lines, "First package: there is no release before it to compare with."]) + "\n"
    since = f"release {before.release}" if before.release else "the package before"
    lines += [f"Since {since} (data until {before.descriptor.get('created') or 'unknown'}):", ""]
    old = {item["name"]: item for item in before.descriptor.get("resources", [])}
    told = [line for item in resources for line in _of_table(before.folder, old.get(item["name"]), folder, item)]
    told += [
        f"- {name}: no longer in the package" for name in sorted(old.keys() - {item["name"] for item in resources})
    ]
    return "\n".join([*lines, *(told or ["Nothing differs."])]) + "\n"


def _of_table(old_folder: Path, old: ResourceData | None, folder: Path, new: ResourceData) -> Iterator[str]:
    name = new["name"]
    if old is None:
        yield f"- {name}: new table, {new['rows']} rows"
        return
    if old.get("hash") == new["hash"]:
        return
    head = f"- {name}: {old['rows']} → {new['rows']} rows"
    key = new["schema"].get("primaryKey")
    path = old_folder / old["path"]
    if not key or old.get("format") != new["format"] or max(old["rows"], new["rows"]) > MOST_ROWS or not path.is_file():
        yield head
        return
    before, after = _rows(path, key), _rows(folder / new["path"], key)
    parts = {
        "added": sorted(after.keys() - before.keys()),
        "taken out": sorted(before.keys() - after.keys()),
        "altered": sorted(one for one in before.keys() & after.keys() if before[one] != after[one]),
    }
    if not any(parts.values()):
        return  # another notation of the same rows
    yield head + ": " + ", ".join(f"{len(keys)} {what}" for what, keys in parts.items() if keys)
    if len(key) == 1:
        for what, keys in parts.items():
            yield from (f"  - {what}: {' '.join(one)}" for one in keys[:_NAMED])
            if len(keys) > _NAMED:
                yield f"  - {what}: {len(keys) - _NAMED} more"


def _rows(path: Path, key: list[str]) -> dict[tuple[str, ...], bytes]:
    """Rows by key, each as a hash of its cells by column."""
    return {
        tuple(row.get(name, "") for name in key): hashlib.sha256(json.dumps(row, sort_keys=True).encode()).digest()
        for row in _records(path)
    }


def _records(path: Path) -> Iterator[dict[str, str]]:
    if path.suffix in (".csv", ".gz"):
        with (
            path.open("rb") as raw,
            gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw as stream,
            io.TextIOWrapper(stream, "utf-8-sig", newline="") as text,
        ):
            yield from csv.DictReader(text)
    elif path.suffix == ".parquet":
        import pyarrow.parquet as pq

        for batch in pq.ParquetFile(path).iter_batches():
            yield from map(_as_text, batch.to_pylist())
    else:
        import openpyxl

        book = openpyxl.load_workbook(path, read_only=True)
        rows: Iterable[tuple[Any, ...]] = book.worksheets[0].iter_rows(values_only=True)
        names: tuple[Any, ...] | None = None
        for row in rows:
            if names is None:
                names = row
            else:
                yield _as_text(dict(zip(names, row, strict=False)))
        book.close()


def _as_text(row: Mapping[str, object]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in row.items()}
