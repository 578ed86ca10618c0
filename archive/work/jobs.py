"""Runs one function over many things: in processes of this machine, or on a Dask cluster. Results come back in order.

A job is a module-level function of plain arguments. A worker that dies takes no result with it: its job is tried again, and what kills its
worker even then is given up by name.
"""

from __future__ import annotations

import importlib
import os
import pickle
from collections import deque
from contextlib import contextmanager
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeVar

from archive.errors import ClusterFailed
from archive.work.children import run_in_children
from archive.work.release import release
from archive.work.tasks import Done, Work, run_task
from extract.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from archive.work.children import ChildLimits

T = TypeVar("T")
R = TypeVar("R")

#: Fewer jobs than this are done here and now: starting processes would cost more.
WORTH_PROCESSES = 12
#: Jobs handed to a cluster for each of its threads, so that none waits for the coordinator.
_AHEAD = 4
_REACH_S = 30.0
#: A task costs the scheduler and the coordinator some 4 ms: it is worth so many seconds of work, and so many items at most.
_TASK_S, _MOST_ITEMS = 0.25, 16


@contextmanager
def connect(cluster: str) -> Iterator[Any]:
    """A client of the Dask scheduler at an address (`tcp://host:8786`, `tls://host:8786`), with at least one worker behind it.

    Certificates for `tls://` come from Dask's own configuration (`distributed.comm.tls`).

    Raises:
        MissingExtra: Dask isn't installed.
        ClusterFailed: Nobody answers there, or the scheduler has no worker.
    """
    try:
        client = dask().Client(cluster, timeout=_REACH_S)
    except (OSError, ValueError, TypeError) as error:
        raise ClusterFailed(f"no Dask scheduler answers at {cluster} ({_first_line(error)})") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_REACH_S)
        except TimeoutError:
            raise ClusterFailed(f"the scheduler at {cluster} has no worker: start some with `dask worker`") from None
        yield client


def dask() -> Any:
    """The package `distributed`, which the extra `cluster` brings. Raises `MissingExtra` without it."""
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        raise MissingExtra("a cluster needs Dask: pip install 'ogi-archive[cluster]'") from error


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def default_workers() -> int:
    """As many processes as this machine has cores for us."""
    return max(1, len(os.sched_getaffinity(0)))


def run_ordered(
    job: Callable[[T], R],
    items: Iterable[T],
    *,
    given_up: Callable[[T], R],
    cluster: str | None = None,
    workers: int | None = None,
    limits: ChildLimits | None = None,
) -> Iterator[R]:
    """Give the job's result for each item, in the items' order, a bounded number at a time.

    Args:
        job: A module-level function.
        items: Its arguments, one each.
        given_up: The result for an item that kills every worker that takes it.
        cluster: Address of a Dask scheduler; `None` for this machine.
        workers: Processes on this machine, as many as cores if not given; on a cluster, the most jobs at a time.
        limits: What one job may take; it is then always done by a process of its own.

    Raises:
        ClusterFailed: The cluster can't be reached, or a worker there runs another release.
    """
    stream = iter(items)
    if cluster is not None:
        yield from _run_on_cluster(job, stream, given_up, cluster, workers, limits)
        return
    count = default_workers() if workers is None else workers
    if limits is None:
        first = list(islice(stream, WORTH_PROCESSES))
        stream = chain(first, stream)
        if count <= 1 or len(first) < WORTH_PROCESSES:
            yield from map(job, stream)
            return
    yield from run_in_children(job, stream, given_up=given_up, workers=count, limits=limits)


def _run_on_cluster(
    job: Callable[[T], R],
    items: Iterator[T],
    given_up: Callable[[T], R],
    cluster: str,
    workers: int | None,
    limits: ChildLimits | None,
) -> Iterator[R]:
    """Keep the cluster's threads busy. Dask runs the jobs of a dead worker elsewhere, and blames those that saw several die."""
    first = next(items, None)
    if first is None:
        return
    work = Work(release(), job, given_up, limits)
    with connect(cluster) as client:
        most = workers or _AHEAD * max(1, sum(client.ncores().values()))
        waiting = chain([first], items)
        running: deque[tuple[list[T], Any]] = deque()
        size = 1
        while True:
            while len(running) < most and (some := list(islice(waiting, size))):
                running.append((some, client.submit(run_task, work, some, pure=False)))
            if not running:
                return
            some, future = running.popleft()
            try:
                done: Done = future.result()
            except dask().KilledWorker:
                dask().wait([other for _, other in running])  # then alone: the blame may have been another's
                yield from (_alone(client, work, item) for item in some)
                continue
            size = _next_size(done)
            yield from map(pickle.loads, done.results)


def _alone(client: Any, work: Work, item: T) -> Any:
    """The result for an item of a task that killed its workers."""
    try:
        return pickle.loads(client.submit(run_task, work, [item], pure=False).result().results[0])
    except dask().KilledWorker:
        return work.given_up(item)


def _next_size(done: Done) -> int:
    """How many items the next task gets: as many as take long enough to be worth a task, by those that were done last."""
    each = done.seconds / len(done.results)
    return max(1, min(_MOST_ITEMS, int(_TASK_S / each) if each > 0 else _MOST_ITEMS))
