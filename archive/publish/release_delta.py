"""What differs between two releases: reports added, changed and taken out, and the cells that agencies changed apart from those that a better
reader corrected.
"""

from __future__ import annotations

import csv
import gzip
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from archive.publish.described import ReleaseDelta, RowDifference
    from archive.publish.frozen import FrozenRelease

#: So many are named in words; the JSON names all.
_NAMED = 100
#: A blank, or a cell that one of both versions lacks or that could not be read.
_NONE = "(no figure read)"
_REASON = "no longer shown: withheld, or merged with another report"


def _records(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rb") as stream, io.TextIOWrapper(stream, "utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def delta_of(before: FrozenRelease | None, folder: Path) -> ReleaseDelta:
    """Reports added, changed and taken out since the release before, by the tables of both; all are added where there is none.

    A report is changed if anything that the table of reports says of it is another: most of all its version.
    """
    now, old = _by_key(folder, "reports", "report"), _old(before, "reports", "report")
    changes = sorted(_by_key(folder, "changes", "change").keys() - _old(before, "changes", "change").keys())
    cells = _records(folder / "csv/figure_changes.csv.gz")
    return {
        "from": before.name if before is not None else None,
        "added": sorted(now.keys() - old.keys()),
        "changed": [_difference(old[one], now[one]) for one in sorted(now.keys() & old.keys()) if now[one] != old[one]],
        "removed": [{"report": one, "reason": _REASON} for one in sorted(old.keys() - now.keys())],
        "changes": changes,
        "figures_changed_by_agencies": [row for row in cells if row["change"] in set(changes)],
    }


def _difference(old: dict[str, str], now: dict[str, str]) -> RowDifference:
    columns = sorted(name for name, value in now.items() if old.get(name) != value)
    return {"report": now["report"], "columns": columns, "version": [old.get("version"), now["version"]]}


def _by_key(folder: Path, table: str, key: str) -> dict[str, dict[str, str]]:
    return {row[key]: row for row in _records(folder / f"csv/{table}.csv.gz")}


def _old(before: FrozenRelease | None, table: str, key: str) -> dict[str, dict[str, str]]:
    return _by_key(before.folder, table, key) if before is not None else {}


def told_changes(
    before: FrozenRelease | None, delta: ReleaseDelta, corrections: Sequence[Sequence[Any]], name: str
) -> str:
    """The text of `CHANGES.md`."""
    lines = [f"# Changes in release {name}", ""]
    if before is None:
        return "\n".join([*lines, "First release: there is none before it to compare with."]) + "\n"
    lines += [f"Since release {before.name} ({before.made_at}):", ""]
    lines += [f"- reports added: {len(delta['added'])}", *_some(delta["added"])]
    lines += [f"- reports changed: {len(delta['changed'])}", *_some([one["report"] for one in delta["changed"]])]
    lines += [f"- reports taken out: {len(delta['removed'])}", *_some([one["report"] for one in delta["removed"]])]
    cells = delta["figures_changed_by_agencies"]
    lines += ["", f"## Figures that agencies changed: {len(cells)}", ""]
    lines += _some(
        [
            f"{row['report']} {row['table']}.{row['row']}.{row['column']}: {row['before'] or _NONE} → {row['after'] or _NONE}"
            for row in cells
        ]
    )
    lines += ["", f"## Figures that a better reader corrected; the documents are the same: {len(corrections)}", ""]
    lines += _some(
        [f"{row[0]}@{row[1]} {row[2]}.{row[3]}.{row[4]}: {_cell(row[5])} → {_cell(row[6])}" for row in corrections]
    )
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    return _NONE if value is None else str(value)


def _some(found: Sequence[str]) -> list[str]:
    told = [f"  - {one}" for one in found[:_NAMED]]
    return [*told, f"  - and {len(found) - _NAMED} more"] if len(found) > _NAMED else told
