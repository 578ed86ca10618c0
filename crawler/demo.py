"""`ogi demo`: a season of 2021 in a minute. Replica portals on loopback, three harvests under a simulated clock, and what came of them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from archive.clock import SHANGHAI, utc_text
from archive.duties.obligations import obligations
from archive.files.folder import SETTINGS_NAME, Archive
from archive.index.database import open_index
from archive.lists.queries import list_changes, list_findings, list_reports
from archive.verify.result import VerifyResult
from archive.verify.run import verify
from crawler.harvest.run import HarvestSummary, harvest
from crawler.portals.definitions import load_portals
from crawler.replica.clock import SeasonClock
from crawler.replica.generator import join
from crawler.replica.season import DAYS, demo_season, six_families
from crawler.replica.server import ReplicaServer, serve
from crawler.replica.truth import blocked
from extract.errors import OgiError

#: What the demo asks about in the end: who had to publish for this year, on this day.
OBLIGATION_YEAR = 2020
AS_OF = date(2021, 4, 1)

_SETTINGS = {
    "operator.name": "ogi demo",
    "operator.contact": "demo@localhost",
    "serve.title": "OGI archive: demo",
}

Tell = Callable[[str, int, int], None]


class DemoError(OgiError):
    """Raised when the demo can't begin, by `run_demo`; says what to do."""


@dataclass(frozen=True, slots=True)
class Day:
    """One of the season's days: when it was, what the harvest said, how often the portals were asked.

    `blocked` are the portals that turned everybody away on that day, as the season wants it.
    """

    at: str
    summary: HarvestSummary
    requests: int
    blocked: frozenset[str] = frozenset()

    @property
    def is_ok(self) -> bool:
        """Whether all passes were whole, but for those of blocked portals."""
        return all(result.ok or result.portal in self.blocked for result in self.summary.portals)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {"at": self.at, "requests": self.requests, **self.summary.to_json()}


@dataclass(frozen=True, slots=True)
class Demo:
    """The season's outcome, in the shapes of the commands `changes`, `obligations`, `findings`, `reports` and `verify`.

    `violations` are requests that a polite harvester doesn't make, as the portals saw them.
    """

    archive: Archive
    replica: ReplicaServer
    days: tuple[Day, ...]
    reports: tuple[dict[str, Any], ...]
    changes: tuple[dict[str, Any], ...]
    obligations: tuple[dict[str, Any], ...]
    findings: tuple[dict[str, Any], ...]
    verification: VerifyResult
    violations: int

    @property
    def is_ok(self) -> bool:
        """Whether every pass was whole that could be, the archive verifies, and nobody was bothered."""
        return all(day.is_ok for day in self.days) and self.verification.is_whole and not self.violations

    def to_json(self) -> dict[str, Any]:
        """One JSON object with everything."""
        return {
            "archive": str(self.archive.root),
            "days": [day.to_json() for day in self.days],
            "reports": list(self.reports),
            "changes": list(self.changes),
            "obligations": {"year": OBLIGATION_YEAR, "as_of": AS_OF.isoformat(), "rows": list(self.obligations)},
            "findings": list(self.findings),
            "verify": self.verification.to_json(),
            "violations": self.violations,
        }


@contextmanager
def run_demo(root: Path, *, families: bool = False, tell: Tell | None = None) -> Iterator[Demo]:
    """Live through the season in a new archive; the replica portals answer until the block ends.

    Args:
        root: Folder of the archive to be made.
        families: Invented agencies on portals of six families beside the five real reports.
        tell: Called with a line of text, what is done and of how much.

    Raises:
        DemoError: There is an archive in the folder already.
    """
    archive = _new_archive(root)
    world = join(demo_season(), six_families()) if families else demo_season()
    clock = SeasonClock(DAYS[0])
    with serve(world, clock) as replica:
        portals = load_portals([replica.write_definitions(root / "portals")])
        days: list[Day] = []
        for moment in DAYS:
            clock.set(moment)
            before = len(replica.requests.all())
            # Weeks lie between the days: every known report is looked at again, whatever its age.
            summary = harvest(archive, portals, clock=clock, full=True, workers=2, progress=tell)
            shut = frozenset(portal.id for portal in world.portals if blocked(world, portal.id, moment))
            days.append(Day(utc_text(moment), summary, len(replica.requests.all()) - before, shut))
        yield _outcome(archive, replica, days)


def _new_archive(root: Path) -> Archive:
    if not (root / SETTINGS_NAME).exists():
        return Archive.create(root, _SETTINGS)
    archive = Archive.open(root)
    if archive.manifest_path.exists() or any(archive.warc_dir.glob("*")):
        raise DemoError(f"{root} holds an archive already; give the demo a folder of its own: --archive NEW")
    return archive


def check_port(host: str, port: int) -> None:
    """Find out before the season whether the site can listen afterwards. Port 0 always can.

    Raises:
        DemoError: The port is in use, or the address isn't this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise DemoError(
                f"the site can't listen on {host}:{port} ({error.strerror}): choose another --port, or --no-serve"
            ) from None


def _outcome(archive: Archive, replica: ReplicaServer, days: list[Day]) -> Demo:
    db = open_index(archive)
    try:
        return Demo(
            archive=archive,
            replica=replica,
            days=tuple(days),
            reports=tuple(list_reports(db)),
            changes=tuple(list_changes(db)),
            obligations=tuple(row.to_json() for row in obligations(db, year=OBLIGATION_YEAR, as_of=AS_OF)),
            findings=tuple(list_findings(db)),
            verification=verify(archive),
            violations=len(replica.requests.violations),
        )
    finally:
        db.close()


def in_words(change: dict[str, Any]) -> str:
    """A change's particulars in a few words: figures before and after, lines of text."""
    figures = [
        f"{figure['table']}.{figure['row']}.{figure['column']} {figure['before']} → {figure['after']}"
        for figure in change["figures"]
    ]
    text = change["text"]
    if text["added"] or text["removed"]:
        figures.append(f"text +{text['added']} −{text['removed']}")
    return "; ".join(figures)


def local_day(at: str) -> str:
    """The day of a UTC time in Shanghai."""
    return datetime.fromisoformat(at).astimezone(SHANGHAI).date().isoformat()
