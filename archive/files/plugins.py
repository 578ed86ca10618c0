"""Packages of somebody else that change what is read: found by their entry points, named in records and in what workers compare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from typing import Any

#: Entry points of families of publishing systems, and of tables that describe lists.
FAMILIES_GROUP = "ogi_archive.families"
LISTS_GROUP = "ogi.lists"


@dataclass(frozen=True, slots=True)
class Plugin:
    """One entry point: the distribution that brings it, its version, its name, and how to load it."""

    distribution: str
    version: str
    name: str
    load: Callable[[], Any]


def entry_points_of(group: str) -> list[Plugin]:
    """The entry points of a group, by name."""
    found = []
    for point in metadata.entry_points(group=group):
        brings = point.dist
        distribution, version = (brings.name, brings.version) if brings is not None else ("an unknown package", "0")
        found.append(Plugin(distribution, version, point.name, point.load))
    return sorted(found, key=lambda point: (point.name, point.distribution))


def distributions() -> tuple[str, ...]:
    """The packages that bring families or tables of lists, each as `name/version`, in order; mostly none."""
    points = [*entry_points_of(FAMILIES_GROUP), *entry_points_of(LISTS_GROUP)]
    return tuple(sorted({f"{point.distribution}/{point.version}" for point in points}))
