"""One harvest: plans jobs by host, runs each as a process, closes their segments, and brings them into the index.

The coordinator is the only one that opens the database and the manifest. What it plans from is the archive itself, so a harvest that was
killed is resumed by starting another: everything captured is known, and nothing else is.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.clock import SHANGHAI, run_name
from archive.errors import ArchiveBusy, BadSettings, DamagedArchive
from archive.files.store import open_segments
from archive.history.ingest import ingest_sealed
from archive.index.database import open_index
from archive.index.known import Known, as_jsonl, known_captures
from archive.index.runs import segments_of_unfinished_runs
from archive.lists.row_outcomes import portal_rows
from archive.warc.closing import recover, seal
from archive.work.start import module_command, module_environment
from crawler.harvest.cluster import DONE, ClusterPlace, Running, open_place
from crawler.harvest.memory import columns_of, memory_of
from crawler.harvest.plan import ENDED, Job, group_portals
from crawler.harvest.wanted import Restriction, wanted_of
from crawler.http.contact import require_contact
from crawler.http.hosts import host_key, is_loopback
from crawler.passes.outcome import PassResult
from crawler.portals.definitions import SHIPPED, PortalDefinition
from extract.messages import localizable

if TYPE_CHECKING:
    from archive.clock import Clock
    from archive.files.folder import Archive
    from archive.history.ingest import IngestSummary
    from crawler.passes.wanted import PassScope

logger = logging.getLogger(__name__)

#: Folder of job files in the archive; nothing in it outlives a harvest.
WORK = ".work"
#: So many rows that gave no report are named for each portal.
_TOLD_ROWS = 5
_POLL_S = 0.05
_STOP_S = 20.0
_ORPHAN_S = 20.0
#: On a cluster a job that lost its worker, or a worker that lost its scheduler, may take a minute to notice.
_CLUSTER_ORPHAN_S = 90.0
#: So often jobs are planned anew on a cluster whose workers die.
_ROUNDS = 3
#: Marks the folder of a job that no worker may take.
UNFIT = "unfit"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class HarvestSummary:
    """What a harvest came to.

    Attributes:
        portals: One result a portal, in the order of the definitions.
        changes: What the pass brought into the history, by kind of change.
        recovered: What was mended of earlier harvests that died, in words.
        unreadable: Pages that are stored and could not be read, each with the reason.
        is_interrupted: Somebody asked it to stop; what was captured until then is in the index.
    """

    run: str
    portals: tuple[PassResult, ...]
    recovered: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    changes: Mapping[str, int] = field(default_factory=dict)
    is_interrupted: bool = False

    @property
    def is_ok(self) -> bool:
        """Whether every portal's pass was whole."""
        return not self.is_interrupted and all(result.ok for result in self.portals)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "run": self.run,
            "ok": self.is_ok,
            "interrupted": self.is_interrupted,
            "changes": dict(self.changes),
            "portals": [result.to_json() for result in self.portals],
            "recovered": list(self.recovered),
            "unreadable": list(self.unreadable),
        }


@dataclass(slots=True)
class _Running:
    group: str
    folder: Path
    process: Running
    portals: list[PortalDefinition] = field(default_factory=list)


def portal_paths(archive: Archive, given: Sequence[Path]) -> list[Path]:
    """Where definitions are read from: what was given, else the archive's folder `portals`, else those shipped."""
    own = archive.root / "portals"
    if given:
        return list(given)
    return [own] if own.is_dir() and any(own.glob("*.toml")) else [SHIPPED]


def harvest(
    archive: Archive,
    portals: Sequence[PortalDefinition],
    *,
    clock: Clock,
    full: bool = False,
    restriction: Restriction | None = None,
    only: Sequence[str] = (),
    workers: int | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
    overrides: Mapping[str, Any] | None = None,
    log_level: str = "WARNING",
) -> HarvestSummary:
    """Make one pass over portals: lists, reports, attachments → segments → index.

    Args:
        full: Look at every known report, whatever its age.
        restriction: Ask only for what it says, of the portals that have such; nothing is concluded about the rest.
        only: Ids of the portals to harvest; all if empty.
        workers: Jobs at a time; if not given, `harvest.workers` of the settings, on a cluster as many as it takes. Never more than one a host.
        cluster: Address of a Dask scheduler whose workers see the archive's folder; `None` for this machine.
        progress: Called with a line of text, the portals done and their number.
        overrides: Settings of the command line, for the jobs.

    Raises:
        ArchiveBusy: Another harvest, import or rebuild is under way.
        BadSettings: No contact for real portals, an unknown id, or a simulated clock for real portals.
        ClusterFailed: The cluster can't be reached, or a worker isn't fit; nothing was asked then.
        KeyboardInterrupt: After a clean stop; everything captured until then is sealed and indexed.
    """
    chosen = _choose(portals, only)
    check_harvest(archive, chosen, clock)
    tell = progress or (lambda text, done, total: None)
    with archive.lock():
        made = _Harvest(recovered=_recover(archive))
        shutil.rmtree(archive.root / WORK, ignore_errors=True)
        ingest_sealed(archive, cluster=cluster, clock=clock)
        wanted = _wanted(archive, chosen, restriction)
        waiting = made.pass_over_unwanted(chosen, wanted)
        plan = partial(plan_jobs, archive, full=full, wanted=wanted, overrides=overrides, log_level=log_level)
        try:
            with _open_place(archive, cluster) as place:
                count = workers or _usual_workers(archive, place)
                for _ in range(_ROUNDS if place else 1):
                    started = run_name(clock.now(), secrets.token_hex(2))
                    made.run = made.run or started
                    folders = plan(waiting, started, clock)
                    waiting = _run_round(archive, folders, count, made, tell, place)
                    tell("bringing the captures into the index", len(made.results), len(chosen))
                    made.add(ingest_sealed(archive, cluster=cluster, clock=clock))
                    if not waiting or made.is_interrupted:
                        break
        finally:
            shutil.rmtree(archive.root / WORK, ignore_errors=True)
    summary = made.summary(chosen)
    _tell_rows(archive, summary.portals)
    if made.is_interrupted:
        raise KeyboardInterrupt
    return summary


@dataclass(slots=True)
class _Harvest:
    """What came of a harvest so far, over all its rounds."""

    recovered: list[str]
    results: dict[str, PassResult] = field(default_factory=dict)
    run: str = ""
    changes: Counter[str] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)
    is_interrupted: bool = False

    def pass_over_unwanted(
        self, chosen: Iterable[PortalDefinition], wanted: Mapping[str, PassScope]
    ) -> list[PortalDefinition]:
        """Give the portals that are to be harvested; of those that nothing is wanted of, this is the result."""
        waiting = []
        for portal in chosen:
            if wanted.get(portal.id, True):
                waiting.append(portal)
            else:
                self.results[portal.id] = PassResult(portal.id, ok=True, reason=localizable("nothing to ask for"))
        return waiting

    def add(self, brought: IngestSummary) -> None:
        """Count what an ingest brought."""
        self.changes.update(brought.changes)
        self.unreadable += brought.unreadable

    def summary(self, chosen: Sequence[PortalDefinition]) -> HarvestSummary:
        """The whole, with a result for each portal in the order given."""
        results = tuple(
            self.results.get(portal.id)
            or PassResult(portal.id, reason=localizable("not begun: the harvest was stopped"))
            for portal in chosen
        )
        return HarvestSummary(
            self.run,
            results,
            tuple(self.recovered),
            tuple(self.unreadable),
            dict(self.changes),
            self.is_interrupted,
        )


def _run_round(
    archive: Archive,
    folders: Mapping[str, tuple[Path, list[PortalDefinition]]],
    workers: int,
    made: _Harvest,
    tell: Progress,
    place: ClusterPlace | None,
) -> list[PortalDefinition]:
    """Run the jobs that were planned, and close what they left open. Gives the portals whose jobs died with their worker."""
    made.is_interrupted = _run_all(archive, folders, workers, made.results, tell, place)
    waiting = _unfinished(folders)
    if waiting and place and not made.is_interrupted:  # the crawl may outlive its worker for a moment
        made.recovered += _recover(archive, _CLUSTER_ORPHAN_S)
    else:
        made.recovered += map(str, recover(archive))
    return waiting


def _usual_workers(archive: Archive, place: ClusterPlace | None) -> int:
    return place.threads if place else archive.settings.harvest.workers


def _wanted(
    archive: Archive, portals: Iterable[PortalDefinition], restriction: Restriction | None
) -> dict[str, PassScope]:
    """What a restricted harvest asks each portal for; one without restriction asks for nothing special."""
    if not restriction:
        return {}
    db = open_index(archive)
    try:
        return {portal.id: wanted_of(db, portal.id, restriction) for portal in portals}
    finally:
        db.close()


def _tell_rows(archive: Archive, results: Iterable[PassResult]) -> None:
    """Add to each result what became of the rows that its lists name."""
    db = open_index(archive)
    try:
        for result in results:
            result.rows, result.told = portal_rows(db, result.portal, _TOLD_ROWS)
    finally:
        db.close()


def _choose(portals: Sequence[PortalDefinition], only: Sequence[str]) -> list[PortalDefinition]:
    known = {portal.id for portal in portals}
    for name in only:
        if name not in known:
            raise BadSettings(f"no portal has the id {name!r}; there are {', '.join(sorted(known))}")
    return [portal for portal in portals if not only or portal.id in only]


def check_harvest(archive: Archive, portals: Iterable[PortalDefinition], clock: Clock) -> None:
    """Make sure that a harvest of these portals may begin.

    Raises:
        BadSettings: No contact for real portals, or a simulated clock for them.
    """
    real = [portal for portal in portals if not all(is_loopback(url) for url in (portal.url, *portal.start))]
    if real and clock.kind != "system":
        raise BadSettings(f"a simulated clock is for replicas on this machine, and {real[0].id} is a real portal")
    require_contact(
        archive.settings.operator.contact,
        (url for portal in real for url in (portal.url, *portal.start)),
        f"set operator.contact in {archive.root / 'ogi.toml'} to a mail or web address",
    )


@contextmanager
def _open_place(archive: Archive, cluster: str | None) -> Iterator[ClusterPlace | None]:
    """The cluster that jobs go to; `None` if they run here."""
    if cluster is None:
        yield None
        return
    with open_place(cluster, archive.root / WORK) as place:
        yield place


def _unfinished(folders: Mapping[str, tuple[Path, list[PortalDefinition]]]) -> list[PortalDefinition]:
    """Portals whose job died with its worker: they are planned anew from what it had captured."""
    return [
        portal
        for folder, members in folders.values()
        if not (folder / DONE).exists() and not (folder / UNFIT).exists()
        for portal in members
    ]


def _recover(archive: Archive, patience_s: float = _ORPHAN_S) -> list[str]:
    """Close what dead harvests left. A job that outlived its harvest ends by itself in a moment; it is waited for."""
    deadline = time.monotonic() + patience_s
    said: list[str] = []
    while True:
        found = recover(archive)
        said += [str(item) for item in found if item.status != "held"]
        held = [item for item in found if item.status == "held"]
        if not held:
            return said
        if time.monotonic() > deadline:
            raise ArchiveBusy(
                f"{held[0].segment} is still being written by a job of an earlier harvest; wait until it has ended"
            )
        time.sleep(0.5)


def plan_jobs(
    archive: Archive,
    portals: Sequence[PortalDefinition],
    run: str,
    clock: Clock,
    *,
    full: bool = False,
    wanted: Mapping[str, PassScope] | None = None,
    overrides: Mapping[str, Any] | None = None,
    log_level: str = "WARNING",
) -> dict[str, tuple[Path, list[PortalDefinition]]]:
    """Write the job files of a run. Gives each group's folder and portals. The caller holds the archive's lock."""
    offset = None if clock.kind == "system" else (clock.now() - datetime.now(UTC)).total_seconds()
    db = open_index(archive)
    try:
        unfinished = segments_of_unfinished_runs(db)
        planned: dict[str, tuple[Path, list[PortalDefinition]]] = {}
        for group, members in group_portals(portals).items():
            known = known_captures(db, [portal.id for portal in members])
            job = Job(
                archive=str(archive.root.resolve()),
                run=run,
                group=group,
                portals=tuple(members),
                full=full,
                clock_offset_s=offset,
                overrides=overrides or {},
                used_today=_used_today(known, clock.now()),
                unfinished=tuple(sorted(unfinished & {item.segment for item in known if item.segment})),
                memory=memory_of(db, [portal.id for portal in members], clock.now()),
                columns={portal.id: columns_of(db, portal.id) for portal in members},
                wanted={portal.id: wanted[portal.id] for portal in members if portal.id in wanted} if wanted else {},
                log_level=log_level,
            )
            folder = archive.root / WORK / run / group
            folder.mkdir(parents=True)
            (folder / "job.json").write_text(json.dumps(job.to_json(), ensure_ascii=False), "utf-8")
            with (folder / "known.jsonl").open("w", encoding="utf-8") as stream:
                stream.writelines(as_jsonl(known))
            planned[group] = (folder, members)
        return planned
    finally:
        db.close()


def _used_today(known: Iterable[Known], now: datetime) -> dict[str, int]:
    """Addresses of each host that were visited since midnight in Shanghai."""
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    used: Counter[str] = Counter()
    for item in known:
        if item.visited_at and datetime.fromisoformat(item.visited_at) >= midnight:
            used[host_key(item.url)] += 1
    return dict(used)


def _run_all(
    archive: Archive,
    planned: Mapping[str, tuple[Path, list[PortalDefinition]]],
    workers: int,
    results: dict[str, PassResult],
    tell: Progress,
    place: ClusterPlace | None = None,
) -> bool:
    """Run all jobs, at most so many at once; close the segments of each that ends. Gives whether it was interrupted."""
    start = place.start if place else _start
    total = sum(len(members) for _, members in planned.values())
    waiting = list(planned.items())
    running: list[_Running] = []
    is_interrupted = False
    with _terminable():
        try:
            while waiting or running:
                while waiting and len(running) < workers:
                    group, (folder, members) = waiting.pop(0)
                    if place and (label := place.missing(members)):
                        (folder / UNFIT).touch()
                        reason = localizable(
                            f"no worker of the cluster offers {label}: start one with `dask worker --resources {label}=N`"
                        )
                        results.update({portal.id: PassResult(portal.id, reason=reason) for portal in members})
                        continue
                    running.append(_Running(group, folder, start(group, folder, members), members))
                    tell(f"harvesting {', '.join(portal.id for portal in members)}", len(results), total)
                _reap(archive, running, results)
                tell("", len(results), total)
                if place:
                    place.beat()
                if running:
                    time.sleep(_POLL_S)
        except KeyboardInterrupt:
            is_interrupted = True
            tell("stopping", len(results), total)
        finally:
            _stop(running)
            _reap(archive, running, results)
    return is_interrupted


def _start(group: str, folder: Path, members: Sequence[PortalDefinition]) -> Running:
    return subprocess.Popen(
        module_command("crawler.harvest.job", str(folder / "job.json"), str(os.getpid())),
        env=module_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        # a session of its own: Ctrl-C reaches the coordinator, which asks its jobs to stop in good order
        start_new_session=True,
    )


def _reap(archive: Archive, running: list[_Running], results: dict[str, PassResult]) -> None:
    """Take the results of jobs that have ended, and close their segments."""
    ended = [job for job in running if job.process.poll() is not None]
    for job in ended:
        running.remove(job)
        results.update(_results(job))
    if ended:
        seal_ended(archive)


def seal_ended(archive: Archive) -> None:
    """Close the segments of jobs that have ended; those of live ones, and those torn by a death, are left alone."""
    for path in list(open_segments(archive.warc_dir)):
        try:
            seal(archive, path)
        except ArchiveBusy:
            continue  # of a job that is still at work
        except DamagedArchive as error:
            logger.info("%s; left to recovery", error)


def _results(job: _Running) -> dict[str, PassResult]:
    try:
        data = json.loads((job.folder / "result.json").read_text("utf-8"))
    except FileNotFoundError:
        reason = localizable(f"the job died ({_end_of(job)}); run the same command again")
        return {portal.id: PassResult(portal.id, reason=reason) for portal in job.portals}
    found = {key: PassResult(**value) for key, value in data["portals"].items()}
    for portal in job.portals:
        result = found.setdefault(portal.id, PassResult(portal.id, reason=localizable("not begun")))
        if data["error"] and not result.ok:
            result.reason = data["error"]
    return found


def _end_of(job: _Running) -> str:
    """What is known of the end of a job that left no result."""
    try:
        return (job.folder / ENDED).read_text("utf-8")
    except FileNotFoundError:
        return localizable(f"exit status {job.process.returncode}")


def _stop(running: Sequence[_Running]) -> None:
    """Ask jobs to end in good order, then not ask any more."""
    for job in running:
        job.process.terminate()
    deadline = time.monotonic() + _STOP_S
    for job in running:
        try:
            job.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            job.process.kill()
            job.process.wait()


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM ends a harvest like Ctrl-C: `schedule` and service managers send it."""

    def interrupt(signum: int, frame: Any) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
