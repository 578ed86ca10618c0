"""Runs one function over many things: in processes of this machine, or on a Dask cluster. Results come back in order.

A job is a module-level function of plain arguments. A worker that dies takes no result with it: what has none is tried again by fewer
workers, at last alone, and what kills its worker even then is given up by name.
"""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from extract.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
R = TypeVar("R")

#: Fewer jobs than this are done here and now: starting processes would cost more.
WORTH_PROCESSES = 12
_BATCH = 32


@contextmanager
def open_executor(cluster: str | None, workers: int) -> Iterator[Executor]:
    """Give the place where jobs run: processes of this machine, or the Dask cluster at an address.

    Raises:
        MissingExtra: If a cluster is asked for and Dask isn't installed.
    """
    if cluster is None:
        # spawned, not forked: the coordinator has threads and an open database
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            yield pool
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingExtra("a cluster needs Dask: pip install 'ogi-archive[cluster]'") from error
    with Client(cluster) as client, client.get_executor(pure=False, retries=2) as pool:
        yield pool


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
) -> Iterator[R]:
    """Give the job's result for each item, in the items' order, a bounded number at a time.

    Args:
        job: A module-level function.
        items: Its arguments, one each.
        given_up: The result for an item that kills every worker that takes it.
        cluster: Address of a Dask scheduler; `None` for this machine.
        workers: Processes on this machine; as many as cores if not given.
    """
    count = default_workers() if workers is None else workers
    stream = iter(items)
    first = list(islice(stream, WORTH_PROCESSES))
    if cluster is None and (count <= 1 or len(first) < WORTH_PROCESSES):
        for item in first:
            yield job(item)
        for item in stream:
            yield job(item)
        return
    batch = [*first, *islice(stream, _BATCH * count)]
    while batch:
        yield from _run_batch(job, batch, given_up, cluster, count)
        batch = list(islice(stream, _BATCH * count))


def _run_batch(
    job: Callable[[T], R], batch: list[T], given_up: Callable[[T], R], cluster: str | None, workers: int
) -> list[R]:
    results: dict[int, R] = {}
    for count in (workers, 1):
        pending = [number for number in range(len(batch)) if number not in results]
        if pending:
            _round(job, {number: batch[number] for number in pending}, results, cluster, count)
    for number in range(len(batch)):
        if number not in results:
            _round(job, {number: batch[number]}, results, cluster, 1)
        if number not in results:
            results[number] = given_up(batch[number])
    return [results[number] for number in range(len(batch))]


def _round(
    job: Callable[[T], R], items: dict[int, T], results: dict[int, R], cluster: str | None, workers: int
) -> None:
    """Run the items once; those whose worker died are left without a result for the next round."""
    with open_executor(cluster, workers) as pool:
        futures = {number: pool.submit(job, item) for number, item in items.items()}
        for number, future in futures.items():
            try:
                results[number] = future.result()
            except BrokenProcessPool:
                continue
