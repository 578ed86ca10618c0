"""A release of everything in bulk: tables as CSV and Parquet by year and province, the database, what changed since the last one, and a
manifest with the digest of each file. It lies in a folder of its own that never changes; a next one links what stayed the same.

Everything is read from one state of the index, through the views that hide what is withheld.
"""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

from archive.clock import utc_text
from archive.errors import ExportFailed
from archive.index.copies import copy_database
from archive.index.database import open_database
from archive.index.figure_rows import FigureTally
from archive.index.freshness import require_index, segments_behind
from archive.index.hidden import open_shown
from archive.index.released import corrections_since
from archive.publish.export import RESOURCES, package_of, readme_of, seal_package
from archive.publish.fewer import require_not_fewer
from archive.publish.frozen import DESCRIPTOR, MANIFEST, releases
from archive.publish.release_delta import delta_of, told_changes
from archive.publish.release_files import has_parquet
from archive.publish.release_tables import WIDE, write_parts, write_tables
from archive.publish.release_work import ReleaseWork
from archive.publish.workbooks import has_workbooks
from archive.site.guard import strip
from archive.site.release_stats import FACTS_OF_REPORTS, STATS, write_statistics

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.publish.described import PackageData

#: Names that are a folder's and an address's at once.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def make_release(
    archive: Archive,
    name: str,
    now: datetime,
    *,
    target: Path | None = None,
    allow_fewer: bool = False,
    tell: Callable[[str], None] | None = None,
) -> Path:
    """Write a release; gives its folder (`exports/NAME` of the archive, if no other is named).

    Raises:
        ExportFailed: No database, a name that is none, or a folder that is taken: a release never changes.
        DamagedArchive: The index is lost, or has taken in no segment.
        FewerReports: It would have fewer reports than the last release.
    """
    require_index(archive)
    if not archive.db_path.is_file():
        raise ExportFailed(f"{archive.root} has no database yet: run `ogi harvest` or `ogi rebuild` first")
    if _NAME.fullmatch(name) is None:
        raise ExportFailed(f"{name!r} is no name for a release: letters, digits, . _ and - (such as {now:%Y-%m-%d})")
    folder = (target or archive.exports_dir / name).resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExportFailed(f"{folder} is there already; a release never changes: choose another name")
    before = next((one for one in releases(folder.parent) if one.manifest.get("chain_head") is not None), None)
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    work = ReleaseWork(part, before, with_parquet=has_parquet(), with_workbooks=has_workbooks())
    try:
        with open_shown(archive.db_path) as db:
            segments_behind(archive, db)
            _write(archive, db, work, name, now, tell or (lambda text: None), allow_fewer=allow_fewer)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    if folder.exists():
        folder.rmdir()
    part.rename(folder)
    return folder


def _write(
    archive: Archive,
    db: Database,
    work: ReleaseWork,
    name: str,
    now: datetime,
    tell: Callable[[str], None],
    *,
    allow_fewer: bool,
) -> None:
    tally = FigureTally()
    resources = write_tables(db, work, tell)
    resources += write_parts(db, work, tally, tell)
    resources += write_statistics(db, work, tell)
    package = package_of(archive, db, name, resources)
    if not allow_fewer:
        old = work.before.manifest.get("extent") if work.before is not None else None
        require_not_fewer(work.folder.with_suffix(""), old, package["extent"])
    tell("the database")
    _database(archive, work)
    _texts(db, work, name, readme_of(archive, tally, name, resources))
    package["files"] = [{"path": one["path"], "bytes": one["bytes"], "sha256": one["sha256"]} for one in work.files]
    seal_package(archive, work.folder, package)
    work.note(DESCRIPTOR, "", {"format": "json"})
    manifest = _manifest(work, package, name, now)
    (work.folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _texts(db: Database, work: ReleaseWork, name: str, readme: str) -> None:
    """Say what changed since the release before, for programs and for people, and what all this is."""
    delta = delta_of(work.before, work.folder)
    corrections = corrections_since(db, work.before.made_at) if work.before is not None else []
    if work.before is not None:
        path = work.folder / "delta" / f"from-{work.before.name}.json"
        path.parent.mkdir()
        path.write_text(json.dumps(delta, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        work.note(f"delta/{path.name}", "delta", {"format": "json"})
    texts = {"CHANGES.md": told_changes(work.before, delta, corrections, name), "README.md": readme}
    for file, text in texts.items():
        (work.folder / file).write_text(text, encoding="utf-8")
        work.note(file, "", {"format": "markdown"})


def _manifest(work: ReleaseWork, package: PackageData, name: str, now: datetime) -> dict[str, object]:
    return {
        "schema": 1,
        "id": name,
        "made_at": utc_text(now),
        "data_until": package["created"],
        "previous": work.before.name if work.before is not None else None,
        "chain_head": package["provenance"]["manifest_head"],
        "extractor": package["provenance"]["extractor"],
        "licence": "CC BY 4.0",
        "extent": package["extent"],
        "csv": "UTF-8 with a byte order mark, CR LF, gzip in several members; every text exactly as it is (no apostrophe before = + - @)",
        "parquet": "zstd; figures and panel in parts by year and province, report_facts by year"
        if work.with_parquet
        else "left out: pyarrow is not installed here",
        "xlsx": _told_workbooks(work),
        "columns": {
            one.name: [column.name for column in one.columns] for one in (*RESOURCES, WIDE, STATS, FACTS_OF_REPORTS)
        },
        "counts": {table: dict(sorted(years.items())) for table, years in sorted(work.counts.items())},
        "files": work.files,
    }


def _told_workbooks(work: ReleaseWork) -> str:
    if not work.with_workbooks:
        return "left out: openpyxl is not installed here"
    left_out = f"; left out, because too large: {', '.join(work.left_out)}" if work.left_out else ""
    return f"tables but the long figures, the panel by year{left_out}"


def _database(archive: Archive, work: ReleaseWork) -> None:
    """The database without what is withheld, and without full text: whoever searches, searches on the site."""
    path = work.folder / "ogi.db"
    copy_database(archive.db_path, path)
    db = open_database(path)
    try:
        with db.atomic():
            strip(db)
            db.execute("DELETE FROM report_text")
            db.execute("INSERT INTO report_fts (report_fts) VALUES ('delete-all')")
        db.conn.execute("pragma journal_mode = delete")
        db.conn.execute("vacuum")  # what was deleted is not in the file any more
    finally:
        db.close()
    work.note("ogi.db", "", {"format": "sqlite"})
    beside = path.with_name("ogi.db.sha256")
    beside.write_text(f"{work.files[-1]['sha256']}  ogi.db\n", encoding="utf-8")
    work.note("ogi.db.sha256", "", {"format": "text"})
