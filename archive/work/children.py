"""Child processes that do one job after another for this one. What a child dies of costs one job, and nothing else.

With `ChildLimits` each job has so much processor time and memory: a document that loops in a library's native code or eats the memory ends its
child, is named, and the rest goes on. Children are forked, which takes milliseconds, and close whatever they inherit.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import signal
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from archive.work.memory import addresses_of_this_process, data_of_this_process, resident_of
from extract.document.limits import TIME_GIVEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")
R = TypeVar("R")

#: Jobs begun ahead of the one whose result is next, for each child.
_AHEAD = 4
#: A child that died may have been killed from outside: so often a job is tried.
ATTEMPTS = 2
#: A job that uses no processor time isn't ended by its limit; after so many times its seconds it is.
_PATIENCE = 5.0
_CORE_BYTES = 0
_FILE_BYTES = 1 << 30
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What one job may take: seconds of processor time, and besides what the parent holds: bytes of address space, and of data (0: no bound)."""

    seconds: float
    memory_bytes: int
    data_bytes: int = 0


@dataclass(frozen=True, slots=True)
class MoreTime:
    """The job has met work that is known to be slow (a page of a scan) and takes so many seconds more."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """What a job raised."""

    error: Exception


class Unsendable(RuntimeError):
    """Raised when a job, or its result, can't be handed from process to process."""


class Child(Generic[T, R]):
    """One child process and the job that it has at present."""

    def __init__(self, job: Callable[[T], R], limits: ChildLimits | None) -> None:
        self._limits = limits
        self.pipe, theirs = multiprocessing.Pipe()
        self._pid = self._start(theirs, job, limits)
        theirs.close()
        self.number = -1
        self.deadline = float("inf")

    def _start(self, pipe: Connection, job: Callable[[T], R], limits: ChildLimits | None) -> int:
        """Fork, and serve the pipe in the new process; its id in this one."""
        # not multiprocessing.Process: a worker of a cluster is a daemon there, and daemons may not have children
        child = os.fork()
        if child == 0:
            status = 1
            try:
                _die_with_parent()
                _close_inherited(pipe.fileno())
                serve(pipe, job, limits)
                status = 0
            finally:
                os._exit(status)
        return child

    def give(self, number: int, item: T) -> None:
        """Hand it a job."""
        self.give_packed(number, ForkingPickler.dumps(item))

    def give_packed(self, number: int, item: bytes | memoryview) -> None:
        """Hand it a job that is pickled already."""
        self.number = number
        if self._limits is not None:
            self.deadline = time.monotonic() + _PATIENCE * self._limits.seconds
        try:
            self.pipe.send_bytes(item)
        except (BrokenPipeError, ConnectionResetError):
            return  # it died while idle: its pipe says so when it is read

    def resident(self) -> int:
        """Bytes of memory that it holds besides what it shares; 0 where the system doesn't tell."""
        return resident_of(self._pid)

    def end(self) -> bool:
        """Kill it, if it isn't dead already. Gives whether it had used up its processor time."""
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        _, status = os.waitpid(self._pid, 0)
        self.pipe.close()
        return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU


def run_in_children(
    job: Callable[[T], R],
    items: Iterator[T],
    *,
    given_up: Callable[[T], R],
    workers: int,
    limits: ChildLimits | None = None,
) -> Iterator[R]:
    """Give the job's result for each item, in the items' order.

    Args:
        job: A module-level function. What it raises is raised here.
        given_up: The result for an item that its child died of.
        workers: The most children at a time.
    """
    team = _Team(job, given_up, workers, limits)
    try:
        yield from team.results_of(items)
    finally:
        team.end()


class _Team(Generic[T, R]):
    """Children at work: items that wait, those that are being worked on, results that are not given yet."""

    def __init__(
        self, job: Callable[[T], R], given_up: Callable[[T], R], workers: int, limits: ChildLimits | None
    ) -> None:
        self._job, self._given_up, self._workers, self._limits = job, given_up, workers, limits
        self._idle: list[Child[T, R]] = []
        self._busy: dict[Any, Child[T, R]] = {}
        self._waiting: deque[tuple[int, T]] = deque()
        self._taken: dict[int, T] = {}
        self._attempts: dict[int, int] = {}
        self._results: dict[int, R] = {}

    def results_of(self, items: Iterator[T]) -> Iterator[R]:
        """The result of each item, in their order."""
        count = given = 0
        is_more = True
        while True:
            while is_more and count - given < _AHEAD * self._workers:
                try:
                    self._waiting.append((count, next(items)))
                    count += 1
                except StopIteration:
                    is_more = False
            self._employ()
            while given in self._results:
                yield self._results.pop(given)
                given += 1
            if not self._busy and not self._waiting and not is_more:
                return
            for child in _next(self._busy):
                self._hear(child)

    def end(self) -> None:
        """End all children."""
        for child in [*self._idle, *self._busy.values()]:
            child.end()

    def _employ(self) -> None:
        """Hand items that wait to idle children, or to new ones."""
        while self._waiting and len(self._busy) < self._workers:
            number, item = self._waiting.popleft()
            self._taken[number] = item
            self._attempts[number] = self._attempts.get(number, 0) + 1
            child = self._idle.pop() if self._idle else Child(self._job, self._limits)
            child.give(number, item)
            self._busy[child.pipe] = child

    def _hear(self, child: Child[T, R]) -> None:
        """Take what a child says, or its death."""
        number = child.number
        try:
            if time.monotonic() > child.deadline and not child.pipe.poll():
                child.end()
                is_spent = True
            else:
                said = child.pipe.recv()
                if isinstance(said, MoreTime):
                    child.deadline += _PATIENCE * said.seconds
                    return
                if isinstance(said, Failed):
                    raise said.error
                self._results[number] = said
                del self._busy[child.pipe], self._taken[number]
                self._idle.append(child)
                return
        except (EOFError, ConnectionResetError):
            is_spent = child.end()
        del self._busy[child.pipe]
        if is_spent or self._attempts[number] >= ATTEMPTS:
            self._results[number] = self._given_up(self._taken.pop(number))
        else:
            self._waiting.appendleft((number, self._taken[number]))


def _next(busy: dict[Any, Child[T, R]]) -> list[Child[T, R]]:
    """Children that have something to say or have run out of time; waits for the first of them."""
    while busy:
        until = min(child.deadline for child in busy.values())
        left = None if until == float("inf") else max(0.0, until - time.monotonic())
        ready = set(wait(list(busy), left))
        now = time.monotonic()
        found = [child for pipe, child in busy.items() if pipe in ready or child.deadline < now]
        if found:
            return found
    return []


def serve(pipe: Connection, job: Callable[[Any], Any], limits: ChildLimits | None) -> None:
    """What a child does: one job after another until the parent goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()  # what the parent had stays as it is
    if limits is not None:
        _limit_memory(limits)
        _keep_quiet()
        TIME_GIVEN.set(lambda seconds: _more_time(pipe, seconds))
    while True:
        try:
            item = pipe.recv()
        except EOFError:
            return
        if limits is not None:
            _limit_time(limits.seconds)
        try:
            answer = job(item)
        except Exception as error:  # noqa: BLE001 - the boundary of a process: raised again by the parent
            answer = Failed(_alone(error))
        try:
            pipe.send(answer)
        except BrokenPipeError:
            return  # nobody waits for it any more
        except Exception as error:  # noqa: BLE001 - what can't be sent fails the job as what was raised in it does
            pipe.send(Failed(Unsendable(f"the result can't be given back: {error!r}")))


def _alone(error: Exception) -> Exception:
    """An exception without what it arose from. Pickling leaves that behind, unless a library (tblib, which Dask's workers install) takes it along:
    then a library's error that can't be pickled would stand in the way of the one that says what happened."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _die_with_parent() -> None:
    """Let the system end this process with its parent, whatever it is busy with; where it can't, the limit of time does."""
    try:
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):  # no Linux
        return
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _close_inherited(pipe: int) -> None:
    """Locks, databases and the other children's pipes belong to the parent: held open here they would outlive it."""
    top = os.sysconf("SC_OPEN_MAX")
    os.closerange(3, pipe)
    os.closerange(pipe + 1, top)


def _keep_quiet() -> None:
    """What a library says on stderr as it dies of a document is no message for people: the parent names the document."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _limit_memory(limits: ChildLimits) -> None:
    import resource

    bounds = [
        # What a fork inherits isn't of its own doing: a process of many threads has asked for gigabytes before it.
        (resource.RLIMIT_AS, addresses_of_this_process() + limits.memory_bytes),
        (resource.RLIMIT_CORE, _CORE_BYTES),
        (resource.RLIMIT_FSIZE, _FILE_BYTES),
    ]
    if limits.data_bytes:
        bounds.append((resource.RLIMIT_DATA, data_of_this_process() + limits.data_bytes))
    for kind, value in bounds:
        _, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _limit_time(seconds: float) -> None:
    """So much processor time from now on; then the system ends the process."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    until = int(time.process_time() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (until if hard == resource.RLIM_INFINITY else min(until, hard), hard))


def _more_time(pipe: Connection, seconds: float) -> None:
    import resource

    pipe.send(MoreTime(seconds))
    until, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (until + int(seconds) + 1, hard))
