"""Where the operator's own files lie: outside every archive folder, so that who owns the folder doesn't own them.

The places are those of the XDG base directory specification.
"""

from __future__ import annotations

import os
from pathlib import Path


def config_folder() -> Path | None:
    """`$XDG_CONFIG_HOME/ogi`, by default `~/.config/ogi`; `None` where there is no home."""
    return _folder("XDG_CONFIG_HOME", ".config")


def state_folder() -> Path | None:
    """`$XDG_STATE_HOME/ogi`, by default `~/.local/state/ogi`; `None` where there is no home."""
    return _folder("XDG_STATE_HOME", ".local/state")


def _folder(name: str, below_home: str) -> Path | None:
    given = os.environ.get(name, "")
    if given and Path(given).is_absolute():  # the specification: a relative path is to be ignored
        return Path(given) / "ogi"
    try:
        return Path.home() / below_home / "ogi"
    except RuntimeError:  # no HOME and no entry of this user
        return None
