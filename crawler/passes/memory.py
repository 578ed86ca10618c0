"""What earlier passes learnt of a portal's lists: travels with the job, because jobs never open the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class GuessMemory:
    """Guesses at further pages of a host's lists: the one that brought a page, and those that brought nothing, not long ago."""

    worked: str = ""
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PassMemory:
    """What earlier passes learnt.

    Attributes:
        listings: For each column read to its end before, the digest of what it named (see `listing_digest`).
        windows: Columns that show their newest rows only, each with how many.
        guesses: Guesses at further pages, by host.
    """

    listings: Mapping[str, str] = field(default_factory=dict)
    windows: Mapping[str, int] = field(default_factory=dict)
    guesses: Mapping[str, GuessMemory] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A JSON object; `from_json` is the inverse."""
        guesses = {host: {"worked": one.worked, "skipped": list(one.skipped)} for host, one in self.guesses.items()}
        return {"listings": dict(self.listings), "windows": dict(self.windows), "guesses": guesses}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PassMemory:
        """The inverse of `to_json`."""
        guesses = {
            host: GuessMemory(one["worked"], tuple(one["skipped"])) for host, one in data.get("guesses", {}).items()
        }
        return cls(data.get("listings", {}), data.get("windows", {}), guesses)
