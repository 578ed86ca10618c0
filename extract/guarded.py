"""Reading documents in a process of its own, so that a hostile file costs seconds and not the machine.

Limits inside the readers end nearly all such files; a library that loops in native code is ended from outside.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import TracebackType
from typing import TYPE_CHECKING

from extract.document.limits import TIME_GIVEN
from extract.errors import DocumentTooLarge, OgiError, UnreadableDocument
from extract.model import Extraction, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.process import BaseProcess

#: Address space of the reading process. Reports take a small part of it; the libraries for scans reserve much and use little.
MEMORY_BYTES = 6 * 1024**3
#: New objects before the next look for garbage: several documents' worth, so that reading one isn't interrupted by it.
_GARBAGE_AFTER = 50_000
#: Time beyond `Limits.max_seconds` that a reader gets to say by itself that it has taken too long.
GRACE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class _Job:
    data: bytes
    source: str
    hint: str | None
    limits: Limits


@dataclass(frozen=True, slots=True)
class _MoreTime:
    """The child has met work that is known to be slow (a page of a scan) and gave itself so many seconds more."""

    seconds: float


class GuardedReader:
    """Reads documents one after another in a child process, which is killed and started anew when one takes too long."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

    def __enter__(self) -> GuardedReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def extract(self, data: bytes, *, source: str, hint: str | None = None) -> Extraction:
        """What is in the document; see `api.extract_bytes`.

        Raises:
            DocumentTooLarge: It took longer than `max_seconds`, or more memory than there may be.
            UnreadableDocument: It can't be read, or the reading process died of it.
        """
        pipe = self._start()
        try:
            pipe.send(_Job(data, source, hint, self._limits))
            answer = self._answer(pipe)
        except (EOFError, BrokenPipeError, ConnectionResetError) as error:
            self._stop()
            raise UnreadableDocument("the reading process died of this file; it is damaged or hostile") from error
        if isinstance(answer, OgiError):
            raise answer
        return answer

    def _answer(self, pipe: Connection) -> Extraction | OgiError:
        deadline = time.monotonic() + self._limits.max_seconds + GRACE_SECONDS
        while pipe.poll(max(0.0, deadline - time.monotonic())):
            said: Extraction | OgiError | _MoreTime = pipe.recv()
            if not isinstance(said, _MoreTime):
                return said
            deadline += said.seconds
        self._stop()
        raise DocumentTooLarge(
            f"reading took longer than {self._limits.max_seconds:g} seconds; the limit is --max-seconds"
        )

    def _start(self) -> Connection:
        if self._process is not None and self._pipe is not None and self._process.is_alive():
            return self._pipe
        self._pipe, theirs = multiprocessing.Pipe()
        # A fork starts in milliseconds; elsewhere it is not there or not safe.
        if sys.platform == "linux":
            self._process = multiprocessing.get_context("fork").Process(target=_serve, args=(theirs,), daemon=True)
        else:
            self._process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
        with _interrupts_later():
            self._process.start()
        theirs.close()
        return self._pipe

    def _stop(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._process, self._pipe = None, None


@contextlib.contextmanager
def _interrupts_later() -> Iterator[None]:
    """Ctrl-C comes when the block is left: what is raised while a process forks, its hooks swallow, and the command would go on."""
    if sys.platform != "linux":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection) -> None:
    """The child: read one document after another until the parent goes away."""
    from extract.api import extract_bytes

    if sys.platform == "linux":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    _limit_memory()
    _keep_quiet()
    gc.freeze()  # what is loaded stays; only what documents leave behind is worth looking through
    gc.set_threshold(_GARBAGE_AFTER, 20, 20)
    TIME_GIVEN.set(lambda seconds: pipe.send(_MoreTime(seconds)))
    while True:
        try:
            job: _Job = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            answer: Extraction | OgiError = extract_bytes(job.data, source=job.source, hint=job.hint, limits=job.limits)
        except OgiError as error:
            answer = error
        except (MemoryError, RecursionError):
            answer = DocumentTooLarge(
                "reading took more memory or nesting than a report can need; the file is hostile or damaged"
            )
        except KeyboardInterrupt:
            return
        except Exception as error:  # noqa: BLE001 - the boundary of a process, whose stderr nobody reads
            answer = UnreadableDocument(
                f"reading failed ({type(error).__name__}: {error}); please report this document"
            )
        pipe.send(answer)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _keep_quiet() -> None:
    """What a library says on stderr as it dies of a document is no message for people: the parent names the document."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
