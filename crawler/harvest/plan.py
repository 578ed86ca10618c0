"""What one job does: which portals, with which knowledge and manners. Travels as a file from the coordinator to the job's process."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler.http.hosts import host_key
from crawler.passes.memory import PassMemory
from crawler.passes.wanted import PassScope
from crawler.portals.definitions import PortalDefinition, from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

#: File in a job's folder that says why its guard ended it.
ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Job:
    """One host group of one run.

    Attributes:
        archive: The archive's folder.
        group: Name of the group in records and file names.
        clock_offset_s: What the run's clock is ahead of the machine's, `None` for the system's clock.
        full: Look at every known report, whatever its age.
        overrides: Settings of the command line, by dotted name.
        used_today: Requests that hosts have had today, by host.
        unfinished: Segments of runs that died or broke off, of those that hold what is known: pages stored there may lack their attachments.
        memory: What earlier passes learnt of the portals' lists.
        columns: For each portal, the columns that its last pass read.
        wanted: For each portal that is not walked as a whole, what it is asked for.
    """

    archive: str
    run: str
    group: str
    portals: tuple[PortalDefinition, ...]
    full: bool = False
    clock_offset_s: float | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    used_today: Mapping[str, int] = field(default_factory=dict)
    unfinished: tuple[str, ...] = ()
    memory: PassMemory = field(default_factory=PassMemory)
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    wanted: Mapping[str, PassScope] = field(default_factory=dict)
    log_level: str = "WARNING"

    def to_json(self) -> dict[str, Any]:
        """A JSON object; `from_json` is the inverse."""
        return {
            "archive": self.archive,
            "run": self.run,
            "group": self.group,
            "portals": [to_json(portal) for portal in self.portals],
            "full": self.full,
            "clock_offset_s": self.clock_offset_s,
            "overrides": dict(self.overrides),
            "used_today": dict(self.used_today),
            "unfinished": list(self.unfinished),
            "memory": self.memory.to_json(),
            "columns": {portal: list(columns) for portal, columns in self.columns.items()},
            "wanted": {portal: wanted.to_json() for portal, wanted in self.wanted.items()},
            "log_level": self.log_level,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Job:
        """The inverse of `to_json`."""
        rest = dict(data)
        portals = tuple(from_json(item) for item in rest.pop("portals"))
        unfinished = tuple(rest.pop("unfinished"))
        memory = PassMemory.from_json(rest.pop("memory"))
        wanted = {portal: PassScope.from_json(item) for portal, item in rest.pop("wanted").items()}
        return cls(portals=portals, unfinished=unfinished, memory=memory, wanted=wanted, **rest)


def read_job(path: Path) -> Job:
    """Read a job file."""
    return Job.from_json(json.loads(path.read_text("utf-8")))


def group_portals(portals: Iterable[PortalDefinition]) -> dict[str, list[PortalDefinition]]:
    """Portals that must not be harvested at the same time, by the group's name.

    Portals belong together if their definitions name the same group, or if they share a host: one host is asked by one
    process, however many there are.
    """
    groups: list[tuple[set[str], list[PortalDefinition]]] = []
    for portal in portals:
        keys = {host_key(url) for url in (portal.url, *portal.start)}
        keys |= {f"group:{portal.group}"} if portal.group else set()
        members = [portal]
        rest = []
        for other_keys, others in groups:
            if other_keys & keys:
                keys |= other_keys
                members = others + members
            else:
                rest.append((other_keys, others))
        groups = [*rest, (keys, members)]
    named: dict[str, list[PortalDefinition]] = {}
    for _, members in groups:
        name = _group_name(members)
        while name in named:
            name += "-"
        named[name] = members
    return named


def _group_name(members: Sequence[PortalDefinition]) -> str:
    first = members[0]
    text = first.group or urlsplit(first.url).netloc.rpartition("@")[2]
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-.") or first.id
