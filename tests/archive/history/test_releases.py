"""Archives written by earlier releases open, prove whole and tell the same history in this one.

`tests/fixtures/archives/<release>/` holds the demo's archive as that release wrote it (segments, manifest, settings; no database) and what was
listed then. For a new release: `python -m tests.archive.history.test_releases tests/fixtures/archives/X.Y.Z`.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from archive.files.folder import Archive
from archive.history.ingest import ingest_sealed, rebuild
from archive.index.database import open_database
from archive.index.figure_tables import FIGURE_TABLES
from archive.lists.queries import dump, list_changes
from archive.verify.run import VerifyOptions, verify

RELEASES = sorted((Path(__file__).parents[2] / "fixtures" / "archives").iterdir())


def history(archive: Archive) -> dict[str, Any]:
    """What must stay the same from release to release: changes, and how many figures were read in each table."""
    db = open_database(archive.db_path, read_only=True)
    try:
        changes = [
            {key: row[key] for key in ("at", "kind", "report", "from_version", "to_version") if key in row}
            for row in list_changes(db)
        ]
        rows = {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in FIGURE_TABLES}
        return {"changes": sorted(changes, key=lambda row: json.dumps(row, sort_keys=True)), "rows": rows}
    finally:
        db.close()


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_an_archive_of_an_earlier_release_opens_and_tells_the_same(release: Path, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    shutil.copytree(release / "archive", root)
    archive = Archive.open(root)
    ingest_sealed(archive)
    report = verify(archive, VerifyOptions(deep=False))
    assert not report.is_damaged, report.damages
    expected = json.loads((release / "history.json").read_text("utf-8"))
    assert history(archive) == expected
    db = open_database(archive.db_path, read_only=True)
    before = dump(db)
    db.close()
    rebuild(archive)
    db = open_database(archive.db_path, read_only=True)
    assert dump(db) == before
    db.close()


def test_there_is_an_archive_of_this_line_of_releases() -> None:
    assert "0.1.0" in [path.name for path in RELEASES]


def keep(folder: Path) -> None:
    """Make the fixture of the present release."""
    from tests.archive.demo_archive import demo_archive

    archive = demo_archive(folder / "archive")
    (folder / "history.json").write_text(json.dumps(history(archive), ensure_ascii=False, indent=1) + "\n", "utf-8")
    for path in archive.root.glob("ogi.db*"):
        path.unlink()
    for name in (".lock", "exports"):
        path = archive.root / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
