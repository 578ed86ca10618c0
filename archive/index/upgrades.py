"""What migrations changed since an older release: what was sealed of an index then can't be held against these tables any more."""

from __future__ import annotations

from functools import lru_cache

from sqlite_utils import Database

from archive.index.migrations import MIGRATIONS
from archive.index.roots import schema_digest, schema_of, tables_of
from archive.index.seals import schema_when_made, touched_by


@lru_cache(maxsize=8)
def changed_since(sealed: str) -> frozenset[str] | None:
    """Tables that migrations defined otherwise, made, dropped or wrote to since a release whose schema has this digest.

    The releases' schemas are made again, one migration after the other. `None`: no release had it.
    """
    db = Database(memory=True)
    try:
        names = [step.name for step in MIGRATIONS.pending(db)]
        for following in (*names[1:], None):
            MIGRATIONS.apply(db, stop_before=following)
            then, now = schema_of(db), schema_when_made()
            if schema_digest(then) != sealed:
                continue
            written = touched_by(db, lambda: MIGRATIONS.apply(db))
            tables = {*tables_of(then), *tables_of(now)}
            return frozenset(
                written | {name for name in tables if then.get(("table", name)) != now.get(("table", name))}
            )
        return None
    finally:
        db.close()
