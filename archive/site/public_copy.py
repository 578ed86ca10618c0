"""The whole database as a download: a consistent copy without what is withheld, made where somebody asks for it."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from archive.index.copies import copy_database, withheld_rows
from archive.index.database import open_database
from archive.site.guard import strip
from archive.site.memory import file_state
from archive.site.state import archive_of, scratch_of

if TYPE_CHECKING:
    from archive.files.folder import Archive

#: Beyond that a copy takes minutes: then the way is a release or a published snapshot.
MOST_BYTES = 512 * 1024 * 1024
#: A copy is offered so long although the database has changed since: a harvest changes it all the time.
SECONDS = 3600.0
_LOCKS: WeakKeyDictionary[Any, asyncio.Lock] = WeakKeyDictionary()


def is_offered(archive: Archive) -> bool:
    """Whether the site gives out the database."""
    return archive.is_snapshot or archive.db_path.stat().st_size <= MOST_BYTES


async def public_database(datasette: Any) -> Path | None:
    """A file with everything that may be seen, and nothing else; `None` where it is not offered."""
    archive = archive_of(datasette)
    if not is_offered(archive):
        return None
    if archive.is_snapshot:  # stripped when it was made
        return archive.db_path
    async with _LOCKS.setdefault(datasette, asyncio.Lock()):
        return await asyncio.to_thread(_copied, archive, scratch_of(datasette))


def _copied(archive: Archive, folder: Path) -> Path:
    target, mark = folder / "ogi.db", folder / "state.json"
    state = [list(file_state(archive.db_path)), withheld_rows(archive.db_path)]
    if target.exists():
        made = json.loads(mark.read_text())
        # What has been withheld since is not given out for an hour more.
        if made == state or (made[1] == state[1] and time.time() - target.stat().st_mtime < SECONDS):
            return target
    part = folder / "part.db"
    part.unlink(missing_ok=True)
    copy_database(archive.db_path, part)
    db = open_database(part)
    try:
        with db.atomic():
            strip(db)
        db.conn.execute("pragma journal_mode = delete")
        db.conn.execute("vacuum")  # what was deleted is not in the file any more
    finally:
        db.close()
    part.replace(target)
    mark.write_text(json.dumps(state))
    return target
