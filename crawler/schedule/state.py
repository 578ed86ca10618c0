"""What the calendar has done: one small file in the archive folder, replaced atomically, so that a restart knows what is owed."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from archive.errors import DamagedArchive

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

NAME = "schedule.json"


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run of an entry. Times are UTC ISO text; `finished_at` is empty while it runs, and stays so if the process dies."""

    due: str
    started_at: str
    finished_at: str = ""
    status: str = "running"
    exit_code: int | None = None
    #: What ran, as one line; empty where nothing ran for this entry itself (another's run did its work) or an older release wrote the file.
    command: str = ""


class ScheduleState:
    """The last run of every entry and the entry's first day in the calendar, kept in `schedule.json`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.runs: dict[str, LastRun] = {}
        self.since: dict[str, str] = {}
        self._read()

    def _read(self) -> None:
        try:
            data = json.loads(self.path.read_text("utf-8"))
            self.runs = {name: LastRun(**run) for name, run in data["runs"].items()}
            self.since = dict(data["since"])
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedArchive(
                f"{self.path} can't be read ({error}): remove it; due runs are then made up once"
            ) from None

    def record(self, name: str, run: LastRun) -> None:
        """Keep the run durably before going on."""
        self.runs[name] = run
        self._write()

    def enter(self, names: Iterable[str], now: str) -> None:
        """Note since when entries are in the calendar: what was due before is not owed."""
        new = {name: now for name in names if name not in self.since}
        if new:
            self.since |= new
            self._write()

    def _write(self) -> None:
        runs = {key: asdict(value) for key, value in self.runs.items()}
        text = json.dumps({"since": self.since, "runs": runs}, indent=1, ensure_ascii=False)
        temporary = self.path.with_suffix(".tmp")
        with temporary.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(self.path)

    def is_settled(self, name: str, due: str) -> bool:
        """Whether the entry's due time (UTC ISO text) has had its run, to the end."""
        run = self.runs.get(name)
        return run is not None and bool(run.finished_at) and run.due >= due
