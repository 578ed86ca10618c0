"""Archives that many tests begin with: made once for all processes of a run, and copied."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.files.folder import Archive


def copy_of(name: str, make: Callable[[Path], object], target: Path, factory: pytest.TempPathFactory) -> Archive:
    """A copy in `target` of the archive that `make` makes in an empty place, under a name of its own among all that are kept."""
    run = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        run = run.parent  # the folder that the processes of the run share
    kept = run / f"kept-{name}"
    with (run / f"kept-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            unfinished = run / f"kept-{name}-unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            make(unfinished)
            unfinished.rename(kept)
    shutil.copytree(kept, target)
    return Archive.open(target)
