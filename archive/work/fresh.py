"""A child process that begins with a new interpreter, for a parent that has threads: a fork of such a process may wait for ever for a lock of theirs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from multiprocessing.connection import Connection
from pkgutil import resolve_name
from typing import TYPE_CHECKING, TypeVar

from archive.work.children import Child, ChildLimits, serve
from archive.work.start import module_command, module_environment

if TYPE_CHECKING:
    from collections.abc import Callable

#: How often the child looks whether its parent is there.
_LOOK_S = 0.5
T = TypeVar("T")
R = TypeVar("R")


class FreshChild(Child[T, R]):
    """As `Child`, started as a program of its own. It ends with its parent.

    Args:
        job: A module-level function; its module is imported by the child.
    """

    def _start(self, pipe: Connection, job: Callable[[T], R], limits: ChildLimits | None) -> int:
        number = pipe.fileno()
        words = (str(number), f"{job.__module__}:{job.__qualname__}", json.dumps(asdict(limits) if limits else None))
        self._process = subprocess.Popen(
            module_command(__spec__.name, *words),
            pass_fds=(number,),
            env=module_environment(),
            stdin=subprocess.DEVNULL,
        )
        return self._process.pid

    def end(self) -> bool:
        """Kill it, if it isn't dead already. Gives whether it had used up its processor time."""
        self._process.kill()
        self.pipe.close()
        return self._process.wait() == -signal.SIGXCPU


def main(pipe: str, job: str, limits: str) -> None:
    """The child's program: serve the pipe with this number until the parent closes it."""
    bounds = json.loads(limits)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    serve(Connection(int(pipe)), resolve_name(job), ChildLimits(**bounds) if bounds else None)


def _end_with(parent: int) -> None:
    """End this process, whatever it is busy with, when its parent is gone.

    The system's own way (`PR_SET_PDEATHSIG`) would end it with the thread that started it, of which a server has many that come and go.
    """
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
