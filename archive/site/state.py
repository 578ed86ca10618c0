"""What the site knows beside Datasette: the archive it shows, and what it keeps in memory."""

from __future__ import annotations

import shutil
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, finalize

if TYPE_CHECKING:
    import asyncio

    from archive.files.folder import Archive


@dataclass(slots=True)
class SiteState:
    """Of one Datasette: its archive, its public address, and shelves of kept values (`archive.site.memory`)."""

    archive: Archive
    url: str
    shelves: dict[str, OrderedDict[Any, Any]] = field(default_factory=dict)
    #: What is being computed for a shelf now (`archive.site.memory`).
    running: dict[Any, asyncio.Task[Any]] = field(default_factory=dict)
    scratch: Path | None = None
    #: What is withheld, with the state of the database's file that said so (`archive.site.memory`).
    decisions: tuple[tuple[int, ...], tuple[tuple[str, str], ...]] | None = None


_STATES: WeakKeyDictionary[Any, SiteState] = WeakKeyDictionary()


def remember(datasette: Any, archive: Archive, address: str) -> None:
    """Say which archive a Datasette shows, and where it listens, which is its public address if the settings give none.

    What a request says of the host is never believed: it would stand in feeds and citations.
    """
    _STATES[datasette] = SiteState(archive, (archive.settings.serve.base_url or address).rstrip("/"))


def state_of(datasette: Any) -> SiteState:
    """The state of a Datasette. Raises `KeyError` for one that is not ours."""
    return _STATES[datasette]


def archive_of(datasette: Any) -> Archive:
    """The archive that a Datasette shows."""
    return state_of(datasette).archive


def site_url(datasette: Any) -> str:
    """The site's public address without a final slash."""
    return state_of(datasette).url


def scratch_of(datasette: Any) -> Path:
    """A folder for copies of what is downloaded; it goes when the Datasette goes."""
    state = state_of(datasette)
    if state.scratch is None:
        state.scratch = Path(mkdtemp(prefix="ogi-site-"))
        finalize(datasette, shutil.rmtree, state.scratch, ignore_errors=True)
    return state.scratch
