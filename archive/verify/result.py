"""The outcome of a verification."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from archive.verify.claims import JudgedClaim, Outcome

if TYPE_CHECKING:
    from archive.warc.checks import Damage

#: Exit statuses: everything required is proved; something is damaged; nothing is, but a required claim could not be proved.
PROVED, DAMAGED, NOT_PROVED = 0, 1, 3


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """What `verify` found.

    Attributes:
        notes: What is remarkable and no damage: a segment still open, a sample's draw.
        quarantined: How many records and captures could not be taken in; nothing rests on them.
    """

    segments: int
    checked: int
    records: int
    size: int
    lines: int
    head: str | None
    claims: tuple[JudgedClaim, ...]
    required: frozenset[str]
    damages: tuple[Damage, ...]
    notes: tuple[str, ...]
    quarantined: int = 0

    @property
    def is_damaged(self) -> bool:
        """Whether something is shown to be otherwise than it was written."""
        return bool(self.damages)

    @property
    def is_whole(self) -> bool:
        """Whether every required claim is proved, nothing is damaged, and there is something to speak of."""
        return not self.is_damaged and not self.lacking and bool(self.lines)

    @property
    def lacking(self) -> tuple[JudgedClaim, ...]:
        """The required claims that are not proved."""
        return tuple(claim for claim in self.claims if claim.name in self.required and claim.outcome != Outcome.PROVED)

    @property
    def exit_status(self) -> int:
        """For the command line."""
        return DAMAGED if self.is_damaged else PROVED if self.is_whole else NOT_PROVED

    def claim(self, name: str) -> JudgedClaim:
        """One claim by its name."""
        return next(claim for claim in self.claims if claim.name == name)

    def to_json(self) -> dict[str, Any]:
        """For `ogi verify --json`."""
        return {
            "whole": self.is_whole,
            "claims": [{**claim.to_json(), "required": claim.name in self.required} for claim in self.claims],
            "segments": self.segments,
            "checked": self.checked,
            "records": self.records,
            "bytes": self.size,
            "lines": self.lines,
            "head": self.head,
            "quarantined": self.quarantined,
            "damages": [
                {key: value for key, value in asdict(item).items() if value is not None} for item in self.damages
            ],
            "notes": list(self.notes),
        }
