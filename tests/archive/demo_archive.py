"""The demo's archive, made once for a test module: the season's three harvests of the replica portals."""

from __future__ import annotations

import tempfile
from pathlib import Path

from archive.files.folder import Archive
from crawler.harvest.run import harvest
from crawler.portals.definitions import load_portals
from crawler.replica import SeasonClock, season, serve


def demo_archive(root: Path, days: int = len(season.DAYS)) -> Archive:
    """An archive in `root` with the first days of the demo's season."""
    clock = SeasonClock(season.DAYS[0])
    archive = Archive.create(root, {"harvest.delay": 0.0})
    with serve(season.demo_season(), clock) as server, tempfile.TemporaryDirectory() as definitions:
        portals = load_portals([server.write_definitions(Path(definitions))])
        for day in season.DAYS[:days]:
            clock.set(day)
            harvest(archive, portals, clock=clock, workers=2)
    return archive
