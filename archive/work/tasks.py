"""What a worker of a cluster does: some jobs as one task, each in a child process that lives as long as the worker's thread.

A child forked for each page cost ten times the page (measured: 188 ms of processor time instead of 16). The one that is kept is ended, and forked
anew, only when a document ends it or takes more than its limits.
"""

from __future__ import annotations

import pickle
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from archive.errors import ClusterFailed
from archive.work.children import ATTEMPTS
from archive.work.helper import Helper, ReadingEnded
from archive.work.release import release

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archive.work.children import ChildLimits

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Work:
    """How the items of a task are done.

    Attributes:
        release: The coordinator's: two extractors would give one archive two readings.
        given_up: The result for an item that its child died of.
        limits: What one job may take; `None`: it is done by the worker itself.
    """

    release: str
    job: Callable[[Any], Any]
    given_up: Callable[[Any], Any]
    limits: ChildLimits | None


@dataclass(frozen=True, slots=True)
class Done:
    """A task's results, each pickled by the process that made it, and the seconds that they took."""

    seconds: float
    results: tuple[bytes, ...]


class _Kept(threading.local):
    """The child of this thread, and the limits that it was forked with."""

    limits: ChildLimits | None = None
    helper: Helper | None = None

    def with_limits(self, limits: ChildLimits) -> Helper:
        if self.helper is None or self.limits != limits:
            if self.helper is not None:
                self.helper.close()
            self.helper, self.limits = Helper(limits), limits
        return self.helper


_KEPT = _Kept()


@lru_cache(maxsize=1)
def _own_release() -> str:
    """This process's release: what it has loaded stays what it was, and asking for it takes a page's time."""
    return release()


def run_task(work: Work, items: Sequence[Any]) -> Done:
    """Do the job for each item, on a worker.

    Raises:
        ClusterFailed: The worker has another release than the coordinator.
    """
    own = _own_release()
    if own != work.release:
        import socket

        raise ClusterFailed(
            f"the worker on {socket.gethostname()} has ogi-archive {own}, the coordinator {work.release}: "
            "install the same release on both"
        )
    began = time.monotonic()
    return Done(results=tuple([_one(work, item) for item in items]), seconds=time.monotonic() - began)


def _one(work: Work, item: Any) -> bytes:
    if work.limits is None:
        return _pickled(work.job, item)
    helper = _KEPT.with_limits(work.limits)
    for _ in range(ATTEMPTS):
        try:
            answer: bytes = helper(_pickled, work.job, item)
        except ReadingEnded as ended:
            if ended.is_spent:
                break
        else:
            return answer
    return pickle.dumps(work.given_up(item))


def _pickled(job: Callable[[T], R], item: T) -> bytes:
    return pickle.dumps(job(item), pickle.HIGHEST_PROTOCOL)
