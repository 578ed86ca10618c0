"""Runs of the calendar that failed: one line each, kept until a digest has told of them and after."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAME = "failures.jsonl"


@dataclass(frozen=True, slots=True)
class Failure:
    """A run that failed: its entry's name, when it was due and when it ended (UTC ISO text), and what went wrong."""

    job: str
    due: str
    at: str
    what: str


def failures(root: Path) -> list[Failure]:
    """All that are kept, oldest first. A line that was cut off by a crash is left out."""
    try:
        lines = (root / NAME).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [Failure(**json.loads(line)) for line in lines if line.startswith("{") and line.endswith("}")]


def add_failure(root: Path, failure: Failure) -> None:
    """Keep a failure durably."""
    path = root / NAME
    torn = path.exists() and path.read_bytes()[-1:] not in (b"", b"\n")
    with path.open("a", encoding="utf-8") as stream:
        stream.write(("\n" if torn else "") + json.dumps(asdict(failure), ensure_ascii=False) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
