"""Harvest and reading on a cluster: real scheduler, real worker processes, and what happens when one is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

pytest.importorskip("distributed")

from archive.clock import SystemClock
from archive.errors import ClusterFailed
from archive.files.folder import Archive
from archive.history.ingest import rebuild
from archive.history.reextract import reextract
from archive.index.database import open_database
from archive.lists.queries import dump, list_changes, list_reports
from archive.verify.run import VerifyOptions, verify
from archive.work.children import ChildLimits
from archive.work.jobs import run_ordered
from crawler.harvest.run import harvest
from crawler.imports.files import import_archives
from crawler.portals.definitions import PortalDefinition, parse_definition
from tests.crawler.sites import Site, serve_site
from tests.scale import jobs
from tests.scale.clusters import ROOT, Cluster, cluster, until

DELAY = 0.05


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


def reports_of(archive: Archive) -> list[str]:
    """What the archive holds of reports, without when and in which run it was captured."""
    db = open_database(archive.db_path, read_only=True)
    try:
        found = list_reports(db)
        changes = list_changes(db)
        return sorted(str((row["report"], row["year"], row["title"])) for row in found) + sorted(
            str((row["kind"], row["report"])) for row in changes
        )
    finally:
        db.close()


def text_of(archive: Archive) -> str:
    db = open_database(archive.db_path, read_only=True)
    try:
        return dump(db)
    finally:
        db.close()


def portal_of(site: Site, number: int, more: str = "") -> PortalDefinition:
    return parse_definition(site.definition(identifier=f"site{number}", delay=DELAY, more=more))


@pytest.fixture(scope="module")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Forty reports, harvested and read without a cluster."""
    archive = Archive.create(tmp_path_factory.mktemp("harvested") / "archive")
    with serve_site() as site:
        site.list_reports(40)
        assert harvest(archive, [portal_of(site, 0)], clock=SystemClock()).is_ok
    return archive


def _rebuild(archive: Archive, folder: Path, cluster: str | None) -> str:
    rebuild(archive, cluster=cluster)
    return text_of(archive)


def _reextract(archive: Archive, folder: Path, cluster: str | None) -> str:
    assert reextract(archive, cluster=cluster).corrections == 0
    return text_of(archive)


def _verify(archive: Archive, folder: Path, cluster: str | None) -> str:
    report = verify(archive, VerifyOptions(cluster=cluster, deep=True))
    assert report.is_whole, report.damages
    return text_of(archive)


def _import(archive: Archive, folder: Path, cluster: str | None) -> str:
    other = Archive.create(folder / f"imported-{cluster is not None}")
    files = sorted(archive.warc_dir.glob("*.warc.gz"))
    import_archives(other, files, [], SystemClock(), cluster=cluster)
    assert verify(other, VerifyOptions(workers=1)).is_whole
    return "\n".join(reports_of(other))


@pytest.mark.slow
@pytest.mark.parametrize("work", [_rebuild, _reextract, _verify, _import])
def test_a_worker_killed_in_the_middle_changes_nothing(
    tmp_path: Path, harvested: Archive, work: Callable[[Archive, Path, str | None], str]
) -> None:
    here = work(harvested, tmp_path, None)
    with cluster(tmp_path / "doomed") as doomed, ThreadPoolExecutor(1) as thread:
        done = thread.submit(work, harvested, tmp_path, doomed.address)
        victim = doomed.kill_one_at_work(done.done)
        assert done.result(180) == here
    assert doomed.workers[victim].poll() is not None, "a worker died at work"


@pytest.mark.slow
def test_the_command_line_finds_the_cluster_by_option_and_environment(
    tmp_path: Path, two: Cluster, harvested: Archive
) -> None:
    def ogi(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "crawler", *arguments, "--archive", str(harvested.root)]
        return subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )

    nowhere = "tcp://127.0.0.1:1"
    for name in ("rebuild", "reextract"):
        assert ogi(name, "--cluster", two.address).returncode == 0
        assert ogi(name, DASK_SCHEDULER_ADDRESS=two.address).returncode == 0
    assert ogi("verify", "--deep", "--cluster", two.address).returncode == 0
    for name in ("verify",):
        said = ogi(name, "--cluster", nowhere)
        assert said.returncode == 2, said.stderr
        assert "Traceback" not in said.stderr
        assert f"no Dask scheduler answers at {nowhere}" in said.stderr


@pytest.mark.slow
def test_what_kills_every_worker_is_given_up_and_costs_nothing_else(tmp_path: Path) -> None:
    with cluster(tmp_path, labels=[""] * 9) as running:
        items = [str(number) for number in range(30)]
        items[7] = "die"
        results = list(run_ordered(jobs.double, items, given_up=jobs.given_up, cluster=running.address))
    assert results == [item + item if item != "die" else "given up" for item in items]


@pytest.mark.slow
def test_a_worker_keeps_one_child_until_a_document_ends_it_and_takes_it_along_when_it_dies(tmp_path: Path) -> None:
    limits = ChildLimits(seconds=5.0, memory_bytes=2 << 30)
    with cluster(tmp_path) as running:

        def pids(*items: str) -> list[int]:
            return list(
                run_ordered(jobs.pid, items, given_up=jobs.no_pid, cluster=running.address, limits=limits),
            )

        first = set(pids(*map(str, range(60))))
        assert 1 <= len(first) <= 2, "one child a worker, whatever the number of items"
        found = pids("a", "die", *map(str, range(20)))
        assert found[1] == 0
        assert 0 not in [*found[:1], *found[2:]], "what ended a child cost nothing else"
        children = first | set(found)
        for number in range(2):
            running.kill(number)
        until(lambda: not any(Path(f"/proc/{child}").exists() for child in children), "the end of the children")


@pytest.mark.slow
def test_a_harvest_survives_the_death_of_a_worker_and_stays_polite(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path / "archive")
    plain = Archive.create(tmp_path / "plain")
    with ExitStack() as stack:
        running = stack.enter_context(cluster(tmp_path / "dask"))
        sites = [stack.enter_context(serve_site()) for _ in range(3)]
        for site in sites:
            site.list_reports(30)
        portals = [portal_of(site, number) for number, site in enumerate(sites)]
        with ThreadPoolExecutor(1) as thread:
            work = thread.submit(harvest, archive, portals, clock=SystemClock(), cluster=running.address)
            until(lambda: work.done() or sum(len(site.requests()) for site in sites[:2]) >= 15, "some requests")
            running.kill(0)
            summary = work.result(180)
        assert summary.is_ok, [result.reason for result in summary.portals]
        for site in sites:
            assert site.max_busy == 1
            assert (
                len([path for path in site.paths() if path.startswith("/nb/2021")]) <= 33
            )  # at most those in flight twice
            assert min(site.gaps()) >= DELAY * 0.9
        assert verify(archive).is_whole
        assert harvest(plain, portals, clock=SystemClock()).is_ok
    assert reports_of(archive) == reports_of(plain)
    before = text_of(archive)
    rebuild(archive)
    assert text_of(archive) == before


@pytest.mark.slow
def test_a_portal_is_harvested_by_workers_of_its_label_only(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path / "archive")
    with cluster(tmp_path / "dask", labels=["", "inland"]) as running, serve_site() as inland, serve_site() as moon:
        for site in (inland, moon):
            site.list_reports(2)
        portals = [portal_of(inland, 1, 'worker = "inland"\n'), portal_of(moon, 2, 'worker = "moon"\n')]
        summary = harvest(archive, portals, clock=SystemClock(), cluster=running.address)
    assert [result.ok for result in summary.portals] == [True, False]
    assert "no worker of the cluster offers moon" in summary.portals[1].reason
    assert not moon.requests()


def test_an_address_without_a_scheduler_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.work.jobs._REACH_S", 0.5)
    with pytest.raises(ClusterFailed, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1"):
        list(run_ordered(jobs.double, ["a"], given_up=jobs.given_up, cluster="tcp://127.0.0.1:1"))
