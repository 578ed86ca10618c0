"""Reading everything again with today's extractor.

The index is made again beside the old one; where a figure of the same version, read from the same payloads, comes out differently, that is a
correction of the archive: it goes into `decisions.jsonl` (so that a rebuild keeps it) and the table `corrections`, never among the changes.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.duties import decisions
from archive.history.ingest import rebuilt
from archive.index.database import open_index
from archive.index.figure_tables import FIGURE_TABLES
from archive.index.rows import value
from archive.work.release import extractor_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlite_utils import Database

    from archive.clock import Clock
    from archive.files.folder import Archive

#: report, version, table, row, column, before, after
Correction = tuple[str, int, str, str, str, Any, Any]


@dataclass(frozen=True, slots=True)
class ReextractSummary:
    """What reading again gave: versions read, figures that came out differently, and in how many reports."""

    versions: int
    corrections: int
    reports: int
    extractor: str


def reextract(
    archive: Archive,
    *,
    clock: Clock | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> ReextractSummary:
    """Read every archived report again and record what differs as corrections.

    Args:
        clock: Dates the corrections; the system's if not given.
        workers: Processes on this machine.
        cluster: Address of a Dask scheduler to read on.
        progress: Called with a line for people, now and then.

    Raises:
        DamagedArchive: If a segment or the old index can't be read; nothing has changed then.
        NewerArchive: If a newer release wrote the old index.
    """
    with archive.lock(), ExitStack() as stack:
        if archive.db_path.exists():
            open_index(archive).close()  # brought up to date, so that the two can be compared
        fresh, _ = stack.enter_context(rebuilt(archive, workers=workers, cluster=cluster, progress=progress))
        found: list[Correction] = []
        if archive.db_path.exists():
            fresh.execute("ATTACH DATABASE ? AS old", (str(archive.db_path),))
            try:
                found = list(_differences(fresh))
                before = value(fresh, "SELECT max(extractor) FROM old.versions") or ""
            finally:
                fresh.execute("DETACH DATABASE old")
        if found:
            made = decisions.append(
                archive,
                "reextract",
                {"from_extractor": before, "to_extractor": extractor_version(), "corrections": found},
                clock,
            )
            with fresh.atomic():
                decisions.apply_marks(fresh, [made])
        return ReextractSummary(
            versions=value(fresh, "SELECT count(*) FROM versions"),
            corrections=len(found),
            reports=len({correction[0] for correction in found}),
            extractor=extractor_version(),
        )


def _differences(db: Database) -> Iterator[Correction]:
    """Figures of the same version and payloads whose value was another, in the order of reports and forms."""
    for table, columns in FIGURE_TABLES.items():
        both = (
            'SELECT coalesce(n.report, o.report), coalesce(n.version, o.version), coalesce(n."row", o."row"), '
            + ", ".join(f'o."{column}", n."{column}"' for column in columns)
            + f" FROM (SELECT * FROM main.{table}) n FULL JOIN (SELECT * FROM old.{table}) o "
            'ON o.report = n.report AND o.version = n.version AND o."row" = n."row" '
            "JOIN main.versions mv ON mv.report = coalesce(n.report, o.report) AND mv.version = coalesce(n.version, o.version) "
            "JOIN old.versions ov ON ov.report = mv.report AND ov.version = mv.version AND ov.state = mv.state WHERE "
            + " OR ".join(f'o."{column}" IS NOT n."{column}"' for column in columns)
            + " ORDER BY 1, 2, 3"
        )
        for report, version, row_code, *values in db.execute(both).fetchall():
            for number, column in enumerate(columns):
                before, after = values[2 * number], values[2 * number + 1]
                if before != after:
                    yield report, version, table, row_code, column, before, after


def corrections_as_json(db: Database) -> Iterator[dict[str, Any]]:
    """All corrections, oldest first."""
    for found in db.query('SELECT * FROM corrections ORDER BY at, report, version, "table", "row", "column"'):
        yield json.loads(json.dumps(found))
