"""What the replica was asked: every request with its time, and what a polite harvester must never have asked for."""

from __future__ import annotations

import itertools
import json
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `seconds` is the machine's monotonic time, `at` the simulated one (UTC text).

    `violation` says what was wrong: a counter's address, a robots rule, an impostor's host, two requests to a host at once.
    """

    portal: str
    method: str
    target: str
    user_agent: str
    referer: str
    status: int
    sent: int
    seconds: float
    at: str
    violation: str = ""


class RequestLog:
    """All requests to all portals of a server, in order of arrival. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: list[Asked] = []

    def add(self, asked: Asked) -> None:
        """Keep one request."""
        with self._lock:
            self._asked.append(asked)

    def all(self, portal: str | None = None) -> list[Asked]:
        """What was asked so far, of one portal or of all."""
        with self._lock:
            return [asked for asked in self._asked if portal is None or asked.portal == portal]

    def clear(self) -> None:
        """Forget what was asked so far: a test's next pass begins."""
        with self._lock:
            self._asked.clear()

    @property
    def violations(self) -> list[Asked]:
        """Requests that a polite harvester doesn't make."""
        return [asked for asked in self.all() if asked.violation]

    @property
    def user_agents(self) -> set[str]:
        """Who asked."""
        return {asked.user_agent for asked in self.all()}

    def gaps(self, portal: str) -> list[float]:
        """Seconds between one request to a portal and the next."""
        times = [asked.seconds for asked in self.all(portal)]
        return [after - before for before, after in itertools.pairwise(times)]

    def write(self, path: Path) -> None:
        """One JSON object a line."""
        with path.open("w", encoding="utf-8") as out:
            for asked in self.all():
                out.write(json.dumps(asdict(asked), ensure_ascii=False) + "\n")
