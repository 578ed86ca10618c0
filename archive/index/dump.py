"""Everything in the index as text, for tests and comparisons."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

#: What a dump leaves out: facts about the file.
_NOT_DUMPED = ("_sqlite_migrations",)


def dump(db: Database) -> str:
    """All rows of all tables, sorted: equal for equal histories, however they came about."""
    lines: list[str] = []
    for (name,) in db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'report_fts%' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    ).fetchall():
        if name in _NOT_DUMPED:
            continue
        lines.append(f"# {name}")
        lines += sorted(
            json.dumps(list(found), ensure_ascii=False, default=bytes.hex)
            for found in db.execute(f'SELECT * FROM "{name}"').fetchall()
        )
    lines.append("# report_fts")
    lines += sorted(str(found[0]) for found in db.execute("SELECT rowid FROM report_fts").fetchall())
    return "\n".join(lines) + "\n"
