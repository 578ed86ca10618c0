"""Releases as they lie in the archive's `exports/`: what each holds, by its manifest, and which files hold what has been withheld since."""

from __future__ import annotations

import csv
import gzip
import io
import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from archive.index.released import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from archive.index.released import Withholding
    from archive.publish.described import FileData

MANIFEST, DESCRIPTOR = "manifest.json", "datapackage.json"
#: Files beside the tables.
TEXTS = ("README.md", "CHANGES.md", DESCRIPTOR, "SIGNATURE.note")
#: Tables and files without a word of a report.
_WITHOUT_REPORTS = frozenset({"agencies", "regions", "portals", "README.md", DESCRIPTOR, "ogi.db.sha256"})


@dataclass(frozen=True, slots=True)
class FrozenRelease:
    """A release in its folder.

    Attributes:
        manifest: What its manifest says; of a package that was frozen in one format, the same in short.
        files: What the manifest says of each file, by its path.
    """

    folder: Path
    name: str
    made_at: str
    manifest: Mapping[str, Any]
    files: Mapping[str, FileData] = field(repr=False)

    def path_of(self, table: str) -> Path | None:
        """The first file of a table as CSV, packed or not."""
        for path, about in self.files.items():
            if about.get("table") == table and path.endswith((".csv", ".csv.gz")):
                return self.folder / path
        return None


def releases(exports: Path) -> list[FrozenRelease]:
    """All releases, the newest first."""
    found = []
    for descriptor in sorted(exports.glob(f"*/{DESCRIPTOR}")):
        manifest = descriptor.with_name(MANIFEST)
        path = manifest if manifest.is_file() else descriptor
        release = _read(path, path.stat().st_mtime_ns)
        if release is not None:
            found.append(release)
    return sorted(found, key=lambda one: (one.made_at, one.name), reverse=True)


@lru_cache(maxsize=256)
def _read(path: Path, state: int) -> FrozenRelease | None:
    about = json.loads(path.read_text("utf-8"))
    if path.name == DESCRIPTOR:
        if not about.get("release"):
            return None
        about = _of_package(path.parent, about)
    files = {str(one["path"]): one for one in about["files"]}
    return FrozenRelease(path.parent, str(about["id"]), str(about["made_at"] or ""), about, files)


def _of_package(folder: Path, package: Mapping[str, Any]) -> dict[str, object]:
    """The manifest of a package that was frozen in one format."""
    files = [
        {
            "path": item["path"],
            "table": str(item.get("name") or "").replace("-", "_") or (folder / item["path"]).name.partition(".")[0],
            "format": item.get("format") or item["path"].rpartition(".")[2],
            "bytes": (folder / item["path"]).stat().st_size,
            "rows": item["rows"],
            "sha256": item["hash"].partition(":")[2],
        }
        for item in package["resources"]
    ]
    return {
        "schema": 1,
        "id": package["release"],
        "made_at": package.get("created"),
        "licence": "CC BY 4.0",
        "files": files,
    }


def withheld_files(release: FrozenRelease, decisions: Sequence[Withholding]) -> dict[str, str]:
    """The files of a release that hold something of a report that is withheld now, and the reason of the decision.

    By the reports that the release names: what was withheld before it was made is not in it. Of an address that is withheld, every file with
    rows of its report counts where the decision is younger than the release.
    """
    if not decisions:
        return {}
    places = _places(release)
    found: dict[str, str] = {}
    for one in decisions:
        if one.report not in places or (one.url and one.at <= release.made_at):
            continue
        for path, about in release.files.items():
            if _holds(release, path, about, one.report, places[one.report]):
                found.setdefault(path, one.reason)
    return found


def _holds(release: FrozenRelease, path: str, about: FileData, report: str, place: tuple[str, str]) -> bool:
    """Whether a file has something of a report of a year and province."""
    if path == "CHANGES.md":  # it names some reports
        return report in (release.folder / path).read_text("utf-8")
    if path in _WITHOUT_REPORTS or about.get("table") in _WITHOUT_REPORTS:
        return False
    year, province = place
    return str(about.get("year") or year) == year and str(about.get("province") or province) == province


def _places(release: FrozenRelease) -> dict[str, tuple[str, str]]:
    """Year and province of the reports that a release names."""
    path = release.path_of("reports")
    return _read_places(path, path.stat().st_mtime_ns) if path is not None and path.is_file() else {}


@lru_cache(maxsize=4)
def _read_places(path: Path, state: int) -> dict[str, tuple[str, str]]:
    with (
        path.open("rb") as raw,
        gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw as stream,
        io.TextIOWrapper(stream, "utf-8-sig", newline="") as text,
    ):
        return {
            row["report"]: (row.get("year") or "", (row.get("region") or NOWHERE)[:2]) for row in csv.DictReader(text)
        }
