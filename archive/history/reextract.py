"""Reading everything again with today's extractor.

The index is made again beside the old one; where a figure of the same version, read from the same payloads, comes out differently, that is a
correction of the archive: it goes into `decisions.jsonl` (so that a rebuild keeps it) and the table `corrections`, never among the changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.duties import decisions
from archive.history.ingest import rebuilt, seal_rebuilt
from archive.index.corrections import differing_figures, old_extractor, old_index
from archive.index.database import open_index
from archive.index.reports import count_versions
from archive.work.release import extractor_version

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database

    from archive.clock import Clock
    from archive.files.folder import Archive
    from archive.index.corrections import Correction


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
    with archive.lock():
        if archive.db_path.exists():
            open_index(archive).close()  # brought up to date, so that the two can be compared
        with rebuilt(archive, workers=workers, cluster=cluster, progress=progress) as (fresh, _):
            summary = _correct(archive, fresh, clock)
        seal_rebuilt(archive, clock)
        return summary


def _correct(archive: Archive, fresh: Database, clock: Clock | None) -> ReextractSummary:
    """Record what the fresh index has otherwise than the one in place."""
    found: list[Correction] = []
    before = ""
    if archive.db_path.exists():
        with old_index(fresh, archive.db_path):
            found = list(differing_figures(fresh))
            before = old_extractor(fresh)
    if found:
        made = decisions.append(
            archive,
            "reextract",
            {"from_extractor": before, "to_extractor": extractor_version(), "corrections": found},
            clock,
        )
        with fresh.atomic():
            decisions.apply_mark(fresh, made)
    return ReextractSummary(
        versions=count_versions(fresh),
        corrections=len(found),
        reports=len({correction[0] for correction in found}),
        extractor=extractor_version(),
    )
