"""A deployable, immutable snapshot of the site: a folder that `ogi serve` serves anywhere, replaced as a whole or not at all."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from archive.clock import utc_text
from archive.errors import SiteError
from archive.files.digest import sha256_of_file
from archive.files.folder import SNAPSHOT_NAME, SNAPSHOT_NOTE
from archive.index.copies import copy_database
from archive.index.database import open_database
from archive.index.freshness import require_index, segments_behind
from archive.index.released import decisions
from archive.publish.fewer import FewerReports, ReportExtent, counted, require_not_fewer
from archive.publish.frozen import releases, withheld_files
from archive.publish.release_files import link
from archive.site.evidence_copy import LEAVES, REMEMBER, copy_evidence
from archive.site.guard import strip
from archive.warc import manifest
from archive.warc.attest import attest
from archive.warc.keys import write_links
from archive.warc.signing import PUBLIC_SUFFIX

#: What a snapshot's statement is called in its first line.
SNAPSHOT_STATEMENT = "ogi-snapshot-1"

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.files.folder import Archive


class _Counts(ReportExtent):
    reduced_segments: list[str]
    as_of: str | None


class SnapshotFacts(_Counts):
    """What a snapshot says of itself: its extent, the end of the last run, segments without something withheld, and its files by their hashes."""

    made_at: str
    has_evidence: bool
    files: dict[str, str]


def publish(
    archive: Archive, target: Path, now: datetime, *, with_evidence: bool = True, allow_fewer: bool = False
) -> SnapshotFacts:
    """Write a snapshot folder; gives what stands in its `snapshot.json`.

    The database is a consistent copy (`VACUUM INTO`), also while a harvest writes. Withheld reports and addresses are removed from it.

    Args:
        with_evidence: Also copy the sealed segments (hard links where possible), so that the snapshot can show originals. A segment with
            something withheld is written anew without it; `reduced_segments` of the result names it.
        allow_fewer: Let it have fewer reports than the snapshot that it replaces.

    Raises:
        SiteError: No database yet, or the folder holds something else.
        DamagedArchive: The index is lost, or has taken in no segment.
        FewerReports: It would have fewer reports than the one that it replaces.
    """
    require_index(archive)
    _require_place(archive, target)
    target = target.resolve()
    part = _empty_part(target)
    listed = _copy_manifest(archive, part)  # first: what is sealed meanwhile belongs to the next snapshot
    _require_folded(archive)
    copy_database(archive.db_path, part / "ogi.db")
    counts = _strip(archive, part / "ogi.db", part / "warc" if with_evidence else None, listed)
    if not allow_fewer:
        _require_no_fewer(target, part, counts)
    _write_settings(archive, part / "ogi.toml")
    _copy_releases(archive, part / "exports")
    _copy_keys(archive, part)
    files = _hashes(part, counts["reduced_segments"])
    about: SnapshotFacts = {"made_at": utc_text(now), "has_evidence": with_evidence, **counts, "files": files}
    (part / SNAPSHOT_NAME).write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _attest(archive, part)
    _replace(target, part)
    return about


def _require_place(archive: Archive, target: Path) -> None:
    """Raise `SiteError` without a database, or where the folder holds something else than a snapshot."""
    if not archive.db_path.is_file():
        raise SiteError(f"{archive.root} has no database yet: run `ogi harvest` or `ogi rebuild` first")
    if target.exists() and any(target.iterdir()) and not (target / SNAPSHOT_NAME).is_file():
        raise SiteError(f"{target} holds something else: choose an empty or new folder")


def _empty_part(target: Path) -> Path:
    """The folder beside the target in which the snapshot is made, without what an interrupted run left in it."""
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    (part / "warc").mkdir(parents=True)
    (part / "exports").mkdir()
    return part


def _copy_manifest(archive: Archive, part: Path) -> set[str]:
    """Copy the whole lines of the manifest, if there is one; gives the names of the segments in them."""
    if not archive.manifest_path.exists():
        return set()
    whole, newline, _ = archive.manifest_path.read_bytes().rpartition(b"\n")
    copy = part / "manifest.jsonl"
    copy.write_bytes(whole + newline)
    return {manifest.parse_line(line, 0).segment for line in copy.read_text("utf-8").splitlines()}


def _require_folded(archive: Archive) -> None:
    """Raise `DamagedArchive` where the index has taken in no segment, or one that the archive doesn't have."""
    live = open_database(archive.db_path, read_only=True)
    try:
        segments_behind(archive, live)
    finally:
        live.close()


def _require_no_fewer(target: Path, part: Path, counts: _Counts) -> None:
    """Raise `FewerReports`, and remove the part, where it has fewer reports than the snapshot that it would replace."""
    try:
        require_not_fewer(target, snapshot_of(target), counts)
    except FewerReports:
        shutil.rmtree(part)
        raise


def _write_settings(archive: Archive, path: Path) -> None:
    """Write the settings that the snapshot is served with."""
    serve = archive.settings.serve
    settings = {
        "title": serve.title,
        "base_url": serve.base_url,
        "notice": serve.notice,
        "host": serve.host,
        "port": serve.port,
    }
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in settings.items()]
    path.write_text("# Settings of a published snapshot.\n[serve]\n" + "\n".join(lines) + "\n", encoding="utf-8")


def _replace(target: Path, part: Path) -> None:
    """Put the finished part in the target's place."""
    old = target.with_name(target.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    part.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _copy_releases(archive: Archive, target: Path) -> None:
    """Give the releases along, without the files that hold something withheld since."""
    db = open_database(archive.db_path, read_only=True)
    try:
        withheld = decisions(db)
    finally:
        db.close()
    for release in releases(archive.exports_dir):
        left_out = withheld_files(release, withheld)
        for source in release.folder.rglob("*"):
            path = source.relative_to(release.folder).as_posix()
            if source.is_file() and path not in left_out:
                link(source, target / release.folder.name / path)


def _copy_keys(archive: Archive, part: Path) -> None:
    """Give the public keys along, and how one followed another, so that signatures can be checked; whose they are, others must say."""
    target = part / "keys"
    target.mkdir()
    for key in sorted(archive.keys_dir.glob("*" + PUBLIC_SUFFIX)):
        shutil.copy2(key, target / key.name)
    listed = part / "manifest.jsonl"
    lines = listed.read_bytes().split(b"\n")[:-1] if listed.is_file() else []
    write_links(archive, [manifest.parse_line(line.decode("utf-8"), n) for n, line in enumerate(lines, 1)], target)


def _hashes(part: Path, reduced: Sequence[str]) -> dict[str, str]:
    """SHA-256 of what the snapshot's own statement covers: all but the whole segments and the chain, which stand for themselves."""
    covered = [part / "ogi.db", part / "ogi.toml", *sorted((part / "proof").glob("*" + LEAVES))]
    covered += [part / "warc" / name for name in reduced]  # that nothing more is left out of them, no line says
    covered += sorted((part / "keys").iterdir())
    covered += sorted(path for path in (part / "exports").rglob("*") if path.is_file())
    return {path.relative_to(part).as_posix(): sha256_of_file(path) for path in covered}


def _attest(archive: Archive, part: Path) -> None:
    """Sign the snapshot's description."""
    path = part / "manifest.jsonl"
    lines = path.read_bytes().split(b"\n")[:-1] if path.is_file() else []
    statement = attest(archive, SNAPSHOT_STATEMENT, sha256_of_file(part / SNAPSHOT_NAME), lines)
    if statement is not None:
        (part / SNAPSHOT_NOTE).write_text(statement, encoding="utf-8")


def _strip(archive: Archive, path: Path, segments: Path | None, listed: set[str]) -> _Counts:
    """Remove what is not public, and copy the segments; the file ends in rollback-journal mode, fit for `immutable`."""
    db = open_database(path)
    try:
        with db.atomic():
            db.execute(REMEMBER)
            withheld = db.execute("select count(*) from withheld where url = ''").fetchone()[0]
            strip(db)
            reduced = copy_evidence(archive, db, segments, listed) if segments is not None else []
        counts: _Counts = {
            "reduced_segments": reduced,
            **counted(db.conn.execute("select count(*) from reports").fetchone()[0], withheld),
            "as_of": db.conn.execute("select max(ended_at) from runs").fetchone()[0],
        }
        db.conn.execute("pragma journal_mode = delete")
        db.conn.execute("vacuum")
    finally:
        db.close()
    return counts


def snapshot_of(folder: Path) -> dict[str, object] | None:
    """What a snapshot says of itself, `None` if the folder is none, or its file can't be read."""
    try:
        found = json.loads((folder / SNAPSHOT_NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
