"""A release in the making: its folder, the release before, and what the manifest will say of each file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from archive.files.digest import sha256_of_file
from archive.publish.release_files import link

if TYPE_CHECKING:
    from archive.publish.described import FileData
    from archive.publish.frozen import FrozenRelease


@dataclass(slots=True)
class ReleaseWork:
    """A release in the making: its folder, the one before, and what the manifest will say of each file."""

    folder: Path
    before: FrozenRelease | None
    files: list[FileData] = field(default_factory=list)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    with_parquet: bool = True
    with_workbooks: bool = True
    #: Workbooks that would have been too large.
    left_out: list[str] = field(default_factory=list)

    def known(self, path: str, key: str | None = None) -> FileData | None:
        """What the release before says of a file that is still as it said; with `key` only where its rows are the same."""
        about = self.before.files.get(path) if self.before is not None else None
        if about is None or self.before is None or (key is not None and about.get("key") != key):
            return None
        source = self.before.folder / path
        return about if source.is_file() and sha256_of_file(source) == about["sha256"] else None

    def note(self, path: str, table: str, about: FileData) -> None:
        """Enter a file that was written; one with the same bytes as before becomes a link to those."""
        target = self.folder / path
        found: FileData = {
            "path": path,
            "table": table,
            **about,
            "bytes": target.stat().st_size,
            "sha256": sha256_of_file(target),
        }
        old = self.known(path)
        if old is not None and old["sha256"] == found["sha256"] and self.before is not None:
            link(self.before.folder / path, target)
            found["unchanged_since"] = old.get("unchanged_since") or self.before.name
        self.files.append(found)

    def take(self, path: str, about: FileData) -> None:
        """Link a file of the release before."""
        assert self.before is not None
        link(self.before.folder / path, self.folder / path)
        self.files.append({**about, "unchanged_since": about.get("unchanged_since") or self.before.name})
