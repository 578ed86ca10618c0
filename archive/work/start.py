"""How this program starts itself: with the interpreter it runs in, and with no module from the folder that it was called in.

`python -m` puts the current folder in front of the standard library: a file `json.py` or `extract.py` lying there would be run.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path


def module_command(module: str, *arguments: str) -> list[str]:
    """The command line that runs a module of this program in a process of its own; start it with `module_environment`."""
    return [sys.executable, "-P", "-m", module, *arguments]


def module_environment() -> dict[str, str]:
    """The environment for such a process. Parts of PYTHONPATH that mean the current folder are left out."""
    environment = dict(os.environ)
    paths = [part for part in environment.pop("PYTHONPATH", "").split(os.pathsep) if Path(part).is_absolute()]
    if not _is_installed():  # a checkout that is run as it lies there
        paths.append(str(Path(__file__).resolve().parents[2]))
    if paths:
        environment["PYTHONPATH"] = os.pathsep.join(paths)
    return environment


def _is_installed() -> bool:
    try:
        distribution("ogi-archive")
    except PackageNotFoundError:
        return False
    return True
