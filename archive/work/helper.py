"""One child process at a process's side, which does what must not cost the process itself: reading what strangers wrote.

The child is started (forked, as a rule) when it is first needed and again after it has died. What it dies of (time, memory, a library's fault) costs the one call.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from multiprocessing.reduction import ForkingPickler
from pickle import PicklingError
from typing import TYPE_CHECKING, Any

from archive.work.children import Child, ChildLimits, Failed, MoreTime, Unsendable
from extract.errors import OgiError

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

#: How often a child's memory is looked at.
_LOOK_S = 0.05
#: What the crawl lets one page cost: hundreds of times what a real one does.
PAGE_LIMITS = ChildLimits(seconds=20.0, memory_bytes=2 << 30)
#: Memory that reading one page may take where no archive's settings say otherwise: as a harvest's helper has by default.
PAGE_BYTES = 600 << 20


class ReadingEnded(OgiError):
    """Raised when a call ended its child process, by `Helper`. `is_spent`: it had used up what it may take, so doing it again won't help."""

    def __init__(self, said: str, *, is_spent: bool) -> None:
        super().__init__(said)
        self.is_spent = is_spent


def directly(function: Callable[..., Any], *arguments: Any) -> Any:
    """What stands for a `Helper` where nothing is at stake: the call in this process."""
    return function(*arguments)


class Helper:
    """Makes calls in a child process, one at a time; the caller waits. `close` ends the child.

    Functions are module-level ones; arguments and results can be pickled. What they raise is raised here.

    Args:
        limits: What one call may take.
        resident_bytes: So much memory the child may hold besides what it began with; a limit of address space must be far above. 0: no bound.
        child: How a child is started: `archive.work.fresh.FreshChild` for a process that has threads.
    """

    def __init__(
        self,
        limits: ChildLimits = PAGE_LIMITS,
        *,
        resident_bytes: int = 0,
        child: Callable[[Callable[[Any], Any], ChildLimits], Child[Any, Any]] = Child,
    ) -> None:
        self._new_child = child
        # looked at from outside, and bounded from inside, where nobody comes too late
        self._limits = replace(limits, data_bytes=resident_bytes)
        self._resident_bytes = resident_bytes
        self._child: Child[Any, Any] | None = None
        self._at_first = 0

    def __call__(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """The function's result.

        Raises:
            ReadingEnded: It took more time or memory than it may, or ended the process.
            Unsendable: Arguments or result can't be pickled; nothing is known of the call.
        """
        try:
            packed = ForkingPickler.dumps((function, arguments))
        except (AttributeError, TypeError, PicklingError) as error:
            raise Unsendable(f"{function!r} can't be called in another process: {error}") from error
        child = self.start()
        child.give_packed(0, packed)
        try:
            answer = self._answer(child)
        except MemoryError:
            self.close()
            raise _took(self._resident_bytes) from None
        except (EOFError, OSError):
            is_spent = time.monotonic() > child.deadline
            is_spent = child.end() or is_spent
            self._child = None
            reason = f"took more than {self._limits.seconds:g} s" if is_spent else "ended the process that read it"
            raise ReadingEnded(f"it {reason}", is_spent=is_spent) from None
        except BaseException:
            self.close()
            raise
        if self._resident_bytes and self._held(child) > self._resident_bytes // 2:
            self.close()  # what it still holds is of this call, and would be put down to the next
        if isinstance(answer, Failed):
            if isinstance(answer.error, MemoryError):
                self.close()
                raise _took(self._resident_bytes or self._limits.memory_bytes)
            raise answer.error
        return answer

    def start(self) -> Child[Any, Any]:
        """Start the child, if there is none: best before this process has threads and much memory."""
        if self._child is None:
            self._child = self._new_child(_call, self._limits)
            self._at_first = self._child.resident()
        return self._child

    def _held(self, child: Child[Any, Any]) -> int:
        """Memory that calls took: what a child was forked with is its parent's."""
        return child.resident() - self._at_first

    def _answer(self, child: Child[Any, Any]) -> Any:
        while True:
            left = child.deadline - time.monotonic()
            if left <= 0:
                raise EOFError
            if not child.pipe.poll(min(left, _LOOK_S) if self._resident_bytes else left):
                if self._resident_bytes and self._held(child) > self._resident_bytes:
                    raise MemoryError
                continue
            said = child.pipe.recv()
            if not isinstance(said, MoreTime):
                return said
            child.deadline += said.seconds

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.end()
            self._child = None


def _took(memory_bytes: int) -> ReadingEnded:
    return ReadingEnded(f"it took more than {memory_bytes >> 20} MiB of memory", is_spent=True)


def _call(work: tuple[Callable[..., Any], tuple[Any, ...]]) -> Any:
    function, arguments = work
    return function(*arguments)
