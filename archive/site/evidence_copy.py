"""The segments of a snapshot: hard links where everything in them is public, else a copy without the records that are withheld."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.warc.members import iter_members, read_member
from archive.warc.tree import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from archive.files.folder import Archive

#: Ending of the list of leaves of a segment without its withheld records.
LEAVES = ".leaves"
REMEMBER = 'CREATE TEMP TABLE all_captures AS SELECT id, segment, "offset" FROM main.captures'


def copy_evidence(archive: Archive, db: Any, target: Path, listed: Collection[str]) -> list[str]:
    """Put the segments into a folder; gives the names of those that lack something.

    Of a segment that lacks something the leaves of all its records stand in `proof/….leaves`, a line of hex each, so that those which are there
    can be held against the manifest's root, and what was left out is counted.

    Args:
        listed: The segments that the snapshot's manifest lists.
        db: The snapshot's database after stripping, with the temporary table of `REMEMBER` made before. Offsets in a reduced segment are renewed.
    """
    reduced = {
        name
        for (name,) in db.execute(
            "SELECT DISTINCT segment FROM all_captures WHERE id NOT IN (SELECT id FROM main.captures)"
        ).fetchall()
    }
    for name in archive.store.names():
        if name not in listed:
            continue  # sealed while the snapshot is made
        if name in reduced:
            _reduce(archive, db, name, target / name)
            leaves = [leaf_hash(record).hex() for record in _records(archive, name)]
            proof = target.with_name("proof")
            proof.mkdir(exist_ok=True)
            (proof / (name + LEAVES)).write_text("".join(leaf + "\n" for leaf in leaves), encoding="ascii")
        else:
            _link_or_copy(archive, name, target / name)
    return sorted(reduced & set(listed))


def _records(archive: Archive, name: str) -> Iterator[bytes]:
    with archive.store.open(name) as stream:
        for member in iter_members(stream):
            yield member.data


def _reduce(archive: Archive, db: Any, name: str, target: Path) -> None:
    """Copy only the records that the snapshot refers to: public captures, and payloads that public revisits refer to."""
    db.execute("DELETE FROM payloads WHERE digest NOT IN (SELECT digest FROM main.captures WHERE digest IS NOT NULL)")
    wanted = {row[0] for row in db.execute('SELECT "offset" FROM main.captures WHERE segment = ?', (name,)).fetchall()}
    wanted |= {row[0] for row in db.execute('SELECT "offset" FROM payloads WHERE segment = ?', (name,)).fetchall()}
    moved: list[tuple[int, str, int]] = []
    with archive.store.open(name) as stream, target.open("wb") as out:
        for offset in sorted({0, *wanted}):  # the first record says who wrote the segment
            length = read_member(stream, offset).length
            stream.seek(offset)
            moved.append((out.tell(), name, offset))
            out.write(stream.read(length))
    for table in ("captures", "payloads"):  # from the front on: a new place is never behind an old one still to come
        db.conn.executemany(f'UPDATE main.{table} SET "offset" = ? WHERE segment = ? AND "offset" = ?', moved)


def _link_or_copy(archive: Archive, name: str, target: Path) -> None:
    source = archive.warc_dir / name
    if source.is_file():
        try:
            target.hardlink_to(source)
        except OSError:  # another file system
            shutil.copy2(source, target)
        return
    with archive.store.open(name) as stream, target.open("wb") as out:
        shutil.copyfileobj(stream, out)
